"""The command line: run a day, and look at what came out.

Exit status: 0 done, 1 the run failed, 2 the command was called wrongly (settings, portfolio and dates included).
"""

import time
from datetime import date
from pathlib import Path

import click
from rich.box import SIMPLE_HEAVY
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from segmentation_assets.commands.backfill import backfill
from segmentation_assets.commands.hints import print_next_steps
from segmentation_assets.commands.moves import moves
from segmentation_assets.commands.options import DATA, DATE, PORTFOLIO, SYNTHETIC, errors_told, parse_day
from segmentation_assets.commands.plan import plan
from segmentation_assets.commands.preflight import open_own_warehouse, refuse_to_start
from segmentation_assets.commands.progress import teller
from segmentation_assets.commands.rejections import print_rejections
from segmentation_assets.commands.retrain import retrain
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.reporting import segments_on
from segmentation_assets.settings import Settings, read_settings
from segmentation_assets.sources import describe_sources
from segmentation_assets.warehouse import open_warehouse


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="segmentation-assets")
def main() -> None:
    """Segment an insurer's or a bank's customers, every night, in the warehouse you already have.

    \b
    First steps:
      segmentation run                        today, on a synthetic insurer
      segmentation run --data my_folder       today, on customers.csv, sales.csv, products.csv, ...
      segmentation segments                   the segments found, by name
      segmentation run --date 2025-11-15      the same for another day
      segmentation plan                       what is stale, and why
      segmentation backfill --stale           make it again

    Tables go to the DuckDB file named by SEGMENTATION_DUCKDB_PATH (data/warehouse.duckdb).
    """  # noqa: D301 - click's own mark: keep these lines as they are


@main.command()
@DATE
@DATA
@SYNTHETIC
@PORTFOLIO
def run(day: str | None, data_dir: Path | None, synthetic: bool | None, portfolio: str | None) -> None:  # noqa: FBT001 - click's
    """Make every table of one day, from the delivered files to the marts.

    The day's partition is replaced whole; other days stay as they are. When a row breaks a rule it goes to
    rejected_rows with its reason, and the run goes on. When a required file or column is missing, or more rows would
    be rejected than the portfolio allows, the run stops before anything is written.
    """
    console = Console(stderr=True, highlight=False)
    with errors_told(console):
        settings = read_settings(data_dir=data_dir, synthetic=synthetic or None, portfolio=portfolio)
        declared = load_portfolio(settings.portfolio)
        as_of = parse_day(day, declared.history_start)
        refuse_to_start(settings, declared)
        _run(settings, as_of, console)
        print_rejections(open_warehouse(settings), as_of, as_of, console)
        _print_segments(settings, as_of)
        given = {"portfolio": portfolio, "data_dir": str(data_dir) if data_dir else None}
        print_next_steps(settings, given, console)


@main.command()
@DATE
@PORTFOLIO
@click.option("--lens", help="Lens to show; the primary one if not given.")
def segments(day: str | None, portfolio: str | None, lens: str | None) -> None:
    """Show the segments of a day: size, share of premium, name and description.

    Without --date, the latest day in the warehouse.
    """
    console = Console(stderr=True, highlight=False)
    with errors_told(console):
        _print_segments(read_settings(portfolio=portfolio), parse_day(day) if day else None, lens)


def _run(settings: Settings, day: date, console: Console) -> None:
    """Run the day, telling each table as it is made."""
    started = time.monotonic()
    source = describe_sources(settings, load_portfolio(settings.portfolio))
    with console.status(f"Segmenting {day} from {source} ..."):
        # Dagster takes seconds to import; help and wrong usage should not wait for it.
        from segmentation_assets.definitions import build_definitions  # noqa: PLC0415
        from segmentation_assets.defs.running import run_day  # noqa: PLC0415

        definitions = build_definitions(settings)
        run_day(definitions, day, teller(console), has_home=settings.dagster_home is not None)
    console.print(f"Done in {time.monotonic() - started:.1f} s.\n")


def _print_segments(settings: Settings, day: date | None, lens: str | None = None) -> None:
    """Print a day's segments as a table, on standard output so that it can be piped."""
    portfolio = load_portfolio(settings.portfolio)
    day, found = segments_on(open_own_warehouse(settings), portfolio, day, lens)
    title = portfolio.lenses[lens or portfolio.primary_lens].title
    table = Table(title=f"{title} segments on {day}", box=SIMPLE_HEAVY, title_justify="left")
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
            "" if row["value_share"] is None else f"{row['value_share']:.1%}",
        )
    console = Console(highlight=False)
    console.print(table)
    for row in found:
        console.print(f"[bold]{row['segment_name']}[/]")
        console.print(Padding(row["description"], (0, 0, 1, 2)))


main.add_command(plan)
main.add_command(backfill)
main.add_command(retrain)
main.add_command(moves)


if __name__ == "__main__":
    main()
