"""What is wrong with the SQL of features, told before anything is written: all of it, each with its line."""

import pytest

from segmentation_assets.checking.sql import feature_faults
from segmentation_assets.tables import Column
from segmentation_assets_tests.insurers import INPUT_TABLES

COLUMNS = (Column("age", "FLOAT64", "Age."), Column("income", "FLOAT64", "Income."), Column("home", "STRING", "City."))
FIRST = """SELECT c.snapshot_date, c.customer_id,
  CAST(c.age AS FLOAT64) AS age,
  c.income,
  c.city AS home
FROM customers AS c
WHERE c.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
"""


def faults(change="", instead="", sql=FIRST):
    assert change in sql
    return feature_faults(sql.replace(change, instead) if change else sql, "f.sql", COLUMNS, INPUT_TABLES)


def test_sql_that_is_right_has_none():
    assert faults() == ()
    raw = """SELECT r.snapshot_date, r.customer_id, 1.0 AS income, r.city AS home,
      MAX(CAST(JSON_VALUE(r.other_columns, '$."Credit amount"') AS FLOAT64)) AS age
    FROM raw_customers AS r INNER JOIN rejected_rows AS x ON x.snapshot_date = r.snapshot_date
    GROUP BY 1, 2, 4"""
    assert faults(sql=raw) == ()


@pytest.mark.parametrize(
    ("change", "instead", "told"),
    [
        ("c.income", "c.credit_amount AS income", "f.sql:3: c.credit_amount is not there: customers has no"),
        ("c.city AS", "p.city AS", "f.sql:4: p.city names 'p', which this SELECT does not read"),
        ("FROM customers", "FROM custmers", "f.sql:5: reads custmers, and there is no such table for features"),
        ("FROM customers", "FROM labelled_customers", "f.sql:5: reads labelled_customers, and there is no such table"),
        ("FROM customers", "FROM crm.customers", "f.sql:5: reads crm.customers; name the table without schema"),
        ("@first_snapshot", "@first_snapshots", "f.sql:6: uses @first_snapshots; there are @first"),
        ("c.city AS home", "c.age AS home", "f.sql:4: gives customer_features.home as INT64, and it is declared"),
        ("c.income", "c.city AS income", "f.sql:3: gives customer_features.income as STRING, and it is"),
        ("c.income", "c.income AS earnings", "f.sql:3: gives a column 'earnings' that customer"),
        ("  c.income,\n", "", "f.sql:1: lacks income of customer_features; it gives snapshot_date"),
        (" c.customer_id,\n", "\n", "f.sql:1: lacks customer_id of customer_features"),
        ("c.income", "NICE(c.income) AS income", "f.sql:3: cannot be run. DuckDB says: Scalar Function with name nice"),
        ("c.income", "CURRENT_DATE() AS income", "f.sql:3: CURRENT_DATE depends on the clock; use snapshot_date"),
        ("c.income", "c.income * RAND() AS income", "f.sql:3: RAND differs at every run"),
        ("c.city AS home", "STRING_AGG(c.city) AS home", "f.sql:4: STRING_AGG takes rows in no promised order"),
        ("@last_snapshot\n", "@last_snapshot\nLIMIT 100\n", "f.sql:7: LIMIT keeps rows by chance"),
        ("@last_snapshot\n", "@last_snapshot AND c.city = 5\n", "f.sql:6: compares customers.city, which is STRING"),
        ("@last_snapshot\n", "@last_snapshot AND c.age IN ('5')\n", "f.sql:6: compares customers.age, which is INT64"),
        ("c.income", "c.income + c.city AS income", "f.sql:3: cannot be run. DuckDB says: No function matches"),
        ("c.city AS home", "UPPERR(c.city) AS home", "f.sql:4: cannot be run. DuckDB says: Scalar Function"),
        ("c.city AS home", "c.city AS home,\n c.gender AS home", "f.sql:5: gives home more than once"),
        ("@last_snapshot\n", "@last_snapshot AND p.city = 'x'\n", "f.sql:6: p.city names 'p'"),
        ("@last_snapshot\n", "@last_snapshot AND c.age BETWEEN '5' AND 9\n", "f.sql:6: compares customers.age, which"),
        ("AS c\n", "AS c\nCROSS JOIN read_csv('rates.csv') AS p\n", "f.sql:6: reads read_csv('rates.csv'), and there"),
        ("c.city AS home", "VERSION() AS home", "f.sql:4: VERSION depends on the machine"),
        ("AS c\n", "AS c CROSS JOIN products AS c\n", "f.sql is not GoogleSQL: Alias already used: c."),
        ("SELECT c.snap", "SELECT FROM c.snap", "f.sql:5 is not GoogleSQL"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(change, instead, told):
    found = faults(change, instead)
    assert any(fault.startswith(told) for fault in found), found


def test_everything_that_is_wrong_is_told_at_once():
    sql = """SELECT c.snapshot_date, c.customer_id,
  c.agee AS age,
  c.credit_amount AS income, STRING_AGG(p.colour) AS home
FROM customers AS c LEFT JOIN polices AS p ON p.customer_id = c.customer_id
WHERE c.snapshot_date <= CURRENT_DATE AND c.snapshot_date = @day
"""
    found = faults(sql=sql)
    lines = [fault.split(":")[1] for fault in found]
    assert lines == sorted(lines) == ["2", "3", "3", "4", "5", "5"]
    assert "Did you mean 'age'?" in found[0]
    assert "Did you mean 'policies'?" in found[3]


def test_a_column_of_two_tables_is_told_where_it_stands():
    joined = FIRST.replace(
        "AS c\n", "AS c\nINNER JOIN raw_customers AS r ON r.customer_id = c.customer_id\nAND age > '3'\n"
    )
    (fault,) = faults(sql=joined)
    assert fault.startswith('f.sql:7: cannot be run. DuckDB says: Ambiguous reference to column name "age"')


@pytest.mark.parametrize(
    ("day", "told"),
    [("'01/02/2020'", True), ("'2020-1-2'", True), ("20200102", True), ("'2020-01-02'", False),
     ("DATE '2020-01-02'", False)],
)  # fmt: skip
def test_a_day_is_compared_with_a_day(day, told):
    sql = FIRST.replace(
        "c.income,", f"(SELECT MAX(p.premium) FROM policies AS p WHERE p.purchase_date > {day}) AS income,"
    )
    words = f"f.sql:3: compares policies.purchase_date, which is DATE, with {day}. Write it as DATE 'YYYY-MM-DD'"
    assert [fault.startswith(words) for fault in faults(sql=sql) if "DuckDB" not in fault] == [True] * told


def test_a_remark_behind_the_last_semicolon_is_none_of_the_query():
    assert faults(sql=f"{FIRST};\n-- until here\n") == ()


def test_what_only_differs_between_engines_is_no_fault_here():
    assert faults("c.income", "PERCENTILE_CONT(c.income, 0.5) OVER () AS income") == ()
    assert not [fault for fault in faults("c.city AS home", "FORMAT('%s', c.city) AS home") if "FORMAT means" in fault]


@pytest.mark.parametrize(
    "expression",
    [
        "NOW()", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "GENERATE_UUID()", "SESSION_USER()", "ANY_VALUE(c.city)",
        "ARRAY_AGG(c.city)[OFFSET(0)]", "FIRST(c.city)", "ROW_NUMBER() OVER (PARTITION BY c.city)",
        "FIRST_VALUE(c.city) OVER (PARTITION BY c.city)", "LAG(c.city) OVER w",
        "(SELECT k.status FROM claims AS k LIMIT 1)",
    ],
)  # fmt: skip
def test_chance_is_told_once_with_its_line(expression):
    sql = FIRST.replace("c.city AS home", f"{expression} AS home") + "WINDOW w AS (PARTITION BY c.city)\n"
    told = [fault for fault in faults(sql=sql) if any(w in fault for w in ("clock", "chance", "run", "who", "order"))]
    assert [fault[:8] for fault in told if "DuckDB" not in fault and "gives" not in fault] == ["f.sql:4:"]


@pytest.mark.parametrize(
    "expression",
    [
        "STRING_AGG(c.city, ',' ORDER BY c.customer_id) OVER ()", "MIN(c.city) OVER (PARTITION BY c.age)",
        "LAG(c.city) OVER w", "IF(EXISTS(SELECT 1 FROM claims AS k LIMIT 1), 'a', 'b')",
        "(SELECT k.status FROM claims AS k ORDER BY k.claim_id LIMIT 1)", "'CURRENT_DATE'",
    ],
)  # fmt: skip
def test_what_is_ordered_is_let_through(expression):
    sql = FIRST.replace("c.city AS home", f"{expression} AS home") + "WINDOW w AS (ORDER BY c.customer_id)\n"
    assert not [fault for fault in faults(sql=sql) if "DuckDB" not in fault]
