"""Other days than those of a run: read where the warehouse holds what would be made now, else worked out from raw."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.history.current_partitions import CurrentPartitions
from segmentation_assets.history.features import features_from_raw
from segmentation_assets.history.model_registry import ModelRegistry
from segmentation_assets.history.versions import features_version, models_version, placement_version
from segmentation_assets.segments.model import LensModel, models_in
from segmentation_assets.segments.placement import place_all
from segmentation_assets.segments.workers import Workers
from segmentation_assets.tables.frames import empty_frame
from segmentation_assets.warehouse import Warehouse


class History:
    """Snapshots, features, models and placements of any day, the same whatever was run before.

    A partition is read if the ledger says that the code as it is made it from what is there now. A run's own days are
    there too, as soon as their table is made.
    """

    def __init__(self, blueprint: Blueprint, warehouse: Warehouse, workers: Workers) -> None:
        self._blueprint = blueprint
        self._warehouse = warehouse
        nothing = empty_frame(blueprint.tables["customer_features"])
        with warehouse.reading():
            self._current = CurrentPartitions(blueprint, warehouse)
            self._registry = ModelRegistry(blueprint, warehouse, workers, nothing, models_version(blueprint.portfolio))
            self.snapshots = warehouse.snapshots(blueprint.tables["raw_customers"])
        self._features: tuple[date, pd.DataFrame] | None = None
        self._models: dict[date, dict[str, tuple[LensModel | None, str]]] = {}

    def retraining_dates(self, lens: str, day: date) -> list[date]:
        """Return the retraining dates of a lens up to a day, ascending."""
        return self._registry.retraining_dates(lens, day)

    def features(self, day: date) -> pd.DataFrame:
        """Return `customer_features` of a day; the last day that was asked for is remembered."""
        if self._features is None or self._features[0] != day:
            stored = self._current.read("customer_features", day, features_version(self._blueprint.portfolio))
            found = features_from_raw(self._blueprint, self._warehouse, day) if stored is None else stored
            self._features = (day, found)
        return self._features[1]

    def models(self, day: date) -> dict[str, tuple[LensModel | None, str]]:
        """Return for each lens its model in force on a day and its status."""
        if day not in self._models:
            training = self._registry.in_force(day)
            self._models[day] = models_in(training.model_rows, training.prototype_rows)
        return self._models[day]

    def placements(self, day: date, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return `customer_segments` of a day, or these columns of it."""
        stored = self._current.read("customer_segments", day, placement_version(self._blueprint.portfolio), columns)
        if stored is not None:
            return stored
        placed = place_all(self.features(day), self.models(day), self._blueprint.portfolio)
        return placed if columns is None else placed[[*columns]]
