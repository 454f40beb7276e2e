"""`KPrototypes`: clusters of rows that hold numbers and categories, as a scikit-learn estimator."""

import warnings
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from segmentation_assets.clustering.compiled.threads import worker_count
from segmentation_assets.clustering.kprototypes.coarse_fit import best_start, limits_of
from segmentation_assets.clustering.kprototypes.lloyd import Problem, distances, lloyd
from segmentation_assets.clustering.kprototypes.model_form import model_from_dict, model_to_dict, prototype_frame
from segmentation_assets.clustering.kprototypes.partial_rows import PartialProblem, partial_distances
from segmentation_assets.clustering.kprototypes.seeding import given_start
from segmentation_assets.clustering.mixed_tables.aligned_values import index_of, numbers_of_rows, weight_of_columns
from segmentation_assets.clustering.mixed_tables.columns import Schema, read_columns
from segmentation_assets.clustering.mixed_tables.encoding import (
    NO_WEIGHTS,
    encode,
    exact_grid,
    learn_encoding,
    mean_standard_deviation,
)
from segmentation_assets.clustering.mixed_tables.missing import MISSING, is_partial
from segmentation_assets.clustering.mixed_tables.sentinels import warn_of_far_rows, warn_of_sentinels

INITS = ("kmeans++", "cao", "huang")


class UnseenCategoryWarning(UserWarning):
    """Rows to score hold a category that no row of the fit had; it counts as a mismatch with every prototype."""


class KPrototypes(ClusterMixin, TransformerMixin, BaseEstimator):
    """K-Prototypes clustering of numbers and categories (Huang 1998).

    Minimises the sum over rows of
    ``sum_j w_j (x_j - p_j)^2 + gamma * sum_c w_c [x_c != p_c]``, with p the means
    and modes of the row's cluster. The result depends on the rows, their
    weights, the parameters and `random_state` alone: not on the rows' order,
    the number of threads or the load of the machine.

    Parameters
    ----------
    n_clusters : int, default 8
    gamma : float or "auto", default "auto"
        Price of one differing category, in squared units of the numeric
        columns. "auto" is half the mean standard deviation of the numeric
        columns (Huang 1997, as in kmodes), 1 where there are none.
    feature_weights : dict or Series of column to weight, or sequence in the order of the columns, optional
        Positive; a column that is not named weighs 1.
    init : {"kmeans++", "cao", "huang"}, DataFrame or array, default "kmeans++"
        "kmeans++" is the greedy variant in the mixed distance on a sample;
        given prototypes (k rows, the columns of X) are a warm start.
    n_init : int, default 10
        Starts tried; the cheapest wins. One where the start is given or "cao".
    max_iter : int, default 300
        Most passes over the rows in one run.
    tol : float or "auto", default "auto"
        Stop once a pass lowers the cost by less than this share of it. With 0
        a run ends when no row moves. "auto" is 0, and 1e-7 for the passes that
        a coarse fit makes once it has left its sample: some 0.001 % of cost.
    random_state : int, RandomState instance or None, default None
        None means 0: two fits of the same rows agree.
    n_jobs : int, optional
        Threads; None decides by the number of rows. The result is the same.
    coarse : bool or "auto", default "auto"
        How the rows of a large table are searched. Every start runs on 20,000
        distinct rows (all, up to 40,000). Then the best three go on over all
        rows (False; above 200,000 rows every start first goes on over 100,000)
        or over 100,000, and only the best of those over all (True). "auto" is
        True above 200,000 rows: some four times faster, costs within 0.05 %.
    categorical : sequence of names or positions, optional
        The categorical columns. Without it, a DataFrame's text, object,
        category and bool columns are categorical; an array has none.
    missing : {"error", "ignore"}, default "error"
        What a missing value (NaN, None, pd.NA) does. "error" names its column.
        "ignore" leaves the cell out: a distance is the sum over the cells a row
        holds, without rescaling, `cost_` the sum over all observed cells, and
        prototypes and gamma="auto" come from observed values. Where no row of
        a cluster holds a value its prototype keeps the one it had; a row that
        holds none at all is at distance 0 of every prototype, so in cluster 0.
        Seeds take their missing cells from the column's mean or mode. Complete
        rows give the same fit as with "error"; rows with gaps are slower.

    Attributes
    ----------
    labels_ : int32 array of shape (n,)
        Nearest prototype of each row; ties go to the lowest number. Clusters
        are numbered by about falling size, unless the start was given.
    cost_ : float
        The sum above, of weighted rows where weights were given.
    prototypes_ : DataFrame of shape (k, d)
        Means and modes, in the columns' own units. Equally frequent
        categories give the first in sorted (or declared) order.
    gamma_ : float
    n_iter_ : int
        Passes over the rows of the winning run.
    n_features_in_ : int
    feature_names_in_ : array of shape (d,), for a DataFrame with text names
    unseen_categories_ : dict of column to list
        What the last `predict` or `transform` found and `fit` had not.

    Notes
    -----
    Numbers are kept with 24 bits of each column's range.

    References
    ----------
    Z. Huang, Extensions to the k-Means Algorithm for Clustering Large Data
    Sets with Categorical Values, Data Mining and Knowledge Discovery 2, 1998.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [0.1, 0.2, 0.9, 1.0], "status": ["single", "single", "married", "married"]})
    >>> model = KPrototypes(n_clusters=2, gamma=0.5).fit(people)
    >>> model.prototypes_.sort_values("age").round(3).values.tolist()
    [[0.15, 'single'], [0.95, 'married']]
    >>> round(model.cost_, 6)
    0.01
    """

    def __init__(
        self,
        n_clusters=8,
        *,
        gamma="auto",
        feature_weights=None,
        init="kmeans++",
        n_init=10,
        max_iter=300,
        tol="auto",
        random_state=None,
        n_jobs=None,
        coarse="auto",
        categorical=None,
        missing="error",
    ):
        self.n_clusters = n_clusters
        self.gamma = gamma
        self.feature_weights = feature_weights
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.coarse = coarse
        self.categorical = categorical
        self.missing = missing

    def fit(self, X, y=None, sample_weight=None):  # noqa: ARG002 - scikit-learn passes y
        """Find the clusters of X.

        Parameters
        ----------
        X : DataFrame or array of shape (n, d)
        y : ignored
        sample_weight : array or Series of shape (n,), optional
            At least 0; a row of weight 0 is labelled but moves nothing. A
            Series is matched with the rows of a DataFrame by its index.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a missing value (unless it is to be ignored), an infinite
            number, a column without any value, a column that is neither
            numbers nor categories, bad parameters or weights, and fewer rows
            than clusters.

        Warns
        -----
        ConvergenceWarning
            If X has fewer distinct rows than clusters. The cost is then 0 and
            the last clusters are empty.
        SentinelWarning
            If a number stands far off all others and looks like one that is
            written for "not known".
        """
        self._check_parameters()
        columns = read_columns(self, X, reset=True)
        n = len(columns[0].values)
        weights = check_weights(sample_weight, n, index_of(X))
        if len(weights) and not weights.all():
            return self._fit_positive(X, weights)
        if n < self.n_clusters:
            raise ValueError(f"n_samples={n} should be >= n_clusters={self.n_clusters}: lower n_clusters.")
        workers = worker_count(self.n_jobs, n)
        feature_weights = check_feature_weights(self.feature_weights, columns)
        encoding, rows, moments = learn_encoding(
            columns, feature_weights, weights, workers, keep_missing=self._keeps_missing
        )
        warn_of_sentinels(columns, stacklevel=2)
        self.gamma_ = self._learn_gamma(encoding, moments)
        kind = PartialProblem if self._keeps_missing and is_partial(rows, encoding) else Problem
        problem = kind(rows, encoding, moments, encoding.mismatch(self.gamma_))
        self._keep(problem, self._solve(problem, workers), workers)
        return self

    def predict(self, X):
        """Return the nearest prototype of each row, int32 of shape (n,).

        A category that `fit` has not seen differs from every prototype's and
        is reported by `UnseenCategoryWarning` and `unseen_categories_`. A number
        beyond 4,096 times the range of the fit is told by `SentinelWarning`: so
        far off no prototype is nearer than another.
        """
        return self._distances(X).argmin(axis=1).astype(np.int32)

    def transform(self, X):
        """Return the distance of each row to each prototype, float64 of shape (n, k).

        It is Huang's dissimilarity, so squared in the numbers' unit; `cost_`
        is the weighted sum of each row's least one.
        """
        return self._distances(X).astype(np.float64) / self._encoding.scale**2

    def fit_predict(self, X, y=None, sample_weight=None):  # noqa: ARG002 - scikit-learn passes y
        """Fit and return `labels_`."""
        return self.fit(X, sample_weight=sample_weight).labels_

    @property
    def prototypes_(self):
        """Means and modes of the clusters, a DataFrame with the columns of X."""
        check_is_fitted(self, "_prototypes")
        return prototype_frame(self._encoding, self._prototypes)

    def to_dict(self):
        """Return the fitted model as plain numbers, texts, lists and dictionaries that JSON can hold."""
        check_is_fitted(self, "_prototypes")
        return model_to_dict(self)

    @classmethod
    def from_dict(cls, model):
        """Return the fitted model that `to_dict` wrote down; it scores the same to the bit.

        Raises
        ------
        ValueError
            If a key is missing or the format is unknown.
        """
        return model_from_dict(cls, model)

    @property
    def _keeps_missing(self):
        return self.missing == "ignore"

    def __sklearn_tags__(self):
        """Return scikit-learn's tags; NaN is allowed where it is ignored."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._keeps_missing
        return tags

    def _fit_positive(self, X, weights):
        """Fit the rows that weigh something and label them all."""
        if not weights.any():
            raise ValueError("Every sample_weight is zero: there is nothing to fit.")
        kept = np.flatnonzero(weights)
        part = X.iloc[kept] if isinstance(X, pd.DataFrame) else np.asarray(X)[kept]
        self.fit(part, sample_weight=weights[kept])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnseenCategoryWarning)
            self.labels_ = self.predict(X)
        return self

    def _distances(self, X):
        check_is_fitted(self, "_prototypes")
        columns = read_columns(self, X, reset=False)
        workers = worker_count(self.n_jobs, len(columns[0].values))
        rows, self.unseen_categories_, _ = encode(self._encoding, columns, workers, keep_missing=self._keeps_missing)
        warn_of_far_rows(self._encoding, rows, stacklevel=3)
        if self.unseen_categories_:
            warnings.warn(
                f"Categories never seen in fit count as mismatches: {self.unseen_categories_}.",
                UnseenCategoryWarning,
                stacklevel=3,
            )
        mismatch = self._encoding.mismatch(self.gamma_).astype(np.float32)
        if self._keeps_missing and is_partial(rows, self._encoding):
            return partial_distances(rows, self._prototypes, mismatch, self._encoding.absent, workers)
        return distances(rows, self._prototypes, mismatch, workers)

    def _solve(self, problem, workers):
        """Run every start and return the cheapest solution, the first among equals."""
        seed = 0 if self.random_state is None else int(check_random_state(self.random_state).randint(2**31 - 1))
        if not isinstance(self.init, str):
            start = given_start(problem, self.init, self)
            return lloyd(problem, start, **limits_of(self), workers=workers)
        return best_start(problem, self, seed, workers)

    def _keep(self, problem, solution, workers):
        """Take over what a solution found, and warn of clusters that hold no row."""
        self._encoding = problem.encoding
        self._prototypes = solution.prototypes
        self.labels_ = solution.gather_labels()
        self.n_iter_ = solution.n_iter
        self.cost_ = float(problem.exact_cost(solution, workers) / problem.encoding.scale**2)
        self.unseen_categories_ = {}
        found = np.count_nonzero(solution.mass)
        if found < self.n_clusters:
            warnings.warn(
                f"Only {found} of n_clusters={self.n_clusters} clusters hold a row: X has no more distinct rows (rows "
                "that differ only where gamma or a weight makes the difference vanish count as one). Lower n_clusters.",
                ConvergenceWarning,
                stacklevel=3,
            )

    def _learn_names(self, columns):
        """Remember the columns as scikit-learn does, where they were not read from one X."""
        self.n_features_in_ = len(columns)
        self._schema = Schema.of(columns, has_names=True)
        names = [column.name for column in columns]
        if all(isinstance(name, str) for name in names):
            self.feature_names_in_ = np.asarray(names, dtype=object)

    def _learn_gamma(self, encoding, moments):
        if self.gamma != "auto":
            return float(self.gamma)
        return 0.5 * mean_standard_deviation(encoding, moments) if len(moments.first) else 1.0

    def _check_parameters(self):
        for name, least in (("n_clusters", 1), ("n_init", 1), ("max_iter", 1)):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}.")
        if self.tol != "auto" and (not isinstance(self.tol, Real) or not 0 <= self.tol < np.inf):
            raise ValueError(f"tol must be 'auto' or a number of at least 0, got {self.tol!r}.")
        if self.gamma != "auto" and (not isinstance(self.gamma, Real) or not 0 <= self.gamma < np.inf):
            raise ValueError(f"gamma must be 'auto' or a finite number of at least 0, got {self.gamma!r}.")
        if isinstance(self.init, str) and self.init not in INITS:
            raise ValueError(f"init must be one of {INITS} or an array of prototypes, got {self.init!r}.")
        if self.coarse not in (True, False, "auto"):
            raise ValueError(f"coarse must be True, False or 'auto', got {self.coarse!r}.")
        if self.missing not in MISSING:
            raise ValueError(f"missing must be one of {MISSING}, got {self.missing!r}.")


def check_feature_weights(feature_weights, columns):
    """Return the weight of each column, float64 of shape (d,).

    Raises
    ------
    ValueError
        If a name is unknown, a weight is missing or one is not positive.
    """
    names = [column.name for column in columns]
    weights = weight_of_columns(feature_weights, names, "feature_weights")
    if not np.isfinite(weights).all() or not (weights > 0).all():
        raise ValueError(
            f"feature_weights must be positive numbers, one for each of {names}; got {weights.tolist()}. "
            "To ignore a column, leave it out of X."
        )
    return weights


def check_weights(sample_weight, n, index=None):
    """Return weights as float64 of shape (n,), empty where every row weighs 1.

    Raises
    ------
    ValueError
        If a weight is negative, NaN or infinite, there are not n of them, or a
        Series cannot be matched with the labels of the rows, `index`.
    """
    if sample_weight is None:
        return NO_WEIGHTS
    given = np.full(n, sample_weight, float) if np.isscalar(sample_weight) else sample_weight
    weights = numbers_of_rows(given, index, n, "sample_weight")
    if not np.isfinite(weights).all() or (weights < 0).any():
        bad = int(np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))[0])
        raise ValueError(f"sample_weight must be finite and at least 0; row {bad} has {weights[bad]}.")
    # On a grid their sums are exact, in whatever order; whole numbers are on it.
    exact = exact_grid(n * weights.max(initial=0.0))
    return (weights + exact) - exact
