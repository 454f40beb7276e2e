"""Which runs make a choice of tables and days: few, each over days without a gap that want the same tables."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from segmentation_assets.planning.recipe import Recipe, in_order
from segmentation_assets.planning.staleness import Staleness
from segmentation_assets.warehouse.ledger import days_between, partition_name
from segmentation_assets.warehouse.provenance import Calendar, further_partitions


@dataclass(frozen=True)
class Run:
    """One run: these tables and views, for every day from `first` to `last`."""

    first: date
    last: date
    tables: tuple[str, ...]

    @property
    def n_days(self) -> int:
        """How many days it makes."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Choice:
    """The partitions to make, by table, and the views."""

    partitions: Mapping[str, frozenset[date]]
    views: frozenset[str]

    def without(self, days: Collection[date]) -> "Choice":
        """Return the choice without any partition of these days."""
        kept = {name: chosen - set(days) for name, chosen in self.partitions.items()}
        return Choice({name: chosen for name, chosen in kept.items() if chosen}, self.views)


def choose_all(
    recipes: Mapping[str, Recipe], staleness: Staleness, first: date, last: date, named: Collection[str] | None = None
) -> Choice:
    """Choose every partition of a range, or those of the named tables, stale or not.

    A delivered partition that is there is chosen only by name: it is the memory that all others are made from.
    """
    days = frozenset(days_between(first, last))
    partitions = {}
    for name, recipe in recipes.items():
        if recipe.table.is_view or (named is not None and name not in named):
            continue
        keeps = recipe.is_delivered and named is None
        partitions[name] = days & staleness.partitions.get(name, {}).keys() if keeps else days
    views = {name for name, recipe in recipes.items() if recipe.table.is_view and (named is None or name in named)}
    return Choice(partitions, frozenset(views))


def choose_stale(staleness: Staleness) -> Choice:
    """Choose what is stale and nothing else."""
    partitions = {name: frozenset(days) for name, days in staleness.partitions.items()}
    return Choice(partitions, frozenset(staleness.views))


def with_needs(recipes: Mapping[str, Recipe], staleness: Staleness, calendar: Calendar, choice: Choice) -> Choice:
    """Return the choice with what cannot be left out of it.

    That is whatever one step makes together with a chosen partition, and each stale partition that a chosen one is
    made from, unless it lies before or after all chosen days: it would not be made from it in the same run.
    """
    days = {day for chosen in choice.partitions.values() for day in chosen}
    stale = {partition_name(table, day) for table, found in staleness.partitions.items() for day in found}
    wanted: dict[str, set[date]] = {name: set(chosen) for name, chosen in choice.partitions.items()}
    for name in reversed(in_order(recipes)):
        recipe = recipes[name]
        for other in recipe.together:
            wanted.setdefault(other, set()).update(wanted.get(name, ()))
        for day in sorted(wanted.get(name, ())):
            needed, _ = further_partitions(calendar, day, recipe.further)
            for upstream in {partition_name(table, day) for table in recipe.upstream} | needed:
                table, _, other_day = upstream.partition("@")
                if upstream in stale and date.fromisoformat(other_day) in days:
                    wanted.setdefault(table, set()).add(date.fromisoformat(other_day))
    return Choice({name: frozenset(chosen) for name, chosen in wanted.items() if chosen}, choice.views)


def runs_for(recipes: Mapping[str, Recipe], choice: Choice, longest: int | None = None) -> list[Run]:
    """Return the runs that make the choice, in order of date; views are made by the last one.

    Parameters
    ----------
    longest : most days of one run; None for as many as come in a row.
    """
    tables_of: dict[date, list[str]] = {}
    for name in in_order(recipes):
        for day in choice.partitions.get(name, ()):
            tables_of.setdefault(day, []).append(name)
    runs: list[Run] = []
    for day in sorted(tables_of):
        tables = tuple(tables_of[day])
        latest = runs[-1] if runs else None
        if latest and _goes_on(latest, day, tables, longest):
            runs[-1] = Run(latest.first, day, tables)
        else:
            runs.append(Run(day, day, tables))
    if runs and choice.views:
        runs[-1] = Run(runs[-1].first, runs[-1].last, (*runs[-1].tables, *_ordered(recipes, choice.views)))
    return runs


def run_for_views(recipes: Mapping[str, Recipe], views: Collection[str], day: date) -> Run:
    """Return the run that makes views alone; any day serves, since a view holds all of them."""
    return Run(day, day, _ordered(recipes, views))


def _goes_on(run: Run, day: date, tables: tuple[str, ...], longest: int | None) -> bool:
    return run.last + timedelta(days=1) == day and run.tables == tables and (longest is None or run.n_days < longest)


def _ordered(recipes: Mapping[str, Recipe], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in in_order(recipes) if name in set(names))
