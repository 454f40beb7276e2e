"""What was rejected of some days, read from the warehouse for those who say why a customer has no segment."""

from collections.abc import Sequence
from datetime import date

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.segments.eligibility import NOTHING_TURNED_AWAY, TurnedAway, turned_away
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.tables.snapshots import on
from segmentation_assets.warehouse import Query, Warehouse

REJECTED_ROWS = "rejected_rows"
_READ = ["snapshot_date", "table_name", "source_row", "reason", "customer_id"]


def read_turned_away(blueprint: Blueprint, warehouse: Warehouse, days: Sequence[date]) -> dict[date, TurnedAway]:
    """Return what was rejected of each of these days, which are ascending."""
    if not days:
        return {}
    table = blueprint.tables[REJECTED_ROWS]
    rows = from_arrow(warehouse.read(table, days[0], days[-1], _READ), table)[_READ]
    if rows.empty:
        return dict.fromkeys(days, NOTHING_TURNED_AWAY)
    kept = _rows_kept(warehouse, sorted(rows["table_name"].unique()), days)
    return {
        day: turned_away(on(rows, day), {name: n for (held, name), n in kept.items() if held == day}) for day in days
    }


def _rows_kept(warehouse: Warehouse, tables: Sequence[str], days: Sequence[date]) -> dict[tuple[date, str], int]:
    """Count the rows of core tables by day, in one query."""
    counted = warehouse.query(kept_query(tables, days[0], days[-1])).to_pylist()
    return {(row["snapshot_date"], row["table_name"]): row["n"] for row in counted}


def kept_query(tables: Sequence[str], first: date, last: date) -> Query:
    """Return the query that counts the rows of core tables by day."""
    sql = "\nUNION ALL\n".join(
        f"SELECT snapshot_date, '{name}' AS table_name, COUNT(*) AS n FROM `{name}` "
        "WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot GROUP BY snapshot_date"
        for name in tables
    )
    return Query(sql, {"first_snapshot": first, "last_snapshot": last}, origin="the count of core rows")
