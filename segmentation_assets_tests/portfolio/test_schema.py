from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from segmentation_assets.portfolio import DateOrder, Lens, Range, load_portfolio
from segmentation_assets.tables import Column, build_tables
from segmentation_assets_tests.portfolio.conftest import SMALL


@pytest.mark.parametrize(
    ("interval", "written"),
    [
        (Range(min=0, max=120), "[0, 120]"),
        (Range(above=0, max=100_000_000), "(0, 100000000]"),
        (Range(min=0.5), "[0.5, inf)"),
        (Range(below=1), "(-inf, 1)"),
        (Range(above=-1.25, below=3), "(-1.25, 3)"),
        (Range(min=date(1920, 1, 1), below=date(9999, 12, 31)), "[1920-01-01, 9999-12-31)"),
        (Range(above=date(1, 1, 1)), "(0001-01-01, inf)"),
    ],
)
def test_a_range_is_written_as_mathematics_does(interval, written):
    assert str(interval) == written


def test_features_become_columns_of_both_tables_that_carry_them():
    portfolio = load_portfolio("insurance")
    columns = portfolio.feature_columns()
    assert columns[0] == Column(
        "age", "FLOAT64", "Age at the snapshot.", unit="years", is_personal=True, lineage=("customers.age",)
    )
    assert {c.name: c.type for c in columns}["marital_status"] == "STRING"
    tables = build_tables(portfolio)
    for name in ("customer_features", "labelled_customers"):
        assert tables[name].column_names[-len(columns) :] == list(portfolio.features)


def test_nothing_changes_after_reading():
    with pytest.raises(ValidationError, match="frozen"):
        load_portfolio("insurance").features["age"].weight = 2.0


def test_values_are_not_coerced():
    with pytest.raises(ValidationError):
        Lens(title="T", features=["a"], n_clusters="3")
    with pytest.raises(ValidationError):
        Lens(title="T", features=["a"], primary=1)


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_date_may_stand_in_quotes_or_not(tmp_path, quote):
    day = f"{quote}1900-01-01{quote}"
    rules = f"placeholder_dates: {{lapse_date: [{day}]}}\n    ranges: {{purchase_date: {{above: {day}}}}}"
    (tmp_path / "mine.yaml").write_text(SMALL.replace('date_formats: {purchase_date: ["%d/%m/%Y"]}', rules))
    source = load_portfolio(str(tmp_path / "mine.yaml")).sources["policies"]
    assert source.placeholder_dates == {"lapse_date": [date(1900, 1, 1)]}
    assert source.ranges["purchase_date"] == Range(above=date(1900, 1, 1))


@pytest.mark.parametrize(
    ("interval", "outside"),
    [
        (Range(min=2, max=3), [True, False, False, True]),
        (Range(above=2, below=3), [True, True, True, True]),
        (Range(above=2), [True, True, False, False]),
        (Range(below=3), [False, False, True, True]),
    ],
)
def test_numbers_and_days_outside_a_range(interval, outside):
    assert interval.is_outside(np.array([1, 2, 3, 4])).tolist() == outside
    days = Range(**{key: date(2024, 1, int(bound)) for key, bound in interval.bounds.items()})
    assert days.is_outside(np.array([f"2024-01-0{i}" for i in (1, 2, 3, 4)], dtype="datetime64[D]")).tolist() == outside


def test_an_order_is_the_same_from_either_side():
    source = load_portfolio("insurance").sources["policies"]
    assert source.orders[1] == DateOrder("purchase_date", "lapse_date", is_strict=False)
    turned = source.model_copy(update={"date_order": ["lapse_date>=purchase_date", "a > b"]})
    assert turned.orders == [source.orders[1], DateOrder("b", "a", is_strict=True)]
