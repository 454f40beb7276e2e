"""The synthetic insurer: seven delivered tables for any date of its history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation_assets.errors import SourceError
from segmentation_assets.sources.synthetic.catalogue import product_rows
from segmentation_assets.sources.synthetic.claims import claim_rows
from segmentation_assets.sources.synthetic.customers import customer_ids, customer_rows
from segmentation_assets.sources.synthetic.delivery import Rows
from segmentation_assets.sources.synthetic.dirt import DIRT_COLUMNS, dirtied, is_dirty
from segmentation_assets.sources.synthetic.drift import Drift
from segmentation_assets.sources.synthetic.interactions import interaction_rows
from segmentation_assets.sources.synthetic.outreach import outreach_rows, planted_uplifts
from segmentation_assets.sources.synthetic.personas import PERSONA_NAMES
from segmentation_assets.sources.synthetic.policies import policy_rows
from segmentation_assets.sources.synthetic.population import EPOCH, People, Population
from segmentation_assets.sources.synthetic.survey import survey_rows

_ROWS: dict[str, Callable[[People, int], Rows]] = {
    "customers": customer_rows,
    "policies": policy_rows,
    "products": lambda _people, _day: product_rows(),
    "claims": claim_rows,
    "interactions": interaction_rows,
    "survey_responses": survey_rows,
    "outreach": outreach_rows,
}

TABLES = tuple(_ROWS)


@dataclass(frozen=True)
class SyntheticInsurer:
    """An insurer whose every table on every date follows from these parameters.

    Parameters
    ----------
    n_customers : int
        Customers in the file on `history_start`. Later there are somewhat more:
        9 % a year join, and fewer leave.
    seed : int
    dirty_share : float in [0, 1]
        Share of each table's rows that are dirty, by the kinds of `dirt.KINDS`.
    history_start : date
        The first day with a snapshot.
    migration_rate : float
        Rate a year at which customers' lives change so that they may move to
        another segment; those move for whom a route is open.
    drift : Drift, optional
        A shift of one column of the customers from a day on.

    Examples
    --------
    >>> from datetime import date
    >>> insurer = SyntheticInsurer(n_customers=1000)
    >>> insurer.read("customers", date(2024, 6, 30)).num_rows
    1031
    """

    n_customers: int = 4000
    seed: int = 7
    dirty_share: float = 0.0
    history_start: date = date(2024, 1, 1)
    migration_rate: float = 0.15
    drift: Drift | None = None

    def __post_init__(self) -> None:
        if self.n_customers < 1:
            raise ValueError(f"n_customers must be at least 1, not {self.n_customers}")
        if not 0.0 <= self.dirty_share <= 1.0:
            raise ValueError(f"dirty_share must lie in [0, 1], not {self.dirty_share}")
        if self.migration_rate < 0.0:
            raise ValueError(f"migration_rate must not be negative, not {self.migration_rate}")

    def read(self, table: str, as_of: date) -> pa.Table:
        """Return a table as the company delivers it on a date: every column is text.

        Blank is the empty string. One year of interactions, two of survey
        answers and outreach and five of claims are delivered;
        customers stay for a year after their last policy lapsed.

        Raises
        ------
        ValueError
            If there is no such table.
        SourceError
            If the date is before the history.
        """
        batches = list(self.read_batches(table, as_of))
        return pa.Table.from_batches(batches)

    def read_batches(self, table: str, as_of: date) -> Iterator[pa.RecordBatch]:
        """Return the same rows in the same order, about 50,000 customers at a time."""
        for columns, _ in self._blocks(table, as_of):
            yield pa.RecordBatch.from_pydict(columns)

    def truth(self, as_of: date) -> pd.DataFrame:
        """Return what was planted in each customer of the file on a date, for tests.

        Returns
        -------
        DataFrame with customer_id, planted_segment, joined_on, has_lapsed (no
        policy in force any more), has_migrated and is_dirty (the customer's own
        row is dirty).
        """
        day = self._day(as_of)
        return pd.concat(
            [
                pd.DataFrame({
                    "customer_id": customer_ids(people.number).to_pandas(),
                    "planted_segment": _names(people.persona(day)),
                    "joined_on": _timestamps(people.joined),
                    "has_lapsed": people.left <= day,
                    "has_migrated": people.moved <= day,
                    "is_dirty": is_dirty("customers", people.number, self.seed, self.dirty_share),
                })
                for people in self._people(day)
            ],
            ignore_index=True,
        )  # fmt: skip

    def migrations(self, as_of: date, since: date | None = None) -> pd.DataFrame:
        """Return the planted migrations of the customers in the file on a date.

        A migration on a day shows in that day's snapshot and not in the one
        before. Only those after `since` and up to `as_of` are given.

        Returns
        -------
        DataFrame with customer_id, migrated_on, from_segment and to_segment.
        """
        day = self._day(as_of)
        after = self._day(since or self.history_start)
        movers = [people.take((people.moved <= day) & (people.moved > after)) for people in self._people(day)]
        return pd.concat(
            [
                pd.DataFrame({
                    "customer_id": customer_ids(people.number).to_pandas(),
                    "migrated_on": _timestamps(people.moved),
                    "from_segment": _names(people.before),
                    "to_segment": _names(people.after),
                })
                for people in movers
            ],
            ignore_index=True,
        )  # fmt: skip

    def lapses(self, as_of: date) -> pd.DataFrame:
        """Return the customers in the file who have left, with the day they did (left_on)."""
        day = self._day(as_of)
        leavers = [people.take(people.left <= day) for people in self._people(day)]
        return pd.concat(
            [
                pd.DataFrame({
                    "customer_id": customer_ids(people.number).to_pandas(),
                    "left_on": _timestamps(people.left),
                })
                for people in leavers
            ],
            ignore_index=True,
        )  # fmt: skip

    def uplifts(self, as_of: date) -> pd.DataFrame:
        """Return base conversion and planted uplift by campaign_id and segment."""
        return planted_uplifts(self._day(as_of))

    def dirty_rows(self, table: str, as_of: date) -> pd.DataFrame:
        """Return the dirt planted in a table on a date.

        Rows that refer to a dirty row are not listed: the policies of a
        customer whose key is blank are clean themselves.

        Returns
        -------
        DataFrame with row_number (from 0, in `read`), key (the clean one), kind,
        column, original, delivered and outcome: whether cleaning
        should have the row rejected, repaired, or kept with a blank.
        """
        first, frames = 0, [pd.DataFrame(columns=DIRT_COLUMNS)]
        for columns, planted in self._blocks(table, as_of):
            frames.append(planted.assign(row_number=planted["row_number"] + first))
            first += len(next(iter(columns.values())))
        return pd.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True)

    def _blocks(self, table: str, as_of: date) -> Iterator[tuple[dict[str, pa.Array], pd.DataFrame]]:
        if table not in _ROWS:
            raise ValueError(f"no table {table!r}; there are {', '.join(TABLES)}")
        day = self._day(as_of)
        blocks = self._people(day)
        if table == "products":  # one catalogue, however many blocks of customers
            blocks = islice(blocks, 1)
        for people in blocks:
            rows = _ROWS[table](people, day)
            if self.drift is not None:
                rows = self.drift.applied(table, rows, as_of)
            yield dirtied(table, rows, self.seed, self.dirty_share, as_of.year)

    def _people(self, day: int) -> Iterator[People]:
        start = (self.history_start - EPOCH).days
        return Population(self.n_customers, self.seed, start, self.migration_rate).blocks(day)

    def _day(self, as_of: date) -> int:
        if as_of < self.history_start:
            raise SourceError(
                f"The synthetic insurer has no snapshot of {as_of}: its history starts on "
                f"{self.history_start}. Ask for that date or a later one."
            )
        return (as_of - EPOCH).days


def _names(codes: np.ndarray) -> pd.Series:
    return pd.Series(np.array(PERSONA_NAMES, dtype=object)[codes])


def _timestamps(days: np.ndarray) -> pd.Series:
    return pd.Series(days.astype("datetime64[D]").astype("datetime64[s]"))
