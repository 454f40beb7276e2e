"""The command line: what each command is called with, and what it is for.

Exit status: 0 done, 1 the run failed, 2 the command was called wrongly (settings, portfolio and dates included).

What a command does is imported when it is called, since Dagster and pandas take seconds to import and neither help nor
wrong usage should wait for them.
"""

from pathlib import Path

import click

from segmentation_assets.commands.console.options import (
    DATA,
    DATE,
    FROM,
    PORTFOLIO,
    SYNTHETIC,
    TABLES,
    TO,
    day_range,
    errors_told,
    parse_day,
    snapshot_day,
)
from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.errors import SettingsError
from segmentation_assets.settings import read_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="segmentation-assets")
def main() -> None:
    """Segment an insurer's or a bank's customers, every night, in the warehouse you already have.

    \b
    First steps:
      segmentation run                        today, on a synthetic insurer
      segmentation check --data my_folder     do portfolio, SQL and files fit? nothing is run
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
    console = Terminal(stderr=True)
    with errors_told(console):
        settings = read_settings(data_dir=data_dir, synthetic=synthetic or None, portfolio=portfolio)
        as_of = snapshot_day(settings, day)
        from segmentation_assets.commands.preflight import refuse_to_start

        refuse_to_start(settings, [as_of])
        from segmentation_assets.commands.run import make_day

        given = {"portfolio": portfolio, "data_dir": str(data_dir) if data_dir else None}
        make_day(settings, as_of, given, console)


@main.command()
@click.option("--date", "day", metavar="YYYY-MM-DD", help="Snapshot date; the latest in the warehouse if not given.")
@PORTFOLIO
@click.option("--lens", help="Lens to show; the primary one if not given.")
def segments(day: str | None, portfolio: str | None, lens: str | None) -> None:
    """Show the segments of a day: size, share of the customers' value, name and description."""
    console = Terminal(stderr=True)
    with errors_told(console):
        settings = read_settings(portfolio=portfolio)
        as_of = parse_day(day) if day else None
        from segmentation_assets.commands.segments import print_segments

        print_segments(settings, as_of, lens)


@main.command()
@DATE
@DATA
@PORTFOLIO
def check(day: str | None, data_dir: Path | None, portfolio: str | None) -> None:
    """Say whether a portfolio, its SQL and the files of a folder fit together. Nothing is run or written.

    The SQL is bound to empty tables of the declared columns: each feature must come of it under its name and kind, from
    tables and columns that there are, and from nothing that depends on the clock or on chance. With --data the files
    are read and cleaned as a run of the day would, and the rows that would be rejected are told with a reason. Where
    names are to come from Gemini, it is looked up whether the model is there and may be asked.

    Exit status: 0 all fits, 2 something does not; everything that is wrong is said at once.
    """
    console = Terminal(stderr=True)
    with errors_told(console):
        settings = read_settings(data_dir=data_dir, portfolio=portfolio)
        as_of = snapshot_day(settings, day)
        from segmentation_assets.commands.check import print_findings

        print_findings(settings, as_of, console)


@main.command()
@FROM
@TO
@TABLES
@PORTFOLIO
def plan(first: str | None, last: str | None, tables: str | None, portfolio: str | None) -> None:
    """Show which tables and partitions are stale, and why. Nothing is run or changed.

    A partition is stale if it is missing or unfinished, if it was written under other columns or by other code than
    it would be now, or if what it is made from has changed since or is stale itself. `segmentation backfill --stale`
    makes it again.

    With --from and --to every day between should be there; without them, the days that were ever delivered.
    """
    console = Terminal(stderr=True)
    with errors_told(console):
        settings = read_settings(portfolio=portfolio)
        days = day_range(settings, first, last)
        from segmentation_assets.commands.plan import print_plan

        print_plan(settings, days, tables, console)


@main.command()
@FROM
@TO
@TABLES
@click.option("--stale", "only_stale", is_flag=True, help="Only what `segmentation plan` shows as stale.")
@click.option("--dry-run", is_flag=True, help="Show what would be made, and make nothing.")
@click.option(
    "--chunk-days",
    type=click.IntRange(min=1),
    default=31,
    show_default=True,
    help="Most days of one run; fewer take less memory.",
)
@DATA
@SYNTHETIC
@PORTFOLIO
def backfill(
    *,
    first: str | None,
    last: str | None,
    tables: str | None,
    data_dir: Path | None,
    synthetic: bool | None,
    portfolio: str | None,
    chunk_days: int,
    only_stale: bool,
    dry_run: bool,
) -> None:
    """Make every table of a range of days, in one run, from the raw snapshots on.

    Raw tables that are there are kept, since they are the memory of what was delivered; those that are missing are
    read from the source, unless it is live and the day is past. To read others again, name them by --tables. What
    the chosen tables are made from comes along where it is stale.

    With --stale, only what is stale is made, so that a backfill that was stopped goes on where it was.
    """
    console = Terminal(stderr=True)
    with errors_told(console):
        settings = read_settings(data_dir=data_dir, synthetic=synthetic or None, portfolio=portfolio)
        days = day_range(settings, first, last)
        if not only_stale and not (first and last):
            raise SettingsError("Give --from and --to, or --stale for all that is stale whenever it was.")
        if data_dir is not None:
            from segmentation_assets.commands.preflight import refuse_no_data

            refuse_no_data(settings)
        from segmentation_assets.commands.backfill import make_range

        make_range(settings, days, tables, console, chunk_days=chunk_days, only_stale=only_stale, dry_run=dry_run)


@main.command()
@click.option("--date", "day", metavar="YYYY-MM-DD", help="First day of the new model; today in London if not given.")
@click.option("--reason", required=True, help="Why; it is kept beside the model for good.")
@click.option("--lens", "lenses", multiple=True, help="Lens to train anew, once for each; all if not given.")
@click.option("--by", "requested_by", help="Who asks; the name you are logged in by if not given.")
@PORTFOLIO
def retrain(
    day: str | None, reason: str, lenses: tuple[str, ...], requested_by: str | None, portfolio: str | None
) -> None:
    """Write a further retraining date down; from that day on a model trained on its snapshot is in force.

    Nothing is run. The rest of the period is stale from then on: segmentation plan shows it, and segmentation backfill
    --stale makes it. A request is never taken back, so that past days can be made again as they were.
    """
    console = Terminal(stderr=True)
    with errors_told(console):
        settings = read_settings(portfolio=portfolio)
        as_of = snapshot_day(settings, day)
        if not reason.strip():
            raise SettingsError("--reason is empty. Say why in a few words, such as 'new products since May'.")
        from segmentation_assets.commands.retrain import ask_for_a_model

        ask_for_a_model(
            settings, as_of, lenses, console, reason=reason.strip(), requested_by=requested_by, portfolio=portfolio
        )


@main.command()
@click.option("--from", "first", required=True, metavar="YYYY-MM-DD", help="The earlier snapshot.")
@click.option("--to", "second", metavar="YYYY-MM-DD", help="The later snapshot; today in London if not given.")
@click.option("--lens", help="Lens to look through; the primary one if not given.")
@PORTFOLIO
def moves(first: str, second: str | None, lens: str | None, portfolio: str | None) -> None:
    """Show how many customers went from each segment to each other between two snapshots.

    Certain are those who were clearly inside their segment on both days; others stand near a border.
    """
    console = Terminal(stderr=True)
    with errors_told(console):
        settings = read_settings(portfolio=portfolio)
        days = parse_day(first, option="--from"), parse_day(second, option="--to")
        from segmentation_assets.commands.moves import print_moves

        print_moves(settings, days, lens)


if __name__ == "__main__":
    main()
