"""Each claim holds on a good day and is broken by what it is there to catch."""

import shutil
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.defs.checks import (
    broken_by,
    claim_query,
    claims_of,
)
from segmentation_assets.defs.runs.run_days import checked_days
from segmentation_assets.errors import TableError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets.warehouse import open_warehouse
from segmentation_assets_tests.conftest import PUBLISHED_DAY

ONE = "(SELECT MIN(customer_id) FROM segmentation.customers)"
CLAIMS = {claim.name: claim for _, claim in claims_of(draw_blueprint(load_portfolio("insurance")))}
SABOTAGE = {
    "a core row vanishes": (
        "no_row_is_lost",
        f"DELETE FROM segmentation.customers WHERE customer_id = {ONE}",
    ),
    "a core row is doubled": (
        "no_row_is_lost",
        f"INSERT INTO segmentation.customers SELECT * FROM segmentation.customers WHERE customer_id = {ONE}",
    ),
    "features of nobody": (
        "every_customer_has_features",
        f"UPDATE segmentation.customer_features SET customer_id = 'nobody' WHERE customer_id = {ONE}",
    ),
    "no place": (
        "every_customer_has_one_segment",
        f"DELETE FROM segmentation.customer_segments WHERE customer_id = {ONE} AND lens = 'overall'",
    ),
    "two places": (
        "every_customer_has_one_segment",
        f"INSERT INTO segmentation.customer_segments FROM segmentation.customer_segments WHERE customer_id = {ONE}",
    ),
    "no segment and no reason": (
        "every_customer_has_one_segment",
        f"UPDATE segmentation.customer_segments SET segment_id = NULL WHERE customer_id = {ONE}",
    ),
    "a segment the model does not have": (
        "segments_exist_in_the_model",
        f"UPDATE segmentation.customer_segments SET segment_id = 99 WHERE customer_id = {ONE} AND lens = 'overall'",
    ),
    "a nameless segment": (
        "every_segment_has_one_name",
        "DELETE FROM segmentation.segment_labels WHERE segment_id = 1 AND lens = 'overall'",
    ),
    "one name twice": (
        "every_segment_has_one_name",
        "UPDATE segmentation.segment_labels SET segment_name = 'Everyone' WHERE lens = 'overall'",
    ),
    "labels joined by position": (
        "joined_by_key",
        """
        UPDATE segmentation.labelled_customers AS l SET segment_id = s.segment_id FROM (
          SELECT customer_id, LAG(segment_id, 1, 1) OVER (ORDER BY customer_id) AS segment_id
          FROM segmentation.labelled_customers
        ) AS s WHERE s.customer_id = l.customer_id
        """,
    ),
    "a segment without a lineage": (
        "lineage_names_the_segments",
        "DELETE FROM segmentation.segment_lineage WHERE segment_id = 2 AND lens = 'overall'",
    ),
    "a lineage of no segment": (
        "lineage_names_the_segments",
        """
        INSERT INTO segmentation.segment_lineage
        SELECT * REPLACE (99 AS segment_id) FROM segmentation.segment_lineage WHERE segment_id = 2 AND lens = 'overall'
        """,
    ),
    "a move that nobody made": (
        "migrations_add_up",
        """
        INSERT INTO segmentation.segment_migration BY NAME
        SELECT snapshot_date, lens, DATE '2025-11-14' AS from_snapshot, snapshot_date AS to_snapshot,
          'joined' AS movement, 'joined' AS from_place, 'x' AS to_place, segment_id AS to_segment_id,
          COUNT(*) + 1 AS n_customers, 0 AS n_certain
        FROM segmentation.customer_segments GROUP BY ALL
        """,
    ),
    "a feature that drifted": (
        "no_feature_has_drifted",
        "UPDATE segmentation.feature_drift SET is_alarm = TRUE WHERE feature = 'income' AND segment_id IS NULL",
    ),
    "many rejects": (
        "few_rows_are_rejected",
        """
        INSERT INTO segmentation.rejected_rows SELECT snapshot_date, 'products', range, 'k', 'r', '{}', NULL
        FROM range(2), (SELECT DISTINCT snapshot_date FROM segmentation.customers)
        """,
    ),
}


def broken(path, claim) -> dict:
    query = claim_query(claim, PUBLISHED_DAY, PUBLISHED_DAY, [PUBLISHED_DAY, date(2025, 11, 14)])
    found = open_warehouse(read_settings(duckdb_path=path)).query(query).to_pylist()
    return {row["detail"]: row["broken"] for row in found if row["broken"]}


@pytest.mark.parametrize("what", SABOTAGE)
def test_a_claim_is_broken_by_what_it_guards_against_and_by_nothing_else(what, published, tmp_path):
    name, sql = SABOTAGE[what]
    claim = CLAIMS[name]
    good, bad = published[0].settings.duckdb_path, tmp_path / "sabotaged.duckdb"
    assert broken(good, claim) == {}
    shutil.copy(good, bad)
    with duckdb.connect(str(bad)) as connection:
        for table in ("customers", "customer_segments", "customer_features", "labelled_customers", "rejected_rows"):
            _drop_constraints(connection, table)
        connection.execute(sql)
    assert broken(bad, claim) != {}


def _drop_constraints(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    connection.execute(f"CREATE TABLE segmentation.copy_of AS SELECT * FROM segmentation.{table}")
    connection.execute(f"DROP TABLE segmentation.{table}")
    connection.execute(f"ALTER TABLE segmentation.copy_of RENAME TO {table}")


def test_what_breaks_a_claim_is_counted_by_day_and_by_place():
    monday, tuesday = date(2025, 11, 17), date(2025, 11, 18)
    days, places, broken = [monday, monday, tuesday, tuesday], ["a", "b", "a", "b"], [2, 3, 5, 0]
    rows = pa.table({"snapshot_date": pa.array(days, pa.date32()), "detail": places, "broken": broken})
    claim = CLAIMS["no_row_is_lost"]
    assert broken_by(claim, rows, "snapshot_date") == {monday: 5, tuesday: 5}
    assert broken_by(claim, rows, "detail") == {"a": 7, "b": 3}


def test_a_claim_that_does_not_tell_days_apart_is_refused_with_what_to_give():
    with pytest.raises(TableError, match=r"no_row_is_lost gives no column snapshot_date\. It is to give"):
        broken_by(CLAIMS["no_row_is_lost"], pa.table({"detail": ["a"], "broken": [1]}), "detail")


def test_a_row_lost_on_one_day_is_not_made_good_by_one_too_many_on_another(published, tmp_path):
    path = tmp_path / "two_days.duckdb"
    shutil.copy(published[0].settings.duckdb_path, path)
    with duckdb.connect(str(path)) as connection:
        _drop_constraints(connection, "customers")
        connection.execute(f"UPDATE segmentation.customers SET snapshot_date = '2025-11-14' WHERE customer_id = {ONE}")
    claim = CLAIMS["no_row_is_lost"]
    query = claim_query(claim, date(2025, 11, 14), PUBLISHED_DAY)
    found = broken_by(claim, open_warehouse(read_settings(duckdb_path=path)).query(query), "snapshot_date")
    assert found == {date(2025, 11, 14): 1, PUBLISHED_DAY: 1}


def test_a_check_run_by_itself_is_about_the_latest_snapshot():
    assert checked_days({}, lambda: [PUBLISHED_DAY]) == (PUBLISHED_DAY, PUBLISHED_DAY)
