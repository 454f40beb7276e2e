"""Clustering of rows that hold numbers and categories.

A library of its own in the manner of scikit-learn: it knows rows, columns and
weights, and nothing of customers, tables or schedules.
"""

from ._sentinels import SentinelWarning, find_sentinels
from .famd import FAMD
from .gower import (
    GowerSilhouette,
    gower_distance_blocks,
    gower_distances,
    gower_silhouette_samples,
    gower_silhouette_score,
)
from .kprototypes import KPrototypes, UnseenCategoryWarning
from .microsegments import MicroSegments
from .scorecard import Scorecard, Shards, k_scorecard, plot_scorecard
from .sharded import fit_sharded, predict_sharded
from .sharded_famd import fit_famd_sharded, transform_sharded
from .sharded_silhouette import ShardedGowerSilhouette, gower_silhouette_sharded
from .stability import Stability, bootstrap_stability

__all__ = [
    "FAMD",
    "GowerSilhouette",
    "KPrototypes",
    "MicroSegments",
    "Scorecard",
    "SentinelWarning",
    "ShardedGowerSilhouette",
    "Shards",
    "Stability",
    "UnseenCategoryWarning",
    "bootstrap_stability",
    "find_sentinels",
    "fit_famd_sharded",
    "fit_sharded",
    "gower_distance_blocks",
    "gower_distances",
    "gower_silhouette_samples",
    "gower_silhouette_score",
    "gower_silhouette_sharded",
    "k_scorecard",
    "plot_scorecard",
    "predict_sharded",
    "transform_sharded",
]
