"""What is asked of a table that already lies in the warehouse, and what is said where it does not hold."""

import json

import duckdb
import pytest

from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import TableSource
from segmentation_assets.settings import read_settings
from segmentation_assets.sources import CsvFolder, SyntheticSource, open_source
from segmentation_assets.sources.headers import delivered_columns
from segmentation_assets.sources.warehouse_table import WarehouseTables, placed_tables, staging_sql
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.sql.queries import transpile
from segmentation_assets_tests.sources.conftest import AS_OF, TABLES

STORED = dict.fromkeys(
    ["Customer ID", "age", "gender", "city", "marital_status", "education", "occupation", "preferred_language",
     "preferred_channel", "preferred_time"], "STRING",
) | {"income": "FLOAT64", "as_of": "DATE"}  # fmt: skip
CUSTOMERS = TABLES["customers"]


def placed(portfolio, **sources):
    kept = {name: source for name, source in portfolio.sources.items() if name not in sources}
    return portfolio.model_copy(update={"sources": kept | sources})


def refusal(source, stored, core=CUSTOMERS):
    with pytest.raises(SourceError) as caught:
        staging_sql(core, source, stored)
    return str(caught.value)


def test_a_table_that_is_not_there():
    assert refusal(TableSource(table="crm.customer"), None) == (
        "sources.customers.table names crm.customer, and the warehouse has no such table, or none that may be read. "
        "Name it as schema.table in DuckDB, as dataset.table or project.dataset.table in BigQuery."
    )


def test_a_column_that_is_not_there():
    stored = {"place": "STRING"} | {name: kind for name, kind in STORED.items() if name != "city"}
    said = refusal(TableSource(table="crm.customers"), stored)
    assert said.startswith("crm.customers lacks the column city. It has place, Customer ID, age,")
    assert "sources.customers.columns.city" in said


def test_a_column_named_in_the_portfolio_that_is_not_there():
    assert "age (as 'years')" in refusal(
        TableSource(table="crm.customers", columns={"age": "years"}), {k: v for k, v in STORED.items() if k != "age"}
    )


@pytest.mark.parametrize("kind", ["STRUCT", "ARRAY<STRING>", "JSON", "BYTES", "BLOB", "INTEGER[]", "GEOGRAPHY"])
def test_a_column_of_a_type_that_has_no_text(kind):
    assert refusal(TableSource(table="crm.customers"), STORED | {"age": kind}) == (
        f"crm.customers.age is {kind}, and customers.age is read from it. Give a column of text, numbers, dates or "
        "true and false; a view may make one of it."
    )


def test_a_snapshot_column_that_is_not_there_or_no_date():
    source = TableSource(table="crm.customers", snapshot_column="as_off")
    assert refusal(source, STORED).endswith("preferred_time, income, as_of. Did you mean 'as_of'?")
    assert refusal(source, STORED | {"as_off": "TIMESTAMP"}) == (
        "sources.customers.snapshot_column names crm.customers.as_off, which is TIMESTAMP. It must be DATE; make a "
        "view that casts it, and name the view in sources.customers.table."
    )


def test_all_that_is_wrong_is_said_at_once():
    source = TableSource(table="crm.customers", snapshot_column="day")
    said = refusal(source, STORED | {"age": "JSON", "city": "STRUCT"})
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize("project", [None, "my-project"])
def test_the_place_is_kept_whatever_the_dataset_of_ours(project):
    for named, meant in {"crm.customers": "`crm`.`customers`", "p-1.crm.customers": "`p-1`.`crm`.`customers`"}.items():
        sql = staging_sql(CUSTOMERS, TableSource(table=named), STORED)
        full = f"`{project}`.{meant}" if project and named == "crm.customers" else meant
        assert f"FROM {full} AS customers" in transpile(sql, "here", "bigquery", "segmentation", project)[0]
    duckdb, needed = transpile(staging_sql(CUSTOMERS, TableSource(table="crm.customers"), STORED), "h", "duckdb", "seg")
    assert 'FROM "crm"."customers" AS customers' in duckdb
    assert needed == {"first_snapshot"}


def test_only_the_snapshots_asked_for_are_read():
    sql = staging_sql(CUSTOMERS, TableSource(table="crm.customers", snapshot_column="as_of"), STORED)
    assert "WHERE `as_of` BETWEEN @first_snapshot AND @last_snapshot" in sql
    assert "other_1" not in sql  # the snapshot column is no column of the delivery


def test_a_table_with_history_is_replayable_and_one_without_is_live(portfolio):
    ours = placed(
        portfolio,
        customers=TableSource(table="crm.customers", snapshot_column="as_of"),
        policies=TableSource(table="crm.sales"),
    )
    tables = WarehouseTables(ours)
    assert placed_tables(ours) == ["customers", "policies"]
    assert tables.is_replayable("customers")
    assert not tables.is_replayable("policies")
    with pytest.raises(SourceError, match=r"policies of 2025-11-15 lies in the warehouse, at crm\.sales, .* not read"):
        tables.read("policies", AS_OF)


def test_each_table_comes_from_its_own_place(portfolio, folder):
    ours = placed(portfolio, customers=TableSource(table="crm.customers"))
    source = open_source(read_settings(data_dir=folder), ours)
    assert not source.is_replayable("customers")
    assert source.is_replayable("products")
    assert source.read("products", AS_OF).n_rows == 1
    with pytest.raises(SourceError, match="CSV files for policies, products, and no folder"):
        open_source(read_settings(data_dir=None), ours)
    assert isinstance(open_source(read_settings(data_dir=folder), portfolio), CsvFolder)
    assert isinstance(open_source(read_settings(data_dir=None), portfolio), SyntheticSource)


@pytest.mark.parametrize(
    "odd", ["cust.id", "a.b.c", "crm.customers", ".", "a.", ".b", "x`y", "x\\y", "x'y", 'x"y', "x y"]
)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_header_may_hold_any_sign(tmp_path, odd, is_known):
    kept = [name for name in delivered_columns(CUSTOMERS) if name != "city"]
    columns = ", ".join(f"'1' AS {name}" for name in kept)
    quoted = '"' + odd.replace('"', '""') + '"'
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("CREATE SCHEMA crm")
        connection.execute(
            f"CREATE TABLE crm.customers AS SELECT {columns}, 'Leeds' AS {quoted}, 'York' AS \"Spare.city\", "
            "'no' AS \"!malformed_row\""
        )
    known = {"columns": {"city": odd}} if is_known else {"not_delivered": ["city"]}
    source = TableSource(table="crm.customers", **known)
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "segmentation")
    sql = staging_sql(CUSTOMERS, source, warehouse.describe("crm.customers"))
    (row,) = warehouse.query(Query(sql, {"first_snapshot": AS_OF, "last_snapshot": AS_OF})).to_pylist()
    others = json.loads(row["other_columns"])
    assert others["malformed_row"] == "no"
    assert (row["city"], others.get(odd), others["Spare.city"]) == (
        ("Leeds", None, "York") if is_known else (None, "Leeds", "York")
    )
