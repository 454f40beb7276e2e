"""What a run reads of its source, and the marks of it in the metadata, by which a later run sees what is unchanged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from dagster import AssetKey, DagsterInstance, MetadataValue

from segmentation_assets.portfolio import Portfolio
from segmentation_assets.sources import Source, raw_tables, read_deliveries
from segmentation_assets.tables.snapshots import rows_on
from segmentation_assets.warehouse import Query, Warehouse

CHECKSUM = "checksum"


@dataclass
class Readings:
    """The raw rows of each day by table, and the marks of its reading."""

    rows: dict[date, dict[str, pa.Table]] = field(default_factory=dict)
    marks: dict[date, dict[str, dict[str, str]]] = field(default_factory=dict)


def read_days(source: Source, portfolio: Portfolio, tables: Sequence[str], days: Iterable[date]) -> Readings:
    """Read every table of every day, after all were found right.

    Raises
    ------
    SourceError
        Naming everything that is wrong in any table of a day; then nothing is returned.
    """
    readings = Readings()
    for day in days:
        found = read_deliveries(source, portfolio, tables, day)
        readings.rows[day], readings.marks[day] = raw_tables(found, portfolio), {}
        for name, delivery in found.items():
            marks = {CHECKSUM: delivery.checksum, "revised_at": delivery.revised_at} if delivery else {}
            readings.marks[day][name] = {mark: value for mark, value in marks.items() if value}
    return readings


def rows_to_judge(
    readings: Readings, warehouse: Warehouse, queries: Mapping[str, Query], table: str
) -> dict[date, pa.Table]:
    """Return by day what was read of a table, or what its query would stage inside the warehouse."""
    if table not in queries:
        return {day: tables[table] for day, tables in readings.rows.items() if table in tables}
    staged = warehouse.query(queries[table]).sort_by([("snapshot_date", "ascending"), ("source_row", "ascending")])
    return {day: rows_on(staged, day) for day in readings.rows}


def reading_metadata(readings: Readings, table: str, before: str | None) -> dict[date, dict[str, Any]]:
    """Return by day what was read of a table, the marks of it, and whether its content is that of the reading before.

    Parameters
    ----------
    before : the checksum of the reading before the first day's.
    """
    told: dict[date, dict[str, Any]] = {}
    for day, tables in readings.marks.items():
        marks = tables[table]
        unchanged = {"is_unchanged": MetadataValue.bool(marks[CHECKSUM] == before)} if marks else {}
        told[day] = {"read_from": _origins(readings.rows[day][table]), **marks, **unchanged}
        before = marks.get(CHECKSUM)
    return told


def _origins(rows: pa.Table) -> str:
    """Name what was read, or say that the table was not provided."""
    return ", ".join(sorted(pc.unique(rows["source"]).to_pylist())) or "not provided"


def last_checksum(instance: DagsterInstance, raw: str) -> str | None:
    """Return the checksum with which a raw table was last read; None where it was not, or nobody wrote it down."""
    event = instance.get_latest_materialization_event(AssetKey(raw))
    made = event.asset_materialization if event else None
    value = made.metadata.get(CHECKSUM) if made else None
    return str(value.value) if value else None
