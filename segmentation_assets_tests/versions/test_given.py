"""What makes a table reads nothing of the portfolio that does not count in its version."""

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from segmentation_assets.assets.insights.feature_drift import measure
from segmentation_assets.assets.personas import segment_labels
from segmentation_assets.history import recipes, versions
from segmentation_assets.history.model_registry import ModelRegistry
from segmentation_assets.personas.labelling import label_customers
from segmentation_assets.personas.profiles.segment_profiles import profile_segments
from segmentation_assets.portfolio import Feature
from segmentation_assets.portfolio.features import Words
from segmentation_assets.portfolio.parts import Part
from segmentation_assets.portfolio.rules import Range
from segmentation_assets.portfolio.schema import CatalogueEntry, Outcome, Value
from segmentation_assets.segments.micro import micro_segments
from segmentation_assets.segments.placement import place
from segmentation_assets.segments.projection import project
from segmentation_assets_tests.versions.society import found_society, night

OF_VERSIONS = {versions.__name__, recipes.__name__}
"""What versions are worked out by reads all that counts."""

_OF_A_LENS = {"Portfolio.lenses", "Portfolio.features"}
_OF_PROFILES = {"Lens.features", "Lens.describe_by", "Feature.kind", "Feature.role", "Feature.values", "Words.covers"}
_OF_PLACEMENT = {"Lens.features", "Feature.needs"}
_OF_TRAINING = {
    *{f"Lens.{key}" for key in ("features", "method", "n_clusters", "candidates", "gamma")},
    *{f"Feature.{key}" for key in ("kind", "weight", "scaling", "needs")},
    *{f"Portfolio.{key}" for key in ("value", "retrain")},
    "Value.feature",
}
_OF_LABELS = {
    *_OF_A_LENS,
    *{f"Lens.{key}" for key in ("title", "features", "describe_by", "pinned_names")},
    *{f"Feature.{key}" for key in Feature.model_fields.keys() - {"weight", "scaling", "needs", "columns"}},
    *{f"Portfolio.{key}" for key in ("value", "outcome", "product_catalogue", "customer_noun", "min_group_size")},
    *{f"{part.__name__}.{key}" for part in (Words, Value, Outcome, CatalogueEntry, Range) for key in part.model_fields},
}

COUNTED = {
    place: _OF_PLACEMENT,
    micro_segments: set(),
    project: {"Lens.features", "Feature.kind", "Feature.needs"},
    profile_segments: _OF_PROFILES,
    label_customers: set(),
    measure: {
        "Portfolio.min_group_size",
        "Portfolio.value",
        "Portfolio.outcome",
        "Feature.kind",
        "Lens.features",
        "Value.feature",
        "Outcome.feature",
        *_OF_A_LENS,
    },
    segment_labels.make: _OF_LABELS,
    ModelRegistry.in_force: _OF_TRAINING | _OF_A_LENS,
}
"""The parts that count, by the function or method that makes rows. What others decide is theirs."""


@pytest.fixture
def read(monkeypatch) -> Iterator[dict[Callable[..., Any], set[str]]]:
    """What is read of a portfolio while one of these functions runs, by function."""
    codes = {inspect.unwrap(function).__code__: function for function in COUNTED}
    found: dict[Callable[..., Any], set[str]] = {function: set() for function in COUNTED}
    plain = Part.__getattribute__

    def noted(self: Part, name: str) -> Any:
        if name in type(self).model_fields:
            frame = sys._getframe(1)
            while frame is not None and frame.f_globals["__name__"] not in OF_VERSIONS:
                if frame.f_code in codes:
                    found[codes[frame.f_code]].add(f"{type(self).__name__}.{name}")
                    break
                frame = frame.f_back
        return plain(self, name)

    monkeypatch.setattr(Part, "__getattribute__", noted)
    return found


def test_nothing_else_is_read(read, tmp_path):
    night(found_society(tmp_path).parent)
    assert read[place] == _OF_PLACEMENT
    for function, parts in read.items():
        assert parts <= COUNTED[function], function
