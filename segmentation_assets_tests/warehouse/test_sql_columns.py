"""Where the columns of a query come from, and which of them are nowhere; followed by hand."""

import pytest

from segmentation_assets.tables import of_deliveries
from segmentation_assets.warehouse.sql.columns import origin_of, scopes_of, tables_read, unknown_columns
from segmentation_assets.warehouse.sql.queries import parse
from segmentation_assets_tests.insurers import INPUT_TABLES

OF_DELIVERIES = of_deliveries(INPUT_TABLES)


def read(sql):
    return tables_read(parse(sql, "x.sql"))


def unknown(sql):
    return [(found.line, found.written, found.table) for found in unknown_columns(parse(sql, "x.sql"), OF_DELIVERIES)]


def origins(sql):
    found = {
        column.sql(): origin_of(column, scope) for scope in scopes_of(parse(sql, "x.sql")) for column in scope.columns
    }
    return {written: str(origin) for written, origin in found.items() if origin}


def test_tables_are_found_with_their_line_and_common_tables_are_none():
    sql = """WITH a AS (SELECT 1 AS n FROM claims), policies AS (SELECT 2 AS n FROM a)
SELECT n FROM policies
WHERE EXISTS(SELECT 1 FROM crm.prices) AND n IN (
  SELECT n FROM raw_customers)"""
    assert read(sql) == {"claims": 1, "crm.prices": 3, "raw_customers": 4}


def test_a_common_table_of_a_table_s_own_name_reads_that_table():
    assert read("WITH customers AS (SELECT age FROM customers) SELECT age FROM customers") == {"customers": 1}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT c.age, income AS money FROM customers AS c ORDER BY money",
        "SELECT COUNT(*) AS n FROM claims GROUP BY customer_id HAVING n > 1",
        "SELECT c.AGE FROM customers AS c WHERE EXISTS(SELECT 1 FROM claims AS k WHERE k.customer_id = c.customer_id)",
        "WITH a AS (SELECT *, 1 AS n FROM customers) SELECT a.n, a.age FROM a",
        "SELECT u, c.age FROM customers AS c, UNNEST([1, 2]) AS u",
        "SELECT s.whatever, t.more FROM segment_labels AS s CROSS JOIN crm.prices AS t",
        "SELECT age FROM customers UNION ALL SELECT premium FROM policies",
    ],
)
def test_what_is_there_is_not_found_fault_with(sql):
    assert unknown(sql) == []


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT\n c.credit_amount\nFROM customers AS c", [(2, "c.credit_amount", "customers")]),
        ("SELECT credit_amount AS age FROM raw_customers", [(1, "credit_amount", "raw_customers")]),
        ("SELECT x.age FROM customers AS c", [(1, "x.age", None)]),
        ("WITH a AS (SELECT age FROM customers)\nSELECT a.income FROM a", [(2, "a.income", None)]),
        ("SELECT 1 AS n FROM claims AS k\nWHERE k.amont > (SELECT MAX(p.premum) FROM policies AS p)",
         [(2, "k.amont", "claims"), (2, "p.premum", "policies")]),
        ("SELECT age FROM customers UNION ALL\nSELECT lapsed FROM policies", [(2, "lapsed", "policies")]),
        ("WITH a AS (SELECT *, 1 AS n FROM customers) SELECT a.m FROM a", [(1, "a.m", None)]),
    ],
)  # fmt: skip
def test_every_column_that_is_nowhere_is_found_with_its_line(sql, found):
    assert unknown(sql) == found


def test_a_delivered_column_that_nobody_declared_is_said_to_be_in_the_raw_table():
    (found,) = unknown_columns(parse("SELECT c.`credit_amount` FROM customers AS c", "x.sql"), OF_DELIVERIES)
    said = str(found)
    assert said.startswith(
        "c.`credit_amount` is not there: customers has no column credit_amount; it has snapshot_date,"
    )
    assert "raw_customers.other_columns" in said
    assert "JSON_VALUE(other_columns, '$.credit_amount')" in said
    (typo,) = unknown_columns(parse("SELECT incom FROM customers", "x.sql"), OF_DELIVERIES)
    assert "Did you mean 'income'?" in str(typo)


def test_a_column_is_followed_to_the_table_it_comes_from():
    sql = """WITH latest AS (SELECT customer_id, question AS asked, answer * 2 AS doubled FROM survey_responses),
    everything AS (SELECT *, 1 AS one FROM latest)
    SELECT e.asked, e.doubled, e.one, age FROM everything AS e JOIN customers AS c ON c.customer_id = e.customer_id"""
    assert origins(sql) == {
        "customer_id": "survey_responses.customer_id", "question": "survey_responses.question",
        "answer": "survey_responses.answer", "e.asked": "survey_responses.question",
        "c.customer_id": "customers.customer_id", "e.customer_id": "survey_responses.customer_id",
        "age": "customers.age",
    }  # fmt: skip
