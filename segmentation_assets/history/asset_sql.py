"""The SQL file of an asset that has one: which tables it reads, and its rows of a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import made_from, over_days
from segmentation_assets.checking.sql import bound_mart
from segmentation_assets.errors import TableError, choices
from segmentation_assets.tables import Column, Table
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets.tables.schema import SNAPSHOT_DATE, ColumnType
from segmentation_assets.tables.snapshots import on, stamped
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.sql.queries import load_query

if TYPE_CHECKING:
    from segmentation_assets.history.resolver import History


def query_of(blueprint: Blueprint, asset: Asset) -> Query | None:
    """Return the query of an asset's SQL file; None where it has none.

    Raises
    ------
    TableError
        If it reads a table that the portfolio has not.
    """
    if not asset.sql:
        return None
    query = load_query(asset.sql)
    if unknown := [table for table in made_from(query) if table not in blueprint.tables]:
        raise TableError(f"{query.origin} reads {choices(unknown)}; there are {choices(blueprint.tables)}.")
    return replace(query, tables=tuple(blueprint.tables.values()))


def upstream_of(blueprint: Blueprint, asset: Asset) -> tuple[str, ...]:
    """Return the tables of the same day that an asset is made from: those it names, and those its SQL reads."""
    query = query_of(blueprint, asset)
    return tuple(dict.fromkeys([*asset.made_from, *(made_from(query) if query else ())]))


def asset_query(history: "History", asset: Asset, day: date) -> pd.DataFrame:
    """Return the rows that an asset's SQL file gives of a day, in order of the asset's key.

    Those of the run's days are made from what the run has written; those of another day from that day's tables,
    wherever the history finds them.
    """
    query = query_of(history.blueprint, asset)
    if query is None:
        raise TableError(f"{asset.name} has no SQL file.")
    read = {name: history.blueprint.tables[name] for name in made_from(query)}
    own, given = over_days(query, day, day), _as_given(query, asset, read)
    if history.is_of_run(day):
        order = [(name, "ascending") for name in given.key]
        found = history.warehouse.query(own).sort_by(order).select(given.column_names)
    else:
        rows = {table: to_arrow(stamped(history.rows(name, day), day), table) for name, table in read.items()}
        found = history.warehouse.query_over(own, rows, given, day, day)
    return on(from_arrow(found, given), day)


def _as_given(query: Query, asset: Asset, read: Mapping[str, Table]) -> Table:
    """Return the columns that a query gives, which `make` may take further, with their types as a table.

    Raises
    ------
    TableError
        If it cannot be bound to the tables that it reads, or gives no snapshot_date.
    """
    types, faults = bound_mart(query.sql, query.origin, read)
    if faults or "snapshot_date" not in types:
        found = [f"{query.origin}:{line}: {words}" for line, words in faults]
        raise TableError("\n".join(found) or f"{query.origin} lacks snapshot_date, the day that a row is of.")
    columns = [Column(name, _TYPES.get(kind, "STRING"), "") for name, kind in types.items() if name != "snapshot_date"]
    key = tuple(name for name in asset.table.key if name in types)
    return Table(asset.name, asset.table.stage, "", key, (SNAPSHOT_DATE, *columns), is_view=True)


_TYPES: dict[str, ColumnType] = {
    "INT64": "INT64",
    "FLOAT64": "FLOAT64",
    "NUMERIC": "FLOAT64",
    "BOOL": "BOOL",
    "DATE": "DATE",
}
