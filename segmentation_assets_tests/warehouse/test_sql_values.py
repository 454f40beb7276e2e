"""A query that fails at a value: file, line, expression, column and type are told, and the value never is."""

import pyarrow as pa
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables import of_deliveries
from segmentation_assets.tables.frames import arrow_schema
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.sql.values import explained_values
from segmentation_assets_tests.engines import lay_out
from segmentation_assets_tests.insurers import INPUT_TABLES
from segmentation_assets_tests.warehouse.conftest import MONDAY

OF_DELIVERIES = of_deliveries(INPUT_TABLES)

PRIVATE = 'Zo\u00eb O\'Hara "Zo"'
OF_JSON = "CAST(JSON_VALUE(r.other_columns, '$.\"Credit amount\"') AS FLOAT64)"
ROWS = {
    "customers": {"customer_id": "k", "city": PRIVATE, "age": 2**62, "occupation": "7", "income": 1e300},
    "raw_customers": {"customer_id": "k", "source_row": 1, "source": "x", "other_columns": '{"Credit amount": "Zo"}'},
}


@pytest.fixture(scope="module")
def book(new_warehouse):
    """A warehouse with one customer, whose city is private."""
    warehouse = new_warehouse()
    for name, row in ROWS.items():
        schema = arrow_schema(OF_DELIVERIES[name])
        rows = pa.Table.from_pylist(
            [{"snapshot_date": MONDAY, **row}], schema=pa.schema([f.with_nullable(True) for f in schema])
        )
        lay_out(warehouse, OF_DELIVERIES[name], rows)
    return warehouse


def refusal(warehouse, expression):
    sql = f"""WITH raw AS (SELECT * FROM raw_customers)
SELECT c.customer_id, CAST(c.age AS FLOAT64) AS age,
  {expression} AS x
FROM customers AS c INNER JOIN raw AS r ON r.customer_id = c.customer_id"""
    with pytest.raises(WarehouseError) as caught:
        warehouse.query(Query(sql, origin="customer_features.sql", tables=tuple(OF_DELIVERIES.values())))
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "column", "kind"),
    [
        ("CAST(c.city AS FLOAT64)", "customers.city", "FLOAT64"),
        ("CAST(c.city AS INT64)", "customers.city", "INT64"),
        ("CAST(c.city AS DATE)", "customers.city", "DATE"),
        ("CAST(c.city AS BOOL)", "customers.city", "BOOL"),
        ("CAST(c.city AS NUMERIC)", "customers.city", "NUMERIC"),
        ("CAST(UPPER(c.city) AS FLOAT64)", "customers.city", "FLOAT64"),
        (
            "CAST(JSON_VALUE(r.other_columns, '$.\"Credit amount\"') AS FLOAT64)",
            "raw_customers.other_columns",
            "FLOAT64",
        ),
    ],
)
def test_a_cast_that_fails_names_its_column_and_type(book, expression, column, kind):
    said = refusal(book, expression)
    assert said == (
        f"customer_features.sql: a value of {column} does not convert to {kind}, in {expression} (line 3). SAFE_CAST "
        "gives NULL for it. The value is not told, as it may be personal."
    )
    assert "Zo" not in said.replace("JSON", "")


def test_of_several_casts_all_that_can_have_failed_are_told(book):
    said = refusal(book, "CAST(UPPER(c.occupation) AS INT64) + CAST(UPPER(c.city) AS INT64)")
    assert said.startswith(
        "customer_features.sql: a value does not convert to INT64, in one of: line 3: CAST(UPPER(c.occ"
    )
    assert "line 3: CAST(UPPER(c.city) AS INT64) of customers.city." in said


def test_numbers_and_counts_are_not_among_them(book):
    counted = "(SELECT CAST(COUNT(*) AS FLOAT64) FROM raw)"
    told = refusal(book, f"CAST(1 AS FLOAT64) + {counted} + CAST(UPPER(c.city) AS FLOAT64)")
    assert "of customers.city does not convert to FLOAT64, in CAST(UPPER(c.city) AS FLOAT64) (line 3)" in told


def test_a_date_that_does_not_fit_its_format(book):
    said = refusal(book, "PARSE_DATE('%d.%m.%Y', c.city)")
    assert said.startswith("customer_features.sql: a value of customers.city does not fit the format it is parsed by")
    assert "Hara" not in said


def test_a_number_that_grows_too_large(book):
    said = refusal(book, "c.age * 8")
    assert said.startswith(
        "customer_features.sql: a value of customers.age is too large to reckon with, in c.age * 8 (line 3)."
    )
    assert str(2**62) not in said


def test_a_column_that_is_not_there_is_told_with_the_line_on_either_engine(book):
    said = refusal(book, "c.credit_amount")
    assert said.startswith(
        "customer_features.sql:3: c.credit_amount is not there: customers has no column credit_amount;"
    )
    assert "raw_customers.other_columns" in said


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("custmers", "Did you mean 'customers'?"),
        ("labelled_customer", "Did you mean 'labelled_customers'?"),
        ("labelled_customers", "Materialise labelled_customers first."),
    ],
)
def test_only_a_table_of_the_graph_is_said_to_want_making(book, read, said):
    with pytest.raises(WarehouseError) as caught:
        book.query(Query(f"SELECT age FROM {read}", origin="mine.sql"))
    assert f"mine.sql reads {read}, and the warehouse has no such table" in str(caught.value)
    assert str(caught.value).endswith(said)
    assert ("Materialise" in str(caught.value)) == ("Materialise" in said)


QUERY = Query("SELECT CAST(c.city AS FLOAT64) AS x,\n CAST(c.city AS INT64) AS y FROM customers AS c", origin="f.sql")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Bad double value: Zo; O'Hara", "f.sql: a value of customers.city does not convert to FLOAT64"),
        ("Bad int64 value: Zo", "f.sql: a value of customers.city does not convert to INT64"),
        ("Invalid date: 'Zo'", "f.sql: a value does not convert to DATE"),
        ('Failed to parse input string "Zo"', "f.sql: a value does not fit the format"),
        ("int64 overflow: 99 * 99", "f.sql: a value is too large"),
        ("division by zero: 99 / 0", "f.sql: a value is divided by zero"),
    ],
)
def test_bigquery_s_own_words_are_read_and_not_passed_on(said, told):
    found = str(explained_values(QUERY, said))
    assert found.startswith(told)
    assert "Zo" not in found
    assert "99" not in found


def test_other_words_are_left_to_others():
    assert explained_values(QUERY, "Access Denied: Dataset p:d: Permission denied") is None
