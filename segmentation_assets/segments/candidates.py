"""The numbers of segments that were tried: how each scored, and what it found."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segmentation_assets.segments.scaling import FeatureScale
from segmentation_assets.segments.sentinels import told_in_metadata
from segmentation_assets.segments.sharding import written_shards

if TYPE_CHECKING:
    from segmentation_assets.clustering import KPrototypes

MOST_BOOTSTRAPS, FEWEST_BOOTSTRAPS, DRAWN_ROWS = 12, 8, 4_000_000
"""Bootstraps a candidate: the most while they draw no more than four million rows. The candidate that is chosen is
judged by more of them, see `stability`; a million customers would wait for the others longer than for all else."""

MOST_STARTS, FEWEST_STARTS, STARTED_ROWS = 30, 10, 1_000_000
"""Starts a fit: the most while they touch no more than a million rows, since ten may miss the best."""


@dataclass(frozen=True)
class Candidates:
    """What an engine found for each number of segments, by that number.

    Attributes
    ----------
    scores : one row a candidate: n_clusters, cost, silhouette, mean_ari, min_jaccard, min_share, value_separation
    labels : n_clusters -> the cluster of each row, counted from 0
    models : n_clusters -> the prototypes those clusters lie nearest to
    noise : standard errors of the differences between the silhouettes, (candidates, candidates), in the scores' order
    """

    scores: pd.DataFrame
    labels: dict[int, np.ndarray]
    models: dict[int, "KPrototypes"]
    noise: np.ndarray

    def filled(self) -> "Candidates":
        """Return the candidates none of whose clusters is empty: rows may differ by less than an engine can see."""
        is_filled = self.scores["min_share"].to_numpy() > 0
        scores = self.scores[is_filled].reset_index(drop=True)
        kept = scores["n_clusters"].tolist()
        noise = self.noise[np.ix_(is_filled, is_filled)]
        return Candidates(scores, {k: self.labels[k] for k in kept}, {k: self.models[k] for k in kept}, noise)


@told_in_metadata()
def native_candidates(
    rows: pd.DataFrame,
    scaled: pd.DataFrame,
    scales: list[FeatureScale],
    *,
    n_clusters: list[int],
    gamma: float | str,
    value: np.ndarray,
    seed: int,
    client: Any = None,
) -> Candidates:
    """Try each number of segments with our own engine.

    Parameters
    ----------
    rows : the features of one customer a row, in their own units, none missing.
    scaled : the same as the model sees them.
    value : what each customer is worth; NaN where that is not known.
    client : of a Dask cluster that fits and scores, to the same bits; None for this process. Bootstraps, which draw
        the rows again and again, stay here.
    """
    from segmentation_assets.clustering import k_scorecard

    with nullcontext() if client is None else written_shards(scaled, client) as shards:
        scorecard = k_scorecard(
            scaled,
            n_clusters,
            categorical=[scale.name for scale in scales if not scale.is_numeric],
            feature_weights={scale.name: scale.weight for scale in scales},
            gamma=gamma,
            value=value,
            n_init=min(MOST_STARTS, max(FEWEST_STARTS, STARTED_ROWS // len(rows))),
            n_bootstraps=min(MOST_BOOTSTRAPS, max(FEWEST_BOOTSTRAPS, DRAWN_ROWS // len(rows))),
            random_state=seed,
            shards=shards,
            row_keys=rows["customer_id"],
        )
    labels = {k: model.labels_ for k, model in scorecard.models.items()}
    return Candidates(scorecard.table.drop(columns="is_recommended"), labels, scorecard.models, scorecard.noise)
