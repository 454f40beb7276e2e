"""Any table on any day: the run's own rows, else what is stored and current, else made in memory by its own asset.

So a day comes out the same, whatever was run before it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.errors import TableError
from segmentation_assets.history.asset_sql import asset_query
from segmentation_assets.history.current_partitions import CurrentPartitions
from segmentation_assets.history.features import worked_out_from_raw
from segmentation_assets.history.model_registry import MODEL_TABLES, ModelRegistry
from segmentation_assets.history.night import Night
from segmentation_assets.history.turned_away import REJECTED_ROWS, read_turned_away
from segmentation_assets.segments.eligibility import TurnedAway
from segmentation_assets.segments.workers import Workers
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.snapshots import joined, on
from segmentation_assets.warehouse import Warehouse

if TYPE_CHECKING:
    from segmentation_assets.personas.gemini.namer import Session

_FEATURES = "customer_features"


class History:
    """Tables of any day, for one step of a run or for whoever looks back.

    Parameters
    ----------
    open_naming : opens the session in which segments are named, for an asset that `needs_names`.
    days : the days of the run, ascending; what it makes of them is not read from the warehouse.
    given : rows of those days by table, with `snapshot_date`: what the step was handed.
    making : the asset whose step is being made.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        warehouse: Warehouse,
        workers: Workers,
        open_naming: Callable[[], "Session"] | None = None,
        *,
        days: Sequence[date] = (),
        given: Mapping[str, pd.DataFrame] | None = None,
        making: Asset | None = None,
    ) -> None:
        self.blueprint = blueprint
        self.warehouse = warehouse
        self._workers = workers
        self._open_naming = open_naming
        self._days = list(days)
        self._given = dict(given or {})
        self._making = making
        self._made: dict[tuple[str, date], pd.DataFrame] = {}
        self._remembered: dict[tuple[str, tuple[str, ...]], tuple[date, pd.DataFrame]] = {}
        self._from_raw: tuple[date, pd.DataFrame, TurnedAway] | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @cached_property
    def snapshots(self) -> Sequence[date]:
        """Every day that has a raw snapshot, ascending."""
        return self.warehouse.snapshots(self.blueprint.tables["raw_customers"])

    @cached_property
    def registry(self) -> ModelRegistry:
        """The models of all days."""
        return ModelRegistry(self, learned_here=self._days if self._makes("segment_models") else ())

    @cached_property
    def naming(self) -> "Session":
        """The session in which segments are named."""
        if self._open_naming is None:
            raise TableError("Segments are named only by an asset that says so (needs_names).")
        return self._open_naming()

    @cached_property
    def client(self) -> Any:
        """The client of the Dask workers; None where all is done in this process."""
        return self._open.enter_context(self._workers.connected())

    @cached_property
    def current(self) -> CurrentPartitions:
        """What the warehouse holds as it would be made now."""
        return CurrentPartitions(self.blueprint, self.warehouse)

    @property
    def warnings(self) -> Collection[str]:
        """What whoever started the run should know."""
        return self.naming.report.lines if "naming" in self.__dict__ else ()

    def make(self, asset: Asset, day: date) -> tuple[Night, Mapping[str, pd.DataFrame]]:
        """Make a day of an asset's step, and return it with the rows by table, as they are."""
        night = Night(self, asset, day)
        made: Any = asset.make(night) if asset.make else night.queried()
        rows: Mapping[str, pd.DataFrame] = made if asset.makes_also else {asset.name: made}
        for name in rows:
            if name in asset.asks_for:  # a later day of the run will ask for it, and it is not written yet
                self._made[name, day] = self._as_stored(name, rows[name], day)
        return night, rows

    def rows(self, table: str, day: date, columns: Sequence[str] = ()) -> pd.DataFrame:
        """Return a day's rows of a table, or these columns of them, without the day.

        Of each table the last day that was asked for is remembered, the run's own days aside.
        """
        if day in self._days and table in self._given:
            return _narrowed(on(self._given[table], day), columns)
        if (table, day) in self._made:
            return _narrowed(self._made[table, day], columns)
        key = (table, tuple(columns))
        if key not in self._remembered or self._remembered[key][0] != day:
            self._remembered[key] = (day, self._found(table, day, columns))
        return self._remembered[key][1]

    def _found(self, table: str, day: date, columns: Sequence[str]) -> pd.DataFrame:
        if table in MODEL_TABLES:  # the registry reads what is stored, a whole chain of models at a time
            return _narrowed(getattr(self.registry.in_force(day), MODEL_TABLES[table]), columns)
        is_being_made = day in self._days and self._makes(table)
        stored = None if is_being_made else self.current.read(table, day, columns)
        if stored is not None:
            return stored
        if table == _FEATURES:
            return _narrowed(self._worked_out(day)[0], columns)
        asset = self.blueprint.assets.get(table)
        if asset is None:
            raise TableError(
                f"{table} of {day} is not there as it would be made now, and only assets and {_FEATURES} are made "
                f"in memory. Make {table} again for that day: segmentation backfill does."
            )
        step = self.blueprint.assets[asset.made_by] if asset.made_by else asset
        _, made = self.make(step, day)
        return _narrowed(self._as_stored(table, made[table], day), columns)

    def turned_away(self, day: date) -> TurnedAway:
        """Return what of a day's deliveries was rejected."""
        if day in self._days:
            return self._turned_away[day]
        if self.current.holds(REJECTED_ROWS, day):
            return read_turned_away(self.blueprint, self.warehouse, [day])[day]
        return self._worked_out(day)[1]

    @cached_property
    def _turned_away(self) -> dict[date, TurnedAway]:
        return read_turned_away(self.blueprint, self.warehouse, self._days)

    def is_of_run(self, day: date) -> bool:
        """Tell whether a day is one of the run's, whose tables stand in the warehouse as this run made them."""
        return day in self._days

    def queried(self, asset: Asset, day: date) -> pd.DataFrame:
        """Return the rows that an asset's SQL file gives of a day."""
        return asset_query(self, asset, day)

    def _worked_out(self, day: date) -> tuple[pd.DataFrame, TurnedAway]:
        """Return the features of a day and what was rejected, from its raw snapshot; the last day is remembered."""
        if self._from_raw is None or self._from_raw[0] != day:
            self._from_raw = (day, *worked_out_from_raw(self.blueprint, self.warehouse, day))
        return self._from_raw[1:]

    def _makes(self, table: str) -> bool:
        return self._making is not None and table in (self._making.name, *self._making.makes_also)

    def _as_stored(self, table: str, rows: pd.DataFrame, day: date) -> pd.DataFrame:
        """Return rows in the types that their table gives them, as those that are read come."""
        return on(joined(self.blueprint.tables[table], [(day, rows)]), day)


def _narrowed(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    wanted = [name for name in columns if name != "snapshot_date"]
    return rows[wanted] if wanted else rows
