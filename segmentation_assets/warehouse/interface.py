"""What every engine offers. A further engine implements `Warehouse` and is named in `open_warehouse`; that is all."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pyarrow as pa

from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse.ledger import UNKNOWN, Partition, Provenance

Parameter = date | str | int | float | bool


@dataclass(frozen=True)
class Query:
    """One statement of GoogleSQL, to be run inside the warehouse; no row travels through Python.

    Tables are named without a dataset; the engine puts its own. Parameters are written ``@name`` and are typed by
    their Python values. `origin` is the file or place the text comes from, for errors. `tables` are those of the
    portfolio that it may read, besides the ones that every portfolio has: their columns and types are known by them.
    """

    sql: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
    origin: str = "a query"
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Replaced:
    """What `replace` did: rows written, in all and of each day, and what changed in the table's schema, in words.

    `notes` are sentences about the write that whoever reads of it should know, such as how long its rows are kept.

    An engine that bills by bytes says how many it foresaw for a query and how many it processed in all.
    """

    n_rows: int
    by_day: Mapping[date, int]
    schema_changes: tuple[str, ...] = ()
    bytes_estimated: int | None = None
    bytes_processed: int | None = None
    notes: tuple[str, ...] = ()


class Warehouse(Protocol):
    """Tables in partitions of one `snapshot_date` each. Every error is a `WarehouseError` and leaves the old rows."""

    kind: str
    """The engine's name as Dagster shows it."""

    def address(self, name: str) -> str:
        """Return the full name of a table or view, as a person would query it."""

    def replace(
        self, table: Table, rows: pa.Table | Query, first: date, last: date, provenance: Provenance = UNKNOWN
    ) -> Replaced:
        """Replace the partitions from `first` to `last`, both included, by `rows`: whole or not at all.

        Rows are matched to columns by name. Days of the range without rows become partitions that are there and
        empty. A table that does not exist is created; a declared column that it lacks is added. The ledger is told
        what every day holds now and, by `provenance`, what made it (see `ledger`).
        """

    def read(self, table: Table, first: date, last: date, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows from `first` to `last` of declared types, ordered by `snapshot_date` and key.

        A column the stored table lacks is NULL; a table that does not exist has no rows.
        """

    def row_counts(
        self, tables: Collection[Table], first: date = date.min, last: date = date.max
    ) -> dict[str, dict[date, int]]:
        """Return the rows of every partition that is there from `first` to `last`, by table and in order of date.

        A partition written empty is there and has 0. An engine that bills by bytes asks for all tables at once, and
        reads none of them. Views have no partitions.
        """

    def snapshots(self, table: Table, first: date = date.min, last: date = date.max) -> list[date]:
        """Return the partitions that are there from `first` to `last`, written empty or not, in order of date."""

    def count(self, table: Table, first: date, last: date) -> int:
        """Return the number of rows from `first` to `last`."""

    def reading(self) -> AbstractContextManager[None]:
        """Make many reads in a row cheap for an engine that gains by it; nothing may be written within.

        What was told of partitions and by the ledger within such a block is told again without looking.
        """

    def ledger(
        self, names: Collection[str] | None = None, day: date | None = None, *, with_upstream: bool = True
    ) -> list[Partition]:
        """Return what the ledger knows, by table and date, of every table and view or of those named.

        It may know less than there is (rows written by hand, a write that was killed on an engine without one
        transaction over rows and ledger) and more (rows deleted by hand); `row_counts` says what is there.

        Parameters
        ----------
        day : the one day that is asked for; None for all of them, and for views.
        with_upstream : whether to read what each was made from, which is nine tenths of all that the ledger holds.
        """

    def query(self, query: Query) -> pa.Table:
        """Run a query that changes nothing and return its rows."""

    def query_over(self, query: Query, rows: Mapping[Table, pa.Table], of: Table, first: date, last: date) -> pa.Table:
        """Return what `replace` would write of a query, and `read` give back, were these the rows of the tables named.

        Nothing is written that anybody else sees, and what is stored under those names is neither read nor changed. A
        query that reads a table of which no rows are given is refused.

        Parameters
        ----------
        rows : of each table that the query reads, of any days.
        of : the table whose columns and types the rows have that the query makes, of the days from `first` to `last`.
        """

    def create_view(self, table: Table, query: Query, provenance: Provenance = UNKNOWN) -> None:
        """Create or replace the view, and tell the ledger; its columns must be the declared ones."""

    def has_view(self, table: Table, code_version: str) -> bool:
        """Say whether the view stands with its declared columns, as this version of its code made it."""

    def describe(self, name: str) -> dict[str, str] | None:
        """Return the stored columns of a table or view with their GoogleSQL types, or None if there is none.

        One that lies beside the dataset is named as a query names it, such as ``crm.customers``.
        """

    def required_filter(self, name: str) -> str | None:
        """Return the column by which each query of a table must choose its rows, or None where none need be named.

        The table is named as for `describe`.
        """

    def labelled(self, **labels: str) -> "Warehouse":
        """Return the same warehouse, which puts these labels on each job, where an engine has jobs that are billed."""
