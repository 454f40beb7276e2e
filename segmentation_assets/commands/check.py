"""`segmentation check`: do portfolio, SQL and files fit, and can Gemini be asked? Nothing is run or written."""

import sys
from datetime import date

from segmentation_assets.checking.deliveries import check_deliveries
from segmentation_assets.checking.findings import Findings
from segmentation_assets.checking.names import check_names
from segmentation_assets.checking.portfolio_sql import check_sql
from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.validation.doubts import doubts
from segmentation_assets.settings import Settings


def print_findings(settings: Settings, day: date, console: Terminal) -> None:
    """Print what does not fit and exit with 2, or on standard output what was looked at."""
    declared = load_portfolio(settings.portfolio)
    doubtful = Findings(warnings=tuple(f"{'.'.join(map(str, d.place))} {d.words}" for d in doubts(declared)))
    parts = [doubtful, check_sql(declared), check_deliveries(settings, declared, day), check_names(settings)]
    found = Findings.joined(parts)
    for warning in found.warnings:
        console.say(warning, lead="Warning:", style="bold yellow")
    for fault in found.faults:
        console.say(fault, lead="Error:", style="bold red")
    if found.faults:
        sys.exit(2)
    told = Terminal()
    told.say_line(f"Everything fits: {settings.portfolio}, for {day}.")
    for line in found.looked_at:
        told.say_line(line, indent=2)
