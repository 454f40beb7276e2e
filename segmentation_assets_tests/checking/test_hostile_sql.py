"""Whatever a portfolio's SQL tries, its text is refused, and what were let through reaches nothing."""

import logging

import duckdb
import pytest

from segmentation_assets.checking.sql import EmptyTables, feature_faults
from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import number
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.checking.hostile_sql import Grammar
from segmentation_assets_tests.insurers import INPUT_TABLES
from segmentation_assets_tests.warehouse.conftest import MONDAY, VISITS, rows

COLUMNS = (number("wealth", "Income."), number("spent", "Premium."))
MARK = "the marked words of a neighbour"


@pytest.mark.parametrize("n_queries", [150, pytest.param(2_000, marks=pytest.mark.long)])
def test_each_hostile_query_is_refused_by_its_text_in_a_sentence(n_queries, caplog):
    caplog.set_level(logging.CRITICAL)
    grammar = Grammar(n_queries, "/somewhere")
    for sql in (grammar.query() for _ in range(n_queries)):
        faults = feature_faults(sql, "features.sql", COLUMNS, INPUT_TABLES)
        assert faults, sql
        assert all(fault.startswith("features.sql") for fault in faults), (sql, faults)


@pytest.mark.parametrize("n_queries", [150, pytest.param(2_000, marks=pytest.mark.long)])
def test_each_hostile_query_let_through_reads_and_writes_nothing(n_queries, tmp_path):
    (tmp_path / "neighbour.csv").write_text(f"secret\n{MARK}\n")
    with duckdb.connect(str(tmp_path / "neighbour.duckdb")) as connection:
        connection.execute(f"CREATE TABLE customers AS SELECT '{MARK}' AS secret")
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "segmentation")
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    beside = sorted(path.name for path in tmp_path.iterdir())
    grammar = Grammar(n_queries, str(tmp_path))
    told = [_told(warehouse, grammar.query()) for _ in range(n_queries)]
    assert MARK not in " ".join(told)
    assert sorted(path.name for path in tmp_path.iterdir()) == beside
    assert warehouse.count(VISITS, MONDAY, MONDAY) == 1


OF_FEATURES = "SELECT snapshot_date, customer_id, income AS wealth, {} AS spent FROM customers AS c {}"
ODD_SOURCES = [
    ", LATERAL read_text('{at}') AS z",
    "CROSS JOIN LATERAL read_csv('{at}') AS z",
    "LEFT JOIN LATERAL (SELECT * FROM read_text('{at}')) AS z ON TRUE",
    "CROSS APPLY read_text('{at}') AS z",
    "LATERAL VIEW EXPLODE(read_text('{at}')) t AS z",
    "JOIN TABLE(read_text('{at}')) AS z ON TRUE",
    ", UNNEST((SELECT ARRAY_AGG(content) FROM read_text('{at}'))) AS z",
    "JOIN (FROM '{at}') AS z ON TRUE",
    "ORDER BY (SELECT COUNT(*) FROM read_text('{at}'))",
    "QUALIFY (SELECT COUNT(*) FROM `{at}`) > 0",
]


@pytest.mark.parametrize("source", ODD_SOURCES)
def test_nothing_is_read_that_is_no_table_wherever_it_stands(source, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(f"secret\n{MARK}\n")
    sql = OF_FEATURES.format("1.0", source.format(at=secret))
    said = "\n".join(feature_faults(sql, "features.sql", COLUMNS, INPUT_TABLES))
    assert "no such table" in said or "no table, no query and no UNNEST" in said
    assert MARK not in said


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM read_text('{at}')", "SELECT NET.HOST('http://a') AS x", "SELECT * FROM read_csv('{at}')"]
)
def test_what_is_bound_to_empty_tables_opens_no_file_and_fetches_no_extension(sql, tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    with pytest.raises(duckdb.Error, match=r"disabled|not in the catalog"):
        EmptyTables([]).bind("bound", Query(sql.format(at=tmp_path / "a.csv")))


@pytest.mark.parametrize(
    "part",
    [
        "(" * 3_000 + "1.0" + ")" * 3_000,
        "+".join(["1.0"] * 20_000),
        "CASE WHEN TRUE THEN " * 1_000 + "1.0" + " END" * 1_000,
        "(SELECT " * 800 + "1.0" + ")" * 800,
        "ABS(" * 2_000 + "1.0" + ")" * 2_000,
        "- " * 2_000 + "1.0",
    ],
    ids=["brackets", "sum", "case", "subqueries", "functions", "signs"],
)
def test_what_nests_without_end_is_refused_by_a_sentence(part):
    faults = feature_faults(OF_FEATURES.format(part, ""), "features.sql", COLUMNS, INPUT_TABLES)
    assert len(faults) == 1
    assert faults[0].startswith("features.sql nests too deep to be read")


def test_a_long_sum_is_none_that_nests():
    assert feature_faults(OF_FEATURES.format("+".join(["1.0"] * 600), ""), "features.sql", COLUMNS, INPUT_TABLES) == ()


def _told(warehouse, sql):
    """Run the text as it is over tables that are there; return what comes of it."""
    try:
        with warehouse.file.reading() as connection:
            connection.execute(
                "CREATE TEMP TABLE customers AS SELECT 1 AS snapshot_date, 1 AS customer_id, 1 AS income"
            )
            return str(connection.execute(sql.replace("`", '"').replace("FLOAT64", "DOUBLE")).fetchall())
    except WarehouseError as refused:
        return str(refused)
