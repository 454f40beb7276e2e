"""The days a run is about, and the frames cut by day.

A range of partitions is one run, so every asset works day by day and hands on one frame with `snapshot_date`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import pandas as pd
from dagster import AssetExecutionContext

from segmentation_assets.tables import Table
from segmentation_assets.tables.frames import conform, empty_frame


def days_of(context: AssetExecutionContext) -> list[date]:
    """Return the days of the run's partitions, ascending."""
    return [date.fromisoformat(key) for key in sorted(context.partition_keys)]


def checked_days(run_tags: Mapping[str, str], snapshots: Sequence[date]) -> tuple[date, date]:
    """Return the first and last day that a check is about: the run's, else the latest snapshot there is.

    Checks carry no partitions of their own, since Dagster calls that not ready for production; a check that is run by
    itself from the UI has no partition at all.
    """
    key = run_tags.get("dagster/partition")
    first = run_tags.get("dagster/asset_partition_range_start", key)
    last = run_tags.get("dagster/asset_partition_range_end", key)
    if first and last:
        return date.fromisoformat(first), date.fromisoformat(last)
    latest = snapshots[-1] if snapshots else date.min
    return latest, latest


def on(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the rows of one snapshot, without the column that says so."""
    rows = frame[frame["snapshot_date"] == pd.Timestamp(day)]
    return rows.drop(columns="snapshot_date").reset_index(drop=True)


def stamped(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the rows with their snapshot date in front."""
    stamp = pd.Series(pd.Timestamp(day), index=frame.index, dtype="datetime64[s]")
    return pd.concat([stamp.rename("snapshot_date"), frame.drop(columns="snapshot_date", errors="ignore")], axis=1)


def day_by_day(table: Table, days: list[date], make: Callable[[date], pd.DataFrame]) -> pd.DataFrame:
    """Make a table's rows for each day and return them as one frame that fits the declaration.

    A column that `make` leaves out is NULL.
    """
    return joined(table, ((day, make(day)) for day in days))


def joined(table: Table, parts: Iterable[tuple[date, pd.DataFrame]]) -> pd.DataFrame:
    """Stamp, complete and join the rows of several days."""
    frames = []
    for day, rows in parts:
        full = stamped(rows, day)
        for column in table.columns:
            if column.name not in full:
                full[column.name] = pd.NA if column.type != "FLOAT64" else float("nan")
        frames.append(conform(full, table))
    return stacked(frames) if frames else empty_frame(table)


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames of one shape as one; an empty one adds nothing, its column types included."""
    return pd.concat([frame for frame in frames if len(frame)] or [frames[0]], ignore_index=True)
