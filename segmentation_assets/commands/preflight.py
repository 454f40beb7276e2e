"""What is looked at before a run is started, so that what cannot succeed is told in a moment and records no run.

What takes long to import is imported when it is come to: that a folder is not there is told before the warehouse is.
"""

from collections.abc import Collection
from datetime import date

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.sources import open_source, refuse_unreadable


def refuse_no_data(settings: Settings) -> None:
    """Refuse a run that has nothing to read.

    Raises
    ------
    SourceError
        If there is no data, or a file that is needed is missing.
    """
    refuse_unreadable(settings, load_portfolio(settings.portfolio))


def refuse_to_start(settings: Settings, days: Collection[date]) -> None:
    """Refuse a run that has nothing to read, or whose rows must not be put into the warehouse.

    Parameters
    ----------
    days : those whose deliveries it is to read.

    Raises
    ------
    SourceError
        If there is no data, or a file that is needed is missing.
    SettingsError
        If the warehouse holds another portfolio.
    """
    refuse_no_data(settings)
    from segmentation_assets.commands.own_warehouse import open_own_warehouse
    from segmentation_assets.safeguards import refuse_made_up_days, refuse_pretence

    warehouse = open_own_warehouse(settings)
    portfolio = load_portfolio(settings.portfolio)
    source = open_source(settings, portfolio)
    refuse_pretence(source, warehouse, portfolio)
    refuse_made_up_days(source, warehouse, portfolio, days)
