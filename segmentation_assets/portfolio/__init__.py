"""The portfolio: what a company's customers look like, so that a company brings a file and no Python."""

from segmentation_assets.portfolio.loading import load_portfolio
from segmentation_assets.portfolio.schema import Feature, Lens, Portfolio, Range, Sheet, TableSource, Words

__all__ = ["Feature", "Lens", "Portfolio", "Range", "Sheet", "TableSource", "Words", "load_portfolio"]
