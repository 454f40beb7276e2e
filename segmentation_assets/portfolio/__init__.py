"""The portfolio: what a company's customers look like, so that a company brings a file and no Python."""

from segmentation_assets.portfolio.features import Feature, Words
from segmentation_assets.portfolio.loading import load_portfolio
from segmentation_assets.portfolio.rules import AGE, BIRTH, DateOrder, Range
from segmentation_assets.portfolio.schema import Lens, Portfolio
from segmentation_assets.portfolio.sources import Sheet, TableSource

__all__ = [
    "AGE",
    "BIRTH",
    "DateOrder",
    "Feature",
    "Lens",
    "Portfolio",
    "Range",
    "Sheet",
    "TableSource",
    "Words",
    "load_portfolio",
]
