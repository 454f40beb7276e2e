"""The published insurance data as a person would have it in a spreadsheet: numbers and dates as such, a title above."""

import csv
from datetime import datetime
from pathlib import Path

from segmentation_assets_tests.standins.cells import day
from segmentation_assets_tests.standins.sheets import SheetsStandin, StandinTab

TITLE = "Insurance book"
TABS = ("customers", "sales", "products")


def hold_published(standin: SheetsStandin, folder: Path) -> str:
    """Put the three files into one spreadsheet of an American office and return its key."""
    return standin.hold(*(_tab(folder, name, i) for i, name in enumerate(TABS)), title=TITLE, locale="en_US")


def placed_in_sheets(portfolio: str) -> str:
    """Return a portfolio's text with the three files' tables in that spreadsheet."""
    for name in TABS:
        portfolio = portfolio.replace(
            f"csv: {name}.csv", f"sheet: {{spreadsheet: {TITLE}, owner: example.com, tab: {name}}}"
        )
    return portfolio


def _tab(folder: Path, name: str, sheet_id: int) -> StandinTab:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    cells = [[_typed(column, text) for column, text in zip(header, row, strict=True)] for row in rows]
    return StandinTab(name, [[f"{name.title()} of the register"], [], header, *cells], sheet_id=sheet_id)


def _typed(column: str, text: str) -> object:
    """Return what Sheets makes of a text typed into an American spreadsheet; a date it cannot read stays text."""
    if column == "Purchase_Date":
        try:
            return day(datetime.strptime(text, "%m/%d/%Y").date().isoformat(), "M/d/yyyy")  # noqa: DTZ007
        except ValueError:
            return text
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
