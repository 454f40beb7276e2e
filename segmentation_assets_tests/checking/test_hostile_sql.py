"""Whatever a portfolio's SQL tries, its text is refused, and what were let through reaches nothing."""

import logging

import duckdb
import pytest

from segmentation_assets.checking.sql import feature_faults
from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import number
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets_tests.checking.hostile_sql import Grammar
from segmentation_assets_tests.warehouse.conftest import MONDAY, VISITS, rows

COLUMNS = (number("wealth", "Income."), number("spent", "Premium."))
MARK = "the marked words of a neighbour"


@pytest.mark.parametrize("n_queries", [150, pytest.param(2_000, marks=pytest.mark.long)])
def test_each_hostile_query_is_refused_by_its_text_in_a_sentence(n_queries, caplog):
    caplog.set_level(logging.CRITICAL)
    grammar = Grammar(n_queries, "/somewhere")
    for sql in (grammar.query() for _ in range(n_queries)):
        faults = feature_faults(sql, "features.sql", COLUMNS)
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
