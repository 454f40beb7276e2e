"""What holds for every mart: file and declaration agree, on any book."""

import pandas as pd
import pytest
import sqlglot
from sqlglot import exp

from segmentation_assets.checking.queries import decided
from segmentation_assets.tables.frames import ARROW_TYPES
from segmentation_assets.tables.marts import packaged_marts
from segmentation_assets_tests.marts import book
from segmentation_assets_tests.marts.warehouse import FOLDER, INSURANCE, UPSTREAM, Marts, google_sql

# Functions that mean something else on DuckDB, or are not there. COUNTIF is 0 on BigQuery and NULL on DuckDB where
# the condition is NULL in every row; COUNT(IF(...)) counts alike on both.
DIFFERS_ON_DUCKDB = (
    exp.ApproxQuantile, exp.ApproxQuantiles, exp.CountIf, exp.Median, exp.Format, exp.TimestampDiff, exp.Extract,
)  # fmt: skip

# The view that scores has no file; see `segments/test_scoring_sql.py`.
MARTS = [mart for mart in packaged_marts().values() if mart.name != "scored_customers"]
each_mart = pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.name)


def parsed(mart):
    [tree] = sqlglot.parse(google_sql(mart.name), read="bigquery")
    return tree


def tables_read(tree):
    """Return the tables of the warehouse that a query reads, leaving out its own WITH names."""
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table)} - own


def test_every_file_is_declared_and_every_declaration_has_its_file():
    assert sorted(path.stem for path in FOLDER.rglob("*.sql")) == sorted(mart.name for mart in MARTS)


@each_mart
def test_file_is_one_select_of_googlesql_that_means_the_same_on_duckdb(mart):
    tree = parsed(mart)
    assert isinstance(tree, exp.Select)
    assert not list(tree.find_all(exp.Command, *DIFFERS_ON_DUCKDB))
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    for star in tree.find_all(exp.Star):  # what a stored table gains must not reach a mart
        assert isinstance(star.parent, exp.Count) or {t.name for t in star.parent_select.find_all(exp.Table)} <= own
    assert {parameter.name for parameter in tree.find_all(exp.Parameter)} <= decided(INSURANCE).keys()


@each_mart
def test_file_opens_with_the_question_it_answers(mart):
    words = google_sql(mart.name).split("WITH\n")[0]
    assert all(line.startswith("-- ") for line in words.splitlines())
    assert "?" in words
    assert "One row per" in words


@each_mart
def test_columns_are_the_declared_ones(mart, small):
    schema = small.arrow(mart.name).schema
    assert [(field.name, field.type) for field in schema] == [(c.name, ARROW_TYPES[c.type]) for c in mart.columns]
    assert mart.column_names[0] == "snapshot_date"
    assert mart.stage == "marts"


@each_mart
def test_no_mart_reads_another(mart):
    assert tables_read(parsed(mart)) <= set(UPSTREAM)


@each_mart
def test_key_is_unique_and_required_columns_are_filled(mart, small):
    frame = small.frame(mart.name)
    assert len(frame)
    assert not frame.duplicated(["snapshot_date", *mart.key]).any()
    required = [c.name for c in mart.columns if c.is_required]
    assert set(mart.key) <= set(required)
    assert not frame[required].isna().any().any()


def test_empty_tables_give_no_rows(new_duckdb):
    empty = Marts(new_duckdb())
    assert {mart.name: len(empty.frame(mart.name)) for mart in MARTS} == {mart.name: 0 for mart in MARTS}


def test_a_snapshot_does_not_depend_on_others(small, new_duckdb):
    february = {
        name: frame[pd.to_datetime(frame.snapshot_date) == book.FEBRUARY] for name, frame in book.frames().items()
    }
    alone = Marts(new_duckdb(), **february)
    for mart in MARTS:
        # Its rows name another snapshot's segments.
        columns = ("movement", "from_segment_id", "to_segment_name") if mart.name == "migration_matrix" else ()
        assert alone.rows(mart.name, book.FEBRUARY, *columns) == small.rows(mart.name, book.FEBRUARY, *columns)


def test_order_of_rows_does_not_matter(small, new_duckdb):
    turned = Marts(new_duckdb(), **{name: frame.iloc[::-1] for name, frame in book.frames().items()})
    for mart in MARTS:
        assert turned.rows(mart.name, book.FEBRUARY) == small.rows(mart.name, book.FEBRUARY), mart.name


@pytest.mark.parametrize(
    ("mart", "percentage", "within"),
    [
        ("premium_by_segment", "customers_pct", ()),
        ("premium_by_segment", "premium_pct", ()),
        ("premium_by_city", "customers_pct", ()),
        ("premium_by_city", "premium_pct", ()),
        ("premium_by_age_group", "customers_pct", ()),
        ("premium_by_age_group", "premium_pct", ()),
        ("tenure_groups", "policies_pct", ()),
        ("tenure_groups", "premium_pct", ()),
        ("product_popularity", "policies_pct", ()),
        ("product_popularity", "premium_pct", ()),
        ("product_popularity_by_segment", "policies_pct", ("segment_name",)),
        ("product_popularity_by_segment", "premium_pct", ("segment_name",)),
        ("preferences_by_segment", "customers_pct", ("segment_name", "preference")),
        ("segment_overview", "customers_pct", ()),
        ("segment_overview", "premium_pct", ()),
        ("migration_matrix", "share_of_from_pct", ("from_segment_name",)),
    ],
)
def test_percentages_sum_to_100(mart, percentage, within, small):
    frame = small.frame(mart).dropna(subset=[percentage])
    sums = frame.groupby(["snapshot_date", *within])[percentage].sum()
    assert len(sums)
    assert sums.to_list() == pytest.approx([100] * len(sums), abs=1e-5)


def test_a_customer_without_a_label_is_unclassified_and_not_lost(new_duckdb):
    frames = book.frames()
    frames["labelled_customers"] = frames["labelled_customers"].query("customer_id != 'c06'")
    frames["products"] = frames["products"].query("product_id != 'X'")
    warehouse = Marts(new_duckdb(), **frames)
    assert len(warehouse.rows("portfolio_joined", book.FEBRUARY)) == len(book.SOLD)
    names = warehouse.rows("portfolio_joined", book.FEBRUARY, "policy_id", "segment_name", "product_name")
    assert ("p08", book.NONE, "X") in names
    assert (3,) in warehouse.rows("overall_stat", book.FEBRUARY, "n_unclassified")
    assert ("X", "X", 7) in warehouse.rows(
        "product_popularity", book.FEBRUARY, "product_id", "product_name", "n_policies"
    )
