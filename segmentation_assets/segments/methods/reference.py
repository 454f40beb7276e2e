"""The published method, for those who must reproduce an old result to the digit.

Clusters by the package kmodes with the published parameters, silhouettes by the package gower's matrix of all
distances and scikit-learn. kmodes knows no table of numbers alone or of categories alone: the first is k-means, by
scikit-learn, and the second k-modes, its own. How far the clusters are stable nobody published; our engine judges it,
starting from the prototypes found here.

Both packages are optional (``pip install 'segmentation-assets[reference]'``) and take minutes where our engine takes a
fraction of a second. The published rows were in order of the customers' keys, as they are here; the random starts
depend on it, and on the order of the numeric features.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from segmentation_assets.errors import ModelError
from segmentation_assets.segments.candidates import MOST_BOOTSTRAPS, Candidates
from segmentation_assets.segments.methods._method import Method, Problem
from segmentation_assets.segments.sentinels import told_in_metadata

if TYPE_CHECKING:
    from segmentation_assets.clustering import KPrototypes

MOST_ROWS = 20_000
"""Customers it takes: four bytes for each pair of them are 1.6 GB."""

PUBLISHED = {"init": "Cao", "n_init": 10, "max_iter": 20, "random_state": 42}
_BYTES = np.dtype(np.float32).itemsize


@dataclass(frozen=True)
class _Fit:
    """Clusters as a package found them; `gamma` is "auto" where it has no part in them."""

    labels: np.ndarray
    centres: np.ndarray
    cost: float
    gamma: float | str


class Reference(Method):
    """Clusters and silhouettes by the packages that the published figures were made with."""

    knows_weights = False

    @told_in_metadata()
    def candidates(self, problem: Problem) -> Candidates:
        """Try each number of segments; the seed is that of the bootstraps, since the clusters have the published one.

        Raises
        ------
        ModelError
            If there are more than 20,000 rows, a package is not installed, or kmodes gives up.
        """
        from sklearn.metrics import silhouette_samples

        from segmentation_assets.clustering import bootstrap_stability
        from segmentation_assets.clustering.evaluation.scorecard import errors_of_differences, value_separation

        rows, scaled = problem.rows, problem.scaled
        _refuse(len(rows))
        is_categorical = np.array([not scale.is_numeric for scale in problem.scales])
        matrix = _package("gower").gower_matrix(rows[list(scaled)].to_numpy(dtype=object), cat_features=is_categorical)
        scores, labels, models, widths = [], {}, {}, []
        for k in problem.n_clusters:
            fit = _fit(scaled, is_categorical, k, problem.gamma)
            model = _as_our_model(fit, scaled, is_categorical)
            found = bootstrap_stability(
                model, scaled, n_bootstraps=MOST_BOOTSTRAPS, random_state=problem.seed, row_keys=rows["customer_id"]
            )
            widths.append(silhouette_samples(matrix, fit.labels, metric="precomputed"))
            scores.append(
                {
                    "n_clusters": k,
                    "cost": fit.cost,
                    "silhouette": float(widths[-1].mean()),
                    "mean_ari": found.mean_ari,
                    "min_jaccard": found.min_jaccard,
                    "min_share": np.bincount(fit.labels, minlength=k).min() / len(fit.labels),
                    "value_separation": value_separation(problem.value, fit.labels),
                }
            )
            labels[k], models[k] = fit.labels, model
        return Candidates(pd.DataFrame(scores), labels, models, errors_of_differences(widths))


METHOD = Reference()


def _refuse(n_rows: int) -> None:
    """Raise ModelError where the published method cannot be run."""
    if n_rows > MOST_ROWS:
        raise ModelError(
            f"'method: reference' holds the distance of every pair of customers: {n_rows:,} of them would take "
            f"{n_rows**2 * _BYTES / 1e9:,.1f} GB, and it takes at most {MOST_ROWS:,}. Set 'method: kprototypes' for "
            "the lens, which needs no such matrix, or deliver fewer customers."
        )
    for name in ("kmodes", "gower"):
        _package(name)


def _package(name: str) -> Any:
    """Import an optional package; ModelError with the way to get it where it is not there."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ModelError(
            f"'method: reference' needs the package {error.name}, which is not installed. Install what it needs by "
            "pip install 'segmentation-assets[reference]', or set 'method: kprototypes' for the lens."
        ) from None


def _fit(scaled: pd.DataFrame, is_categorical: np.ndarray, k: int, gamma: float | str) -> _Fit:
    """Run the package that is made for the kinds of features there are."""
    table, given = scaled.to_numpy(dtype=object), None if isinstance(gamma, str) else gamma
    if not is_categorical.any():
        from sklearn.cluster import KMeans

        with threadpool_limits(1):  # each thread sums a part, so the last bits would depend on their number
            means = KMeans(k, n_init=PUBLISHED["n_init"], random_state=PUBLISHED["random_state"]).fit(scaled.to_numpy())
        return _Fit(means.labels_, means.cluster_centers_, float(means.inertia_), gamma)
    try:
        if is_categorical.all():
            price = 1.0 if given is None else given
            modes = _package("kmodes.kmodes").KModes(k, **PUBLISHED).fit(table)
            return _Fit(modes.labels_.astype(np.int32), modes.cluster_centroids_, price * float(modes.cost_), price)
        mixed = _package("kmodes.kprototypes").KPrototypes(k, gamma=given, **PUBLISHED)
        mixed.fit(table, categorical=np.flatnonzero(is_categorical).tolist())
    except ValueError as error:
        raise ModelError(
            f"'method: reference': kmodes finds no {k} clusters: {error} Try fewer candidates, or set "
            "'method: kprototypes'."
        ) from error
    centres = mixed.cluster_centroids_  # numbers first, then categories
    order = np.argsort(np.argsort(is_categorical, kind="stable"), kind="stable")
    return _Fit(mixed.labels_.astype(np.int32), centres[:, order], float(mixed.cost_), float(mixed.gamma))


def _as_our_model(fit: _Fit, scaled: pd.DataFrame, is_categorical: np.ndarray) -> "KPrototypes":
    """Return the found prototypes as a model of our engine: a single pass places the rows and moves no prototype."""
    from segmentation_assets.clustering import KPrototypes

    categorical = [name for name, is_one in zip(scaled, is_categorical, strict=True) if is_one]
    start = pd.DataFrame(fit.centres, columns=scaled.columns)
    start = start.astype({name: float for name in scaled if name not in categorical})
    model = KPrototypes(len(start), gamma=fit.gamma, init=start, max_iter=1, categorical=categorical or None)
    return model.fit(scaled)
