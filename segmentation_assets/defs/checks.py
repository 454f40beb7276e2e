"""Asset checks: claims about the tables of a run that must hold before anything is built on them.

A blocking check stops what is downstream. Each is a query that counts what breaks the claim, so that it reads what
the warehouse holds and not what a process believes it wrote.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    ResourceParam,
    asset_check,
)

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.asset_specs import WAREHOUSE_POOL
from segmentation_assets.defs.run_days import checked_days
from segmentation_assets.history.calendar import SNAPSHOTS
from segmentation_assets.insights.migration import compared_snapshots
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import Table
from segmentation_assets.warehouse import Query, Warehouse
from segmentation_assets.warehouse.ledger import days_between


@dataclass(frozen=True)
class Claim:
    """A claim about a table: the SQL counts rows that break it, in the column `broken`, between two snapshots."""

    name: str
    table: str
    words: str
    sql: str
    is_blocking: bool = True


_RANGE = "snapshot_date BETWEEN @first_snapshot AND @last_snapshot"

_COMPARED = "@compared_snapshots"
"""Where a claim lists the days that its days are compared with: each as a date, since BigQuery skips the others only
where they are told."""


def no_row_is_lost(inputs: Sequence[Table]) -> Claim:
    """Claim that what was delivered of the input tables is kept, each row in one place."""
    return Claim(
        "no_row_is_lost",
        "rejected_rows",
        "Every delivered row is in its core table or in rejected_rows, and in one only.",
        "\nUNION ALL\n".join(
            f"""SELECT '{t.name}' AS detail, ABS(
              (SELECT COUNT(*) FROM raw_{t.name} WHERE {_RANGE})
              - (SELECT COUNT(*) FROM `{t.name}` WHERE {_RANGE})
              - (SELECT COUNT(*) FROM rejected_rows WHERE {_RANGE} AND table_name = '{t.name}')
            ) AS broken"""
            for t in inputs
        ),
    )


EVERY_CUSTOMER_HAS_FEATURES = Claim(
    "every_customer_has_features",
    "customer_features",
    "Every customer has exactly one row of features, and nobody else has one.",
    f"""
    SELECT 'customers' AS detail, COUNTIF(c.n IS NULL OR f.n IS NULL OR f.n != 1) AS broken
    FROM (SELECT snapshot_date, customer_id, COUNT(*) AS n FROM customers WHERE {_RANGE} GROUP BY 1, 2) AS c
    FULL OUTER JOIN
      (SELECT snapshot_date, customer_id, COUNT(*) AS n FROM customer_features WHERE {_RANGE} GROUP BY 1, 2) AS f
      ON f.snapshot_date = c.snapshot_date AND f.customer_id = c.customer_id
    """,
)

EVERY_CUSTOMER_HAS_ONE_SEGMENT = Claim(
    "every_customer_has_one_segment",
    "customer_segments",
    "Every customer has exactly one row a lens, with a segment or with the reason why there is none.",
    f"""
    SELECT l.lens AS detail, COUNTIF(s.n IS NULL OR s.n != 1 OR s.explained != 1) AS broken
    FROM (SELECT DISTINCT snapshot_date, lens FROM segment_models WHERE {_RANGE}) AS l
    INNER JOIN (SELECT snapshot_date, customer_id FROM customers WHERE {_RANGE}) AS c
      ON c.snapshot_date = l.snapshot_date
    LEFT JOIN (
      SELECT
        snapshot_date, lens, customer_id, COUNT(*) AS n,
        COUNTIF((segment_id IS NULL) != (unassigned_reason IS NULL)) AS explained
      FROM customer_segments WHERE {_RANGE} GROUP BY 1, 2, 3
    ) AS s ON s.snapshot_date = c.snapshot_date AND s.lens = l.lens AND s.customer_id = c.customer_id
    GROUP BY 1
    """,
)

SEGMENTS_EXIST_IN_THE_MODEL = Claim(
    "segments_exist_in_the_model",
    "customer_segments",
    "Every segment a customer is placed in is a segment of the model named beside it.",
    f"""
    SELECT s.lens AS detail, COUNT(*) AS broken
    FROM customer_segments AS s
    LEFT JOIN (
      SELECT DISTINCT snapshot_date, lens, model_id, segment_id FROM segment_prototypes WHERE {_RANGE}
    ) AS p
      ON p.snapshot_date = s.snapshot_date AND p.lens = s.lens AND p.model_id = s.model_id
      AND p.segment_id = s.segment_id
    WHERE s.{_RANGE} AND s.segment_id IS NOT NULL AND p.segment_id IS NULL
    GROUP BY 1
    """,
)

EVERY_SEGMENT_HAS_ONE_NAME = Claim(
    "every_segment_has_one_name",
    "segment_labels",
    "Every segment of the model in force has a name, and no two segments of a lens share one.",
    f"""
    SELECT p.lens AS detail, COUNTIF(l.segment_name IS NULL OR l.bearers != 1) AS broken
    FROM (SELECT DISTINCT snapshot_date, lens, segment_id FROM segment_prototypes WHERE {_RANGE}) AS p
    LEFT JOIN (
      SELECT
        snapshot_date, lens, segment_id, segment_name,
        COUNT(*) OVER (PARTITION BY snapshot_date, lens, segment_name) AS bearers
      FROM segment_labels WHERE {_RANGE}
    ) AS l ON l.snapshot_date = p.snapshot_date AND l.lens = p.lens AND l.segment_id = p.segment_id
    GROUP BY 1
    """,
)


def joined_by_key(primary_lens: str) -> Claim:
    """Claim that `labelled_customers` says of each customer what the tables it was joined from say."""
    return Claim(
        "joined_by_key",
        "labelled_customers",
        "Every customer carries the segment that customer_segments gives under the same key, and no other's.",
        f"""
        SELECT 'customers' AS detail, COUNTIF(
          s.customer_id IS NULL OR l.customer_id IS NULL
          OR COALESCE(s.segment_id, -1) != COALESCE(l.segment_id, -1)
          OR l.segment_name != COALESCE(n.segment_name, 'Unclassified')
        ) AS broken
        FROM (
          SELECT snapshot_date, customer_id, segment_id
          FROM customer_segments WHERE {_RANGE} AND lens = '{primary_lens}'
        ) AS s
        FULL OUTER JOIN
          (SELECT snapshot_date, customer_id, segment_id, segment_name FROM labelled_customers WHERE {_RANGE}) AS l
          ON l.snapshot_date = s.snapshot_date AND l.customer_id = s.customer_id
        LEFT JOIN (
          SELECT snapshot_date, segment_id, segment_name
          FROM segment_labels WHERE {_RANGE} AND lens = '{primary_lens}'
        ) AS n
          ON n.snapshot_date = s.snapshot_date AND n.segment_id = s.segment_id
        """,
    )


def segments_are_stable(primary_lens: str) -> Claim:
    """Warn, without stopping, where a segment of the primary lens dissolves when its customers are drawn again."""
    return Claim(
        "segments_are_stable",
        "segment_stability",
        "Every segment of the primary lens has a mean Jaccard similarity of at least 0.6 over the bootstraps.",
        f"""
        SELECT CONCAT('segment ', CAST(segment_id AS STRING)) AS detail, COUNT(*) AS broken
        FROM segment_stability
        WHERE {_RANGE} AND lens = '{primary_lens}' AND COALESCE(jaccard, 0) < 0.6
        GROUP BY 1
        """,
        is_blocking=False,
    )


LINEAGE_NAMES_THE_SEGMENTS = Claim(
    "lineage_names_the_segments",
    "segment_lineage",
    "Every segment of a model in force is in the lineage as such, and every other one there has retired.",
    f"""
    SELECT COALESCE(l.lens, p.lens) AS detail, COUNTIF(l.segment_id IS NULL OR p.segment_id IS NULL) AS broken
    FROM (
      SELECT l.snapshot_date, l.lens, l.model_id, l.segment_id
      FROM segment_lineage AS l
      INNER JOIN segment_models AS m
        ON m.snapshot_date = l.snapshot_date AND m.lens = l.lens AND m.status = 'in_force'
      WHERE l.{_RANGE} AND m.{_RANGE} AND l.event != 'retired'
    ) AS l
    FULL OUTER JOIN
      (SELECT DISTINCT snapshot_date, lens, model_id, segment_id FROM segment_prototypes WHERE {_RANGE}) AS p
      ON p.snapshot_date = l.snapshot_date AND p.lens = l.lens
      AND p.model_id = l.model_id AND p.segment_id = l.segment_id
    GROUP BY 1
    """,
)

MIGRATIONS_ADD_UP = Claim(
    "migrations_add_up",
    "segment_migration",
    "Who came and who stayed are a day's customers, and who left and who stayed are those of the day before.",
    f"""
    SELECT g.lens AS detail, COUNTIF(
      g.n_after != a.n_customers OR g.n_before != COALESCE(b.n_customers, g.n_before)
    ) AS broken
    FROM (
      SELECT
        snapshot_date, lens, from_snapshot,
        SUM(IF(movement != 'left', n_customers, 0)) AS n_after,
        SUM(IF(movement != 'joined', n_customers, 0)) AS n_before
      FROM segment_migration WHERE {_RANGE} GROUP BY 1, 2, 3
    ) AS g
    LEFT JOIN (
      SELECT snapshot_date, lens, COUNT(*) AS n_customers FROM customer_segments WHERE {_RANGE} GROUP BY 1, 2
    ) AS a
      ON a.snapshot_date = g.snapshot_date AND a.lens = g.lens
    LEFT JOIN (
      SELECT snapshot_date, lens, COUNT(*) AS n_customers FROM customer_segments
      WHERE snapshot_date IN ({_COMPARED}) GROUP BY 1, 2
    ) AS b
      ON b.snapshot_date = g.from_snapshot AND b.lens = g.lens
    GROUP BY 1
    """,
)

NO_FEATURE_HAS_DRIFTED = Claim(
    "no_feature_has_drifted",
    "feature_drift",
    "No feature has drifted past its alarm from the snapshot its model was trained on.",
    f"""
    SELECT
      CONCAT(
        lens, ': ', feature,
        IF(segment_id IS NULL, '', CONCAT(' in segment ', CAST(segment_id AS STRING)))
      ) AS detail,
      COUNTIF(is_alarm) AS broken
    FROM feature_drift WHERE {_RANGE}
    GROUP BY 1
    """,
    is_blocking=False,
)


def few_rows_are_rejected(inputs: Sequence[Table]) -> Claim:
    """Warn, without stopping, where more than one row in twenty of a table was turned away."""
    tables = "\nUNION ALL\n".join(
        f"SELECT '{t.name}' AS name, COUNT(*) AS n FROM raw_{t.name} WHERE {_RANGE}" for t in inputs
    )
    return Claim(
        "few_rows_are_rejected",
        "rejected_rows",
        "At most one delivered row in twenty of a table is rejected.",
        f"""
        SELECT r.table_name AS detail, IF(COUNT(*) * 20 > MAX(d.n), COUNT(*), 0) AS broken
        FROM rejected_rows AS r
        INNER JOIN ({tables}) AS d ON d.name = r.table_name
        WHERE r.{_RANGE}
        GROUP BY 1
        """,
        is_blocking=False,
    )


def claims_of(portfolio: Portfolio) -> list[Claim]:
    """Return every claim."""
    inputs, primary_lens = portfolio.input_tables, portfolio.primary_lens
    return [
        no_row_is_lost(inputs),
        few_rows_are_rejected(inputs),
        EVERY_CUSTOMER_HAS_FEATURES,
        segments_are_stable(primary_lens),
        EVERY_CUSTOMER_HAS_ONE_SEGMENT,
        SEGMENTS_EXIST_IN_THE_MODEL,
        EVERY_SEGMENT_HAS_ONE_NAME,
        joined_by_key(primary_lens),
        LINEAGE_NAMES_THE_SEGMENTS,
        MIGRATIONS_ADD_UP,
        NO_FEATURE_HAS_DRIFTED,
    ]


def build_checks(blueprint: Blueprint) -> list[AssetChecksDefinition]:
    """Define the checks of every claim."""
    return [_check(blueprint, claim) for claim in claims_of(blueprint.portfolio)]


def claim_query(claim: Claim, first: date, last: date, snapshots: Collection[date] = ()) -> Query:
    """Return the query of a claim about the days from first to last.

    Parameters
    ----------
    snapshots : every day that there is a raw snapshot of, for a claim that needs those its days are compared with.
    """
    compared = {other for day in days_between(first, last) for other in compared_snapshots(day, snapshots)}
    listed = ", ".join(f"DATE '{day}'" for day in sorted(compared) or [first])
    params = {"first_snapshot": first, "last_snapshot": last}
    return Query(claim.sql.replace(_COMPARED, listed), params, origin=f"the check {claim.name}")


def _check(blueprint: Blueprint, claim: Claim) -> AssetChecksDefinition:
    @asset_check(
        asset=claim.table,
        name=claim.name,
        description=claim.words,
        blocking=claim.is_blocking,
        pool=WAREHOUSE_POOL,
    )
    def check(context: AssetCheckExecutionContext, warehouse: ResourceParam[Warehouse]) -> AssetCheckResult:
        with warehouse.reading():
            first, last = checked_days(context.run.tags, lambda: warehouse.snapshots(blueprint.tables[claim.table]))
            snapshots = warehouse.snapshots(blueprint.tables[SNAPSHOTS]) if _COMPARED in claim.sql else ()
            rows = warehouse.query(claim_query(claim, first, last, snapshots)).to_pylist()
        found = {row["detail"]: int(row["broken"]) for row in rows if row["broken"]}
        return AssetCheckResult(
            passed=not found,
            severity=AssetCheckSeverity.ERROR if claim.is_blocking else AssetCheckSeverity.WARN,
            description=f"{claim.words} Broken by {found}." if found else claim.words,
            metadata={"broken": found},
        )

    return check
