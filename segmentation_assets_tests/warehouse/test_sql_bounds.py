"""What counts as a bound on the days of a table that is read, and what does not."""

import pytest

from segmentation_assets.warehouse.sql.bounds import unbounded_reads

PARTITIONED = {"customers", "policies", "partition_ledger"}


def found(sql: str) -> list[tuple[int, str]]:
    return [tuple(read) for read in unbounded_reads(sql, PARTITIONED.__contains__)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT age FROM customers WHERE snapshot_date = @day",
        "SELECT age FROM customers WHERE DATE '2025-11-15' = snapshot_date AND age > 3",
        "SELECT age FROM `p.d.customers` AS c WHERE c.snapshot_date BETWEEN @first AND @first + 1",
        "SELECT age FROM customers WHERE snapshot_date IN (DATE '2025-11-15', @other)",
        "SELECT age FROM customers WHERE snapshot_date IN UNNEST([DATE '2025-11-15'])",
        "SELECT age FROM customers WHERE (snapshot_date >= @first AND snapshot_date < @last) AND age > 3",
        "SELECT age FROM customers WHERE FALSE",
        "SELECT 1 AS x FROM other WHERE EXISTS(SELECT 1 FROM customers AS c WHERE c.id = i AND c.snapshot_date = @day)",
        (
            "SELECT c.age FROM customers AS c JOIN policies AS p ON p.id = c.id "
            "WHERE c.snapshot_date = @day AND p.snapshot_date = @day"
        ),
        (
            "SELECT c.age FROM customers AS c LEFT JOIN (SELECT id FROM policies WHERE snapshot_date = @day) AS p "
            "ON p.id = c.id WHERE c.snapshot_date = @day"
        ),
        "SELECT COUNT(*) FROM customers",  # reads no column
        "WITH customers AS (SELECT 1 AS age) SELECT age FROM customers",  # another's name
        "SELECT age FROM staging__customers",
        "CREATE OR REPLACE TABLE x OPTIONS(a = 1) AS SELECT age FROM customers WHERE snapshot_date = @day",
        "UPDATE customers SET age = 1 WHERE snapshot_date = DATE '2025-11-15'",
        "DELETE FROM customers WHERE snapshot_date = DATE '2025-11-15'",
        (
            "MERGE customers AS t USING x AS s ON FALSE WHEN NOT MATCHED BY SOURCE AND snapshot_date BETWEEN "
            "DATE '2025-11-15' AND DATE '2025-11-15' THEN DELETE WHEN NOT MATCHED THEN INSERT ROW"
        ),
        "MERGE customers AS t USING x AS s ON t.snapshot_date = @day AND t.id = s.id WHEN MATCHED THEN DELETE",
        "SELECT n_rows FROM partition_ledger WHERE table_name = 'customers'",
        "SELECT n_rows FROM partition_ledger WHERE table_name IN ('customers') AND snapshot_date IS NULL",
    ],
)
def test_a_bounded_statement_passes(sql):
    assert found(sql) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT age FROM customers",
        "SELECT age FROM customers WHERE age = 3",
        "SELECT age FROM customers WHERE snapshot_date >= @first",  # to the end of time
        "SELECT age FROM customers WHERE snapshot_date BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'",
        "SELECT age FROM customers WHERE snapshot_date = @day OR age = 3",
        "SELECT age FROM customers WHERE DATE_ADD(snapshot_date, INTERVAL 1 DAY) = @day",
        "SELECT age FROM customers WHERE snapshot_date = born_on",
        "SELECT age FROM customers WHERE snapshot_date IN (SELECT day FROM days)",
        "SELECT age FROM customers WHERE snapshot_date = (SELECT MAX(day) FROM days)",
        "SELECT 1 AS x FROM other AS o WHERE EXISTS(SELECT 1 FROM customers AS c WHERE c.snapshot_date = o.day)",
        "SELECT o.x FROM other AS o JOIN customers AS c ON c.day = o.day AND c.snapshot_date = @day",
        "SELECT o.x FROM other AS o LEFT JOIN customers AS c ON c.id = o.id WHERE c.snapshot_date = @day",
        "SELECT age FROM (SELECT * FROM customers) WHERE snapshot_date = @day",
        "SELECT COUNT(*) FROM customers GROUP BY age",
        "UPDATE customers SET age = 1 WHERE TRUE",
        "MERGE customers AS t USING x AS s ON FALSE WHEN NOT MATCHED BY SOURCE AND TRUE THEN DELETE",
        "MERGE customers AS t USING x AS s ON t.id = s.id WHEN MATCHED THEN DELETE",
        "MERGE x AS t USING customers AS s ON FALSE WHEN NOT MATCHED THEN INSERT ROW",
    ],
)
def test_an_unbounded_statement_is_told(sql):
    assert found(sql) == [(1, "customers")]


def test_it_is_told_on_its_line_and_what_to_write():
    sql = "SELECT c.age\nFROM customers AS c\nJOIN policies AS p ON p.snapshot_date = c.snapshot_date\nWHERE\n"
    [read] = unbounded_reads(f"{sql}  c.snapshot_date = @day", PARTITIONED.__contains__)
    assert (read.line, read.table) == (3, "policies")
    assert "policies.snapshot_date BETWEEN @first_snapshot AND @last_snapshot" in str(read)
