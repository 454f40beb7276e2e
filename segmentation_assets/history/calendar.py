"""Partitions of other days that an asset reads: a word in its metadata says which days, and here is what it means.

Dagster's graph says which table is made from which; that a model serves a whole quarter it does not say. Yet a backfill
must know: when a snapshot that a model was trained on changes, every later day under that model is stale.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.errors import WarehouseError, choices
from segmentation_assets.history.features import raw_of_features
from segmentation_assets.history.requests import read_requests
from segmentation_assets.insights.migration import compared_snapshots
from segmentation_assets.segments.requests import requested_dates
from segmentation_assets.segments.retraining import retraining_dates
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.provenance import IF_MADE, Calendar

SNAPSHOTS = "raw_customers"
"""Table whose partitions are the days that have a raw snapshot."""

TRAINING_SNAPSHOTS = "training_snapshots"
"""The days whose snapshots the models up to the one in force were trained on."""

EARLIER_SNAPSHOTS = "earlier_snapshots"
"""The snapshots that a day's customers are compared with: see `insights.migration.compared_snapshots`."""


def open_calendar(blueprint: Blueprint, warehouse: Warehouse) -> Callable[[], Calendar]:
    """Return a function that reads which snapshots there are and gives every word its meaning."""
    return lambda: calendar_of(blueprint, warehouse, warehouse.snapshots(blueprint.tables[SNAPSHOTS]))


def calendar_of(blueprint: Blueprint, warehouse: Warehouse, snapshots: Sequence[date]) -> Calendar:
    """Give every word its meaning where these days have a raw snapshot."""
    requests = read_requests(blueprint, warehouse)
    asked = [requested_dates(requests, lens) for lens in blueprint.portfolio.lenses]
    return PortfolioCalendar(snapshots, blueprint.portfolio.retrain, asked)


@dataclass(frozen=True)
class PortfolioCalendar:
    """What the words mean where these days have a raw snapshot and models are retrained at this cadence.

    `requested` are the further retraining dates of each lens.
    """

    snapshots: Sequence[date]
    retrain: str
    requested: Sequence[Sequence[date]] = ((),)

    def __call__(self, word: str, day: date) -> list[date]:
        """Return the days that a word means for a day, ascending."""
        if word == TRAINING_SNAPSHOTS:
            chains = (retraining_dates(day, self.snapshots, self.retrain, asked) for asked in self.requested)
            return sorted({learned_on for chain in chains for learned_on in chain})
        if word == EARLIER_SNAPSHOTS:
            return compared_snapshots(day, self.snapshots)
        known = choices([TRAINING_SNAPSHOTS, EARLIER_SNAPSHOTS])
        raise WarehouseError(f"No other days are known by the word {word!r}; there are {known}.")


def learned_from(blueprint: Blueprint) -> dict[str, str]:
    """Return what a day's model is learned from: raw snapshots of its training days, their features if made."""
    return {
        **raw_of_features(blueprint, TRAINING_SNAPSHOTS),
        "customer_features": TRAINING_SNAPSHOTS + IF_MADE,
    }
