"""`segmentation check`: do portfolio, SQL and files fit together? Nothing is run and nothing is written."""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from segmentation_assets.commands.options import DATA, DATE, PORTFOLIO, errors_told, parse_day
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings


@click.command()
@DATE
@DATA
@PORTFOLIO
def check(day: str | None, data_dir: Path | None, portfolio: str | None) -> None:
    """Say whether a portfolio, its SQL and the files of a folder fit together. Nothing is run or written.

    The SQL is bound to empty tables of the declared columns: each feature must come of it under its name and kind, from
    tables and columns that there are, and from nothing that depends on the clock or on chance. With --data the files
    are read and cleaned as a run of the day would, and the rows that would be rejected are told with a reason.

    Exit status: 0 all fits, 2 something does not; everything that is wrong is said at once.
    """
    console = Console(stderr=True, highlight=False)
    with errors_told(console):
        settings = read_settings(data_dir=data_dir, portfolio=portfolio)
        declared = load_portfolio(settings.portfolio)
        as_of = parse_day(day, declared.history_start)
        # Reading SQL and files takes a second to import; help and wrong usage should not wait for it.
        from segmentation_assets.checking.deliveries import check_deliveries  # noqa: PLC0415
        from segmentation_assets.checking.findings import Findings  # noqa: PLC0415
        from segmentation_assets.checking.portfolio_sql import check_sql  # noqa: PLC0415

        found = Findings.joined([check_sql(declared), check_deliveries(settings, declared, as_of)])
    for warning in found.warnings:
        console.print(f"[bold yellow]Warning:[/] {escape(warning)}", soft_wrap=True)
    for fault in found.faults:
        console.print(f"[bold red]Error:[/] {escape(fault)}", soft_wrap=True)
    if found.faults:
        sys.exit(2)
    told = Console(highlight=False)
    told.print(f"Everything fits: {settings.portfolio}, for {as_of}.", markup=False, soft_wrap=True)
    for line in found.looked_at:
        told.print(f"  {line}", markup=False, soft_wrap=True)
