"""The warehouse that the settings name, if it holds the tables of the portfolio that they name."""

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.safeguards import refuse_other_portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.warehouse import Warehouse, open_warehouse


def open_own_warehouse(settings: Settings) -> Warehouse:
    """Return the warehouse, after it was found to hold nobody else's tables.

    Raises
    ------
    SettingsError
        If it holds another portfolio.
    """
    warehouse = open_warehouse(settings)
    refuse_other_portfolio(warehouse, load_portfolio(settings.portfolio))
    return warehouse
