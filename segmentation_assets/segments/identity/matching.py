"""Which segments of a new model are segments of the old one: judged by the customers both would place.

The customers of the new model's training day are placed by both models, so that what differs is the models alone and
not the day. A segment lives on where the two sets of customers it holds have a Jaccard similarity above one half,
Hennig's dissolution point (Hennig 2007, Cluster-wise assessment of cluster stability). Above it a pair is the only
one for either segment, and it is part of every assignment that lets most customers keep their segment: the customers
they share outnumber all that either shares with others, so no exchange of partners could gain. The Hungarian
algorithm, which finds such an assignment, has therefore nothing left to decide.

What becomes of the others is told in the words of Spiliopoulou et al. (2006, MONIC): split, merged, new, retired.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from segmentation_assets.segments.model import LensModel
from segmentation_assets.segments.placement import distances

SURVIVAL = 0.5
"""Jaccard similarity above which a segment lives on."""

MAJORITY = 0.5
"""Share above which a segment's customers went to, or came from, one segment."""

Event = Literal["survived", "split", "merged", "new", "retired"]


@dataclass(frozen=True)
class Fate:
    """What became of a segment, or where it comes from.

    For a segment of the new model `others` are its predecessors, for a retired one its successors, by their own
    models' numbers; the figures are those with the one that shares most customers.
    """

    event: Event
    others: tuple[int, ...]
    n_common: int | None
    share_of_predecessor: float
    share_of_segment: float
    jaccard: float


@dataclass(frozen=True)
class Matching:
    """The fate of every segment of the new model, and of those of the old one that do not live on."""

    current: dict[int, Fate]
    retired: dict[int, Fate]

    @property
    def survivors(self) -> dict[int, int]:
        """Number in the new model -> number in the old one, for those that live on."""
        return {number: fate.others[0] for number, fate in self.current.items() if fate.event == "survived"}


def match(shared: pd.DataFrame) -> Matching:
    """Match the segments of two models.

    Parameters
    ----------
    shared : customers by segment of the old model (rows) and of the new one (columns), see `customers_in_common`.

    Examples
    --------
    Segment 2 falls apart; the larger half is too small to be what it was.

    >>> shared = pd.DataFrame({1: [50, 0], 2: [0, 30], 3: [0, 30]}, index=[1, 2])
    >>> {number: (fate.event, fate.others) for number, fate in match(shared).current.items()}
    {1: ('survived', (1,)), 2: ('split', (2,)), 3: ('split', (2,))}
    >>> {number: (fate.event, fate.others) for number, fate in match(shared).retired.items()}
    {2: ('retired', (2, 3))}
    """
    overlaps = _Overlaps.of(shared)
    current = {number: _origin(overlaps, position) for position, number in enumerate(overlaps.new)}
    lives_on = {fate.others[0] for fate in current.values() if fate.event == "survived"}
    retired = {
        number: _end(overlaps, position, current)
        for position, number in enumerate(overlaps.old)
        if number not in lives_on
    }
    return Matching(current, retired)


def customers_in_common(features: pd.DataFrame, old: LensModel, new: LensModel) -> pd.DataFrame:
    """Count the customers that both models can place, by segment of the old model (rows) and the new (columns).

    A lens whose features have changed is met by the customers who have a value of all features, old and new.
    """
    names = list(dict.fromkeys(scale.name for model in (old, new) for scale in model.scales))
    rows = features[features[names].notna().all(axis=1).to_numpy()]
    placed = {"old": nearest(rows, old), "new": nearest(rows, new)}
    counts = pd.crosstab(placed["old"], placed["new"])
    return counts.reindex(index=old.prototypes.index, columns=new.prototypes.index, fill_value=0)


def nearest(rows: pd.DataFrame, model: LensModel) -> np.ndarray:
    """Return the segment of each customer, shape (n,); a tie goes to the lower number. No value may be missing."""
    return model.prototypes.index.to_numpy()[distances(rows, model).argmin(axis=1)]


@dataclass(frozen=True)
class _Overlaps:
    """Shared customers of every pair as counts, shares of either side and Jaccard, each of shape (old, new)."""

    old: list[int]
    new: list[int]
    counts: np.ndarray
    of_old: np.ndarray
    of_new: np.ndarray
    jaccard: np.ndarray

    @classmethod
    def of(cls, shared: pd.DataFrame) -> "_Overlaps":
        counts = shared.to_numpy(np.float64)
        in_old, in_new = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
        return cls(
            [int(number) for number in shared.index],
            [int(number) for number in shared.columns],
            counts,
            counts / np.maximum(in_old, 1),
            counts / np.maximum(in_new, 1),
            counts / np.maximum(in_old + in_new - counts, 1),
        )

    def fate(self, event: Event, others: tuple[int, ...], old: int, new: int) -> Fate:
        """Return a fate with the figures of a pair, by position."""
        pair = (old, new)
        shares = (float(part[pair]) for part in (self.of_old, self.of_new, self.jaccard))
        return Fate(event, others, int(self.counts[pair]), *shares)


def _origin(overlaps: _Overlaps, new: int) -> Fate:
    """Say where a segment of the new model comes from; of predecessors that share as much the lower one is first."""
    best = int(overlaps.counts[:, new].argmax())
    absorbed = np.flatnonzero(overlaps.of_old[:, new] > MAJORITY)
    event: Event = "new"
    parents: list[int] = []
    if overlaps.jaccard[best, new] > SURVIVAL:
        event, parents = "survived", [best]
    elif len(absorbed) > 1:
        event, parents = "merged", absorbed.tolist()
    elif overlaps.of_new[best, new] > MAJORITY:
        event, parents = "split", [best]
    others = tuple(overlaps.old[parent] for parent in parents)
    return overlaps.fate(event, others, best, new)


def _end(overlaps: _Overlaps, old: int, current: dict[int, Fate]) -> Fate:
    """Say where the customers of a retired segment went: its parts, and whatever took more than half of them."""
    best = int(overlaps.counts[old].argmax())
    number = overlaps.old[old]
    successors = tuple(
        heir
        for position, heir in enumerate(overlaps.new)
        if number in current[heir].others or overlaps.of_old[old, position] > MAJORITY
    )
    return overlaps.fate("retired", successors, old, best)
