"""`segmentation moves`: who went where between any two days."""

from datetime import date

from segmentation_assets.commands.console.terminal import Listing, Terminal
from segmentation_assets.commands.own_warehouse import open_own_warehouse
from segmentation_assets.moves import migration_between
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings


def print_moves(settings: Settings, days: tuple[date, date], lens: str | None) -> None:
    """Print who went from which segment to which between two days, on standard output so that it can be piped."""
    found = migration_between(open_own_warehouse(settings), load_portfolio(settings.portfolio), *days, lens)
    table = Listing(f"From {days[0]} to {days[1]}")
    for column in ("From", "To"):
        table.add_column(column)
    for column in ("Customers", "Share", "Certain"):
        table.add_column(column, justify="right")
    for row in found:
        share = "" if row["share"] is None else f"{row['share']:.1%}"
        table.add_row(row["from_name"], row["to_name"], f"{row['n_customers']:,}", share, f"{row['n_certain']:,}")
    Terminal().print(table)
