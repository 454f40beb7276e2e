"""Every type that a warehouse has: read whole, or refused by name where its column is needed."""

import json

import duckdb
import pytest

from segmentation_assets.cleaning.dates import parse_date
from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import TableSource
from segmentation_assets.sources.warehouse_table import staging_sql
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.sources.conftest import AS_OF, TABLES

PRODUCTS = TABLES["products"]

# Each logical type of DuckDB with a value at its end, as SQL, and the text that it must become.
READ = {
    "VARCHAR": ("VARCHAR", "'Łódź'", "Łódź"),
    "BOOLEAN": ("BOOLEAN", "true", "true"),
    "TINYINT": ("TINYINT", "-128", "-128"),
    "SMALLINT": ("SMALLINT", "-32768", "-32768"),
    "INTEGER": ("INTEGER", "-2147483648", "-2147483648"),
    "BIGINT": ("BIGINT", "-9223372036854775808", "-9223372036854775808"),
    "HUGEINT": ("HUGEINT", "170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
    "UTINYINT": ("UTINYINT", "255", "255"),
    "USMALLINT": ("USMALLINT", "65535", "65535"),
    "UINTEGER": ("UINTEGER", "4294967295", "4294967295"),
    "UBIGINT": ("UBIGINT", "18446744073709551615", "18446744073709551615"),
    "UHUGEINT": ("UHUGEINT", "340282366920938463463374607431768211455", "340282366920938463463374607431768211455"),
    "BIGNUM": ("BIGNUM", f"'{'9' * 60}'", "9" * 60),
    "FLOAT": ("FLOAT", "0.1", "0.1"),
    "DOUBLE": ("DOUBLE", "0.1", "0.1"),
    "DECIMAL": ("DECIMAL(38,10)", "1234567890123456789012345678.0123456789", "1234567890123456789012345678.0123456789"),
    "ENUM": ("ENUM('low', 'high')", "'high'", "high"),
    "UUID": ("UUID", "'0B0A0908-0706-0504-0302-010000000000'", "0b0a0908-0706-0504-0302-010000000000"),
    "DATE": ("DATE", "'9999-12-31'", "9999-12-31"),
    "TIME": ("TIME", "'23:59:59.999999'", "23:59:59.999999"),
    "TIME_NS": ("TIME_NS", "'23:59:59.999999999'", "23:59:59.999999999"),
    "TIME WITH TIME ZONE": ("TIMETZ", "'23:59:59+02'", "23:59:59+02"),
    "TIMESTAMP": ("DATETIME", "'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999"),
    "TIMESTAMP_S": ("TIMESTAMP_S", "'1677-09-22 00:00:01'", "1677-09-22 00:00:01"),
    "TIMESTAMP_MS": ("TIMESTAMP_MS", "'9999-12-31 23:59:59.999'", "9999-12-31 23:59:59.999"),
    "TIMESTAMP_NS": ("TIMESTAMP_NS", "'2262-04-11 23:47:16.854775806'", "2262-04-11 23:47:16.854775806"),
    # At 23 hours in New York it is the next day in UTC.
    "TIMESTAMP WITH TIME ZONE": ("TIMESTAMPTZ", "'2025-01-02 23:00:00.000001-05'", "2025-01-03 04:00:00.000001"),
    "TIMESTAMPTZ_NS": ("TIMESTAMPTZ_NS", "'2025-01-02 23:00:00.000001-05'", "2025-01-03 04:00:00.000001"),
}
# What has no text of its own, and the text under which it is kept where nobody asked for it.
REFUSED = {
    "BLOB": ("BLOB", "'ab'", "YWI="),
    "BIT": ("BIT", "'101'", '"101"'),
    "INTERVAL": ("INTERVAL", "INTERVAL 1 DAY", '"1 day"'),
    "LIST": ("DECIMAL(4,1)[]", "[1.5]", "[1.5]"),
    "ARRAY": ("ENUM('low', 'high')[2]", "['low', 'high']", '["low","high"]'),
    "STRUCT": ("STRUCT(a INTEGER)", "{'a': 1}", '{"a":1}'),
    "TUPLE": ("TUPLE(INTEGER, VARCHAR)", "(1, 'a')", '[1,"a"]'),
    "MAP": ("MAP(VARCHAR, INTEGER)", "MAP {'a': 1}", '{"a":1}'),
    "UNION": ("UNION(n INTEGER, t VARCHAR)", "union_value(n := 1)", '{"n":1}'),
    "VARIANT": ("VARIANT", "1", "1"),
    "JSON": ("JSON", "'{\"a\": 1}'", '{"a":1}'),
    "GEOMETRY": ("GEOMETRY", "'POINT (1 2)'", '"POINT (1 2)"'),
}
NOT_STORED = {"NULL", "TYPE"}  # no table has a column of these; a view may have one of NULL

COLUMNS = {"product_id": "'p'", "product_name": "'Plan'", "product_type": "'Life'", "category": "NULL"}


def stored(tmp_path, kind, value, column="product_name"):
    """Return a warehouse in which one column of crm.t is of this type, and holds this value."""
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "segmentation")
    selected = ", ".join(f"{sql} AS {name}" for name, sql in {**COLUMNS, column: f"CAST({value} AS {kind})"}.items())
    tmp_path.mkdir(exist_ok=True)
    with duckdb.connect(str(warehouse.file.path)) as connection:  # whoever fills it has settings of his own
        connection.execute("CREATE SCHEMA crm")
        connection.execute("SET TimeZone = 'America/New_York'")
        connection.execute(f"CREATE TABLE crm.t AS SELECT {selected}")
    return warehouse


def staged(warehouse):
    sql = staging_sql(PRODUCTS, TableSource(table="crm.t"), warehouse.describe("crm.t"))
    (row,) = warehouse.query(Query(sql, {"first_snapshot": AS_OF})).to_pylist()
    return row


def test_every_type_of_duckdb_is_decided_upon():
    known = {name for (name,) in duckdb.sql("SELECT DISTINCT logical_type FROM duckdb_types()").fetchall()}
    assert known == (READ.keys() | REFUSED.keys() | NOT_STORED) - {"JSON"}  # JSON is a VARCHAR by its logic


@pytest.mark.parametrize("name", READ)
def test_a_plain_type_is_read_to_the_last_digit(name, tmp_path):
    kind, value, text = READ[name]
    row = staged(stored(tmp_path, kind, value))
    assert row["product_name"] == text
    assert row["other_columns"] is None
    if "TIMESTAMP" in name:
        assert str(parse_date(text, [])[0]) == text[:10]


@pytest.mark.parametrize("name", READ)
def test_a_plain_type_that_nobody_asked_for_is_kept_as_the_same_text(name, tmp_path):
    kind, value, text = READ[name]
    row = staged(stored(tmp_path, kind, value, column="spare"))
    assert json.loads(row["other_columns"]) == {"spare": text}


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_type_is_refused_by_name_where_it_is_needed(name, tmp_path):
    kind, value, _ = REFUSED[name]
    warehouse = stored(tmp_path, kind, value)
    with pytest.raises(SourceError) as caught:
        staged(warehouse)
    shown = {"BLOB": "BYTES"}.get(name, kind.removesuffix("[2]").removesuffix("[]"))
    assert str(caught.value).startswith(f"crm.t.product_name is {shown}")
    assert "and products.product_name is read from it" in str(caught.value)
    assert "a view may make one of it" in str(caught.value)


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_type_is_kept_where_nobody_asked_for_it(name, tmp_path):
    kind, value, text = REFUSED[name]
    row = staged(stored(tmp_path, kind, value, column="spare"))
    assert json.loads(row["other_columns"]) == {"spare": text}


def test_a_key_of_seven_digits_is_refused_before_it_is_another_one_s(tmp_path):
    # 24 bits: 16777217 and 16777216 are one number.
    with pytest.raises(SourceError) as caught:
        staged(stored(tmp_path, "FLOAT", "16777217", column="product_id"))
    assert str(caught.value).startswith("crm.t.product_id is FLOAT, and products.product_id is a key: FLOAT holds 7")
    assert staged(stored(tmp_path / "double", "DOUBLE", "16777217", column="product_id"))["product_id"] == "16777217.0"


def test_a_view_may_have_null_for_what_there_is_no_data_for(tmp_path):
    warehouse = stored(tmp_path, "VARCHAR", "'x'")
    with duckdb.connect(str(warehouse.file.path)) as connection:
        connection.execute("ALTER TABLE crm.t RENAME TO told")
        connection.execute("CREATE VIEW crm.t AS SELECT * REPLACE (NULL AS category) FROM crm.told")
    assert staged(warehouse)["category"] is None


BIGQUERY = {
    "STRING": "'x'", "INT64": "-9223372036854775808", "FLOAT64": "0.1", "BOOL": "TRUE", "DATE": "DATE '9999-12-31'",
    "NUMERIC": "NUMERIC '12345678901234567890123456789.012345678'", "TIME": "TIME '23:59:59.999999'",
    "BIGNUMERIC": "BIGNUMERIC '12345678901234567890.5'", "DATETIME": "DATETIME '9999-12-31 23:59:59.999999'",
    "TIMESTAMP": "TIMESTAMP '2025-01-02 23:00:00.000001-05'",
}  # fmt: skip


def test_every_plain_type_of_bigquery_is_read_to_the_last_digit(new_bigquery):
    warehouse = new_bigquery()
    client, dataset = warehouse.jobs.client, warehouse.place.dataset
    client.create_dataset(dataset, timeout=60)
    kept = ", ".join(f"{value} AS `spare {kind}`" for kind, value in BIGQUERY.items())
    needed = ", ".join(f"{sql} AS {name}" for name, sql in {**COLUMNS, "category": "'x'"}.items())
    client.query_and_wait(f"CREATE TABLE {dataset}.crm AS SELECT {needed}, {kept}", wait_timeout=60)
    described = warehouse.describe(f"{dataset}.crm")
    assert {name.removeprefix("spare "): kind for name, kind in described.items() if "spare" in name} == {
        kind: kind for kind in BIGQUERY
    }
    sql = staging_sql(PRODUCTS, TableSource(table=f"{dataset}.crm"), described)
    (row,) = warehouse.query(Query(sql, {"first_snapshot": AS_OF})).to_pylist()
    found = {name.removeprefix("spare "): text for name, text in json.loads(row["other_columns"]).items()}
    assert found == {
        "STRING": "x", "INT64": "-9223372036854775808", "FLOAT64": "0.1", "BOOL": "true", "DATE": "9999-12-31",
        "NUMERIC": "12345678901234567890123456789.012345678", "TIME": "23:59:59.999999",
        "BIGNUMERIC": found["BIGNUMERIC"], "DATETIME": "9999-12-31 23:59:59.999999",
        "TIMESTAMP": "2025-01-03 04:00:00.000001",
    }  # fmt: skip
    assert float(found["BIGNUMERIC"]) == 12345678901234567890.5  # how many zeros end it is the emulator's own


@pytest.mark.parametrize(
    "kind",
    ["BYTES", "GEOGRAPHY", "JSON", "INTERVAL", "RANGE", "STRUCT", "ARRAY<STRING>", "ARRAY<STRUCT>", "ARRAY<NUMERIC>"],
)
def test_what_bigquery_has_without_a_text_is_refused_by_name(kind):
    there = dict.fromkeys(COLUMNS, "STRING") | {"product_type": kind}
    with pytest.raises(SourceError, match=r"crm\.t\.product_type is ") as caught:
        staging_sql(PRODUCTS, TableSource(table="crm.t"), there)
    assert f"is {kind}, and products.product_type is read from it" in str(caught.value)
    spare = dict.fromkeys(COLUMNS, "STRING") | {"spare": kind}
    assert "`spare`" in staging_sql(PRODUCTS, TableSource(table="crm.t"), spare)
