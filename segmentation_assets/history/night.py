"""One day of a table that is being made: what `make` and `show` of an asset are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from segmentation_assets.errors import TableError, choices
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.eligibility import TurnedAway
from segmentation_assets.segments.model import LensModel, models_in
from segmentation_assets.tables.asset import Asset

if TYPE_CHECKING:
    from segmentation_assets.history.resolver import History
    from segmentation_assets.personas.gemini.namer import Session
    from segmentation_assets.segments.training import Training

GEMINI = "gemini"
"""Note of what was asked for a day's names and what came of it, and what the page calls it."""


@dataclass(frozen=True)
class Night:
    """A day of an asset, with the history that the day belongs to.

    `notes` is for what `make` found out and `show` tells, and no table holds.
    """

    history: "History"
    asset: Asset
    day: date
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def portfolio(self) -> Portfolio:
        """The portfolio."""
        return self.history.blueprint.portfolio

    def rows(self, table: str) -> pd.DataFrame:
        """Return the day's rows of a table that the asset `reads`, without the day."""
        if table not in self.asset.reads:
            raise TableError(self._undeclared(table, "reads", self.asset.reads))
        return self.history.rows(table, self.day, self.asset.reads[table])

    def earlier(self, table: str, day: date, columns: Sequence[str] = ()) -> pd.DataFrame:
        """Return another day's rows, or these columns of them, of a table that the asset `asks_for`."""
        if table not in self.asset.asks_for:
            raise TableError(self._undeclared(table, "asks_for", self.asset.asks_for))
        return self.history.rows(table, day, columns)

    def _undeclared(self, table: str, where: str, declared: Sequence[str] | Mapping[str, Any]) -> str:
        # What is not declared would not be in the ledger, and a change of it would make nothing stale.
        return (
            f"{self.asset.name} wants rows of {table}, which its {where} does not name; it names "
            f"{choices(declared) or 'nothing'}. Name it there."
        )

    def models(self) -> dict[str, tuple[LensModel | None, str]]:
        """Return for each lens its model in force on the day and its status."""
        return models_in(self.rows("segment_models"), self.rows("segment_prototypes"))

    def training(self) -> "Training":
        """Return the training in force on the day."""
        return self.history.registry.in_force(self.day)

    def retraining_dates(self, lens: str) -> list[date]:
        """Return the retraining dates of a lens up to the day, ascending."""
        return self.history.registry.retraining_dates(lens, self.day)

    def turned_away(self) -> TurnedAway:
        """Return what of the day's deliveries was rejected."""
        return self.history.turned_away(self.day)

    @property
    def snapshots(self) -> Sequence[date]:
        """Every day that has a raw snapshot, ascending."""
        return self.history.snapshots

    @property
    def naming(self) -> "Session":
        """The session in which segments are named, one a run."""
        return self.history.naming

    @property
    def client(self) -> Any:
        """The client of the Dask workers; None where all is done in this process."""
        return self.history.client

    def by_lens(self, title: str, numbers: pd.Series) -> dict[str, float]:
        """Return a number of each lens, by which the series is indexed, as `show` tells it: a line in Dagster's charts.

        The primary lens has the plain title; another lens's name stands behind it. What is not known is not told.
        """
        primary, known = self.portfolio.primary_lens, numbers.dropna()
        titles = [title if lens == primary else f"{title}_{lens}" for lens in known.index]
        return dict(zip(titles, known.tolist(), strict=True))

    def queried(self) -> pd.DataFrame:
        """Return the rows that the asset's SQL file gives of the day."""
        return self.history.queried(self.asset, self.day)
