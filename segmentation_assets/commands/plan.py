"""`segmentation plan`: what is stale, and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from segmentation_assets.commands.console.terminal import Listing, Terminal
from segmentation_assets.commands.day_ranges import day_ranges, in_words
from segmentation_assets.commands.graph import load_definitions
from segmentation_assets.commands.own_warehouse import open_own_warehouse
from segmentation_assets.errors import SettingsError, choices, did_you_mean
from segmentation_assets.planning import Reason, Recipe, Staleness
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.warehouse.ledger import days_between

_FOLLOWS = "downstream"

_Line = tuple[str, str, tuple[str, ...]]
"""A table, its days and why they are stale, a line for each cause."""


def print_plan(
    settings: Settings, days: tuple[date | None, date | None], tables: str | None, console: Terminal
) -> None:
    """Print what is stale within the range of days."""
    looked = look(settings, days, console)
    named = chosen_tables(tables, looked.recipes)
    print_staleness(looked.staleness.within(named, looked.first, looked.last), looked.days)


@dataclass(frozen=True)
class Look:
    """What the command line sees of the warehouse: the survey's parts, the range asked for and every day there is."""

    definitions: Any
    recipes: Mapping[str, Recipe]
    calendar: Any
    staleness: Staleness
    first: date | None
    last: date | None
    days: Sequence[date]


def look(settings: Settings, asked: tuple[date | None, date | None], console: Terminal) -> Look:
    """Survey the warehouse that the settings name, for a range of days."""
    start, end = asked
    warehouse = open_own_warehouse(settings)
    with console.status("Comparing the warehouse with the graph ..."):
        definitions = load_definitions(settings)
        from segmentation_assets.blueprint import draw_blueprint
        from segmentation_assets.defs.survey import survey

        blueprint = draw_blueprint(load_portfolio(settings.portfolio))
        wanted = days_between(start, end) if start and end else []
        found = survey(blueprint, definitions.resolve_asset_graph(), warehouse, wanted)
    days = sorted({*found.holdings.days, *wanted})
    return Look(definitions, found.recipes, found.calendar, found.staleness, start, end, days)


def chosen_tables(names: str | None, recipes: Mapping[str, Recipe]) -> set[str] | None:
    """Return the tables that a comma-separated list of tables and stages names; None for all."""
    if names is None:
        return None
    stages: dict[str, set[str]] = {}
    for name, recipe in recipes.items():
        stages.setdefault(recipe.table.stage, set()).add(name)
    chosen: set[str] = set()
    for name in (part.strip() for part in names.split(",") if part.strip()):
        if name not in recipes and name not in stages:
            known = [*stages, *recipes]
            raise SettingsError(
                f"--tables names {name!r}; there are the stages {choices(stages)} and the tables {choices(recipes)}."
                f"{did_you_mean(name, known)}"
            )
        chosen |= stages.get(name, set()) if name in stages else {name}
    return chosen


def print_staleness(staleness: Staleness, days: Sequence[date]) -> None:
    """Print what is stale on standard output, a line a table, cause and range; nothing stale is one sentence."""
    console = Terminal()
    if not days:
        console.print(
            "The warehouse is empty. Fill it by segmentation run, or by segmentation backfill, both with the same "
            "portfolio."
        )
        return
    if not staleness:
        console.print("Nothing is stale.")
    else:
        console.print(_table("Stale", [*_partition_lines(staleness.partitions, days), *_view_lines(staleness.views)]))
    if staleness.kept:
        console.print(_table("Kept as delivered", _partition_lines(staleness.kept, days)))
        console.print("To read them again from their source, name them: segmentation backfill --tables raw ...")


def _partition_lines(found: Mapping[str, Mapping[date, tuple[Reason, ...]]], days: Sequence[date]) -> list[_Line]:
    lines = []
    for name, reasons_of in found.items():
        by_words: dict[tuple[str, ...], list[date]] = {}
        for day, reasons in reasons_of.items():
            by_words.setdefault(_words(reasons), []).append(day)
        for words, affected in by_words.items():
            counted = f"{len(affected)} day{'s' if len(affected) > 1 else ''}"
            lines.append((name, f"{in_words(day_ranges(affected, days))} ({counted})", words))
    return lines


def _view_lines(views: Mapping[str, tuple[Reason, ...]]) -> list[_Line]:
    return [(name, "view", _words(reasons)) for name, reasons in views.items()]


def _words(reasons: Collection[Reason]) -> tuple[str, ...]:
    """Return the causes in words; what only follows from others is said where it is all there is."""
    causes = [reason for reason in reasons if reason.kind != _FOLLOWS] or list(reasons)
    return tuple(f"{reason.kind}: {reason.words}" for reason in causes)


def _table(title: str, lines: list[_Line]) -> Listing:
    """Lay out the lines, those of the same days and causes as one."""
    table = Listing(title)
    for column in ("Table", "Days", "Why"):
        table.add_column(column, overflow="fold")
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name, days, words in lines:
        together.setdefault((days, words), []).append(name)
    for (days, words), names in together.items():
        table.add_row(", ".join(names), days, words)
    return table
