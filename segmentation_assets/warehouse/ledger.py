"""What the warehouse remembers of a partition beside its rows: what they hold, what made them, and from what.

Each dataset has one table `partition_ledger`, one row per table and snapshot date, which an engine's `replace` writes
together with the rows, and one row without a date a view, written by `create_view`. Rows stay the truth about which
partitions exist: a partition without rows exists if the ledger says that it was written empty, and one with rows that
the ledger does not know was left unfinished or written by someone else. `staleness` judges by what is written here.

An engine does four things, in this order where it has no transaction over them all: delete the ledger's rows of the
range, replace the rows, ask the new rows for their `Content` a day, and insert what `entries` returns.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import pyarrow as pa

from segmentation_assets.tables.frames import ARROW_TYPES
from segmentation_assets.tables.schema import Table, integer, string, table

LEDGER = table(
    "partition_ledger",
    "bookkeeping",
    "What every partition holds, what code made it, and from which state of which other partitions.",
    string("table_name", "Table or view.", is_required=True),
    integer("n_rows", "Rows of the partition; NULL for a view.", unit="rows"),
    string("schema_version", "Fingerprint of the columns and types declared when it was written."),
    string("code_version", "Version of the code that made it, as Dagster shows it; NULL if it was written by hand."),
    string("data_version", "Fingerprint of the rows, whatever their order; NULL for a view."),
    string("upstream", "JSON object: the partitions it was made from as table@day, each with the data_version read."),
    string("portfolio", "Name of the portfolio that it was made for; NULL if that was not written down."),
    key=("table_name",),
    unit_of_row="table and snapshot date",
)

ABSENT = "absent"
"""Stands for the data version of a partition that the ledger does not know."""

EMPTY = "empty"
"""Data version of a partition without rows."""


class Content(NamedTuple):
    """What an engine finds in the rows of one day: how many, and a fingerprint that no order of theirs changes."""

    n_rows: int
    data_version: str


@dataclass(frozen=True)
class Provenance:
    """What made the rows of a range of partitions.

    `upstream` gives for each day the partitions read, named by `partition_name`, with their data versions then.
    """

    code_version: str | None = None
    upstream: Mapping[date, Mapping[str, str]] = field(default_factory=dict)
    portfolio: str | None = None


UNKNOWN = Provenance()
"""Rows put there by hand, by a script or by a test."""


@dataclass(frozen=True)
class Partition:
    """What the ledger knows of one partition, or with `snapshot_date` None of one view."""

    table_name: str
    snapshot_date: date | None
    n_rows: int | None
    schema_version: str
    code_version: str | None
    data_version: str | None
    upstream: Mapping[str, str]
    portfolio: str | None = None

    @property
    def name(self) -> str:
        """The partition as others name it that were made from it."""
        return partition_name(self.table_name, self.snapshot_date) if self.snapshot_date else self.table_name


def partition_name(table_name: str, day: date) -> str:
    """Return a partition's name, such as ``customers@2025-11-15``."""
    return f"{table_name}@{day.isoformat()}"


def schema_version(table: Table) -> str:
    """Return 12 hex digits that change when a column is added, removed, renamed or given another type.

    The order of columns plays no part, nor whether NULL is allowed: neither changes what is stored.
    """
    columns = sorted(f"{column.name} {column.type}" for column in table.columns)
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()[:12]


def days_between(first: date, last: date) -> list[date]:
    """Return every day from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def entries(
    table: Table, first: date, last: date, contents: Mapping[date, Content], provenance: Provenance
) -> pa.Table:
    """Return the ledger's rows for the partitions just written, in the columns and types of `LEDGER`.

    Parameters
    ----------
    contents : what the engine found, by day; a day of the range that is not named has no rows.
    """
    records = []
    for day in days_between(first, last):
        found = contents.get(day, Content(0, EMPTY))
        records.append(
            {
                "snapshot_date": day,
                "n_rows": found.n_rows,
                "data_version": found.data_version,
                "upstream": json.dumps(provenance.upstream.get(day, {}), sort_keys=True),
                **_made(table, provenance),
            }
        )
    return _rows(records)


def rows_by_day(contents: Mapping[date, Content], first: date, last: date) -> dict[date, int]:
    """Return the rows of every day just written; see `entries`."""
    return {day: contents[day].n_rows if day in contents else 0 for day in days_between(first, last)}


def view_entry(view: Table, provenance: Provenance) -> pa.Table:
    """Return the ledger's row for a view just created; it has no date, since its SQL serves them all."""
    return _rows([{"upstream": "{}", **_made(view, provenance)}])


def knows_view(found: Iterable[Partition], view: Table, code_version: str) -> bool:
    """Say whether entries of the ledger hold a view as it is declared now, made by this version of its code."""
    made = (view.name, schema_version(view), code_version)
    return any((entry.table_name, entry.schema_version, entry.code_version) == made for entry in found)


def partitions(rows: pa.Table) -> list[Partition]:
    """Return the ledger's stored rows as partitions, by table and date, views first.

    A column that an earlier release did not write, or that was not asked for, may be missing.
    """
    names = [name for name in LEDGER.column_names if name in rows.column_names]
    found = [
        Partition(**{**row, "upstream": json.loads(row.get("upstream") or "{}")})
        for row in rows.select(names).to_pylist()
    ]
    return sorted(found, key=lambda partition: (partition.table_name, partition.snapshot_date or date.min))


def data_versions(found: Iterable[Partition]) -> dict[str, str]:
    """Return the data version of every partition by its name."""
    return {partition.name: partition.data_version for partition in found if partition.data_version}


def _made(table: Table, provenance: Provenance) -> dict[str, str | None]:
    return {
        "table_name": table.name,
        "schema_version": schema_version(table),
        "code_version": provenance.code_version,
        "portfolio": provenance.portfolio,
    }


def _rows(records: list[dict]) -> pa.Table:
    # Not the declared schema, in which no date is NULL: a view has none.
    return pa.Table.from_pylist(records, schema=pa.schema([(c.name, ARROW_TYPES[c.type]) for c in LEDGER.columns]))
