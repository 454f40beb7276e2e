"""`segmentation backfill`: make a range of days again, all of it or what is stale."""

import time
from collections.abc import Sequence
from datetime import date

from segmentation_assets.clustering.warmup import start_warm_up
from segmentation_assets.commands.console.progress import Teller
from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.commands.day_ranges import day_ranges, in_words
from segmentation_assets.commands.plan import Look, chosen_tables, look, print_staleness
from segmentation_assets.commands.preflight import refuse_to_start
from segmentation_assets.commands.rejections import print_rejections
from segmentation_assets.days import today_in_london
from segmentation_assets.planning import Choice, Run, choose_all, choose_stale, run_for_views, runs_for, with_needs
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.sources import Source, open_source_or_none
from segmentation_assets.tables import REJECTED_ROWS
from segmentation_assets.warehouse import open_warehouse

_SNAPSHOTS = "raw_customers"
"""Table whose partitions are the days that were delivered."""


def make_range(
    settings: Settings,
    days: tuple[date | None, date | None],
    tables: str | None,
    console: Terminal,
    *,
    chunk_days: int,
    only_stale: bool,
    dry_run: bool,
) -> None:
    """Make the tables of a range of days, or only what is stale of them; a dry run says what and makes nothing."""
    start_warm_up()
    looked = look(settings, days, console)
    source = open_source_or_none(settings, load_portfolio(settings.portfolio))
    choice = _choose(looked, source, tables, console, only_stale=only_stale)
    if read := _days_read(looked, choice):
        refuse_to_start(settings, read)
    runs = _runs(looked, choice, chunk_days)
    if dry_run:
        print_staleness(looked.staleness.within(None, looked.first, looked.last), looked.days)
    if not runs:
        console.print("There is nothing to make.")
    for number, run in enumerate(runs, start=1):
        console.say(f"(run {number} of {len(runs)})", lead=_said(run))
        if dry_run:
            console.print(f"  {', '.join(run.tables)}", soft_wrap=True)
        else:
            _make(settings, looked, run, console)


def _choose(looked: Look, source: Source, tables: str | None, console: Terminal, *, only_stale: bool) -> Choice:
    """Choose what to make, without what cannot be had, and say what was left out."""
    named = chosen_tables(tables, looked.recipes)
    if only_stale:
        choice = choose_stale(looked.staleness.within(named, looked.first, looked.last))
        choice = _without_undelivered(looked, choice, console)
    else:
        first, last = looked.first or date.min, looked.last or date.max
        choice = choose_all(looked.recipes, looked.staleness, first, last, named)
        _tell_kept(looked, choice, console)
    choice = with_needs(looked.recipes, looked.staleness, looked.calendar, choice)
    return _without_live(looked, source, choice, console)


def _without_undelivered(looked: Look, choice: Choice, console: Terminal) -> Choice:
    """Leave out days that were never delivered and that nobody asked for: of those the source is not to be read."""
    never = looked.staleness.partitions.get(_SNAPSHOTS, {}).keys()
    lost = never & {day for days in choice.partitions.values() for day in days}
    if (looked.first and looked.last) or not lost:
        return choice
    said = in_words(day_ranges(lost, looked.days))
    console.print(f"{said} is left out: nothing was delivered then. To read the source for it, give --from and --to.")
    return choice.without(lost)


def _tell_kept(looked: Look, choice: Choice, console: Terminal) -> None:
    delivered = [name for name, recipe in looked.recipes.items() if recipe.table.stage == "raw"]
    if any(choice.partitions.values()) and not any(choice.partitions.get(name) for name in delivered):
        console.print("The raw tables are there and are kept; to read their source again, name them by --tables.")


def _without_live(looked: Look, source: Source, choice: Choice, console: Terminal) -> Choice:
    """Leave out past days of live sources: what is there is kept, and a day of which it is not cannot be made."""
    today = today_in_london()
    partitions = dict(choice.partitions)
    lost: set[date] = set()
    for name, recipe in looked.recipes.items():
        if recipe.table.stage != "raw" or source.is_replayable(name.removeprefix("raw_")):
            continue
        past = {day for day in partitions.get(name, ()) if day < today}
        if past:
            partitions[name] = partitions[name] - past
            lost |= past & looked.staleness.partitions.get(name, {}).keys()
            said = in_words(day_ranges(past, sorted({*looked.days, *past})))
            console.print(f"{name} is left out for {said}: its source is live and knows only today.")
    if lost:
        said = in_words(day_ranges(lost, sorted({*looked.days, *lost})))
        console.print(f"Of {said} there is no raw snapshot, so nothing can be made of these days.")
    return Choice(partitions, choice.views).without(lost)


def _days_read(looked: Look, choice: Choice) -> set[date]:
    """Return the days whose source is to be read."""
    raw = (name for name, recipe in looked.recipes.items() if recipe.table.stage == "raw")
    return {day for name in raw for day in choice.partitions.get(name, ())}


def _runs(looked: Look, choice: Choice, chunk_days: int) -> list[Run]:
    runs = runs_for(looked.recipes, choice, chunk_days)
    delivered = set(looked.days) - looked.staleness.partitions.get(_SNAPSHOTS, {}).keys()
    if not runs and choice.views and delivered:  # else there is no table that they could look at
        return [run_for_views(looked.recipes, choice.views, max(delivered))]
    return runs


def _make(settings: Settings, looked: Look, run: Run, console: Terminal) -> None:
    from segmentation_assets.defs.runs.running import run_range

    started, teller = time.monotonic(), Teller(console)
    with console.status(f"Making {_said(run)} ..."):
        run_range(
            looked.definitions,
            run.first,
            run.last,
            teller,
            tables=run.tables,
            has_home=settings.dagster_home is not None,
        )
    console.print(f"Done in {time.monotonic() - started:.1f} s.\n")
    teller.close()
    if REJECTED_ROWS.name in run.tables:
        print_rejections(open_warehouse(settings), load_portfolio(settings.portfolio), run.first, run.last, console)


def _said(run: Run) -> str:
    days = f"{run.first}" if run.first == run.last else f"{run.first} to {run.last}"
    return f"{days}: {_counted(run.tables)}"


def _counted(tables: Sequence[str]) -> str:
    return f"{len(tables)} tables" if len(tables) > 1 else tables[0]
