"""Which partitions there are on BigQuery, and how many rows each has, told without reading a table.

`INFORMATION_SCHEMA.PARTITIONS` knows the rows of every partition, and the ledger knows those written empty. The view is
asked for all tables in one statement, which is billed as the least that a statement can be, however long their
history. Google does not say how soon it shows a write, nor how exactly. So where it and the ledger differ, the rows of
the days in question are counted.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa

from segmentation_assets.warehouse.bigquery.jobs import literal
from segmentation_assets.warehouse.bigquery.schema import PARTITION, Dataset
from segmentation_assets.warehouse.ledger import Partition

Counts = dict[str, dict[date, int]]
_Answer = TypeVar("_Answer")


class Remembered(threading.local):
    """What a thread was told within a block in which nothing is written, so that it need not ask twice."""

    def __init__(self) -> None:
        self._answers: dict[object, Any] | None = None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Remember until the outermost block ends."""
        if self._answers is not None:
            yield
            return
        self._answers = {}
        try:
            yield
        finally:
            self._answers = None

    def known(self, key: object) -> Any:
        """Return what was answered to this key, or None."""
        return (self._answers or {}).get(key)

    def once(self, key: object, ask: Callable[[], _Answer]) -> _Answer:
        """Return what was answered to this key, or ask."""
        if self._answers is None:
            return ask()
        if key not in self._answers:
            self._answers[key] = ask()
        return self._answers[key]


class _Told(NamedTuple):
    """What is told of a partition: its rows as stored, and as the ledger says that they were written."""

    stored: int
    written: int | None

    @property
    def is_doubtful(self) -> bool:
        return self.written is not None and self.stored != self.written


def row_counts(
    dataset: Dataset, names: Collection[str], first: date, last: date, written: Iterable[Partition]
) -> Counts:
    """Return the rows of the partitions from `first` to `last` that are there, by table and in order of date.

    Parameters
    ----------
    written : what the ledger says of these tables.
    """
    counts: Counts = {name: {} for name in names}
    for name, days in _told(dataset, names, first, last, written).items():
        counted = _counted(dataset, name, [day for day, told in days.items() if told.is_doubtful])
        for day, told in sorted(days.items()):
            n_rows = counted.get(day, 0) if told.is_doubtful else told.stored
            if n_rows or told.written == 0:
                counts[name][day] = n_rows
    return counts


def _told(
    dataset: Dataset, names: Collection[str], first: date, last: date, written: Iterable[Partition]
) -> dict[str, dict[date, _Told]]:
    found: dict[str, dict[date, _Told]] = {name: {} for name in names}
    if not names:
        return found
    for row in _records(dataset.rows(_stored_sql(dataset, names, first, last))):
        found[row["table_name"]][_day(row["partition_id"])] = _Told(row["n_rows"], None)
    for entry in written:
        day = entry.snapshot_date
        if day is not None and first <= day <= last:
            stored = found[entry.table_name].get(day, _Told(0, None)).stored
            found[entry.table_name][day] = _Told(stored, entry.n_rows)
    return found


def _stored_sql(dataset: Dataset, names: Collection[str], first: date, last: date) -> str:
    """Select from the view; its partitions without a day are called ``__NULL__`` and ``__UNPARTITIONED__``."""
    here = f"`{dataset.reference.project}`.`{dataset.reference.dataset_id}`"
    listed = ", ".join(literal(name) for name in names)
    return (
        f"SELECT table_name, partition_id, total_rows AS n_rows FROM {here}.INFORMATION_SCHEMA.PARTITIONS "
        f"WHERE table_name IN ({listed}) AND partition_id BETWEEN '{_id(first)}' AND '{_id(last)}'"
    )


def _counted(dataset: Dataset, name: str, days: Collection[date]) -> dict[date, int]:
    """Count the rows of the days themselves; only their partitions are read."""
    if not days:
        return {}
    rows = dataset.rows(
        f"SELECT {PARTITION} AS day, COUNT(*) AS n FROM {dataset.address(name)} "
        f"WHERE {PARTITION} BETWEEN {literal(min(days))} AND {literal(max(days))} GROUP BY day",
        name,
    )
    return {row["day"]: row["n"] for row in _records(rows)}


def _records(rows: pa.Table | None) -> list[dict]:
    return [] if rows is None else rows.to_pylist()


def _id(day: date) -> str:
    return day.isoformat().replace("-", "")


def _day(partition_id: str) -> date:
    return datetime.strptime(partition_id, "%Y%m%d").date()  # noqa: DTZ007 - a day on a calendar has no zone
