"""Stored partitions that would come out the same if they were made now, so that nothing need be worked out twice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.history.calendar import calendar_of
from segmentation_assets.history.recipes import recipes_of
from segmentation_assets.planning import Recipe
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.tables.snapshots import on
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.ledger import ABSENT, Partition, data_versions, partition_name
from segmentation_assets.warehouse.provenance import Calendar, further_partitions


class CurrentPartitions:
    """The partitions of which the ledger says that the code as it is makes them from what is there now.

    So must be what they were made from, and so on down to what was delivered. Data versions are read once, when they
    are first asked for; what the partitions of a day were made from is read when one of them is, for all at once.
    """

    def __init__(self, blueprint: Blueprint, warehouse: Warehouse) -> None:
        self._blueprint = blueprint
        self._warehouse = warehouse
        self._entries: dict[date, dict[str, Partition]] = {}
        self._judged: dict[tuple[str, date], bool] = {}

    @cached_property
    def _recipes(self) -> Mapping[str, Recipe]:
        return recipes_of(self._blueprint)

    @cached_property
    def _calendar(self) -> Calendar:
        snapshots = self._warehouse.snapshots(self._blueprint.tables["raw_customers"])
        return calendar_of(self._blueprint, self._warehouse, snapshots)

    @cached_property
    def _written(self) -> list[Partition]:
        return self._warehouse.ledger(with_upstream=False)

    @cached_property
    def _data_versions(self) -> Mapping[str, str]:
        return data_versions(self._written)

    @cached_property
    def _made_by(self) -> Mapping[str, str | None]:
        return {partition.name: partition.code_version for partition in self._written}

    def holds(self, table: str, day: date) -> bool:
        """Tell whether a table's partition would come out the same if it, and all behind it, were made now."""
        if (table, day) not in self._judged:
            self._judged[table, day] = self._is_current(self._recipes[table], day)
        return self._judged[table, day]

    def _is_current(self, recipe: Recipe, day: date) -> bool:
        name = partition_name(recipe.table.name, day)
        if recipe.is_delivered:
            return name in self._made_by
        if self._made_by.get(name) != recipe.code_version:
            return False
        made = self._entries_of(day).get(recipe.table.name)
        if made is None or made.code_version != recipe.code_version:
            return False
        needed, offered = further_partitions(self._calendar, day, recipe.further)
        needed |= {partition_name(table, day) for table in recipe.upstream}
        if not needed <= made.upstream.keys() <= needed | offered:
            return False
        return all(self._is_as_read(read, seen) for read, seen in made.upstream.items())

    def _is_as_read(self, name: str, seen: str) -> bool:
        """Tell whether a partition is what it was when it was read, and would be so if it were made now."""
        if self._data_versions.get(name, ABSENT) != seen:
            return False
        table, _, day = name.partition("@")
        return seen == ABSENT or table not in self._recipes or self.holds(table, date.fromisoformat(day))

    def _entries_of(self, day: date) -> dict[str, Partition]:
        if day not in self._entries:
            self._entries[day] = {partition.table_name: partition for partition in self._warehouse.ledger(day=day)}
        return self._entries[day]

    def read(self, name: str, day: date, columns: Sequence[str] = ()) -> pd.DataFrame | None:
        """Return the rows of such a partition, without the day; None where it has to be worked out."""
        if not self.holds(name, day):
            return None
        table = self._blueprint.tables[name]
        if not columns:
            return on(from_arrow(self._warehouse.read(table, day, day), table), day)
        wanted = list(dict.fromkeys(["snapshot_date", *columns]))
        narrowed = replace(table, columns=tuple(table.column(name) for name in wanted))
        return on(from_arrow(self._warehouse.read(table, day, day, wanted), narrowed), day)
