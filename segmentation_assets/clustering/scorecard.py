"""A scorecard of candidate numbers of clusters, and a recommendation."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

import numpy as np
import pandas as pd

from ._beside import index_of, numbers_of_rows
from ._famd_axes import mixed_correlation
from ._famd_moments import collect_moments
from ._refits import CanonicalRows
from ._scorecard_plot import plot_scorecard
from ._sentinels import SentinelWarning
from .gower import GowerSilhouette
from .kprototypes import KPrototypes
from .sharded import fit_sharded
from .sharded_silhouette import ShardedGowerSilhouette
from .stability import Stability, measure_stability

__all__ = ["Scorecard", "Shards", "k_scorecard", "plot_scorecard", "recommend", "value_separation"]

# Silhouettes closer than this are not worth another cluster.
SILHOUETTE_TOLERANCE = 0.02


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
    table : DataFrame, one row a candidate, ascending by n_clusters, with the columns
        n_clusters, cost, silhouette, mean_ari, min_jaccard, min_share,
        value_separation and is_recommended. NaN where a score was not asked for.
    models : dict from n_clusters to the fitted KPrototypes
    stabilities : dict from n_clusters to its Stability; empty without bootstraps
    """

    table: pd.DataFrame
    models: dict[int, KPrototypes]
    stabilities: dict[int, Stability]

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
    min_share=0.05,
    min_jaccard=0.75,
    random_state=0,
    n_jobs=None,
    shards=None,
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
    silhouettes = prepare_silhouettes(X, shards, categorical=categorical, weights=feature_weights, n_jobs=n_jobs)
    models, stabilities, lines, table = {}, {}, [], None
    for k in candidates:
        model = KPrototypes(
            k, gamma=gamma, feature_weights=feature_weights, init=init, n_init=n_init, random_state=random_state,
            n_jobs=n_jobs, categorical=categorical,
        )  # fmt: skip
        models[k] = fit_where_rows_are(model, X, shards)
        line = {
            "n_clusters": k,
            "cost": model.cost_,
            "silhouette": silhouettes.score(model.labels_),
            "mean_ari": np.nan,
            "min_jaccard": np.nan,
            "min_share": np.bincount(model.labels_, minlength=k).min() / len(model.labels_),
            "value_separation": np.nan if value is None else value_separation(value, model.labels_),
        }
        if n_bootstraps:
            table = table or CanonicalRows(model, X, None)
            found = measure_stability(model, table, model.labels_, n_bootstraps, random_state, n_jobs)
            line |= {"mean_ari": found.mean_ari, "min_jaccard": found.min_jaccard}
            stabilities[k] = found
        lines.append(line)
    scores = pd.DataFrame(lines)
    chosen = recommend(scores, min_share=min_share, min_jaccard=min_jaccard)
    return Scorecard(scores.assign(is_recommended=scores["n_clusters"] == chosen), models, stabilities)


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


def recommend(scores, *, min_share=0.05, min_jaccard=0.75, tolerance=SILHOUETTE_TOLERANCE):
    """Choose a number of clusters from the scores of several.

    The rule: of the candidates whose smallest cluster holds at least `min_share` of
    the rows and whose least stable cluster has a mean Jaccard similarity of at
    least `min_jaccard` (0.75 is stable, Hennig 2007), the smallest k whose
    silhouette is within `tolerance` of the best of them. Where no candidate meets
    both demands, stability alone counts; where none meets that, all compete. A
    stability that was not measured is not demanded.

    Parameters
    ----------
    scores : DataFrame with n_clusters, silhouette, min_jaccard and min_share

    Returns
    -------
    int
    """
    is_large = scores["min_share"] >= min_share
    is_stable = scores["min_jaccard"].isna() | (scores["min_jaccard"] >= min_jaccard)
    demands = (is_large & is_stable, is_stable, pd.Series(data=True, index=scores.index))
    admitted = scores[next(demand for demand in demands if demand.any())]
    good = admitted[admitted["silhouette"] >= admitted["silhouette"].max() - tolerance]
    return int(good["n_clusters"].min())


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
