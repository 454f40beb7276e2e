"""A scorecard of candidate numbers of clusters, and a recommendation."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from numbers import Integral

import numpy as np
import pandas as pd

from segmentation_assets.clustering.evaluation.bootstrap_refits import CanonicalRows, hash_keys
from segmentation_assets.clustering.evaluation.recommendation import LEAST_JACCARD, LEAST_SHARE, recommend
from segmentation_assets.clustering.evaluation.scorecard_plot import plot_scorecard
from segmentation_assets.clustering.evaluation.stability import Stability, measure_stability
from segmentation_assets.clustering.famd.axes import mixed_correlation
from segmentation_assets.clustering.famd.moments import collect_moments
from segmentation_assets.clustering.gower.distances import GowerSilhouette
from segmentation_assets.clustering.gower.silhouette_sums import exact_mean
from segmentation_assets.clustering.kprototypes.estimator import KPrototypes
from segmentation_assets.clustering.mixed_tables.aligned_values import index_of, numbers_of_rows
from segmentation_assets.clustering.mixed_tables.sentinels import SentinelWarning
from segmentation_assets.clustering.sharded.kprototypes import fit_sharded
from segmentation_assets.clustering.sharded.silhouette import ShardedGowerSilhouette

__all__ = ["Scorecard", "Shards", "k_scorecard", "plot_scorecard", "recommend", "value_separation"]


@dataclass(frozen=True)
class Shards:
    """Rows as Parquet files that the workers of a `dask.distributed.Client` can read, in order."""

    paths: Sequence
    client: object


@dataclass(frozen=True)
class Scorecard:
    """What `k_scorecard` found.

    Attributes
    ----------
    table : DataFrame, one row per candidate, ascending by n_clusters, with the columns
        n_clusters, cost, silhouette, mean_ari, min_jaccard, min_share,
        value_separation and is_recommended. NaN where a score was not asked for.
    models : dict from n_clusters to the fitted KPrototypes
    stabilities : dict from n_clusters to its Stability; empty without bootstraps
    noise : float array of shape (candidates, candidates)
        Standard errors of the differences between the silhouettes, in the order of the table.
    """

    table: pd.DataFrame
    models: dict[int, KPrototypes]
    stabilities: dict[int, Stability]
    noise: np.ndarray

    @property
    def recommended(self):
        """The recommended number of clusters."""
        return int(self.table.loc[self.table["is_recommended"], "n_clusters"].iloc[0])

    @property
    def labels(self):
        """Cluster of each row by candidate, a DataFrame of shape (n, candidates)."""
        return pd.DataFrame({k: model.labels_ for k, model in self.models.items()})


def k_scorecard(
    X,
    k_range=range(2, 10),
    *,
    categorical=None,
    value=None,
    feature_weights=None,
    gamma="auto",
    init="kmeans++",
    n_init=10,
    n_bootstraps=20,
    min_share=LEAST_SHARE,
    min_jaccard=LEAST_JACCARD,
    random_state=0,
    n_jobs=None,
    shards=None,
    row_keys=None,
):
    """Fit K-Prototypes for each k and score the results side by side.

    The table is sorted for the silhouettes and encoded for the bootstraps once;
    every k draws the same bootstraps, so their stabilities compare like with like.

    Parameters
    ----------
    X : DataFrame or array of shape (n, d)
    k_range : whole numbers from 2 to n - 1
    categorical, feature_weights, gamma, init, n_init, random_state, n_jobs
        See `KPrototypes`. The feature weights also weigh the silhouette.
    value : array or Series of shape (n,), optional
        What the clusters should tell apart, such as a premium, and no feature; rows
        where it is NaN are left out of its score.
    n_bootstraps : int, default 20
        See `bootstrap_stability`; 0 leaves stability out.
    min_share, min_jaccard : float
        What `recommend` demands of the smallest and of the least stable cluster.
    shards : Shards, optional
        The rows of X once more: fits and silhouettes are then made by the workers,
        to the same bits. Bootstraps are drawn here.
    row_keys : array of shape (n,), optional
        See `bootstrap_stability`.

    Returns
    -------
    Scorecard
        Its `table` has: cost (the sum of distances; look for its elbow), silhouette
        (mean, Gower's distance, in [-1, 1]), mean_ari (between bootstrap runs),
        min_jaccard (of the least stable cluster), min_share (of the smallest
        cluster), value_separation (eta squared, in [0, 1]) and is_recommended.

    Raises
    ------
    ValueError
        For a bad k_range or value, or whatever `KPrototypes.fit` refuses.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(centre, 0.05, (60, 2)) for centre in (0, 1, 2)])
    >>> k_scorecard(X, range(2, 6)).recommended
    3
    """
    candidates = check_candidates(k_range, len(X))
    value = check_value(value, len(X), index_of(X))
    if not isinstance(n_bootstraps, Integral) or isinstance(n_bootstraps, bool) or n_bootstraps < 0:
        raise ValueError(f"n_bootstraps must be a whole number, 0 for none, got {n_bootstraps!r}.")
    keys = None if row_keys is None else hash_keys(row_keys, len(X))
    silhouettes = prepare_silhouettes(X, shards, categorical=categorical, weights=feature_weights, n_jobs=n_jobs)
    models, stabilities, lines, widths, table = {}, {}, [], [], None
    for k in candidates:
        model = KPrototypes(
            k, gamma=gamma, feature_weights=feature_weights, init=init, n_init=n_init, random_state=random_state,
            n_jobs=n_jobs, categorical=categorical,
        )  # fmt: skip
        models[k] = fit_where_rows_are(model, X, shards)
        samples = silhouettes.samples(model.labels_)
        widths.append(samples.astype(np.float32))
        line = scores_without_bootstraps(model, samples, value)
        if n_bootstraps:
            table = table or CanonicalRows(model, X, None, keys)
            found = measure_stability(model, table, model.labels_, n_bootstraps, random_state, n_jobs)
            line |= {"mean_ari": found.mean_ari, "min_jaccard": found.min_jaccard}
            stabilities[k] = found
        lines.append(line)
    scores, noise = pd.DataFrame(lines), errors_of_differences(widths)
    chosen = recommend(scores, min_share=min_share, min_jaccard=min_jaccard, noise=noise)
    return Scorecard(scores.assign(is_recommended=scores["n_clusters"] == chosen), models, stabilities, noise)


def scores_without_bootstraps(model, samples, value):
    """Return the scores of a fitted model, by column of the scorecard; those of bootstraps are NaN.

    Parameters
    ----------
    model : KPrototypes, fitted
    samples : float array of shape (n,), the silhouette of each row, in [-1, 1]
    value : float array of shape (n,), or None
    """
    return {
        "n_clusters": model.n_clusters,
        "cost": model.cost_,
        "silhouette": exact_mean(samples),
        "mean_ari": np.nan,
        "min_jaccard": np.nan,
        "min_share": np.bincount(model.labels_, minlength=model.n_clusters).min() / len(model.labels_),
        "value_separation": np.nan if value is None else value_separation(value, model.labels_),
    }


def errors_of_differences(widths):
    """Return the standard errors of the differences between mean silhouettes of the same rows.

    The rows are the same, so it is the standard deviation of their differences over
    the root of n. Sums are exact, so the order of the rows leaves no trace.

    Parameters
    ----------
    widths : sequence of float arrays of shape (n,), in [-1, 1], one a candidate

    Returns
    -------
    float array of shape (candidates, candidates)
    """
    errors = np.zeros((len(widths), len(widths)))
    for one, other in combinations(range(len(widths)), 2):
        halves = (widths[one].astype(np.float64) - widths[other]) / 2.0  # in [-1, 1], for `exact_mean`
        variance = exact_mean(halves * halves) - exact_mean(halves) ** 2
        errors[one, other] = errors[other, one] = 2.0 * (max(variance, 0.0) / len(halves)) ** 0.5
    return errors


def prepare_silhouettes(X, shards, **given):
    """Return what scores labelings of X, or of its shards."""
    if shards is None:
        return GowerSilhouette(X, **given)
    del given["n_jobs"]
    return ShardedGowerSilhouette(shards.paths, client=shards.client, **given)


def fit_where_rows_are(model, X, shards):
    """Fit a model to X, or to its shards."""
    if shards is not None:
        return fit_sharded(model, shards.paths, client=shards.client)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SentinelWarning)  # said of X once, where its silhouettes were prepared
        return model.fit(X)


def value_separation(value, labels):
    """Eta squared: the share of a value's variance that lies between clusters, in [0, 1].

    The sum over clusters of share * (mean of the cluster - mean)^2, over the
    variance. Rows where the value is NaN are left out; a constant value has 0.

    Parameters
    ----------
    value : float array of shape (n,)
    labels : int array of shape (n,), from 0
    """
    seen = ~np.isnan(value)
    if not seen.any():
        return float("nan")
    numbers = np.ascontiguousarray(value[seen])[None]
    clusters, codes = np.unique(labels[seen], return_inverse=True)
    ends = np.array([numbers.min()]), np.array([numbers.max()])
    codes = codes.astype(np.int32)[None]
    matrix, _, _ = mixed_correlation(collect_moments(numbers, *ends, codes, np.array([0, len(clusters)])))
    return float(min((matrix[0, 1:] ** 2).sum(), 1.0))


def check_candidates(k_range, n):
    """Return the numbers of clusters in ascending order; ValueError unless each is a whole number from 2 to n - 1."""
    candidates = sorted(set(k_range)) if isinstance(k_range, Sequence | range | np.ndarray | set) else [k_range]
    if not candidates:
        raise ValueError("k_range is empty: give the numbers of clusters to compare, such as range(2, 10).")
    for k in candidates:
        if not isinstance(k, Integral) or isinstance(k, bool) or not 2 <= k <= n - 1:
            raise ValueError(
                f"k_range holds {k!r}: X has {n} rows, so each k must be a whole number from 2 to {n - 1}."
            )
    return [int(k) for k in candidates]


def check_value(value, n, index):
    """Return the value column as float64 of shape (n,), or None; ValueError where it does not fit X."""
    if value is None:
        return None
    found = numbers_of_rows(value, index, n, "value")
    if np.isinf(found).any():
        raise ValueError(
            f"value contains {int(np.isinf(found).sum())} infinity: replace it, or use NaN to leave a row out."
        )
    return found
