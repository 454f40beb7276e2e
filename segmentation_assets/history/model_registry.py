"""The registry: the training in force on a day, found where it was written down, else learned with all before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from segmentation_assets.history.requests import read_requests
from segmentation_assets.segments.identity.lineage import continued
from segmentation_assets.segments.model import IN_FORCE
from segmentation_assets.segments.requests import requested_dates
from segmentation_assets.segments.retraining import chain_hashes, retraining_dates
from segmentation_assets.segments.training import Training, configuration_hash, train
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.tables.snapshots import joined, on

if TYPE_CHECKING:
    from segmentation_assets.history.resolver import History

MODEL_TABLES: dict[str, str] = {
    "model_selection": "candidates",
    "segment_models": "model_rows",
    "segment_prototypes": "prototype_rows",
    "segment_stability": "stability_rows",
    "segment_lineage": "lineage_rows",
}
"""The tables that one training fills, and the part of it that each holds."""

_HEADERS = ("snapshot_date", "lens", "trained_on", "status", "chain_hash", "predecessor_model_id")


@dataclass(frozen=True)
class _Link:
    """A lens's training, and the latest one so far that is in force: the next one carries on its segments."""

    training: Training
    latest: Training | None


class ModelRegistry:
    """The trainings of every lens by retraining date, each learned or read at most once.

    A training carries on the segments of the one before, and so back to the first snapshot. One that the warehouse
    holds under its own retraining date stands in for its whole chain if nothing in that chain has changed: neither
    the retraining dates, nor the configuration, nor the code, nor what was read. The days of the run itself are
    always learned anew.

    Parameters
    ----------
    history : gives the features of any day, and says what is stored and current.
    learned_here : the days of the run where it makes the models.
    """

    def __init__(self, history: "History", learned_here: Collection[date] = ()) -> None:
        self._history = history
        self._blueprint = history.blueprint
        self._warehouse = history.warehouse
        self._days = set(learned_here)
        with self._warehouse.reading():
            self._snapshots = history.snapshots
            self._requests = read_requests(self._blueprint, self._warehouse)
            self._headers = self._written_headers()
        self._written: dict[date, Training] = {}
        self._links: dict[str, dict[date, _Link]] = {lens: {} for lens in self._blueprint.portfolio.lenses}

    def in_force(self, day: date) -> Training:
        """Return the training in force on a day."""
        chains = {lens: self.retraining_dates(lens, day) for lens in self._blueprint.portfolio.lenses}
        wanting = {lens: self._wanting(lens, dates) for lens, dates in chains.items()}
        for learned_on in sorted({day for dates in wanting.values() for day in dates}):
            self._learn(learned_on, {lens: chains[lens] for lens, dates in wanting.items() if learned_on in dates})
        return Training.joined(self._links[lens][dates[-1]].training for lens, dates in chains.items())

    def retraining_dates(self, lens: str, day: date) -> list[date]:
        """Return the retraining dates of a lens up to a day, ascending."""
        asked = requested_dates(self._requests, lens)
        return retraining_dates(day, self._snapshots, self._blueprint.portfolio.retrain, asked)

    def _wanting(self, lens: str, dates: list[date]) -> list[date]:
        """Return the retraining dates to be learned: those after the latest one that is known or stands written."""
        hashes = self._chain_hashes(lens, dates)
        for position in reversed(range(len(dates))):
            is_known = dates[position] in self._links[lens]
            if is_known or self._take_written(lens, dates[position], hashes[position]):
                return dates[position + 1 :]
        return dates

    def _take_written(self, lens: str, day: date, chain_hash: str) -> bool:
        """Take up the training that the tables hold of a day, if it would come out the same now."""
        status, written_hash, predecessor = self._headers.get((lens, day), ("", "", None))
        if written_hash != chain_hash or day in self._days or not self._is_current(day):
            return False
        has_model = status == IN_FORCE
        if not has_model and not pd.isna(predecessor):
            return False  # the rows of that day do not hold the model before, on which the next one builds
        if day not in self._written:
            self._written[day] = Training(**{part: self._read(name, day) for name, part in MODEL_TABLES.items()})
        written = self._written[day].of(lens)
        if written.is_whole():
            self._links[lens][day] = _Link(written, written if has_model else None)
        return written.is_whole()

    def _written_headers(self) -> dict[tuple[str, date], tuple[str, str, str | None]]:
        """Return status, chain and predecessor of the trainings written under their own retraining dates."""
        rows = self._read_range("segment_models", date.min, date.max, _HEADERS)
        own = rows[rows["snapshot_date"] == rows["trained_on"]]
        keys = zip(own["lens"], own["snapshot_date"].dt.date, strict=True)
        found = zip(own["status"], own["chain_hash"], own["predecessor_model_id"], strict=True)
        return dict(zip(keys, found, strict=True))

    def _is_current(self, day: date) -> bool:
        """Tell whether a training was made by the code as it is, from partitions that have not changed since."""
        return all(self._history.current.holds(name, day) for name in MODEL_TABLES)

    def _learn(self, day: date, chains: dict[str, list[date]]) -> None:
        """Train lenses on a day and let each carry on what its chain knew before."""
        features, turned = self._history.rows("customer_features", day), self._history.turned_away(day)
        before = {lens: self._before(lens, day, dates) for lens, dates in chains.items()}
        known = {lens: one.recommended()[lens] for lens, one in before.items() if one is not None}
        client, portfolio = self._history.client, self._blueprint.portfolio
        trained = train(features, portfolio, day, client, list(chains), turned, before=known)
        for lens, dates in chains.items():
            chain_hash = self._chain_hashes(lens, dates)[dates.index(day)]
            training = self._as_stored(continued(trained.of(lens), before[lens], features, chain_hash), day)
            has_model = training.model_rows["status"].iloc[0] == IN_FORCE
            self._links[lens][day] = _Link(training, training if has_model else before[lens])

    def _before(self, lens: str, day: date, dates: list[date]) -> Training | None:
        """Return the training of a lens that the one of a retraining date carries on; None for its first."""
        position = dates.index(day)
        return self._links[lens][dates[position - 1]].latest if position else None

    def _as_stored(self, training: Training, day: date) -> Training:
        """Return a training in the types its tables give it, as one that is read comes."""
        tables = self._blueprint.tables
        return Training(
            **{
                part: on(joined(tables[name], [(day, getattr(training, part))]), day)
                for name, part in MODEL_TABLES.items()
            }
        )

    def _chain_hashes(self, lens: str, dates: list[date]) -> list[str]:
        return chain_hashes(configuration_hash(lens, self._blueprint.portfolio), dates)

    def _read(self, name: str, day: date) -> pd.DataFrame:
        return on(self._read_range(name, day, day), day)

    def _read_range(self, name: str, first: date, last: date, columns: Sequence[str] | None = None) -> pd.DataFrame:
        table = self._blueprint.tables[name]
        return from_arrow(self._warehouse.read(table, first, last, columns), table)
