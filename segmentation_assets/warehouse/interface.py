"""What every engine offers. A further engine implements `Warehouse` and is named in `open_warehouse`; that is all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pyarrow as pa

from segmentation_assets.tables.schema import Table

Parameter = date | str | int | float | bool


@dataclass(frozen=True)
class Query:
    """One statement of GoogleSQL, to be run inside the warehouse; no row travels through Python.

    Tables are named without a dataset; the engine puts its own. Parameters are written ``@name`` and are typed by
    their Python values. `origin` is the file or place the text comes from, for errors.
    """

    sql: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
    origin: str = "a query"


@dataclass(frozen=True)
class Replaced:
    """What `replace` did: rows written, rows the whole table now holds, and what changed in its schema, in words."""

    n_rows: int
    n_rows_in_table: int
    schema_changes: tuple[str, ...] = ()


class Warehouse(Protocol):
    """Tables in partitions of one `snapshot_date` each. Every error is a `WarehouseError` and leaves the old rows."""

    kind: str
    """The engine's name as Dagster shows it."""

    def address(self, name: str) -> str:
        """Return the full name of a table or view, as a person would query it."""

    def replace(self, table: Table, rows: pa.Table | Query, first: date, last: date) -> Replaced:
        """Replace the partitions from `first` to `last`, both included, by `rows`: whole or not at all.

        Rows are matched to columns by name. Days of the range without rows become partitions that are there and
        empty. A table that does not exist is created; a declared column that it lacks is added.
        """

    def read(self, table: Table, first: date, last: date, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows from `first` to `last` of declared types, ordered by `snapshot_date` and key.

        A column the stored table lacks is NULL; a table that does not exist has no rows.
        """

    def row_counts(self, table: Table) -> dict[date, int]:
        """Return the rows of every partition that is there, in order of date; 0 for one written empty."""

    def snapshots(self, table: Table) -> list[date]:
        """Return the partitions that are there, written empty or not, in order of date."""

    def count(self, table: Table, first: date, last: date) -> int:
        """Return the number of rows from `first` to `last`."""

    def query(self, query: Query) -> pa.Table:
        """Run a query that changes nothing and return its rows."""

    def create_view(self, table: Table, query: Query) -> None:
        """Create or replace the view; its columns must be the declared ones."""

    def describe(self, name: str) -> dict[str, str] | None:
        """Return the stored columns of a table or view with their GoogleSQL types, or None if there is none."""
