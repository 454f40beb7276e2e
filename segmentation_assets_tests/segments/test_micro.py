"""Micro-segments: each in one segment, every placed customer in one, the same whatever the order of the rows."""

import json

import numpy as np
import pandas as pd

from segmentation_assets.segments.micro import micro_segments
from segmentation_assets.segments.placement import place
from segmentation_assets_tests.segments.conftest import FEATURES, LENS, customers


def test_two_segments_cut_into_four_by_hand(model):
    rows = customers(
        age=[20, 20, 24, 24, 24, 60, 60, 60, 50, 50, np.nan],
        city=["Bath"] * 5 + ["York"] * 3 + ["York", "Leeds", "York"],
    )
    placed = place(rows, "small", LENS, FEATURES, model=model)
    found = micro_segments(rows, placed, model, 4)
    assert found["lens"].tolist() == ["small"] * 4
    assert set(found["model_id"]) == {model.model_id}
    assert found["segment_id"].tolist() == [1, 1, 2, 2]
    assert found["micro_segment_id"].tolist() == [1, 2, 3, 4]
    assert found["n_customers"].tolist() == [3, 2, 4, 1]
    assert found["share"].tolist() == [0.3, 0.2, 0.4, 0.1]  # of the ten who are placed
    assert json.loads(found["prototype"][0]) == {"age": 24.0, "city": "Bath"}
    assert json.loads(found["prototype"][2]) == {"age": 57.5, "city": "York"}
    assert json.loads(found["prototype"][3]) == {"age": 50.0, "city": "Leeds"}


def test_the_order_of_customers_leaves_no_trace(model):
    rng = np.random.default_rng(0)
    rows = customers(age=rng.uniform(20, 60, 300), city=rng.choice(["Bath", "York", "Leeds"], 300))
    placed = place(rows, "small", LENS, FEATURES, model=model)
    one = micro_segments(rows, placed, model, 12)
    other = micro_segments(rows.sample(frac=1, random_state=1), placed.sample(frac=1, random_state=2), model, 12)
    pd.testing.assert_frame_equal(one, other)
    assert one["n_customers"].sum() == 300
    assert one.groupby("segment_id")["n_customers"].sum().tolist() == placed.groupby("segment_id").size().tolist()


def test_there_are_no_fewer_than_segments_and_no_more_than_customers(model):
    rows = customers(age=[20, 30, 60], city=["Bath", "Bath", "York"])
    placed = place(rows, "small", LENS, FEATURES, model=model)
    assert len(micro_segments(rows, placed, model, 2)) == 2
    assert len(micro_segments(rows, placed, model, 1)) == 2
    assert len(micro_segments(rows, placed, model, 99)) == 3


def test_nobody_placed_gives_no_row(model):
    rows = customers(age=[np.nan, np.nan], city=["Bath", "York"])
    assert micro_segments(rows, place(rows, "small", LENS, FEATURES, model=model), model, 5).empty
