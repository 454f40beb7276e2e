"""Stored partitions that would come out the same if they were made now, so that nothing need be worked out twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.tables.snapshots import on
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.ledger import ABSENT, Partition, data_versions, partition_name


class CurrentPartitions:
    """The partitions of which the ledger says that the code as it is made them from what is there now.

    Data versions are read once, when this is opened; what a partition was made from is read when it is asked for, for
    all tables of that day at once.
    """

    def __init__(self, blueprint: Blueprint, warehouse: Warehouse) -> None:
        self._blueprint = blueprint
        self._warehouse = warehouse
        found = warehouse.ledger(with_upstream=False)
        self._made_by = {partition.name: partition.code_version for partition in found}
        self._data_versions = data_versions(found)
        self._entries: dict[date, dict[str, Partition]] = {}

    def holds(self, name: str, day: date, version: str) -> bool:
        """Tell whether a table's partition was made by this version of the code, and from nothing changed since."""
        if self._made_by.get(partition_name(name, day)) != version:
            return False
        made = self._entries_of(day).get(name)
        if made is None or made.code_version != version:
            return False
        return all(self._data_versions.get(read, ABSENT) == seen for read, seen in made.upstream.items())

    def _entries_of(self, day: date) -> dict[str, Partition]:
        if day not in self._entries:
            self._entries[day] = {partition.table_name: partition for partition in self._warehouse.ledger(day=day)}
        return self._entries[day]

    def read(self, name: str, day: date, version: str, columns: Sequence[str] | None = None) -> pd.DataFrame | None:
        """Return the rows of such a partition, without the day; None where it has to be worked out."""
        if not self.holds(name, day, version):
            return None
        table = self._blueprint.tables[name]
        if columns is None:
            return on(from_arrow(self._warehouse.read(table, day, day), table), day)
        wanted = ["snapshot_date", *columns]
        narrowed = replace(table, columns=tuple(table.column(name) for name in wanted))
        return on(from_arrow(self._warehouse.read(table, day, day, wanted), narrowed), day)
