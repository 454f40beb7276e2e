"""`segmentation segments`: the segments of a day, by name."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rich.padding import Padding

from segmentation_assets.characters import one_line
from segmentation_assets.commands.console.terminal import Listing, Terminal
from segmentation_assets.commands.own_warehouse import open_own_warehouse
from segmentation_assets.errors import choices
from segmentation_assets.portfolio import Portfolio, load_portfolio
from segmentation_assets.reporting import segments_on
from segmentation_assets.settings import Settings


def print_segments(settings: Settings, day: date | None, lens: str | None = None) -> None:
    """Print a day's segments as a table, on standard output so that it can be piped."""
    portfolio = load_portfolio(settings.portfolio)
    day, found = segments_on(open_own_warehouse(settings), portfolio, day, lens)
    title = portfolio.lenses[lens or portfolio.primary_lens].title
    table = Listing(f"{title} segments on {day}")
    table.add_column("#", justify="right")
    table.add_column("Segment")
    table.add_column("Customers", justify="right")
    table.add_column("Share", justify="right")
    table.add_column(f"Share of {portfolio.value.label}", justify="right")
    for row in found:
        table.add_row(
            "" if row["segment_id"] is None else str(row["segment_id"]),
            row["segment_name"],
            f"{row['n_customers']:,}",
            f"{row['share']:.1%}",
            f"{row['value_share']:.1%}" if _is_told(row, portfolio) else "",
        )
    console = Terminal()
    console.print(table)
    if found and all(row["segment_id"] is None for row in found):
        console.print(_nobody(portfolio, lens or portfolio.primary_lens), soft_wrap=True)
    for row in found:
        console.say("", lead=row["segment_name"])
        console.print(Padding(one_line(row["description"]), (0, 0, 1, 2)))


def _is_told(row: Mapping[str, Any], portfolio: Portfolio) -> bool:
    """Say whether what a segment is worth may be told: it is that of enough customers, and it is known."""
    return row["value_share"] is not None and row["n_customers"] >= portfolio.min_group_size


def _nobody(portfolio: Portfolio, lens: str) -> str:
    return (
        f"No customer has a segment. To have one, a customer must have every feature of the lens "
        f"({choices(portfolio.lenses[lens].features)}): deliver what is missing below, or take it out of "
        f"lenses.{lens}.features in the portfolio.\n"
    )
