"""Frames of several snapshots, cut by day and joined again.

A range of partitions is one run, so every asset works day by day and hands on one frame with `snapshot_date`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.tables import Table
from segmentation_assets.tables.frames import conform, empty_frame
from segmentation_assets.tables.keys import renumbered


def on(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the rows of one snapshot, without the column that says so.

    Where the frame is in order of snapshots, as the warehouse gives it, nothing is copied: the rows are not to be
    written to.
    """
    days, names = frame["snapshot_date"], [name for name in frame.columns if name != "snapshot_date"]
    if not days.is_monotonic_increasing:
        return frame.loc[days == pd.Timestamp(day), names].reset_index(drop=True)
    first, end = (int(days.searchsorted(pd.Timestamp(day), side)) for side in ("left", "right"))
    return pd.DataFrame({name: frame[name].array[first:end] for name in names}, copy=False)


def rows_on(rows: pa.Table, day: date) -> pa.Table:
    """Return the Arrow rows of one snapshot, out of rows in order of snapshots; nothing is copied."""
    days, own = rows["snapshot_date"], pa.scalar(day, pa.date32())
    first, n = (pc.sum(compare(days, own), min_count=0).as_py() for compare in (pc.less, pc.equal))
    return rows.slice(first, n).drop_columns("snapshot_date")


def stamped(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the rows with their snapshot date in front."""
    stamp = np.full(len(frame), np.datetime64(day, "s"))
    own = {name: frame[name] for name in frame.columns if name != "snapshot_date"}
    return pd.DataFrame({"snapshot_date": stamp, **own}, index=frame.index, copy=False)


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


def dated(parts: Iterable[tuple[date, pa.Table]]) -> pa.Table:
    """Stamp and join the Arrow rows of several days; nothing is copied."""
    stamped_rows = [
        rows.add_column(0, "snapshot_date", pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows))
        for day, rows in parts
    ]
    return pa.concat_tables(stamped_rows)


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames of one shape as one; an empty one adds nothing, its column types included, and none give none."""
    filled = [frame for frame in frames if len(frame)] or [*frames[:1], pd.DataFrame()][:1]
    return renumbered(filled[0]) if len(filled) == 1 else pd.concat(filled, ignore_index=True)
