"""`segmentation run`: make every table of one day, then show its segments and where to look next."""

import os
import shutil
import sys
import time
from datetime import date
from pathlib import Path

from rich.console import Console

from segmentation_assets.clustering.warmup import start_warm_up
from segmentation_assets.commands.graph import load_definitions
from segmentation_assets.commands.progress import teller
from segmentation_assets.commands.segments import print_segments
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.sources import describe_sources
from segmentation_assets.warehouse import open_warehouse


def make_day(settings: Settings, day: date, console: Console) -> None:
    """Make the day's tables, telling each as it is made, and print what came out."""
    _run(settings, day, console)
    print_segments(settings, day)
    _print_next_steps(settings, console)


def _run(settings: Settings, day: date, console: Console) -> None:
    """Run the day, telling each table as it is made."""
    started = time.monotonic()
    source = describe_sources(settings, load_portfolio(settings.portfolio))
    with console.status(f"Segmenting {day} from {source} ..."):
        start_warm_up()
        definitions = load_definitions(settings)
        from segmentation_assets.defs.running import run_day

        run_day(definitions, day, teller(console), has_home=settings.dagster_home is not None)
    console.print(f"Done in {time.monotonic() - started:.1f} s.\n")


def _print_next_steps(settings: Settings, console: Console) -> None:
    console.print("Where to look next:")
    other = next((name for name, lens in load_portfolio(settings.portfolio).lenses.items() if not lens.primary), None)
    steps, command = {"make dev": "the graph, its plots and checks, in a browser"}, _this_command()
    if other:
        steps[f"{command} segments --lens {other}"] = "the same customers through another lens"
    if settings.data_dir is None:
        steps[f"{command} run --data my_folder"] = "your own customers.csv, sales.csv and products.csv"
    if settings.warehouse == "duckdb":
        steps[str(settings.duckdb_path)] = "every table and view, for any DuckDB client"
    else:
        steps[open_warehouse(settings).address("*")] = "every table and view, for the BigQuery console"
    for step, words in steps.items():
        console.print(f"  [bold]{step}[/]", soft_wrap=True)  # to be copied in one piece
        console.print(f"      {words}")


def _this_command() -> str:
    """Return what to type to run this program again: its name, or its path where no shell would find it."""
    if shutil.which("segmentation"):
        return "segmentation"
    return os.path.relpath(Path(sys.executable).with_name("segmentation"))
