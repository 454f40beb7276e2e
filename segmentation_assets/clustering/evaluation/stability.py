"""How far clusters, and the place of each row in them, survive a redraw of the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.base import clone
from sklearn.utils import check_random_state

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks, worker_count
from segmentation_assets.clustering.evaluation.agreement_kernels import count_agreements, cross_tabulate
from segmentation_assets.clustering.evaluation.bootstrap_refits import CanonicalRows, Refits, hash_keys
from segmentation_assets.clustering.kprototypes.estimator import KPrototypes, check_weights
from segmentation_assets.clustering.mixed_tables.aligned_values import index_of

# Hennig 2007 (and the manual of fpc::clusterboot): mean Jaccard similarities and what they allow to say.
VERDICTS = (
    (0.85, "highly stable"),
    (0.75, "stable"),
    (0.6, "a pattern, its members doubtful"),
    (0.0, "not to be trusted"),
)
DISSOLVED, RECOVERED = 0.5, 0.75
# A refit ends once a pass lowers its cost by less than this share: far below what a redraw changes.
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Stability:
    """What `bootstrap_stability` found.

    Attributes
    ----------
    model : fitted KPrototypes, the reference
    labels : int32 array of shape (n,), the reference clusters
    jaccard : float array of shape (k,), mean over the bootstraps, in [0, 1]
    jaccard_runs : float array of shape (n_bootstraps, k); NaN where no row of the cluster was drawn
    ari_runs : float array of shape (n_bootstraps // 2,), adjusted Rand of pairs of runs, at most 1
    confidence : float array of shape (n,)
        Share of runs in which the row lies in the cluster matched to its own, in [0, 1].
    """

    model: KPrototypes
    labels: np.ndarray
    jaccard: np.ndarray
    jaccard_runs: np.ndarray
    ari_runs: np.ndarray
    confidence: np.ndarray

    @property
    def mean_ari(self):
        """Mean adjusted Rand index between runs; NaN with a single bootstrap."""
        return float(self.ari_runs.mean()) if len(self.ari_runs) else float("nan")

    @property
    def min_jaccard(self):
        """Mean Jaccard similarity of the least stable cluster."""
        return float(np.nanmin(self.jaccard))

    def to_frame(self):
        """One row per cluster: size, jaccard, share of runs that dissolved (<= 0.5) or recovered it (>= 0.75)."""
        k = len(self.jaccard)
        sizes = np.bincount(self.labels, minlength=k)
        sums = np.bincount(self.labels, self.confidence, minlength=k)
        return pd.DataFrame(
            {
                "n": sizes,
                "jaccard": self.jaccard,
                "dissolved_share": (self.jaccard_runs <= DISSOLVED).mean(axis=0),
                "recovered_share": (self.jaccard_runs >= RECOVERED).mean(axis=0),
                "mean_confidence": np.divide(sums, sizes, out=np.full(k, np.nan), where=sizes > 0),
                "verdict": [verdict_of(value) for value in self.jaccard],
            },
            index=pd.RangeIndex(k, name="cluster"),
        )


def bootstrap_stability(
    estimator, X, *, n_bootstraps=100, random_state=0, sample_weight=None, n_jobs=None, row_keys=None
):
    """Refit K-Prototypes on bootstrap draws and compare the clusters with the reference.

    Each draw takes n rows with replacement, as weights of one and the same encoded
    table; the refit then labels every row. A cluster's Jaccard similarity is the
    best overlap |C & D| / |C | D| with a refitted cluster, over the distinct rows
    drawn (Hennig 2007: 0.85 is highly stable, 0.75 stable, below 0.6 not to be
    trusted). The adjusted Rand index compares all rows between the two runs of
    each of n_bootstraps // 2 pairs (Dolnicar and Leisch 2010). For each row's
    confidence, refitted clusters are matched one to one to the reference by
    greatest overlap. Nothing larger than n or k x k is held.

    A refit starts from the reference prototypes or from a fresh k-means++ draw,
    whichever is the cheaper on up to 16,384 of the rows; gamma and the feature
    weights stay those of the reference. Missing values are refused or left out
    as the estimator's `missing` says. The result does not depend on the order
    of the rows or the number of threads.

    Parameters
    ----------
    estimator : KPrototypes, or a mapping of its parameters
        If it is fitted already, its prototypes are the reference.
    X : DataFrame or array of shape (n, d)
    n_bootstraps : int, default 100
    random_state : int, RandomState instance or None, default 0
    sample_weight : array or Series of shape (n,), optional
        At least 0; multiplies the draws. See `KPrototypes.fit`.
    n_jobs : int, optional
        Threads, each working on runs of its own; None uses every core from 1,000 rows on.
    row_keys : array of shape (n,), optional
        What each row is called. How often a row is drawn then comes from its key (a Poisson
        variable of mean 1: Hanley and MacGibbon 2006), whatever rows there are beside
        it: of two tables that differ in one row all other draws are the same.

    Returns
    -------
    Stability

    Raises
    ------
    ValueError
        For a bad parameter, or whatever `KPrototypes.fit` refuses.
    TypeError
        If the estimator is none of these.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(0, 0.1, (50, 2)), rng.normal(1, 0.1, (50, 2))])
    >>> found = bootstrap_stability({"n_clusters": 2}, X, n_bootstraps=10)
    >>> found.jaccard.tolist(), found.mean_ari
    ([1.0, 1.0], 1.0)

    References
    ----------
    C. Hennig, Cluster-wise assessment of cluster stability, Computational Statistics and Data Analysis 52 (2007).
    S. Dolnicar and F. Leisch, Evaluation of structure and reproducibility of cluster solutions using the
    bootstrap, Marketing Letters 21 (2010).
    J. A. Hanley and B. MacGibbon, Creating non-parametric bootstrap samples using Poisson frequencies, Computer
    Methods and Programs in Biomedicine 83 (2006).
    """
    if not isinstance(n_bootstraps, Integral) or isinstance(n_bootstraps, bool) or n_bootstraps < 1:
        raise ValueError(f"n_bootstraps must be a whole number of at least 1, got {n_bootstraps!r}.")
    model = reference_model(estimator, X, sample_weight)
    weights = None if sample_weight is None else check_weights(sample_weight, len(X), index_of(X))
    keys = None if row_keys is None else hash_keys(row_keys, len(X))
    table = CanonicalRows(model, X, weights, keys)
    return measure_stability(model, table, model.predict(X), int(n_bootstraps), random_state, n_jobs)


def measure_stability(model, table, labels, n_bootstraps, random_state, n_jobs):
    """Do the work of `bootstrap_stability` on rows already encoded; `labels` are in the caller's order."""
    seed = 0 if random_state is None else int(check_random_state(random_state).randint(2**31 - 1))
    refits = Refits(model, table)
    jaccard_runs, ari_runs, agreements = run_bootstraps(refits, labels[table.order], n_bootstraps, seed, n_jobs)
    confidence = np.empty(table.n)
    confidence[table.order] = agreements / n_bootstraps
    return Stability(model, labels, mean_of_seen(jaccard_runs), jaccard_runs, ari_runs, confidence)


def mean_of_seen(runs):
    """Mean of each column over its values that are not NaN; NaN where it has none."""
    seen = ~np.isnan(runs)
    counts = seen.sum(axis=0)
    return np.divide(np.where(seen, runs, 0.0).sum(axis=0), counts, out=np.full(counts.shape, np.nan), where=counts > 0)


def reference_model(estimator, X, sample_weight):
    """Return the estimator if it is fitted, else a fitted clone; a mapping gives a new one."""
    if isinstance(estimator, Mapping):
        estimator = KPrototypes(**estimator)
    if not isinstance(estimator, KPrototypes):
        raise TypeError(
            f"estimator must be a KPrototypes or a mapping of its parameters, got {type(estimator).__name__}."
        )
    if hasattr(estimator, "gamma_"):
        return estimator
    return clone(estimator).fit(X, sample_weight=sample_weight)


def run_bootstraps(refits, reference, n_bootstraps, seed, n_jobs):
    """Run the bootstraps, two by two; `reference` and the agreements are in the order of the refits' table.

    Returns
    -------
    jaccard_runs : float array of shape (n_bootstraps, k)
    ari_runs : float array of shape (n_bootstraps // 2,)
    agreements : int array of shape (n,)
    """
    k, n = refits.reference.k, refits.table.n
    workers = worker_count(n_jobs, n * 100)
    agreements = np.zeros((workers, n), np.int32)
    jaccards = np.full((n_bootstraps, k), np.nan)
    aris = np.full(n_bootstraps // 2, np.nan)

    def run_pair(worker, start, stop):
        runs = []
        for run in range(start, stop):
            generator = np.random.default_rng([seed, run])
            weights = refits.draw(generator)
            if not weights.any():
                runs.append(reference)
                continue
            found = refits.labels(weights, generator, tol=TOLERANCE)
            everyone, drawn = np.zeros((2, k, k), np.int64)
            cross_tabulate(reference, found, weights, everyone, drawn)
            jaccards[run] = jaccard_similarities(drawn)
            count_agreements(reference, found, match_clusters(everyone), agreements[worker])
            runs.append(found)
        if len(runs) == 2:
            everyone, drawn = np.zeros((2, k, k), np.int64)
            cross_tabulate(*runs, weights, everyone, drawn)
            aris[start // 2] = adjusted_rand(everyone)

    run_blocks(run_pair, blocks_of(n_bootstraps, 2), workers)
    return jaccards, aris, agreements.sum(axis=0)


def jaccard_similarities(table):
    """Greatest |C & D| / |C | D| over D for each row C of a table of counts; NaN where C is empty.

    Parameters
    ----------
    table : int array of shape (k, m)
    """
    left, right = table.sum(axis=1), table.sum(axis=0)
    unions = left[:, None] + right - table
    best = np.divide(table, unions, out=np.zeros(table.shape), where=unions > 0).max(axis=1)
    return np.where(left > 0, best, np.nan)


def match_clusters(table):
    """Match each row of a table of counts to a column of its own so that the matched counts add up to the most."""
    _, columns = linear_sum_assignment(table, maximize=True)
    return columns.astype(np.int32)


def adjusted_rand(table):
    """Compute the adjusted Rand index of two labelings from their table of counts (Hubert and Arabie 1985).

    (pairs together in both - expected) / (mean of pairs together in each - expected);
    1 where both put all rows together, or each apart.
    """
    together, left, right = (_pairs(counts) for counts in (table, table.sum(axis=1), table.sum(axis=0)))
    total = _pairs(table.sum())
    # Python integers: the products pass 2^63 from 100,000 rows on.
    numerator = 2 * (total * together - left * right)
    denominator = total * (left + right) - 2 * left * right
    return numerator / denominator if denominator else 1.0


def _pairs(counts):
    return int((counts * (counts - 1) // 2).sum())


def verdict_of(jaccard):
    """Say in Hennig's words what a mean Jaccard similarity allows to conclude."""
    return next((words for least, words in VERDICTS if jaccard >= least), "never drawn")
