"""The SQL file of an asset that has one: which tables it reads, and its rows of a day."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import made_from, over_days
from segmentation_assets.errors import TableError, choices
from segmentation_assets.history.scratch import queried_over
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.frames import to_arrow
from segmentation_assets.tables.snapshots import stamped
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
    """Return the rows that an asset's SQL file gives of a day, from that day's rows of the tables that it reads."""
    query = query_of(history.blueprint, asset)
    if query is None:
        raise TableError(f"{asset.name} has no SQL file.")
    if history.is_of_run(day):
        return history.warehouse.query(over_days(query, day, day)).to_pandas().drop(columns="snapshot_date")
    tables = [history.blueprint.tables[name] for name in made_from(query)]
    rows = {table.name: (table, to_arrow(stamped(history.rows(table.name, day), day), table)) for table in tables}
    return queried_over(query, rows, asset.table, day)
