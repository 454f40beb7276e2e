"""`MicroSegments`: thousands of small clusters, each inside one persona."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from segmentation_assets.clustering.compiled.threads import worker_count
from segmentation_assets.clustering.kprototypes.estimator import check_feature_weights
from segmentation_assets.clustering.kprototypes.lloyd import Problem, distances, exact_squares, lloyd
from segmentation_assets.clustering.kprototypes.lloyd_runs import Prototypes
from segmentation_assets.clustering.kprototypes.model_form import prototype_frame
from segmentation_assets.clustering.kprototypes.partial_rows import (
    PartialProblem,
    observed_levels,
    partial_distances,
    typical_row,
)
from segmentation_assets.clustering.kprototypes.seeding import SEED_SAMPLE, seed_rows
from segmentation_assets.clustering.mixed_tables.aligned_values import index_of, labels_of_rows
from segmentation_assets.clustering.mixed_tables.columns import read_columns
from segmentation_assets.clustering.mixed_tables.encoding import (
    Moments,
    Rows,
    encode,
    learn_encoding,
    mean_standard_deviation,
)
from segmentation_assets.clustering.mixed_tables.missing import MISSING, is_partial
from segmentation_assets.clustering.mixed_tables.sentinels import warn_of_far_rows, warn_of_sentinels

# Rows whose distances to every micro-segment of a persona are held at once when scoring.
SCORED_AT_ONCE = 16_384


class MicroSegments(BaseEstimator):
    """K-Prototypes with many clusters, nested in given personas.

    Each persona is given a share of the micro-segments by its number of rows
    (largest remainder, at least one) and is cut by K-Prototypes on its own, so
    no micro-segment crosses two personas and a pass costs n * k / personas
    distances. All personas share one encoding and one gamma.

    Parameters
    ----------
    n_segments : int, default 5000
    gamma, feature_weights, categorical, missing, n_jobs, random_state
        As for `KPrototypes`.
    max_iter : int, default 30
        Most passes over a persona's rows. With micro-segments of a few hundred
        rows the last passes move few of them.

    Attributes
    ----------
    labels_ : int32 array of shape (n,)
        Micro-segment of each row, numbered persona by persona.
    segment_personas_ : array of shape (k,)
        The persona of each micro-segment.
    prototypes_ : DataFrame of shape (k, d)
    sizes_ : int array of shape (k,)
    cost_, gamma_ : float

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> MicroSegments(n_segments=4).fit(X, personas=["a", "a", "b", "b"]).segment_personas_.tolist()
    ['a', 'a', 'b', 'b']
    """

    def __init__(
        self,
        n_segments=5000,
        *,
        gamma="auto",
        feature_weights=None,
        max_iter=30,
        random_state=0,
        n_jobs=None,
        categorical=None,
        missing="error",
    ):
        self.n_segments = n_segments
        self.gamma = gamma
        self.feature_weights = feature_weights
        self.max_iter = max_iter
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.categorical = categorical
        self.missing = missing

    def fit(self, X, personas):
        """Cut every persona into micro-segments.

        Parameters
        ----------
        X : DataFrame or array of shape (n, d), as for `KPrototypes.fit`
        personas : array or Series of shape (n,)
            Persona of each row, by its index in a Series; no missing value.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If there are fewer micro-segments than personas or more than rows,
            or `personas` does not fit X.
        """
        if self.missing not in MISSING:
            raise ValueError(f"missing must be one of {MISSING}, got {self.missing!r}.")
        columns = read_columns(self, X, reset=True)
        n = len(columns[0].values)
        members, names = labels_of_rows(personas, index_of(X), n, "personas", "persona")
        if not len(names) <= self.n_segments <= n:
            raise ValueError(
                f"n_segments={self.n_segments} must lie between the numbers of personas ({len(names)}) and rows ({n})."
            )
        workers = worker_count(self.n_jobs, n)
        weights = check_feature_weights(self.feature_weights, columns)
        encoding, rows, moments = learn_encoding(
            columns, weights, np.empty(0), workers, keep_missing=self.missing == "ignore"
        )
        warn_of_sentinels(columns, stacklevel=2)
        filling = None
        if self.missing == "ignore" and is_partial(rows, encoding):
            filling = typical_row(encoding, moments, observed_levels(rows, encoding))
        auto = 0.5 * mean_standard_deviation(encoding, moments) if len(moments.first) else 1.0
        self.gamma_ = auto if self.gamma == "auto" else float(self.gamma)
        shares = largest_remainder(np.bincount(members), self.n_segments)
        self.labels_ = np.empty(n, np.int32)
        self.cost_, parts, owners = 0.0, [], []
        for persona, name in enumerate(names):
            chosen = np.flatnonzero(members == persona)
            labels, prototypes, cost = self._cut(encoding, part_of(rows, chosen), filling, int(shares[persona]))
            self.labels_[chosen] = labels + len(owners)
            self.cost_ += cost
            parts.append(prototypes)
            owners += [name] * prototypes.k
        self._encoding = encoding
        self._prototypes = join(parts)
        self.segment_personas_ = np.asarray(owners)
        self.sizes_ = np.bincount(self.labels_, minlength=len(owners))
        return self

    def predict(self, X, personas):
        """Return the nearest micro-segment of each row's own persona, int32 of shape (n,).

        Raises
        ------
        ValueError
            If a persona was not in `fit`.
        """
        check_is_fitted(self, "_prototypes")
        columns = read_columns(self, X, reset=False)
        n = len(columns[0].values)
        members, names = labels_of_rows(personas, index_of(X), n, "personas", "persona")
        strangers = sorted(set(names) - set(self.segment_personas_.tolist()))
        if strangers:
            raise ValueError(
                f"Personas {strangers} were not in fit, which had {np.unique(self.segment_personas_).tolist()}."
            )
        workers = worker_count(self.n_jobs, n)
        rows, _, _ = encode(self._encoding, columns, workers, keep_missing=self.missing == "ignore")
        warn_of_far_rows(self._encoding, rows, stacklevel=2)
        mismatch = self._encoding.mismatch(self.gamma_).astype(np.float32)
        labels = np.empty(n, np.int32)
        for persona, name in enumerate(names):
            candidates = np.flatnonzero(self.segment_personas_ == name)
            prototypes = self._prototypes.take(candidates)
            chosen = np.flatnonzero(members == persona)
            for start in range(0, len(chosen), SCORED_AT_ONCE):
                some = chosen[start : start + SCORED_AT_ONCE]
                nearest = self._distances(part_of(rows, some), prototypes, mismatch, workers).argmin(axis=1)
                labels[some] = candidates[nearest]
        return labels

    @property
    def prototypes_(self):
        """Means and modes of the micro-segments, a DataFrame with the columns of X."""
        check_is_fitted(self, "_prototypes")
        return prototype_frame(self._encoding, self._prototypes).rename_axis("micro_segment")

    def _distances(self, rows, prototypes, mismatch, workers):
        if self.missing == "ignore" and is_partial(rows, self._encoding):
            return partial_distances(rows, prototypes, mismatch, self._encoding.absent, workers)
        return distances(rows, prototypes, mismatch, workers)

    def _cut(self, encoding, rows, filling, k):
        """Cluster one persona's rows; return labels, the prototypes that hold a row, and the cost."""
        squares = exact_squares(rows, encoding, float(rows.n))
        terms = rows, encoding, Moments(float(rows.n), np.zeros(len(squares)), squares), encoding.mismatch(self.gamma_)
        problem = Problem(*terms) if filling is None else PartialProblem(*terms, filling)
        workers = worker_count(self.n_jobs, rows.n * k // 8)
        sample = problem.complete(problem.sample(max(SEED_SAMPLE, 8 * k), self.random_state or 0, workers))
        generator = np.random.default_rng([self.random_state or 0, 0])
        start = problem.at(sample, seed_rows(sample, k, problem.mismatch, "kmeans++", generator))
        solution = lloyd(problem, start, max_iter=self.max_iter, tol=0.0, workers=workers)
        used, labels = np.unique(solution.labels, return_inverse=True)
        cost = problem.exact_cost(solution, workers) / encoding.scale**2
        return labels.astype(np.int32), solution.prototypes.take(used), cost


def largest_remainder(sizes, total):
    """Share out `total` among groups in proportion to `sizes`, at least 1 and at most its size each.

    Whole parts first, then one more to the largest remainders (Hamilton's
    method), the first group among equals.
    """
    shares = np.clip(np.floor(sizes * (total / sizes.sum())).astype(int), 1, sizes)
    while shares.sum() != total:
        step = 1 if shares.sum() < total else -1
        gap = (sizes * (total / sizes.sum()) - shares) * step
        gap[(shares >= sizes) if step == 1 else (shares <= 1)] = -np.inf
        shares[int(np.argmax(gap))] += step
    return shares


def part_of(rows, numbers):
    """Return some of the rows."""
    return Rows(np.ascontiguousarray(rows.num[:, numbers]), np.ascontiguousarray(rows.codes[:, numbers]))


def join(parts):
    """Return the prototypes of several clusterings as one, in order."""
    return Prototypes(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("readable", "num", "modes"))
    )
