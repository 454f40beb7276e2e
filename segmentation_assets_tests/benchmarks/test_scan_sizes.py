"""Bytes as BigQuery counts them: by hand, and against what the emulator stores."""

from datetime import date

import pyarrow as pa
import pytest

from benchmarks.scan_sizes import LEAST, Read, reads_of, size_of
from segmentation_assets.tables.frames import arrow_schema
from segmentation_assets.tables.schema import boolean, day, integer, number, string, table
from segmentation_assets.warehouse import Query
from segmentation_assets_tests.engines import lay_out

DAY = date(2025, 11, 15)
SALES = table(
    "sales",
    "features",
    "Sales.",
    string("customer_id", "Who."),
    integer("n", "How many."),
    number("paid", "How much."),
    boolean("is_new", "Whether."),
    day("sold_on", "When."),
    key=("customer_id",),
)
PLACES = table("places", "segments", "Places.", string("name", "Name."), key=("name",))
ROWS = pa.table(
    {
        "snapshot_date": [DAY] * 3,
        "customer_id": ["c1", "\u00e9\u00e9", None],
        "n": [1, None, 3],
        "paid": [0.5, 1.5, None],
        "is_new": [True, None, False],
        "sold_on": [DAY, None, None],
    },
    schema=arrow_schema(SALES),
)


def test_a_partition_is_sized_by_its_types_and_nothing_is_counted_for_null():
    size = size_of(SALES, ROWS)
    assert size.by_column == {
        "snapshot_date": 24, "customer_id": 10, "n": 16, "paid": 16, "is_new": 2, "sold_on": 8,
    }  # fmt: skip
    assert size.grows
    assert size.bytes_of(["n", "paid"], growth=10) == 320
    names = pa.table({"snapshot_date": [DAY], "name": ["Leeds"]}, schema=arrow_schema(PLACES))
    assert size_of(PLACES, names).bytes_of(["name"], growth=10) == 7


def test_it_is_what_the_emulator_stores(new_bigquery):
    """Its own figure is 8 bytes a value whatever the type, so it is asked for the lengths of what it stores."""
    warehouse = new_bigquery()
    lay_out(warehouse, SALES, ROWS)
    widths = {"STRING": "2 + BYTE_LENGTH({})", "BOOL": "1", "INT64": "8", "FLOAT64": "8", "DATE": "8"}
    sums = ", ".join(
        f"SUM(IF({c.name} IS NULL, 0, {widths[c.type].format(c.name)})) AS {c.name}" for c in SALES.columns
    )
    [stored] = warehouse.query(Query(f"SELECT {sums} FROM sales")).to_pylist()
    assert size_of(SALES, ROWS).by_column == stored


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT n FROM sales WHERE snapshot_date = @day", [("sales", ("n", "snapshot_date"), 1)]),
        ("SELECT n FROM (SELECT * FROM sales WHERE snapshot_date = @day) AS s", [("sales", ("n", "snapshot_date"), 1)]),
        (
            "SELECT s.n FROM sales AS s WHERE s.snapshot_date IN (DATE '2025-11-14', DATE '2025-11-15', @day)",
            [("sales", ("n", "snapshot_date"), 3)],
        ),
        (
            "WITH t AS (SELECT customer_id, paid, n FROM sales) SELECT t.n FROM t JOIN places ON name = customer_id",
            [("places", ("name",), 1), ("sales", ("customer_id", "n"), 1)],
        ),
    ],
)
def test_the_columns_that_a_query_reads(sql, reads):
    assert sorted(reads_of(sql, {"sales": SALES, "places": PLACES})) == [Read(*read) for read in reads]


def test_the_least_that_is_billed_for_a_table():
    assert LEAST == 10_485_760
