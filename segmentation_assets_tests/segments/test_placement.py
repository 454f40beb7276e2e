import time
from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.segments.model import LensModel
from segmentation_assets.segments.placement import _beyond_fence, distances, place, unseen_categories
from segmentation_assets.tables import own_tables
from segmentation_assets.tables.frames import conform
from segmentation_assets_tests.segments.conftest import FEATURES, LENS, customers, small_model

CUSTOMER_SEGMENTS = own_tables()["customer_segments"]


def placed(rows: pd.DataFrame, model: LensModel | None, **given: object) -> pd.DataFrame:
    return place(rows, "small", LENS, FEATURES, model=model, **given)


def test_distances_by_hand(model):
    # ((30 - 20) / 40)^2 = 0.0625 and ((30 - 60) / 40)^2 = 0.5625; a wrong city adds 2 * 0.25 = 0.5.
    rows = customers(age=[30, 30, 60], city=["Bath", "York", "York"])
    assert distances(rows, model).tolist() == [[0.0625, 1.0625], [0.5625, 0.5625], [1.5, 0.0]]


def test_a_placement_by_hand(model):
    rows = customers(age=[30, 60, None], city=["Bath", "York", "Bath"])
    expected = pd.DataFrame({
        "lens": "small",
        "customer_id": ["A", "B", "C"],
        "segment_id": [1, 2, None],
        "distance": [0.0625, 0.0, np.nan],
        "runner_up_segment_id": [2, 1, None],
        "confidence": [1 - 0.0625 / 1.0625, 1.0, np.nan],
        "is_outlier": [False, False, None],
        "unassigned_reason": [None, None, "missing_feature: age"],
        "model_id": model.model_id,
    })  # fmt: skip
    day = pd.Timestamp("2025-11-15")
    got = conform(placed(rows, model).assign(snapshot_date=day), CUSTOMER_SEGMENTS)
    pd.testing.assert_frame_equal(got, conform(expected.assign(snapshot_date=day), CUSTOMER_SEGMENTS))


def test_on_the_border_the_lower_segment_has_it_without_confidence(model):
    (row,) = placed(customers(age=[30], city=["York"]), model).itertuples()
    assert (row.segment_id, row.runner_up_segment_id, row.distance, row.confidence) == (1, 2, 0.5625, 0.0)


def test_segments_at_one_place_leave_no_confidence(model):
    twins = replace(model, prototypes=model.prototypes.iloc[[0, 0]].set_axis([1, 2]))
    (row,) = placed(customers(age=[20], city=["Bath"]), twins).itertuples()
    assert (row.segment_id, row.runner_up_segment_id, row.distance, row.confidence) == (1, 2, 0.0, 0.0)


def test_ids_are_those_of_the_model_whatever_they_are(model):
    renamed = replace(model, prototypes=model.prototypes.set_axis([4, 9]))
    rows = placed(customers(age=[20, 60], city=["Bath", "York"]), renamed)
    assert rows["segment_id"].tolist() == [4, 9]
    assert rows["runner_up_segment_id"].tolist() == [9, 4]


def test_a_category_the_model_never_saw_differs_from_all(model):
    rows = customers(age=[20, 60], city=["Leeds", "York"])
    assert distances(rows, model).tolist() == [[0.5, 1.5], [1.5, 0.0]]
    assert unseen_categories(rows, model) == {"city": {"Leeds": 1}}
    assert unseen_categories(customers(age=[1], city=[None]), model) == {}


def test_the_fence_by_hand():
    # Distances 1..8: quartiles 2.75 and 6.25, fence 6.25 + 3 * 3.5 = 16.75. The other segment has its own.
    distance = np.array([1, 2, 3, 4, 5, 6, 7, 8, 100.0, 100.0])
    nearest = np.array([0] * 8 + [1] * 2)
    assert not _beyond_fence(distance, nearest).any()
    outside = np.array([*distance[:7], 60.0, 100.0, 100.0])
    assert _beyond_fence(outside, nearest).tolist() == [False] * 7 + [True] + [False] * 2


def test_an_outlier_is_flagged_in_its_own_segment(model):
    ages = [20.0, 21, 22, 23, 24, 25, 26, 59.9]
    rows = placed(
        customers(age=ages, city=["Bath"] * 8), replace(model, prototypes=model.prototypes.assign(age=[20.0, 1e6]))
    )
    assert rows["segment_id"].tolist() == [1] * 8
    assert rows["is_outlier"].tolist() == [False] * 7 + [True]


def test_a_lens_without_a_model_says_why_of_everybody():
    rows = placed(customers(age=[30, None], city=["Bath", "Bath"]), None, status="too_few_customers: 1")
    assert rows["segment_id"].isna().all()
    assert rows["unassigned_reason"].tolist() == ["too_few_customers: 1", "missing_feature: age"]
    assert rows["model_id"].isna().all()


def test_nobody_can_be_placed(model):
    rows = placed(customers(age=[None, 30], city=["Bath", None]), model)
    assert rows["unassigned_reason"].tolist() == ["missing_feature: age", "missing_feature: city"]
    assert rows[["segment_id", "distance", "runner_up_segment_id", "confidence", "is_outlier"]].isna().all(axis=None)


def test_nobody_at_all(model):
    rows = placed(customers(age=[], city=[]), model)
    assert len(rows) == 0
    assert rows.columns.tolist() == CUSTOMER_SEGMENTS.column_names[1:]


AGES = st.none() | st.floats(0, 120)
CITIES = st.none() | st.sampled_from(["Bath", "York", "Leeds"])


@settings(max_examples=40, deadline=None)
@given(people=st.lists(st.tuples(AGES, CITIES), min_size=1, max_size=20), random=st.randoms(use_true_random=False))
def test_one_row_a_customer_in_one_order_whatever_the_order_of_the_rows(people, random):
    model = small_model()  # a fixture would be shared by all examples
    rows = customers(age=[age for age, _ in people], city=[city for _, city in people])
    got = placed(rows, model)
    order = random.sample(range(len(rows)), len(rows))
    pd.testing.assert_frame_equal(placed(rows.iloc[order], model), got)
    assert got["customer_id"].tolist() == sorted(rows["customer_id"])
    assert (got["segment_id"].isna() == got["unassigned_reason"].notna()).all()
    sure = got["confidence"].dropna()
    assert sure.between(0, 1).all()
    assert (got["segment_id"] != got["runner_up_segment_id"]).dropna().all()


def test_a_million_customers_take_seconds(model):
    n = 1_000_000
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({
        "customer_id": pd.array(np.char.mod("%07d", rng.permutation(n)), dtype="string[pyarrow]"),
        "age": np.where(rng.random(n) < 0.02, np.nan, rng.uniform(18, 90, n)),
        "city": pd.array(np.array(["Bath", "York", "Leeds"])[rng.integers(0, 3, n)], dtype="string[pyarrow]"),
    })  # fmt: skip
    started = time.process_time()
    got = placed(rows, model)
    assert time.process_time() - started < 10
    assert len(got) == n
    assert got["segment_id"].isna().sum() == rows["age"].isna().sum()
    sample = rows.iloc[:100]
    alone = placed(sample, model).drop(columns="is_outlier")  # the fence is that of the day's customers
    same = got[got["customer_id"].isin(sample["customer_id"])].drop(columns="is_outlier").reset_index(drop=True)
    pd.testing.assert_frame_equal(same, alone)
