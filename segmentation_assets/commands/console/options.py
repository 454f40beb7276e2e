"""What commands share: options, days as words, and errors as sentences.

Exit status: 0 done, 1 the run failed, 2 the command was called wrongly (settings, portfolio and dates included).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.days import today_in_london
from segmentation_assets.errors import NoDataError, PortfolioError, SegmentationError, SettingsError
from segmentation_assets.settings import Settings

DATA = click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path),
    help="Folder of CSV files [SEGMENTATION_DATA_DIR].",
)
SYNTHETIC = click.option(
    "--synthetic",
    is_flag=True,
    default=None,
    help="Make customers up by the portfolio's synthetic: [SEGMENTATION_SYNTHETIC]. Where a warehouse holds no "
    "delivered data and no folder is given, that is done anyway.",
)
PORTFOLIO = click.option(
    "--portfolio", help="Portfolio by packaged name or path of a YAML file [SEGMENTATION_PORTFOLIO; insurance]."
)
DATE = click.option("--date", "day", metavar="YYYY-MM-DD", help="Snapshot date; today in London if not given.")
FROM = click.option("--from", "first", metavar="YYYY-MM-DD", help="First day; the earliest there is if not given.")
TO = click.option("--to", "last", metavar="YYYY-MM-DD", help="Last day; the latest there is if not given.")
TABLES = click.option(
    "--tables", metavar="NAME,NAME", help="Tables, comma separated; all if not given. Also stages, such as personas."
)


def parse_day(day: str | None, earliest: date = date.min, option: str = "--date") -> date:
    """Return the day asked for, today without one; SettingsError unless it can have a snapshot."""
    today = today_in_london()
    if day is None:
        return today
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        raise SettingsError(f"{option} is {day!r}; give a day as YYYY-MM-DD, such as {today}.") from None
    if parsed > today:
        raise SettingsError(f"{option} is {day}, which has not come yet; the latest snapshot is today's, {today}.")
    if parsed < earliest:
        raise SettingsError(f"{option} is {day}, before the portfolio's history_start {earliest}. Give a later day.")
    return parsed


def snapshot_day(settings: Settings, day: str | None, option: str = "--date") -> date:
    """Return the day asked for, today without one; SettingsError unless the portfolio's history has it."""
    from segmentation_assets.portfolio import load_portfolio

    return parse_day(day, load_portfolio(settings.portfolio).history_start, option)


def day_range(settings: Settings, first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """Return the range of days asked for by --from and --to, open where one is not given."""
    start = snapshot_day(settings, first, "--from") if first else None
    end = snapshot_day(settings, last, "--to") if last else None
    if start and end and start > end:
        raise SettingsError(f"--from is {start}, after --to, {end}. Give the earlier day first.")
    return start, end


@contextmanager
def errors_told(console: Terminal) -> Iterator[None]:
    """Print an error a person can mend as its sentence and exit; let a defect of ours keep its traceback."""
    try:
        yield
    except SegmentationError as error:
        console.say(str(error), lead="Error:", style="bold red")
        sys.exit(2 if isinstance(error, SettingsError | PortfolioError | NoDataError) else 1)
