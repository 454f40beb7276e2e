"""`segmentation run`: make every table of one day, then show its segments and where to look next."""

import time
from datetime import date

from segmentation_assets.clustering.warmup import start_warm_up
from segmentation_assets.commands.console.hints import print_next_steps
from segmentation_assets.commands.console.progress import Teller
from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.commands.graph import load_definitions
from segmentation_assets.commands.rejections import print_rejections
from segmentation_assets.commands.segments import print_segments
from segmentation_assets.commands.unlisted import print_unlisted
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.sources import describe_sources
from segmentation_assets.warehouse import open_warehouse


def make_day(settings: Settings, day: date, given: dict[str, str | None], console: Terminal) -> None:
    """Make the day's tables, telling each as it is made, and print what was rejected and what came out.

    Parameters
    ----------
    given : what the options said that the environment does not, by setting; the commands that are told repeat it.
    """
    _run(settings, day, console)
    warehouse = open_warehouse(settings)
    portfolio = load_portfolio(settings.portfolio)
    print_rejections(warehouse, portfolio, day, day, console)
    print_unlisted(warehouse, portfolio, day, day, console)
    print_segments(settings, day)
    print_next_steps(settings, given, console)


def _run(settings: Settings, day: date, console: Terminal) -> None:
    """Run the day, telling each table as it is made."""
    started, teller = time.monotonic(), Teller(console)
    source = describe_sources(settings, load_portfolio(settings.portfolio))
    with console.status(f"Segmenting {day} from {source} ..."):
        start_warm_up()
        definitions = load_definitions(settings)
        from segmentation_assets.defs.runs.running import run_day

        run_day(definitions, day, teller, has_home=settings.dagster_home is not None)
    console.print(f"Done in {time.monotonic() - started:.1f} s.\n")
    teller.close()
