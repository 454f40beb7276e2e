"""What lives on, and what becomes of the rest: by hand, against the Hungarian algorithm, whatever the numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from segmentation_assets.segments.identity.matching import customers_in_common, match, nearest
from segmentation_assets.segments.scaling import FeatureScale
from segmentation_assets_tests.segments.conftest import customers, small_model


def shared(counts: list[list[int]]) -> pd.DataFrame:
    """Return a table of customers; old segments are 1, 2, ..., new ones 11, 12, ..."""
    table = np.array(counts)
    return pd.DataFrame(table, index=range(1, table.shape[0] + 1), columns=range(11, 11 + table.shape[1]))


def told(counts: list[list[int]]) -> tuple[dict, dict]:
    matching = match(shared(counts))
    return (
        {number: (fate.event, fate.others) for number, fate in matching.current.items()},
        {number: fate.others for number, fate in matching.retired.items()},
    )


@pytest.mark.parametrize(
    ("counts", "current", "retired"),
    [
        ([[90, 5], [0, 70]], {11: ("survived", (1,)), 12: ("survived", (2,))}, {}),
        ([[5, 90], [70, 0]], {11: ("survived", (2,)), 12: ("survived", (1,))}, {}),
        ([[51, 49]], {11: ("survived", (1,)), 12: ("split", (1,))}, {}),
        ([[60, 40]], {11: ("survived", (1,)), 12: ("split", (1,))}, {}),
        ([[50, 50]], {11: ("split", (1,)), 12: ("split", (1,))}, {1: (11, 12)}),
        ([[50], [50]], {11: ("merged", (1, 2))}, {1: (11,), 2: (11,)}),
        ([[80], [20]], {11: ("survived", (1,))}, {2: (11,)}),
        ([[30, 30], [30, 30]], {11: ("new", ()), 12: ("new", ())}, {1: (), 2: ()}),
        ([[0, 9], [0, 0]], {11: ("new", ()), 12: ("survived", (1,))}, {2: ()}),  # nobody to know it by
    ],
    ids=[
        "as before",
        "renumbered",
        "half and half",
        "a part leaves",
        "falls apart",
        "two become one",
        "one is absorbed",
        "all is mixed",
        "empty ones",
    ],
)
def test_by_hand(counts, current, retired):
    assert told(counts) == (current, retired)


def test_the_figures_are_those_of_the_pair_that_shares_most():
    fate = match(shared([[60, 40], [20, 0]])).current[11]
    assert (fate.n_common, fate.share_of_predecessor, fate.share_of_segment) == (60, 0.6, 0.75)
    assert fate.jaccard == 60 / 120
    gone = match(shared([[60, 40], [20, 0]])).retired[2]
    assert (gone.n_common, gone.share_of_predecessor, gone.share_of_segment, gone.jaccard) == (20, 1.0, 0.25, 0.25)


TABLES = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 60))
)


@settings(deadline=None, max_examples=300)
@given(TABLES)
def test_what_lives_on_is_what_the_hungarian_algorithm_would_pair(counts):
    matching = match(shared(counts.tolist()))
    rows, columns = linear_sum_assignment(counts, maximize=True)
    paired = {(11 + column, 1 + row) for row, column in zip(rows, columns, strict=True)}
    assert set(matching.survivors.items()) <= paired


@settings(deadline=None, max_examples=300)
@given(TABLES)
def test_every_segment_has_one_fate(counts):
    matching = match(shared(counts.tolist()))
    assert set(matching.current) == set(shared(counts.tolist()).columns)
    living = list(matching.survivors.values())
    assert len(set(living)) == len(living)
    assert set(living) | set(matching.retired) == set(shared(counts.tolist()).index)
    assert not set(living) & set(matching.retired)
    for number, fate in matching.retired.items():
        for heir in fate.others:
            share = counts[number - 1, heir - 11] / counts[number - 1].sum()
            assert share > 0.5 or number in matching.current[heir].others


@settings(deadline=None, max_examples=200)
@given(TABLES, st.randoms(use_true_random=False))
def test_the_numbers_of_segments_do_not_matter(counts, random):
    table = shared(counts.tolist())
    renamed = dict(zip(table.columns, random.sample(range(50, 70), len(table.columns)), strict=True))
    there, here = match(table.rename(columns=renamed)[sorted(renamed.values())]), match(table)
    for number, fate in here.current.items():
        assert there.current[renamed[number]].event == fate.event
        assert there.current[renamed[number]].others == fate.others


def test_customers_are_those_that_both_models_can_place():
    old = small_model()
    new = replace(
        old,
        scales=[FeatureScale("age", "numeric", 1.0, "minmax", 20.0, 40.0), FeatureScale("visits", "numeric", 1.0)],
        prototypes=pd.DataFrame({"age": [20.0, 50.0, 60.0], "visits": [0.0] * 3}, index=[4, 7, 9]),
    )
    rows = customers(
        age=[20, 22, 58, 51, 61, np.nan], city=["Bath", "Bath", "York", "York", None, "York"], visits=[0.0] * 6
    )
    assert customers_in_common(rows, old, new).to_numpy().tolist() == [[2, 0, 0], [0, 1, 1]]
    assert list(customers_in_common(rows, old, new).columns) == [4, 7, 9]


def test_a_tie_goes_to_the_lower_number():
    rows = customers(age=[40.0], city=["Leeds"])
    assert nearest(rows, small_model()).tolist() == [1]
