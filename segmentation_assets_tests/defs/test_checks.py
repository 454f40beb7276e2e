"""Each claim holds on a good day and is broken by what it is there to catch."""

import shutil
from datetime import date

import duckdb
import pytest

from segmentation_assets.defs.checks import (
    EVERY_CUSTOMER_HAS_FEATURES,
    EVERY_CUSTOMER_HAS_ONE_SEGMENT,
    EVERY_SEGMENT_HAS_ONE_NAME,
    LINEAGE_NAMES_THE_SEGMENTS,
    MIGRATIONS_ADD_UP,
    NO_FEATURE_HAS_DRIFTED,
    SEGMENTS_EXIST_IN_THE_MODEL,
    claim_query,
    few_rows_are_rejected,
    joined_by_key,
    no_row_is_lost,
)
from segmentation_assets.defs.run_days import checked_days
from segmentation_assets.settings import read_settings
from segmentation_assets.warehouse import open_warehouse
from segmentation_assets_tests.conftest import PUBLISHED_DAY
from segmentation_assets_tests.insurers import INPUT_TABLES

ONE = "(SELECT MIN(customer_id) FROM segmentation.customers)"
SABOTAGE = {
    "a core row vanishes": (
        no_row_is_lost(INPUT_TABLES),
        f"DELETE FROM segmentation.customers WHERE customer_id = {ONE}",
    ),
    "a core row is doubled": (
        no_row_is_lost(INPUT_TABLES),
        f"INSERT INTO segmentation.customers SELECT * FROM segmentation.customers WHERE customer_id = {ONE}",
    ),
    "features of nobody": (
        EVERY_CUSTOMER_HAS_FEATURES,
        f"UPDATE segmentation.customer_features SET customer_id = 'nobody' WHERE customer_id = {ONE}",
    ),
    "no place": (
        EVERY_CUSTOMER_HAS_ONE_SEGMENT,
        f"DELETE FROM segmentation.customer_segments WHERE customer_id = {ONE} AND lens = 'overall'",
    ),
    "two places": (
        EVERY_CUSTOMER_HAS_ONE_SEGMENT,
        f"INSERT INTO segmentation.customer_segments FROM segmentation.customer_segments WHERE customer_id = {ONE}",
    ),
    "no segment and no reason": (
        EVERY_CUSTOMER_HAS_ONE_SEGMENT,
        f"UPDATE segmentation.customer_segments SET segment_id = NULL WHERE customer_id = {ONE}",
    ),
    "a segment the model does not have": (
        SEGMENTS_EXIST_IN_THE_MODEL,
        f"UPDATE segmentation.customer_segments SET segment_id = 99 WHERE customer_id = {ONE} AND lens = 'overall'",
    ),
    "a nameless segment": (
        EVERY_SEGMENT_HAS_ONE_NAME,
        "DELETE FROM segmentation.segment_labels WHERE segment_id = 1 AND lens = 'overall'",
    ),
    "one name twice": (
        EVERY_SEGMENT_HAS_ONE_NAME,
        "UPDATE segmentation.segment_labels SET segment_name = 'Everyone' WHERE lens = 'overall'",
    ),
    "labels joined by position": (
        joined_by_key("overall"),
        """
        UPDATE segmentation.labelled_customers AS l SET segment_id = s.segment_id FROM (
          SELECT customer_id, LAG(segment_id, 1, 1) OVER (ORDER BY customer_id) AS segment_id
          FROM segmentation.labelled_customers
        ) AS s WHERE s.customer_id = l.customer_id
        """,
    ),
    "a segment without a lineage": (
        LINEAGE_NAMES_THE_SEGMENTS,
        "DELETE FROM segmentation.segment_lineage WHERE segment_id = 2 AND lens = 'overall'",
    ),
    "a lineage of no segment": (
        LINEAGE_NAMES_THE_SEGMENTS,
        """
        INSERT INTO segmentation.segment_lineage
        SELECT * REPLACE (99 AS segment_id) FROM segmentation.segment_lineage WHERE segment_id = 2 AND lens = 'overall'
        """,
    ),
    "a move that nobody made": (
        MIGRATIONS_ADD_UP,
        """
        INSERT INTO segmentation.segment_migration BY NAME
        SELECT snapshot_date, lens, DATE '2025-11-14' AS from_snapshot, snapshot_date AS to_snapshot,
          'joined' AS movement, 'joined' AS from_place, 'x' AS to_place, segment_id AS to_segment_id,
          COUNT(*) + 1 AS n_customers, 0 AS n_certain
        FROM segmentation.customer_segments GROUP BY ALL
        """,
    ),
    "a feature that drifted": (
        NO_FEATURE_HAS_DRIFTED,
        "UPDATE segmentation.feature_drift SET is_alarm = TRUE WHERE feature = 'income' AND segment_id IS NULL",
    ),
    "many rejects": (
        few_rows_are_rejected(INPUT_TABLES),
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
    claim, sql = SABOTAGE[what]
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


def test_a_check_run_by_itself_is_about_the_latest_snapshot():
    assert checked_days({}, lambda: [PUBLISHED_DAY]) == (PUBLISHED_DAY, PUBLISHED_DAY)
