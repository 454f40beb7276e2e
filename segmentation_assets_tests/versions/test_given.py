"""What makes a table reads nothing of the portfolio that does not count in its version."""

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from segmentation_assets.defs import insights, models, personas, segments
from segmentation_assets.defs.model_registry import ModelRegistry
from segmentation_assets.portfolio.parts import Part
from segmentation_assets_tests.versions.society import found_society, night

_OF_A_LENS = {"Portfolio.lenses", "Portfolio.features"}
_OF_PROFILES = {"Lens.features", "Lens.describe_by", "Feature.kind", "Feature.role", "Feature.values", "Words.covers"}
_OF_PLACEMENT = {"Lens.features", "Feature.needs"}
_OF_TRAINING = {
    *{f"Lens.{key}" for key in ("features", "method", "n_clusters", "candidates", "gamma")},
    *{f"Feature.{key}" for key in ("kind", "weight", "scaling", "needs")},
    *{f"Portfolio.{key}" for key in ("engine", "value", "retrain")},
    "Value.feature",
}

COUNTED = {
    models.place: _OF_PLACEMENT,
    segments.cut_segments: set(),
    segments.project: {"Lens.features", "Feature.kind", "Feature.needs"},
    personas.profile_segments: _OF_PROFILES,
    personas.label_customers: set(),
    insights.measure: {
        "Portfolio.min_group_size",
        "Portfolio.value",
        "Portfolio.outcome",
        "Feature.kind",
        "Lens.features",
        "Value.feature",
        "Outcome.feature",
        *_OF_A_LENS,
    },
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
            while frame is not None:
                if frame.f_code in codes:
                    found[codes[frame.f_code]].add(f"{type(self).__name__}.{name}")
                    break
                frame = frame.f_back
        return plain(self, name)

    monkeypatch.setattr(Part, "__getattribute__", noted)
    return found


def test_nothing_else_is_read(read, tmp_path):
    night(found_society(tmp_path).parent)
    assert read[models.place] == _OF_PLACEMENT
    for function, parts in read.items():
        assert parts <= COUNTED[function], function
