"""`segmentation check`: do portfolio, SQL and files fit, and can Gemini be asked? Nothing is run or written."""

import sys
from datetime import date

from rich.console import Console
from rich.markup import escape

from segmentation_assets.checking.deliveries import check_deliveries
from segmentation_assets.checking.findings import Findings
from segmentation_assets.checking.names import check_names
from segmentation_assets.checking.portfolio_sql import check_sql
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.doubts import doubts
from segmentation_assets.settings import Settings


def print_findings(settings: Settings, day: date, console: Console) -> None:
    """Print what does not fit and exit with 2, or on standard output what was looked at."""
    declared = load_portfolio(settings.portfolio)
    doubtful = Findings(warnings=tuple(f"{'.'.join(map(str, d.place))} {d.words}" for d in doubts(declared)))
    parts = [doubtful, check_sql(declared), check_deliveries(settings, declared, day), check_names(settings)]
    found = Findings.joined(parts)
    for warning in found.warnings:
        console.print(f"[bold yellow]Warning:[/] {escape(warning)}", soft_wrap=True)
    for fault in found.faults:
        console.print(f"[bold red]Error:[/] {escape(fault)}", soft_wrap=True)
    if found.faults:
        sys.exit(2)
    told = Console(highlight=False)
    told.print(f"Everything fits: {settings.portfolio}, for {day}.", markup=False, soft_wrap=True)
    for line in found.looked_at:
        told.print(f"  {line}", markup=False, soft_wrap=True)
