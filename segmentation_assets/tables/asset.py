"""A table as one object: its columns, what it is made from, how, what must hold of it, and what its page shows.

Each stands in a file of its own, `assets/<stage>/<table>.py`, under the table's name in capitals. From it follow the
Dagster asset and its type, the checks, the ledger's upstream, the version and the page in `docs/tables.md`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segmentation_assets.tables.schema import Table

Rows = Any
"""A day's rows without the day: a frame, or, of a step that makes several tables, a frame by table."""


@dataclass(frozen=True)
class Check:
    """A claim about a table: the SQL counts the rows that break it, between two snapshots.

    It gives the columns `snapshot_date`, `detail`, which says where, and `broken`, the count. One that is blocking
    stops what is downstream.
    """

    name: str
    words: str
    sql: str
    is_blocking: bool = True


@dataclass(frozen=True)
class Asset:
    """A table and how it is made.

    Parameters
    ----------
    table : its name, stage, key and columns.
    reads : tables whose rows of the same day `make` is given, each with the columns it wants, () for all of them.
    follows : further tables that a day is made from, of which `make` asks for what it needs itself.
    other_days : returns the tables of which other days' partitions are read, each with the word for those days
        (`history.calendar`); it is given the portfolio and its tables.
    asks_for : tables of other days that are asked for, and made in memory where they are not stored and current.
    sql : its file of GoogleSQL in `sql/`, such as `insights/segment_notes.sql`. Without `make` its rows are the table,
        and never leave the warehouse; with it `night.queried()` has them. The tables that it reads are read off it.
    make : makes a day's rows from the `Night` (`history.night`) that it is given.
    makes_also : tables that the same step makes; `made_by` in each of those names this one.
    given : returns the parts of the portfolio that decide the rows, as text.
    code : returns further functions and modules that decide the rows, besides what `make` reaches.
    show : returns what the page of a day shows, by title, from the `Night` and the day's rows of this table.
    checks : what must hold of the table; it is given the portfolio.
    needs_names : whether it names segments, for which a service may be asked.
    kinds : Dagster's kinds, for icons.
    """

    table: Table
    reads: Mapping[str, Sequence[str]] = field(default_factory=dict)
    follows: Sequence[str] = ()
    other_days: Callable[[Any], Mapping[str, str]] | None = None
    asks_for: Sequence[str] = ()
    sql: str = ""
    make: Callable[[Any], Rows] | None = None
    makes_also: Sequence[str] = ()
    made_by: str = ""
    given: Callable[[Any], str] | None = None
    code: Callable[[Any], Sequence[Callable[..., Any] | str]] | None = None
    show: Callable[[Any, Any], Mapping[str, Any]] | None = None
    checks: Callable[[Any], Sequence[Check]] | None = None
    needs_names: bool = False
    kinds: frozenset[str] = frozenset({"python"})

    @property
    def name(self) -> str:
        """The table's name, which is the asset's."""
        return self.table.name

    @property
    def made_from(self) -> tuple[str, ...]:
        """The tables of the same day that it is made from."""
        return (*self.reads, *self.follows)
