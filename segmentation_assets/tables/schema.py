"""What a table declaration is made of. The declarations themselves are in the modules beside this one, one a stage."""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

ColumnType = Literal["STRING", "INT64", "FLOAT64", "BOOL", "DATE"]
CUSTOMERS = "customers"
"""The one input table that every portfolio has: without it there is nobody to segment."""

CUSTOMER_KEY = "customer_id"
"""Its key, and what tells whose a row is in any other table."""

Stage = Literal["raw", "core", "features", "segments", "personas", "insights", "engagement", "marts", "bookkeeping"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""In the order data flows."""


@dataclass(frozen=True)
class Column:
    """One column: its GoogleSQL type, its meaning, and where it comes from.

    `lineage` names upstream columns as ``table.column``. `is_personal` marks values that must not leave the warehouse:
    they stand in no log, no metadata and no prompt. `is_about_person` marks what describes a person and may be counted
    in the open, such as a city. `references` names the table whose key an input column holds, and `may_be_absent` says
    that a delivery need not have it.
    """

    name: str
    type: ColumnType
    description: str
    unit: str = ""
    is_required: bool = False
    is_personal: bool = False
    is_about_person: bool = False
    lineage: tuple[str, ...] = ()
    references: str = ""
    may_be_absent: bool = False

    @property
    def is_tagged(self) -> bool:
        """Say whether the policy tag goes to it: to what tells of a person, and not to the key that stands for one."""
        return (self.is_personal or self.is_about_person) and self.name != CUSTOMER_KEY


@dataclass(frozen=True)
class Table:
    """One table, which is also one asset and, where it is made in SQL, one file of the same name.

    Every table carries `snapshot_date`, the partition, as its first column; `key` is unique within a partition.
    """

    name: str
    stage: Stage
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    is_view: bool = False
    unit_of_row: str = "row"

    @property
    def column_names(self) -> list[str]:
        """Names in declared order, `snapshot_date` first."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}; it has {', '.join(self.column_names)}")

    @property
    def references(self) -> dict[str, str]:
        """Its columns that hold keys of other tables, each with that table."""
        return {column.name: column.references for column in self.columns if column.references}

    @property
    def key_columns(self) -> set[str]:
        """Its own key and the keys of others that it holds."""
        return {*self.key, *self.references}

    @property
    def customer_column(self) -> str | None:
        """The column that tells whose a row is; None in a table that knows of no customers."""
        if CUSTOMER_KEY in self.column_names:
            return CUSTOMER_KEY
        return next((name for name, table in self.references.items() if table == CUSTOMERS), None)

    def with_columns(self, *extra: Column) -> "Table":
        """Return the table with further columns at its end."""
        return replace(self, columns=self.columns + extra)


SNAPSHOT_DATE = Column(
    "snapshot_date", "DATE", "The day whose state the row describes; the partition.", is_required=True
)


def table(
    name: str,
    stage: Stage,
    description: str,
    *columns: Column,
    key: tuple[str, ...],
    is_view: bool = False,
    unit_of_row: str = "row",
) -> Table:
    """Declare a table; `snapshot_date` is put first."""
    return Table(name, stage, description, key, (SNAPSHOT_DATE, *columns), is_view, unit_of_row)


def string(name: str, description: str, **kw: Any) -> Column:
    """Declare a text column."""
    return Column(name, "STRING", description, **kw)


def integer(name: str, description: str, **kw: Any) -> Column:
    """Declare a 64-bit integer column."""
    return Column(name, "INT64", description, **kw)


def number(name: str, description: str, **kw: Any) -> Column:
    """Declare a double-precision column."""
    return Column(name, "FLOAT64", description, **kw)


def boolean(name: str, description: str, **kw: Any) -> Column:
    """Declare a true-or-false column."""
    return Column(name, "BOOL", description, **kw)


def day(name: str, description: str, **kw: Any) -> Column:
    """Declare a calendar date column."""
    return Column(name, "DATE", description, **kw)
