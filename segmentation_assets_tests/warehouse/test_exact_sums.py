"""Sums that are the same bits in any order: against Python's exact `math.fsum`, on either engine."""

import math
import random

import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.sql.queries import transpile
from segmentation_assets.warehouse.sql.values import explained_values
from segmentation_assets_tests.engines import lay_out
from segmentation_assets_tests.insurers import CUSTOMERS, INTERACTIONS, POLICIES
from segmentation_assets_tests.warehouse.conftest import rows

INPUTS = (CUSTOMERS, POLICIES, INTERACTIONS)
SOME = random.Random(5)  # noqa: S311 - no secret
AWKWARD = [SOME.uniform(-1, 1) * 10.0 ** SOME.randrange(-2, 13) for _ in range(999)] + [1e16, 1.0, -1e16, 0.1]
EXACT = math.fsum(AWKWARD)
SUMS = "SELECT SUM(amount) AS total, AVG(amount) AS mean, SUM(days_late) AS days, COUNT(*) AS n FROM interactions"


def payments(values):
    records = ({"interaction_id": str(i), "amount": value, "days_late": 2} for i, value in enumerate(values))
    return rows(INTERACTIONS, *records, {"interaction_id": "blank"})


def asked(warehouse, sql=SUMS):
    return warehouse.query(Query(sql, tables=(INTERACTIONS,))).to_pylist()


def test_a_sum_is_the_double_nearest_to_the_true_one_in_any_order(new_duckdb):
    for turn in range(4):
        values = sorted(AWKWARD, key=(lambda x: x, lambda x: -x, abs, lambda x: -abs(x))[turn])
        warehouse = new_duckdb()
        lay_out(warehouse, INTERACTIONS, payments(values))
        [found] = asked(warehouse)
        assert found == {"total": EXACT, "mean": EXACT / len(values), "days": 2 * len(values), "n": len(values) + 1}
        assert type(found["days"]) is int
    assert sum(AWKWARD) != EXACT, "values that add up alike in any order prove nothing"


def test_windows_groups_and_distinct_values_are_summed_alike(new_duckdb):
    warehouse = new_duckdb()
    lay_out(warehouse, INTERACTIONS, payments([*AWKWARD, *AWKWARD]))
    found = asked(
        warehouse,
        "SELECT SUM(amount) OVER w AS total, AVG(amount) OVER (PARTITION BY snapshot_date) AS mean,"
        " (SELECT SUM(DISTINCT amount) FROM interactions) AS once, SUM(SUM(amount)) OVER () AS of_sums, "
        "(SELECT SUM(CAST(amount AS FLOAT64) * 2) FROM interactions) AS twice "
        "FROM interactions GROUP BY snapshot_date, amount WINDOW w AS (PARTITION BY snapshot_date)",
    )
    assert {(r["total"], r["mean"], r["once"], r["of_sums"], r["twice"]) for r in found} == {
        (EXACT, EXACT / len(AWKWARD), EXACT, 2 * EXACT, 4 * EXACT)
    }


def test_nothing_to_add_is_null_and_small_values_lose_no_more_than_a_step(new_warehouse):
    warehouse = new_warehouse()
    lay_out(warehouse, INTERACTIONS, payments([1e-9, 2e-9, 0.25]))
    [found] = asked(warehouse)
    assert found["total"] == pytest.approx(0.250000003, abs=1e-15)
    assert asked(warehouse, f"{SUMS} WHERE amount > 1") == [{"total": None, "mean": None, "days": None, "n": 0}]


def test_of_tables_that_are_not_ours_what_cannot_be_told_is_left():
    assert "BIGNUMERIC" not in transpile("SELECT SUM(guests) AS a FROM visits", "x", "bigquery", "ds")[0]
    assert "BIGNUMERIC" in transpile("SELECT SUM(CAST(guests AS FLOAT64)) AS a FROM visits", "x", "bigquery", "ds")[0]


def test_whole_numbers_and_decimals_are_left_as_they_are():
    sql = (
        "SELECT SUM(days_late) AS a, SUM(CAST(amount AS NUMERIC)) AS b, AVG(CAST(amount AS BIGNUMERIC)) AS c "
        "FROM (SELECT 1 AS days_late, 0.5 AS amount) AS t"
    )
    assert str(2**60) not in transpile(sql, "x", "duckdb", "ds")[0]
    for what in (
        "SUM(premium) AS a FROM policies",
        "AVG(age) AS a FROM customers",
        "SUM(churn_risk) AS a FROM customer_features",
    ):
        assert "BIGNUMERIC" in transpile(f"SELECT {what}", "x", "bigquery", "ds", tables=INPUTS)[0]
        assert str(2**60) in transpile(f"SELECT {what}", "x", "duckdb", "ds", tables=INPUTS)[0]


@pytest.mark.parametrize("values", [[1e30], [1e20, 1e20], [math.inf], [math.nan]])
def test_what_cannot_be_summed_is_told_and_its_value_is_not(new_duckdb, values):
    warehouse = new_duckdb()
    lay_out(warehouse, INTERACTIONS, payments(values))
    with pytest.raises(WarehouseError) as caught:
        warehouse.query(
            Query("SELECT\n  SUM(amount) AS total\nFROM interactions", origin="x.sql", tables=(INTERACTIONS,))
        )
    assert str(caught.value) == (
        "x.sql: a value of interactions.amount is too large to be summed, or no finite number, in SUM(amount) "
        "(line 2). No sum may pass 1.4e20 on DuckDB, 5e38 on BigQuery: bound the column by ranges in the portfolio, or "
        "divide it first. The value is not told, as it may be personal."
    )


def test_bigquery_words_it_otherwise_and_means_the_same():
    query = Query("SELECT AVG(amount) AS a FROM interactions", origin="x.sql", tables=(INTERACTIONS,))
    no_number = "Illegal conversion of non-finite floating point number to BIGNUMERIC: nan"
    for said in ("BIGNUMERIC out of range: 1e+39", "BIGNUMERIC overflow: a + b", no_number):
        assert "is too large to be summed, or no finite number, in AVG(amount)" in str(explained_values(query, said))


def test_both_engines_agree_and_give_the_same_twice(new_warehouse):
    warehouse = new_warehouse()
    lay_out(warehouse, INTERACTIONS, payments([0.1, 0.2, 0.3, 1234.56, 8_888_888.12]))
    [found] = asked(warehouse)
    assert found["total"] == pytest.approx(math.fsum([0.1, 0.2, 0.3, 1234.56, 8_888_888.12]), rel=1e-15)
    assert asked(warehouse) == [found]
