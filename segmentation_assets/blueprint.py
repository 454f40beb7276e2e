"""What every stage is built from: the portfolio and the tables it declares."""

from collections.abc import Mapping
from dataclasses import dataclass

from segmentation_assets.checking.marts import tables_of
from segmentation_assets.errors import TableError, choices
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import Table
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.own import own_assets


@dataclass(frozen=True)
class Blueprint:
    """The portfolio, its tables by name, and how those that every portfolio has are made."""

    portfolio: Portfolio
    tables: dict[str, Table]
    assets: Mapping[str, Asset]


def draw_blueprint(portfolio: Portfolio) -> Blueprint:
    """Declare the tables of a portfolio.

    Raises
    ------
    TableError
        If one is said to be made from a table that there is not.
    """
    tables, assets = tables_of(portfolio), own_assets()
    for asset in assets.values():
        if unknown := sorted({*asset.made_from, *asset.asks_for, *asset.makes_also} - tables.keys()):
            raise TableError(f"{asset.name} is made from {choices(unknown)}; there are {choices(tables)}.")
    return Blueprint(portfolio, tables, assets)
