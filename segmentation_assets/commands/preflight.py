"""What is looked at before a run is started, so that what cannot succeed is told in a moment and records no run."""

from segmentation_assets.portfolio import Portfolio, load_portfolio
from segmentation_assets.safeguards import refuse_other_portfolio, refuse_pretence
from segmentation_assets.settings import Settings
from segmentation_assets.sources import open_source, refuse_unreadable
from segmentation_assets.warehouse import Warehouse, open_warehouse


def refuse_to_start(settings: Settings, portfolio: Portfolio) -> None:
    """Refuse a run that has nothing to read, or whose rows must not be put into the warehouse.

    Raises
    ------
    SourceError
        If there is no data, or a file that is needed is missing.
    SettingsError
        If the warehouse holds another portfolio.
    """
    refuse_unreadable(settings, portfolio)
    warehouse = open_own_warehouse(settings)
    refuse_pretence(open_source(settings, portfolio), warehouse)


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
