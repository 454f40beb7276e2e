"""What a place is: how it is told of, and how it is opened."""

from collections.abc import Callable
from dataclasses import dataclass

from segmentation_assets.portfolio import Portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.sources.delivery import Source


@dataclass(frozen=True)
class Place:
    """A kind of place where input tables lie.

    Parameters
    ----------
    words : returns what it is called, such as 'CSV files in delivered'; None where the settings name no place.
    open : returns what reads the tables that the portfolio places there; None where the settings do not
        say where it is and nothing of it is needed. It raises SourceError where what reads it is not installed, and
        NoDataError where the settings lead nowhere.
    """

    words: Callable[[Settings], str | None]
    open: Callable[[Settings, Portfolio], Source | None]
