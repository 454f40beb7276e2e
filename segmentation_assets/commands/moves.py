"""`segmentation moves`: who went where between any two days."""

import click
from rich.box import SIMPLE_HEAVY
from rich.console import Console
from rich.table import Table

from segmentation_assets.commands.options import PORTFOLIO, errors_told, parse_day
from segmentation_assets.commands.preflight import open_own_warehouse
from segmentation_assets.moves import migration_between
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings


@click.command()
@click.option("--from", "first", required=True, metavar="YYYY-MM-DD", help="The earlier snapshot.")
@click.option("--to", "second", metavar="YYYY-MM-DD", help="The later snapshot; today in London if not given.")
@click.option("--lens", help="Lens to look through; the primary one if not given.")
@PORTFOLIO
def moves(first: str, second: str | None, lens: str | None, portfolio: str | None) -> None:
    """Show how many customers went from each segment to each other between two snapshots.

    Certain are those who were clearly inside their segment on both days; others stand near a border.
    """
    console = Console(stderr=True, highlight=False)
    with errors_told(console):
        settings = read_settings(portfolio=portfolio)
        declared = load_portfolio(settings.portfolio)
        days = parse_day(first, option="--from"), parse_day(second, option="--to")
        found = migration_between(open_own_warehouse(settings), declared, *days, lens)
        table = Table(title=f"From {days[0]} to {days[1]}", box=SIMPLE_HEAVY, title_justify="left")
        for column in ("From", "To"):
            table.add_column(column)
        for column in ("Customers", "Share", "Certain"):
            table.add_column(column, justify="right")
        for row in found:
            share = "" if row["share"] is None else f"{row['share']:.1%}"
            table.add_row(row["from_name"], row["to_name"], f"{row['n_customers']:,}", share, f"{row['n_certain']:,}")
        Console(highlight=False).print(table)
