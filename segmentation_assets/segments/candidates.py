"""The numbers of segments that were tried: how each scored, and what it found."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

MOST_BOOTSTRAPS, FEWEST_BOOTSTRAPS, DRAWN_ROWS = 12, 8, 4_000_000
"""Bootstraps a candidate: the most while they draw no more than four million rows. The candidate that is chosen is
judged by more of them, see `stability`; a million customers would wait for the others longer than for all else."""

MOST_STARTS, FEWEST_STARTS, STARTED_ROWS = 30, 10, 1_000_000
"""Starts a fit: the most while they touch no more than a million rows, since ten may miss the best."""


@dataclass(frozen=True)
class Candidates:
    """What a method found for each number of segments, by that number.

    Attributes
    ----------
    scores : one row per candidate: n_clusters, cost, silhouette, mean_ari, min_jaccard, min_share, value_separation
    labels : n_clusters -> the cluster of each row, counted from 0
    models : n_clusters -> what the method learned, for its own use
    noise : standard errors of the differences between the silhouettes, (candidates, candidates), in the scores' order
    """

    scores: pd.DataFrame
    labels: dict[int, np.ndarray]
    models: dict[int, Any]
    noise: np.ndarray

    def filled(self) -> "Candidates":
        """Return the candidates none of whose clusters is empty: rows may differ by less than an engine can see."""
        is_filled = self.scores["min_share"].to_numpy() > 0
        scores = self.scores[is_filled].reset_index(drop=True)
        kept = scores["n_clusters"].tolist()
        noise = self.noise[np.ix_(is_filled, is_filled)]
        return Candidates(scores, {k: self.labels[k] for k in kept}, {k: self.models[k] for k in kept}, noise)


def bootstraps_of(n: int) -> int:
    """Return how many bootstraps judge a candidate of n rows."""
    return min(MOST_BOOTSTRAPS, max(FEWEST_BOOTSTRAPS, DRAWN_ROWS // n))


def starts_of(n: int) -> int:
    """Return how many starts a fit of n rows has."""
    return min(MOST_STARTS, max(FEWEST_STARTS, STARTED_ROWS // n))
