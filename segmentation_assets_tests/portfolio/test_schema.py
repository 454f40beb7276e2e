import pytest
from pydantic import ValidationError

from segmentation_assets.portfolio import Lens, Range, load_portfolio
from segmentation_assets.tables import Column, build_tables


@pytest.mark.parametrize(
    ("interval", "written"),
    [
        (Range(min=0, max=120), "[0, 120]"),
        (Range(above=0, max=100_000_000), "(0, 100000000]"),
        (Range(min=0.5), "[0.5, inf)"),
        (Range(below=1), "(-inf, 1)"),
        (Range(above=-1.25, below=3), "(-1.25, 3)"),
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
    tables = build_tables(columns)
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
