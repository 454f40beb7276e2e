"""What a portfolio says of where its input tables lie, and which of them it needs."""

from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.tables.schema import CUSTOMERS

MAKE_UP_A_COMPANY = "write synthetic: {customers: 4000}"
"""What a portfolio without a synthetic company can do for made-up customers."""


def by_place(portfolio: Portfolio) -> dict[str, list[str]]:
    """Return the portfolio's tables by the key that says where they lie."""
    placed: dict[str, list[str]] = {}
    for name, source in portfolio.sources.items():
        placed.setdefault(source.places[0], []).append(name)
    return placed


def is_needed(portfolio: Portfolio, table: str) -> bool:
    """Tell whether nothing can be made where a table is not delivered."""
    return table == CUSTOMERS or words_of(portfolio, table).required


def needed_files(portfolio: Portfolio) -> list[str]:
    """Return the names of the CSV files without which there is nothing to segment."""
    return [source.csv for name, source in portfolio.sources.items() if source.csv and is_needed(portfolio, name)]


def words_of(portfolio: Portfolio, table: str) -> TableSource:
    """Return the portfolio's words on a table; a source may deliver one that it has none for."""
    return dict(portfolio.sources.items()).get(table) or TableSource(csv=f"{table}.csv")
