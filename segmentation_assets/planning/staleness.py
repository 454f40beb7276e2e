"""Which partitions are stale, and why: what the ledger remembers of each, held against how it would be made now."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from segmentation_assets.planning.recipe import Recipe, in_order
from segmentation_assets.tables import Table
from segmentation_assets.warehouse.interface import Warehouse
from segmentation_assets.warehouse.ledger import ABSENT, Partition, partition_name, schema_version
from segmentation_assets.warehouse.provenance import Calendar, further_partitions

Kind = Literal["missing", "unfinished", "schema", "code", "upstream", "downstream"]


@dataclass(frozen=True, order=True)
class Reason:
    """Why a partition or view is stale, in words that are the same for every day they hold of."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class Holdings:
    """What the warehouse holds: the ledger's entries by name, rows by table and day, columns of every view."""

    ledger: Mapping[str, Partition]
    rows: Mapping[str, Mapping[date, int]]
    view_columns: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)

    @property
    def days(self) -> set[date]:
        """Every day of which there is any partition."""
        return {day for rows in self.rows.values() for day in rows}


@dataclass(frozen=True)
class Staleness:
    """What is stale, and why: partitions by table and day, views by name.

    `kept` are delivered partitions read by other code, or under other columns, than would read them now. They are the
    memory of what was delivered, so they are no cause to make anything again.
    """

    partitions: Mapping[str, Mapping[date, tuple[Reason, ...]]]
    views: Mapping[str, tuple[Reason, ...]]
    kept: Mapping[str, Mapping[date, tuple[Reason, ...]]]

    def __bool__(self) -> bool:
        return bool(self.partitions or self.views)

    def within(self, tables: Collection[str] | None, first: date | None, last: date | None) -> "Staleness":
        """Return what of it is about these tables and days; None leaves a side open."""

        def cut(found: Mapping[str, Mapping[date, tuple[Reason, ...]]]) -> dict:
            first_, last_ = first or date.min, last or date.max
            chosen = {
                name: {day: why for day, why in days.items() if first_ <= day <= last_}
                for name, days in found.items()
                if tables is None or name in tables
            }
            return {name: days for name, days in chosen.items() if days}

        views = {name: why for name, why in self.views.items() if tables is None or name in tables}
        return Staleness(cut(self.partitions), views, cut(self.kept))


def holdings_of(warehouse: Warehouse, tables: Iterable[Table]) -> Holdings:
    """Ask a warehouse what it holds of these tables and views; nothing is read but counts, columns and the ledger."""
    tables = list(tables)
    with warehouse.reading():
        return Holdings(
            ledger={partition.name: partition for partition in warehouse.ledger()},
            rows=warehouse.row_counts([table for table in tables if not table.is_view]),
            view_columns={table.name: warehouse.describe(table.name) for table in tables if table.is_view},
        )


def find_stale(
    recipes: Mapping[str, Recipe], holdings: Holdings, calendar: Calendar, days: Iterable[date] = ()
) -> Staleness:
    """Find every partition and view that would come out otherwise if it were made now, or may.

    A partition is stale if it is missing, unfinished, was written under other columns or by other code, if one that
    it was made from has changed since, or if one that it is made from is stale itself. A view is SQL alone, so
    nothing but its own SQL and columns can make it stale.

    Parameters
    ----------
    recipes : how every table and view is made now.
    days : days that every table should have; those of which the warehouse holds anything count as well.
    """
    judge = _Judge(recipes, holdings, calendar)
    judged = sorted({*days, *holdings.days})
    for name in in_order(recipes):
        recipe = recipes[name]
        if recipe.table.is_view:
            judge.judge_view(recipe)
        else:
            for day in judged:
                judge.judge_partition(recipe, day)
    return Staleness(*({name: found for name, found in side.items() if found} for side in judge.verdicts))


class _Judge:
    """Judges tables in the order of the graph and days in the order of the calendar, and remembers the verdicts."""

    def __init__(self, recipes: Mapping[str, Recipe], holdings: Holdings, calendar: Calendar) -> None:
        self._recipes = recipes
        self._holdings = holdings
        self._calendar = calendar
        self._schemas = {name: schema_version(recipe.table) for name, recipe in recipes.items()}
        self._stale_names: set[str] = set()
        self._stale: dict[str, dict[date, tuple[Reason, ...]]] = {name: {} for name in recipes}
        self._views: dict[str, tuple[Reason, ...]] = {}
        self._kept: dict[str, dict[date, tuple[Reason, ...]]] = {name: {} for name in recipes}

    @property
    def verdicts(self) -> tuple[dict, dict, dict]:
        return self._stale, self._views, self._kept

    def judge_view(self, recipe: Recipe) -> None:
        name = recipe.table.name
        stored = self._holdings.view_columns.get(name)
        if stored is None:
            self._views[name] = (Reason("missing", "was never made"),)
        elif set(stored) != set(recipe.table.column_names):
            self._views[name] = (Reason("schema", "has other columns than are declared now"),)
        else:
            self._views[name] = tuple(self._own_reasons(recipe, self._holdings.ledger.get(name)))

    def judge_partition(self, recipe: Recipe, day: date) -> None:
        table = recipe.table.name
        name = partition_name(table, day)
        entry, n_rows = self._holdings.ledger.get(name), self._holdings.rows.get(table, {}).get(day)
        if n_rows is None:
            reasons = [Reason("missing", "was never made")]
        elif recipe.is_delivered:
            kept = self._own_reasons(recipe, entry, n_rows)
            if kept:
                self._kept[table][day] = tuple(kept)
            return
        else:
            reasons = self._own_reasons(recipe, entry, n_rows)
            if entry is not None:
                reasons += self._upstream_reasons(recipe, entry, day)
        if reasons:
            self._stale_names.add(name)
            self._stale[table][day] = tuple(reasons)

    def _own_reasons(self, recipe: Recipe, entry: Partition | None, n_rows: int | None = None) -> list[Reason]:
        if entry is None:
            return [Reason("unfinished", "is not in the ledger: written by hand, by an earlier release, or cut short")]
        if n_rows is not None and entry.data_version is None:
            return [Reason("unfinished", "was being written when that was cut short")]
        reasons = []
        if n_rows is not None and n_rows != entry.n_rows:
            reasons.append(Reason("unfinished", "has more or fewer rows than were written"))
        if entry.schema_version != self._schemas[recipe.table.name]:
            reasons.append(Reason("schema", "was written under other columns or types than are declared now"))
        if entry.code_version != recipe.code_version:
            made_by = f"code {entry.code_version}" if entry.code_version else "hand"
            reasons.append(Reason("code", f"was made by {made_by}; it is {recipe.code_version} now"))
        return reasons

    def _upstream_reasons(self, recipe: Recipe, entry: Partition, day: date) -> list[Reason]:
        """Say which tables have changed since they were read, and which are about to."""
        needed, offered = further_partitions(self._calendar, day, recipe.further)
        needed |= {partition_name(table, day) for table in recipe.upstream}
        changed, about_to = set(), set()
        for name in needed | entry.upstream.keys():
            table = name.partition("@")[0]
            if entry.upstream.get(name) != self._data_version(name) or name not in needed | offered:
                changed.add(table)
            elif name in self._stale_names:
                about_to.add(table)
        reasons = []
        if changed:
            reasons.append(Reason("upstream", f"was made from {_listed(changed)} as it was before a change"))
        if about_to - changed:
            reasons.append(Reason("downstream", f"is made from {_listed(about_to - changed)}, stale as well"))
        return reasons

    def _data_version(self, name: str) -> str:
        entry = self._holdings.ledger.get(name)
        return (entry.data_version if entry else None) or ABSENT


def _listed(tables: Collection[str]) -> str:
    return ", ".join(sorted(tables))
