from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.errors import ModelError
from segmentation_assets.segments.model import LensModel, absent_model_row, model_from_rows
from segmentation_assets.segments.placement import distances
from segmentation_assets.segments.scaling import FeatureScale
from segmentation_assets.tables import own_tables
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets_tests.segments.conftest import customers

SEGMENT_MODELS = own_tables()["segment_models"]
SEGMENT_PROTOTYPES = own_tables()["segment_prototypes"]

DAY = date(2025, 11, 15)
CHAIN = {"predecessor_model_id": None, "chain_hash": "c0ffee"}
NUMBERS = st.floats(-1e12, 1e12, allow_subnormal=False)


def through_the_warehouse(model: LensModel) -> LensModel:
    """Write a model down as rows, hand them through Arrow, shuffle them, and build the model from them."""
    models = pd.DataFrame([model.model_row() | CHAIN]).assign(snapshot_date=DAY)
    prototypes = model.prototype_rows().assign(snapshot_date=DAY).sample(frac=1, random_state=0)
    models = from_arrow(to_arrow(models, SEGMENT_MODELS), SEGMENT_MODELS)
    prototypes = from_arrow(to_arrow(prototypes, SEGMENT_PROTOTYPES), SEGMENT_PROTOTYPES)
    return model_from_rows(models.iloc[0], prototypes)


def test_a_model_survives_the_tables_whole(model):
    back = through_the_warehouse(model)
    assert back.model_id == model.model_id
    assert back.model_row() == model.model_row()
    assert back.scales == model.scales
    pd.testing.assert_frame_equal(back.prototypes, model.prototypes, check_index_type=False, check_names=False)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBERS, st.sampled_from(["Bath", "York"])), min_size=2, max_size=5), NUMBERS, NUMBERS)
def test_distances_survive_the_tables_to_the_last_bit(centres, center, gamma):
    scales = [
        FeatureScale("age", "numeric", 1 / 3, "standard", center, 1.7),
        FeatureScale("city", "categorical", 0.1, categories=["Bath", "York"]),
    ]
    prototypes = pd.DataFrame(
        {"age": [c for c, _ in centres], "city": np.array([c for _, c in centres], dtype=object)},
        index=pd.RangeIndex(1, len(centres) + 1, name="segment_id"),
    )
    model = LensModel("small", DAY, "kprototypes", abs(gamma), 0.1, None, 9, scales, prototypes, "c0ffee")
    back = through_the_warehouse(model)
    rows = customers(age=[0.1, 55.5, -3.0], city=["Bath", "York", "Leeds"])
    assert back.model_id == model.model_id
    assert back.silhouette is None
    assert distances(rows, back).tobytes() == distances(rows, model).tobytes()


def test_a_lens_of_categories_alone_and_one_of_numbers_alone(model):
    for scale in model.scales:
        alone = replace(model, scales=[scale], prototypes=model.prototypes[[scale.name]])
        assert through_the_warehouse(alone).model_id == alone.model_id


@pytest.mark.parametrize(
    "changed",
    [
        {"lens": "other"}, {"gamma": np.nextafter(0.25, 1)}, {"method": "gmm"},
        {"scales": [FeatureScale("age", "numeric", 1.0, "minmax", 20.0, 41.0),
                    FeatureScale("city", "categorical", 2.0, categories=["Bath", "York"])]},
        {"prototypes": pd.DataFrame({"age": [20.0, 61.0], "city": ["Bath", "York"]}, index=[1, 2])},
        {"prototypes": pd.DataFrame({"age": [20.0, 60.0], "city": ["Bath", "Bath"]}, index=[1, 2])},
        {"prototypes": pd.DataFrame({"age": [20.0, 60.0], "city": ["Bath", "York"]}, index=[1, 3])},
        {"prototypes": pd.DataFrame({"age": [20.0, 60.0], "city": ["Bath", "York"]}, index=[2, 1])},
    ],
)  # fmt: skip
def test_the_id_changes_with_whatever_decides_a_placement(model, changed):
    assert replace(model, **changed).model_id != model.model_id


def test_the_id_is_that_of_the_knowledge_alone(model):
    same = replace(model, cost=9.0, silhouette=None, n_customers=1, configuration_hash="other")
    assert same.model_id == model.model_id
    assert model.model_id.startswith("small-20251001-")


def test_prototypes_that_are_not_all_there_are_told(model):
    rows = model.prototype_rows()
    row = pd.Series(model.model_row())
    words = r"segment_prototypes does not hold all 2 segments of the model small-20251001-\w+ in segment_models\. "
    for kept in (rows.iloc[:0], rows[rows["segment_id"] == 1], rows.iloc[:3]):
        with pytest.raises(ModelError, match=words + r"Materialise both tables again for 2025-10-01\."):
            model_from_rows(row, kept)


def test_a_lens_without_a_model_has_a_row_that_fits_the_table():
    row = absent_model_row("small", DAY, "kprototypes", "c0ffee", "not_provided: interactions")
    assert (row["model_id"], row["status"]) == ("small-20251115-none", "not_provided: interactions")
    frame = pd.DataFrame([row | CHAIN]).assign(snapshot_date=DAY).reindex(columns=SEGMENT_MODELS.column_names)
    back = from_arrow(to_arrow(frame, SEGMENT_MODELS), SEGMENT_MODELS)
    assert pd.isna(back["n_clusters"].iloc[0])
