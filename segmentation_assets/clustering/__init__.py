"""Clustering of rows that hold numbers and categories.

A library of its own in the manner of scikit-learn: it knows rows, columns and
weights, and nothing of customers, tables or schedules.
"""

from segmentation_assets.clustering.evaluation.scorecard import Scorecard, Shards, k_scorecard, plot_scorecard
from segmentation_assets.clustering.evaluation.stability import Stability, bootstrap_stability
from segmentation_assets.clustering.famd.estimator import FAMD
from segmentation_assets.clustering.gower.distances import (
    GowerSilhouette,
    gower_distance_blocks,
    gower_distances,
    gower_silhouette_samples,
    gower_silhouette_score,
)
from segmentation_assets.clustering.kprototypes.estimator import KPrototypes, UnseenCategoryWarning
from segmentation_assets.clustering.kprototypes.microsegments import MicroSegments
from segmentation_assets.clustering.mixed_tables.sentinels import SentinelWarning, find_sentinels
from segmentation_assets.clustering.sharded.famd import fit_famd_sharded, transform_sharded
from segmentation_assets.clustering.sharded.kprototypes import fit_sharded, predict_sharded
from segmentation_assets.clustering.sharded.silhouette import ShardedGowerSilhouette, gower_silhouette_sharded

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
