"""What every stage is built from: the portfolio and the tables it declares."""

from dataclasses import dataclass

from segmentation_assets.checking.marts import tables_of
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import Table


@dataclass(frozen=True)
class Blueprint:
    """The portfolio and its tables by name."""

    portfolio: Portfolio
    tables: dict[str, Table]


def draw_blueprint(portfolio: Portfolio) -> Blueprint:
    """Declare the tables of a portfolio."""
    return Blueprint(portfolio, tables_of(portfolio))
