"""Which marts a portfolio has: those of any company, those of its kind of company, and those that it declares."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from sqlglot import exp

from segmentation_assets.checking.queries import MART_FOLDER, mart_query
from segmentation_assets.checking.sql import bound_mart
from segmentation_assets.errors import PortfolioError, WarehouseError, choices
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.portfolio.marts import Mart
from segmentation_assets.tables import Column, Table, build_tables
from segmentation_assets.tables.mart_columns import mart as declared_mart
from segmentation_assets.tables.marts import kind_of, known_by
from segmentation_assets.tables.schema import ColumnType
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.ledger import LEDGER
from segmentation_assets.warehouse.sql.columns import origin_of, scopes_of, tables_read, unknown_columns
from segmentation_assets.warehouse.sql.queries import parsed


def tables_of(portfolio: Portfolio) -> dict[str, Table]:
    """Return every table of a portfolio by name, in the order data flows, with the marts that it has.

    Raises
    ------
    PortfolioError
        With all that is wrong in a mart of its own, a line each.
    """
    tables = build_tables(portfolio)
    readable = _readable(portfolio, tables)
    taken = {
        name: table for name, table in tables.items() if table.stage != "marts" or _is_taken(name, portfolio, readable)
    }
    faults, own = [*_undeclared(portfolio)], {}
    for name in portfolio.marts if not faults else ():
        try:
            own[name], found = _declared(name, portfolio, readable)
            faults += found
        except (PortfolioError, WarehouseError) as error:
            faults.append(str(error))
    if faults:
        raise PortfolioError("\n".join(faults))
    return taken | own


def _is_taken(name: str, portfolio: Portfolio, readable: Mapping[str, Table]) -> bool:
    """Say whether a portfolio has a packaged mart; this is the one place that decides it.

    One of any company every portfolio has. One of a kind of company it has if it delivers what makes it of that kind
    (an insurer has policies), and all the tables and columns that the mart reads.
    """
    kind = kind_of(name)
    if not kind:
        return True
    if known_by(kind) not in readable:
        return False
    query = mart_query(name, portfolio)
    return _finds_all(query.sql, query.origin, tuple(readable.values()))


@lru_cache(maxsize=256)
def _finds_all(sql: str, origin: str, readable: tuple[Table, ...]) -> bool:
    """Say whether all the tables and columns that a query names are there."""
    tree, tables = parsed(sql, origin), {table.name: table for table in readable}
    return tables_read(tree).keys() <= tables.keys() and not unknown_columns(tree, tables)


def _readable(portfolio: Portfolio, tables: Mapping[str, Table]) -> dict[str, Table]:
    """Return the tables that its marts may read: what it delivers and what is made of that, other marts left out."""
    delivered = {name for name, table in tables.items() if table.stage in ("raw", "core") and name != "rejected_rows"}
    absent = {name for name in delivered if name.removeprefix("raw_") not in portfolio.sources}
    return {name: table for name, table in tables.items() if table.stage != "marts" and name not in absent}


def _undeclared(portfolio: Portfolio) -> Iterator[str]:
    """Yield the SQL files beside a portfolio that it does not declare, where it declares any or has the folder."""
    folder = portfolio.folder / MART_FOLDER if portfolio.folder else None
    if folder is None or not folder.is_dir():
        return
    if not folder.resolve().is_relative_to(folder.parent.resolve()):
        yield f"{folder} is a link that leads out of the portfolio's folder. Put the folder itself there."
        return
    for file in sorted(folder.glob("*.sql")):
        if file.stem not in portfolio.marts:
            yield (
                f"{MART_FOLDER}/{file.name} is a mart that the portfolio does not declare. Declare marts.{file.stem} "
                "with its description, key and columns, or remove the file."
            )


def _declared(name: str, portfolio: Portfolio, readable: Mapping[str, Table]) -> tuple[Table, tuple[str, ...]]:
    """Return a mart of the portfolio's own as a table, and what is wrong with it.

    Raises
    ------
    PortfolioError, WarehouseError
        If there is no SQL of it, or it is no SELECT that could be looked at.
    """
    if name == LEDGER.name:
        raise PortfolioError(f"marts.{name} has the name of the table in which we keep account. Give it another.")
    query = mart_query(name, portfolio)
    mart = portfolio.marts[name]
    types, found = _bound(query.sql, query.origin, tuple(readable.values()))
    faults = [f"{query.origin}:{line}: {words}" for line, words in found]
    if not faults:
        faults = [f"{query.origin}: {words}" for words in _disagreements(name, mart, types)]
    return _as_table(name, mart, types, query, readable), tuple(faults)


@lru_cache(maxsize=64)
def _bound(sql: str, origin: str, readable: tuple[Table, ...]) -> tuple[Mapping[str, str], tuple[tuple[int, str], ...]]:
    """Return the columns that a mart's SQL gives with their types, and what is wrong with it, by line."""
    return bound_mart(sql, origin, {table.name: table for table in readable})


def _disagreements(name: str, mart: Mart, types: Mapping[str, str]) -> Iterator[str]:
    """Yield where a declaration and the columns that the SQL gives are not of one mind."""
    day = types.get("snapshot_date")
    if day != "DATE":
        given = f"gives snapshot_date as {day}" if day else "lacks snapshot_date"
        yield f"{given}; the day that a row is of must be there, as a DATE. Select it from a table that the mart reads."
    if absent := [column for column in mart.columns if column not in types]:
        yield f"lacks {choices(absent)}, which marts.{name}.columns declares; it gives {choices(types)}."
    if unknown := [column for column in types if column not in mart.columns and column != "snapshot_date"]:
        yield f"gives {choices(unknown)}, which marts.{name}.columns does not declare. Say there what it means."
    for column, given in types.items():
        if given not in _TYPES:
            yield f"gives {column} as {given}; make it one of {choices(_KINDS)}, by CAST(... AS ...) AS {column}."


_KINDS: tuple[ColumnType, ...] = ("STRING", "INT64", "FLOAT64", "BOOL", "DATE")
_TYPES: dict[str, ColumnType] = {**{kind: kind for kind in _KINDS}, "NUMERIC": "FLOAT64"}
"""Types that a column may be given with, and how it is then stored."""


def _as_table(name: str, mart: Mart, types: Mapping[str, str], query: Query, readable: Mapping[str, Table]) -> Table:
    """Return the declaration as a table, whose types are those that the SQL gives.

    A column that hands on another's values tells of a person where that does.
    """
    handed_on = _handed_on(query, readable) if types else {}
    columns = []
    for column, words in mart.columns.items():
        behind = handed_on.get(column)
        columns.append(
            Column(
                column,
                _TYPES.get(types.get(column, ""), "STRING"),
                words,
                unit=mart.units.get(column, ""),
                is_required=column in mart.key,
                is_personal=behind is not None and behind.is_personal,
                is_about_person=behind is not None and behind.is_about_person,
            )
        )
    return declared_mart(
        name, mart.description, *columns, key=tuple(mart.key), unit_of_row=mart.unit_of_row, is_view=False
    )


def _handed_on(query: Query, readable: Mapping[str, Table]) -> dict[str, Column]:
    """Return the columns of a query that are stored ones unchanged, each with that column."""
    tree = parsed(query.sql, query.origin)
    found = {}
    for select in tree.selects:
        column = select.unalias()
        origin = origin_of(column, scopes_of(tree)[-1]) if isinstance(column, exp.Column) else None
        if origin and origin.table in readable and origin.column in readable[origin.table].column_names:
            found[select.alias_or_name] = readable[origin.table].column(origin.column)
    return found
