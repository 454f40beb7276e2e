"""What a segment is worth is charted where that tells no person's value: where the mart tells it, too."""

import pandas as pd
import pytest

from segmentation_assets.checking.marts import tables_of
from segmentation_assets.checking.queries import over_days, stored_mart_queries
from segmentation_assets.personas.profiles.value_by_segment import value_by_segment
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.conftest import PUBLISHED_DAY

LEAST = 20


def customers(*groups):
    """Groups of customers: segment_id, how many, what each is worth, how many of them are worth something."""
    rows = [
        {
            "segment_id": i,
            "segment_name": "Unclassified" if i is None else f"Name {i}",
            "worth": worth if k < n else 0.0,
        }
        for i, size, worth, n in groups
        for k in range(size)
    ]
    return pd.DataFrame(rows).astype({"segment_id": "Int64"})


def told(*groups):
    return value_by_segment(customers(*groups), "worth", LEAST)


def test_each_segment_and_who_has_none_is_told():
    assert told((1, 30, 2.0, 30), (2, 20, 1.5, 20), (None, 25, 1.0, 25)) == {1: 60.0, 2: 30.0, None: 25.0}


@pytest.mark.parametrize("small", [(3, 19, 1.0, 19), (None, 1, 1.0, 1), (3, 40, 1.0, 19)], ids=str)
def test_a_group_of_too_few_is_not_told_nor_is_the_next_smallest(small):
    assert set(told((1, 30, 2.0, 30), (2, 25, 2.0, 25), (4, 50, 2.0, 50), small)) == {1, 4}


def test_of_two_of_one_size_the_first_by_name_is_not_told():
    assert set(told((2, 30, 2.0, 30), (1, 30, 2.0, 30), (3, 5, 1.0, 5))) == {2}


def test_a_segment_that_holds_nothing_is_worth_nothing_and_hides_nobody():
    assert told((1, 30, 2.0, 30), (2, 30, 2.0, 0)) == {1: 60.0, 2: 0.0}


def test_a_value_that_nobody_has_is_no_number():
    nobody = customers((1, 30, 2.0, 30)).assign(worth=float("nan"))
    assert value_by_segment(nobody, "worth", LEAST) == {}


@pytest.mark.parametrize("least", [20, 500, 1_000, 2_000])
def test_it_is_what_the_mart_tells(published, least):
    graph, _ = published
    portfolio = load_portfolio("insurance").model_copy(update={"min_group_size": least})
    query = stored_mart_queries(portfolio, tables_of(portfolio))["segment_outcomes"]
    mart = graph.warehouse.query(over_days(query, PUBLISHED_DAY, PUBLISHED_DAY)).to_pylist()
    rows = graph.table("labelled_customers", PUBLISHED_DAY)
    assert value_by_segment(rows, portfolio.value.feature, least) == {
        row["segment_id"]: row["total_value"]
        for row in mart
        if row["lens"] == portfolio.primary_lens and row["total_value"] is not None
    }
