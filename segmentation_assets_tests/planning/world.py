"""A small warehouse of words: what a partition holds is a hash of all it was made from, so that truth can be known."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

from segmentation_assets.planning import Holdings, Recipe, find_stale
from segmentation_assets.tables.schema import string, table
from segmentation_assets.warehouse.ledger import ABSENT, Partition, partition_name, schema_version
from segmentation_assets.warehouse.provenance import further_partitions

DAYS = [date(2025, 3, 30) + timedelta(days=n) for n in range(4)]  # the third one starts a quarter


def declared(name, *, is_view=False, **columns):
    return table(
        name, "core", "Words.", string("key", "Key."), *(string(c, "Word.") for c in columns), key=("key",),
        is_view=is_view,
    )  # fmt: skip


def recipes(**changed):
    """raw -> core -> features -> models (of the quarter's first day) and places, and a view."""
    made = [
        Recipe(declared("raw"), "r1", is_delivered=True),
        Recipe(declared("core"), "c1", ("raw",), together=frozenset({"core", "rejects"})),
        Recipe(declared("rejects"), "c1", ("raw",), together=frozenset({"core", "rejects"})),
        Recipe(declared("features"), "f1", ("core",)),
        Recipe(declared("models"), "m1", ("features",), {"raw": "first", "features": "first_if_made"}),
        Recipe(declared("places"), "p1", ("features", "models")),
        Recipe(declared("changes"), "h1", ("places",), {"places": "previous"}),
        Recipe(declared("report", is_view=True), "v1", ("places",)),
    ]
    return {r.table.name: replace(r, **changed.get(r.table.name, {})) for r in made}


class World:
    """What a warehouse would hold, and what a run would do to it."""

    def __init__(self):
        self.recipes = recipes()
        self.ledger: dict[str, Partition] = {}
        self.contents: dict[str, str] = {}

    @property
    def delivered(self):
        return sorted(p.snapshot_date for p in self.ledger.values() if p.table_name == "raw")

    def calendar(self, word, day):
        earlier = [other for other in self.delivered if other < day]
        if word == "previous":
            return earlier[-1:]
        return [min(other for other in [*self.delivered, day] if _quarter(other) == _quarter(day))]

    def read_by(self, name, day):
        recipe = self.recipes[name]
        needed, offered = further_partitions(self.calendar, day, recipe.further)
        names = needed | {partition_name(other, day) for other in recipe.upstream}
        return names | (offered & self.ledger.keys())

    def deliver(self, day, words):
        self._write("raw", day, words, {})

    def make(self, name, day):
        """Make a partition from what there is."""
        recipe = self.recipes[name]
        upstream = {other: self._version(other) for other in sorted(self.read_by(name, day))}
        if name == "models":  # learned on the first day: from the features there, or without them from the raw rows
            first = self.calendar("first", day)[0]
            words = self._learned(self.contents.get(f"features@{first}") or self._features_from_raw(first))
        else:
            words = "|".join([recipe.code_version, *(self.contents.get(other, "") for other in sorted(upstream))])
        self._write(name, day, _short(words + schema_version(recipe.table)), upstream)

    def truth(self, name, day):
        """Return what a partition would hold if all were made anew."""
        fresh = World()
        fresh.recipes = self.recipes
        for other in self.delivered:
            fresh.deliver(other, self.contents[f"raw@{other}"])
        for made in ("core", "rejects", "features", "models", "places", "changes"):
            for other in fresh.delivered:
                fresh.make(made, other)
        return fresh.contents[f"{name}@{day}"]

    def stale(self):
        rows = {}
        for partition in self.ledger.values():
            rows.setdefault(partition.table_name, {})[partition.snapshot_date] = partition.n_rows
        return find_stale(self.recipes, Holdings(self.ledger, rows, {"report": None}), self.calendar)

    def mend(self):
        """Make all that is stale, in the order of the graph and of days."""
        found = self.stale().partitions
        for name in self.recipes:
            for day in sorted(found.get(name, ())):
                self.make(name, day)

    def _write(self, name, day, words, upstream):
        recipe, own = self.recipes[name], partition_name(name, day)
        self.contents[own] = words
        self.ledger[own] = Partition(
            name, day, 1, schema_version(recipe.table), recipe.code_version, _short(words), upstream
        )

    def _version(self, name):
        return self.ledger[name].data_version if name in self.ledger else ABSENT

    def _features_from_raw(self, day):
        core, features = self.recipes["core"], self.recipes["features"]
        words = _short(f"{core.code_version}|{self.contents[f'raw@{day}']}" + schema_version(core.table))
        return _short(f"{features.code_version}|{words}" + schema_version(features.table))

    def _learned(self, features):
        return f"{self.recipes['models'].code_version}|{features}"


def _quarter(day):
    return day.year, (day.month - 1) // 3


def _short(words):
    return sha256(words.encode()).hexdigest()[:8]
