"""Asset checks: claims about the tables of a run that must hold before anything is built on them.

Those about a table of `assets/` stand with it; here are those about what is delivered. A blocking check stops what is
downstream. Each is a query that counts what breaks the claim, so that it reads what
the warehouse holds and not what a process believes it wrote.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetObservation,
    ResourceParam,
    asset_check,
)

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.runs.failures import sentence_first
from segmentation_assets.defs.runs.run_days import checked_days
from segmentation_assets.defs.tables.asset_specs import WAREHOUSE_POOL
from segmentation_assets.defs.tables.metadata import as_metadata
from segmentation_assets.errors import TableError, choices
from segmentation_assets.history.calendar import SNAPSHOTS
from segmentation_assets.insights.migration import compared_snapshots
from segmentation_assets.markdown import as_words
from segmentation_assets.tables import Table
from segmentation_assets.tables.asset import Check
from segmentation_assets.tables.shared_columns import CHECKED, COMPARED
from segmentation_assets.warehouse import Query, Warehouse
from segmentation_assets.warehouse.ledger import days_between


def claims_of(blueprint: Blueprint) -> list[tuple[str, Check]]:
    """Return every claim with the table that it is about."""
    portfolio = blueprint.portfolio
    claims = [
        ("rejected_rows", no_row_is_lost(portfolio.input_tables)),
        ("rejected_rows", few_rows_are_rejected(portfolio.input_tables)),
        ("customer_features", EVERY_CUSTOMER_HAS_FEATURES),
    ]
    for name, asset in blueprint.assets.items():
        claims += [(name, check) for check in (asset.checks(portfolio) if asset.checks else ())]
    return claims


def no_row_is_lost(inputs: Sequence[Table]) -> Check:
    """Claim that what was delivered of the input tables is kept, each row in one place."""
    return Check(
        "no_row_is_lost",
        "Every delivered row is in its core table or in rejected_rows, and in one only.",
        "\nUNION ALL\n".join(
            f"""
            SELECT snapshot_date, '{t.name}' AS detail, ABS(SUM(n)) AS broken
            FROM (
              SELECT snapshot_date, COUNT(*) AS n FROM raw_{t.name} WHERE {CHECKED} GROUP BY 1
              UNION ALL
              SELECT snapshot_date, -COUNT(*) AS n FROM `{t.name}` WHERE {CHECKED} GROUP BY 1
              UNION ALL
              SELECT snapshot_date, -COUNT(*) AS n FROM rejected_rows
              WHERE {CHECKED} AND table_name = '{t.name}' GROUP BY 1
            ) AS counted
            GROUP BY 1
            """
            for t in inputs
        ),
    )


EVERY_CUSTOMER_HAS_FEATURES = Check(
    "every_customer_has_features",
    "Every customer has exactly one row of features, and nobody else has one.",
    f"""
    SELECT
      COALESCE(c.snapshot_date, f.snapshot_date) AS snapshot_date, 'customers' AS detail,
      COUNTIF(c.n IS NULL OR f.n IS NULL OR f.n != 1) AS broken
    FROM (SELECT snapshot_date, customer_id, COUNT(*) AS n FROM customers WHERE {CHECKED} GROUP BY 1, 2) AS c
    FULL OUTER JOIN
      (SELECT snapshot_date, customer_id, COUNT(*) AS n FROM customer_features WHERE {CHECKED} GROUP BY 1, 2) AS f
      ON f.snapshot_date = c.snapshot_date AND f.customer_id = c.customer_id
    GROUP BY 1
    """,
)


def few_rows_are_rejected(inputs: Sequence[Table]) -> Check:
    """Warn, without stopping, where more than one row in twenty of a table was turned away."""
    tables = "\nUNION ALL\n".join(
        f"SELECT snapshot_date, '{t.name}' AS name, COUNT(*) AS n FROM raw_{t.name} WHERE {CHECKED} GROUP BY 1"
        for t in inputs
    )
    return Check(
        "few_rows_are_rejected",
        "At most one delivered row in twenty of a table is rejected.",
        f"""
        SELECT
          r.snapshot_date, r.table_name AS detail, IF(COUNT(*) * 20 > MAX(d.n), COUNT(*), 0) AS broken
        FROM rejected_rows AS r
        INNER JOIN ({tables}) AS d ON d.snapshot_date = r.snapshot_date AND d.name = r.table_name
        WHERE r.{CHECKED}
        GROUP BY 1, 2
        """,
        is_blocking=False,
    )


def build_checks(blueprint: Blueprint) -> list[AssetChecksDefinition]:
    """Define the checks of every claim."""
    return [_check(blueprint, table, claim) for table, claim in claims_of(blueprint)]


def claim_query(claim: Check, first: date, last: date, snapshots: Collection[date] = ()) -> Query:
    """Return the query of a claim about the days from first to last.

    Parameters
    ----------
    snapshots : every day that there is a raw snapshot of, for a claim that needs those its days are compared with.
    """
    compared = {other for day in days_between(first, last) for other in compared_snapshots(day, snapshots)}
    listed = ", ".join(f"DATE '{day}'" for day in sorted(compared) or [first])
    params = {"first_snapshot": first, "last_snapshot": last}
    return Query(claim.sql.replace(COMPARED, listed), params, origin=f"the check {claim.name}")


def broken_by(claim: Check, rows: pa.Table, column: str) -> dict[Any, int]:
    """Sum up what breaks a claim by one of the columns that its query gives, where there is any.

    Raises
    ------
    TableError
        If the query gives other columns than a claim's.
    """
    if missing := {"snapshot_date", "detail", "broken"} - set(rows.column_names):
        raise TableError(
            f"The SQL of the check {claim.name} gives no column {choices(sorted(missing))}. It is to give "
            "snapshot_date, detail and broken: how many rows break the claim on a day, and where."
        )
    broken: Counter[Any] = Counter()
    for row in rows.to_pylist():
        broken[row[column]] += int(row["broken"])
    return {of: n_rows for of, n_rows in broken.items() if n_rows}


def _check(blueprint: Blueprint, table: str, claim: Check) -> AssetChecksDefinition:
    @asset_check(
        asset=table,
        name=claim.name,
        description=claim.words,
        blocking=claim.is_blocking,
        pool=WAREHOUSE_POOL,
    )
    def check(context: AssetCheckExecutionContext, warehouse: ResourceParam[Warehouse]) -> AssetCheckResult:
        with sentence_first(), warehouse.reading():
            first, last = checked_days(context.run.tags, lambda: warehouse.snapshots(blueprint.tables[table]))
            snapshots = warehouse.snapshots(blueprint.tables[SNAPSHOTS]) if COMPARED in claim.sql else ()
            rows = warehouse.query(claim_query(claim, first, last, snapshots))
            by_day, found = broken_by(claim, rows, "snapshot_date"), broken_by(claim, rows, "detail")
        for day in days_between(first, last) if last > date.min else ():
            # Checks have no partitions; what is observed has, and the page and the charts of the day show it.
            n_rows = {f"broken_{claim.name}": by_day.get(day, 0)}
            context.op_execution_context.log_event(AssetObservation(table, partition=day.isoformat(), metadata=n_rows))
        return AssetCheckResult(
            passed=not found,
            severity=AssetCheckSeverity.ERROR if claim.is_blocking else AssetCheckSeverity.WARN,
            description=f"{claim.words} Broken by {as_words(found)}." if found else claim.words,
            metadata=as_metadata({"broken": found, "rows_broken": sum(found.values())}),
        )

    return check
