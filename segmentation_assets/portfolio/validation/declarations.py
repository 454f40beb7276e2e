"""Input tables that are well formed and that no warehouse could hold: without a key, in a circle, of a name taken."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from segmentation_assets.errors import choices, did_you_mean
from segmentation_assets.portfolio.input_tables import (
    DeclaredColumn,
    DeclaredTable,
    packaged_declarations,
    references_of,
    spelled_out,
)
from segmentation_assets.portfolio.schema import Portfolio
from segmentation_assets.portfolio.validation.faults import Fault, Place
from segmentation_assets.tables import names_taken
from segmentation_assets.tables.raw import RAW_COLUMNS
from segmentation_assets.tables.schema import CUSTOMER_KEY, CUSTOMERS, SNAPSHOT_DATE

_TAKEN = frozenset({*names_taken(), "partition_ledger", "staged_rows"})
_TAKEN_BEGINNINGS = ("raw_", "duckdb_", "pragma_", "sqlite_")
_OUR_COLUMNS = frozenset({SNAPSHOT_DATE.name, *RAW_COLUMNS})


def declaration_faults(portfolio: Portfolio) -> Iterator[Fault]:
    """Yield what is wrong with the declared input tables, in no particular order."""
    if not portfolio.tables:
        return
    if CUSTOMERS not in portfolio.tables:
        yield Fault(("tables",), f"lacks {CUSTOMERS}, the one input table nothing can do without.")
    declared = spelled_out(portfolio.tables)
    for name, table in declared.items():
        place: Place = ("tables", name)
        yield from _of_name(place, name)
        if table.like is not None:
            ours = choices(packaged_declarations())
            yield Fault((*place, "like"), f"is {table.like}, which has no table {name}; there are {ours}.")
        elif not table.columns:
            yield Fault(place, "has no columns; name them under `columns`.")
        else:
            yield from _of_key(place, name, table)
            yield from _of_columns(place, name, table, declared)
    yield from _of_circles(declared)
    yield from _of_company(portfolio)


def _of_name(place: Place, name: str) -> Iterator[Fault]:
    if name in _TAKEN:
        yield Fault(place, "is the name of a table that is made from others; call yours otherwise.")
    elif beginning := next((word for word in _TAKEN_BEGINNINGS if name.startswith(word)), None):
        yield Fault(place, f"begins with {beginning}, as tables do that are not yours; call it otherwise.")


def _of_key(place: Place, name: str, declared: DeclaredTable) -> Iterator[Fault]:
    if declared.key is None:
        example = CUSTOMER_KEY if name == CUSTOMERS else next(iter(declared.columns))
        yield Fault(place, f"has no key; name the column that tells its rows apart, such as key: {example}.")
    elif declared.key not in declared.columns:
        hint = did_you_mean(declared.key, declared.columns)
        words = f"names {declared.key!r}, which is no column of it; it has {choices(declared.columns)}.{hint}"
        yield Fault((*place, "key"), words)
    elif name == CUSTOMERS and declared.key != CUSTOMER_KEY:
        words = f"is {declared.key}, and the key of customers is called {CUSTOMER_KEY} in every portfolio; "
        yield Fault((*place, "key"), f"{words}call it so, and its header by sources.{name}.columns.{CUSTOMER_KEY}.")
    elif declared.columns[declared.key].may_be_absent:
        yield Fault((*place, "columns", declared.key, "may_be_absent"), "is said of the key; remove it.")


def _of_columns(place: Place, table: str, declared: DeclaredTable, tables: Mapping[str, object]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, column in declared.columns.items():
        here = (*place, "columns", name)
        if name in _OUR_COLUMNS:
            words = "is a column that every table is given; call it otherwise, and name its header under"
            yield Fault(here, f"{words} sources.{table}.columns.")
        alike = seen.setdefault(name.replace("_", ""), name)
        if alike != name:
            yield Fault(here, f"differs from {alike} by underscores alone, and so no header could tell them apart.")
        if name == declared.key or column.references is not None:
            yield from _of_key_column(here, column)
        if name == CUSTOMER_KEY and CUSTOMERS not in (table, column.references):
            yield Fault(here, f"is a customer's key and no reference; add references: {CUSTOMERS}.")
        if column.references is not None and column.references not in tables:
            hint = did_you_mean(column.references, tables)
            words = f"names {column.references!r}, which is no input table; allowed are {choices(tables)}.{hint}"
            yield Fault((*here, "references"), words)
        if column.required and column.may_be_absent:
            yield Fault((*here, "may_be_absent"), "is said of a column that no row can do without; keep one of them.")


def _of_key_column(place: Place, column: DeclaredColumn) -> Iterator[Fault]:
    if column.type != "text":
        yield Fault((*place, "type"), f"is {column.type}, and keys are text: 007 is another key than 7. Write text.")


def _of_circles(declared: Mapping[str, DeclaredTable]) -> Iterator[Fault]:
    try:
        TopologicalSorter({name: references_of(table) for name, table in declared.items()}).prepare()
    except CycleError as error:
        circle = list(dict.fromkeys(reversed(error.args[1])))
        way = " -> ".join([*circle, circle[0]])
        yield Fault(("tables", circle[0]), f"refers to itself ({way}); no row could be the first. Remove a reference.")


def _of_company(portfolio: Portfolio) -> Iterator[Fault]:
    """Yield that the made-up company, which delivers an insurer's tables alone, cannot deliver these."""
    if portfolio.synthetic is not None and portfolio.own_tables:
        own = choices(portfolio.own_tables)
        words = f"makes up an insurer's tables, and {own} are declared here otherwise. Remove it"
        yield Fault(("synthetic",), f"{words}, and give the data folder by --data.")
