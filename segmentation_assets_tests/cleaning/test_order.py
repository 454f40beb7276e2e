"""Dates of a row against each other, and against the birth that the customer's age allows."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation_assets.cleaning.order import earliest_births
from segmentation_assets.portfolio import TableSource
from segmentation_assets_tests.cleaning.conftest import (
    AS_OF,
    CUSTOMER,
    INTERACTION,
    POLICY,
    PRODUCT,
    clean_all,
    raw_rows,
)


def reasons(portfolio, policies, customers=(CUSTOMER,), as_of=AS_OF):
    """Return the reason of each rejected policy by its key."""
    raw = {
        "customers": raw_rows("customers", *customers),
        "products": raw_rows("products", PRODUCT),
        "policies": raw_rows("policies", *policies),
    }
    _, rejected = clean_all(raw, portfolio, as_of)
    return dict(rejected[rejected["table_name"] == "policies"][["row_key", "reason"]].itertuples(index=False))


def policy(bought, lapsed="", **other):
    return {**POLICY, "purchase_date": bought, "lapse_date": lapsed, **other}


def of_policies(portfolio, **changes):
    """The portfolio with other rules for policies."""
    source = portfolio.sources["policies"].model_copy(update=changes)
    return portfolio.model_copy(update={"sources": {**portfolio.sources, "policies": source}})


def test_a_lapse_before_the_purchase_is_rejected_with_both_dates(portfolio):
    assert reasons(portfolio, [policy("3/26/2023", "2001-01-01")]) == {
        "P1": "dates_out_of_order: lapse_date 2001-01-01 is before purchase_date 2023-03-26"
    }


@pytest.mark.parametrize(
    "lapsed",
    [
        "3/26/2023",
        "3/27/2023",
        "2040-01-01",
        "9999-12-31",
        "",
        "NULL",
        "1900-01-01",
        "1970-01-01",
        "0001-01-01",
        "0000-00-00",
    ],
)
def test_a_lapse_on_the_day_or_later_or_not_known_is_in_order(portfolio, lapsed):
    assert reasons(portfolio, [policy("2023-03-26", lapsed)]) == {}


def test_a_strict_order_wants_a_day_between(portfolio):
    strict = of_policies(portfolio, date_order=["lapse_date > purchase_date"])
    rows = [policy("2023-03-26", "2023-03-26"), policy("2023-03-26", "2023-03-27", policy_id="P2")]
    assert reasons(strict, rows) == {
        "P1": "dates_out_of_order: lapse_date 2023-03-26 is not after purchase_date 2023-03-26"
    }


def test_without_a_declared_order_dates_stand_as_they_are(portfolio):
    assert reasons(of_policies(portfolio, date_order=[]), [policy("2023-03-26", "2001-01-01")]) == {}


@pytest.mark.parametrize("bought", ["1910-05-05", "1960-01-01", "1980-01-01"])
def test_a_placeholder_that_nobody_declared_is_no_purchase_before_birth(portfolio, bought):
    # 41 on 15 November 2025: born on 16 November 1983 or later.
    if bought < "1920":
        portfolio = of_policies(portfolio, ranges={})
    assert reasons(portfolio, [policy(bought)]) == {
        "P1": f"dates_out_of_order: purchase_date {bought} is before the customer's birth, 1983-11-16 at the earliest"
    }


@pytest.mark.parametrize(("bought", "is_kept"), [("1983-11-15", False), ("1983-11-16", True)])
def test_a_policy_may_be_bought_for_a_newborn(portfolio, bought, is_kept):
    assert (not reasons(portfolio, [policy(bought)])) == is_kept


def test_the_birth_is_that_of_the_rows_own_customer_and_none_without_an_age(portfolio):
    customers = [{**CUSTOMER, "customer_id": f"C{i}", "age": age} for i, age in enumerate(["20", "", "90", "0"])]
    rows = [policy("1990-01-01", policy_id=f"P{i}", customer_id=f"C{i}") for i in range(4)]
    assert list(reasons(portfolio, rows, customers)) == ["P0", "P3"]


def test_the_first_day_of_unix_is_no_purchase_of_an_older_customer_either(portfolio):
    found = reasons(portfolio, [policy("1970-01-01")], [{**CUSTOMER, "age": "80"}])
    assert found == {"P1": "missing_value: purchase_date is blank (1970-01-01)"}


def test_every_table_of_dated_rows_keeps_to_the_birth(portfolio):
    raw = {
        "customers": raw_rows("customers", {**CUSTOMER, "age": "30"}),
        "interactions": raw_rows("interactions", {**INTERACTION, "interaction_date": "1970-01-01"}),
    }
    _, rejected = clean_all(raw, portfolio, AS_OF)
    assert rejected["reason"].tolist() == [
        "dates_out_of_order: interaction_date 1970-01-01 is before the customer's birth, 1994-11-16 at the earliest"
    ]


def test_a_date_at_fault_is_not_compared(portfolio):
    (reason,) = reasons(portfolio, [policy("2099-01-01", "2001-01-01")]).values()
    assert reason == "future_date: purchase_date 2099-01-01 is after the snapshot 2025-11-15"


def test_other_reasons_stand_before_the_order_of_dates(portfolio):
    (reason,) = reasons(portfolio, [policy("2023-01-01", "2001-01-01", premium="0")]).values()
    assert [part.split(":")[0] for part in reason.split("; ")] == ["premium_out_of_range", "dates_out_of_order"]


def test_the_earliest_birth_on_a_leap_day():
    ages = pd.Series([52, None, 51], dtype="Int64")
    # Who was born on 28 February 1971 turned 53 on 28 February 2024; 1972 has the day itself.
    assert earliest_births(ages, date(2024, 2, 29)).to_pylist() == [date(1971, 3, 1), None, date(1972, 3, 1)]


def test_an_age_that_no_calendar_holds_says_nothing():
    ages = pd.Series([5000, 2024, 2023, 0, -1], dtype="Int64")
    assert earliest_births(ages, AS_OF).to_pylist() == [None, None, date(1, 11, 16), date(2024, 11, 16), None]


@given(st.dates(date(1800, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_born_a_day_earlier_would_be_a_year_older(as_of, age):
    (born,) = earliest_births(pd.Series([age], dtype="Int64"), as_of).to_pylist()
    day_before = (np.datetime64(born) - 1).astype(object)

    def years_old(birth):
        return as_of.year - birth.year - ((as_of.month, as_of.day) < (birth.month, birth.day))

    assert years_old(born) == age
    assert years_old(day_before) == age + 1


def test_a_source_without_orders_has_none():
    assert TableSource(csv="x.csv").orders == []
