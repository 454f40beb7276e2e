"""Gower's distance for mixed data, by blocks of rows, and the exact silhouette without a matrix.

Gower (1971) compares two rows feature by feature, |x - y| / range for a number
and 0 or 1 for a category, and takes the weighted mean over the features that
are observed in both. Being a mean of features, its sum over a cluster splits by
feature: a walk along the sorted column for a number, a table of counts for a
category. The silhouette therefore takes O(n d (log n + k)) steps and O(n)
memory instead of the n x n matrix, and comes out the same to rounding.

J. C. Gower, A General Coefficient of Similarity and Some of Its Properties,
Biometrics 27 (1971). P. J. Rousseeuw, Silhouettes, J. Comput. Appl. Math. 20 (1987).
"""

import numpy as np

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks, worker_count
from segmentation_assets.clustering.gower.features import common_weights, missing_patterns, read_features
from segmentation_assets.clustering.gower.kernels import divide_by_common_weight, pair_distances
from segmentation_assets.clustering.gower.silhouette_sums import SortedTable, encode_labels, exact_mean
from segmentation_assets.clustering.mixed_tables.aligned_values import index_of

# 2 GiB: a matrix above this is refused, with the way around it.
LARGEST_MATRIX_BYTES = 1 << 31
BLOCK_BYTES = 1 << 26


def gower_distances(X, Y=None, *, categorical=None, weights=None, ranges=None, n_jobs=None):
    """Gower's distance of every row of X to every row of Y, as one matrix.

    d(x, y) = sum_f w_f delta_f / sum_f w_f over the features observed in both
    rows, with delta_f = |x_f - y_f| / range_f for numbers and [x_f != y_f] for
    categories. A constant column has distance 0 and keeps its weight.

    Parameters
    ----------
    X, Y : DataFrame or array of shape (n, d), (m, d)
        Y is X where absent. NaN (None among categories) is missing.
    categorical : names or positions, optional
        The categorical columns. By default, every column of a DataFrame that is
        not numeric (booleans are categories) and no column of an array.
    weights : array of shape (d,), or mapping or Series from column to number, optional
        Not below zero; a weight of zero leaves the column out. Default 1.
    ranges : mapping from numeric column to (low, high), optional
        By default the range over X and Y together. With a narrower one a
        distance may exceed its share; the total is held at 1.
    n_jobs : int, optional
        Threads; the result does not depend on them.

    Returns
    -------
    float array of shape (n, m), in [0, 1]; NaN where two rows have no observed feature in common.

    Raises
    ------
    ValueError
        If the matrix would exceed 2 GiB, or a column cannot be read (the message names it).

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [20, 30, 40], "city": ["Bath", "Bath", "York"]})
    >>> gower_distances(people)
    array([[0.  , 0.25, 1.  ],
           [0.25, 0.  , 0.75],
           [1.  , 0.75, 0.  ]])
    """
    blocks = gower_distance_blocks(X, Y, categorical=categorical, weights=weights, ranges=ranges, n_jobs=n_jobs)
    n, m = len(X), len(X if Y is None else Y)
    if n * m * 8 > LARGEST_MATRIX_BYTES:
        raise ValueError(
            f"A matrix of {n:,} x {m:,} distances needs {n * m * 8 / 2**30:,.1f} GiB, above the limit of "
            f"{LARGEST_MATRIX_BYTES / 2**30:g} GiB: use gower_distance_blocks, or gower_silhouette_samples, "
            "which needs no matrix."
        )
    out = np.empty((n, m))
    for rows, block in blocks:
        out[rows] = block
    return out


def gower_distance_blocks(X, Y=None, *, categorical=None, weights=None, ranges=None, block_rows=None, n_jobs=None):
    """Yield Gower's distances by blocks of rows of X; for the parameters see `gower_distances`.

    Parameters
    ----------
    block_rows : int, optional
        Rows of X a block; by default as many as fill 64 MiB.

    Yields
    ------
    slice of the rows of X, float array of shape (rows, m)
        The array is reused: copy what must outlive the step.
    """
    left, right = read_features(X, categorical=categorical, weights=weights, ranges=ranges, other=Y, n_jobs=n_jobs)
    right = right or left
    n, m = len(left[0].observed), len(right[0].observed)
    rows = block_rows or max(1, BLOCK_BYTES // (8 * m))
    if rows < 1:
        raise ValueError(f"block_rows must be at least 1, got {block_rows}.")
    return _blocks(left, right, blocks_of(n, int(rows)), m, worker_count(n_jobs, n * m // 1000))


def _blocks(left, right, blocks, m, workers):
    numbers = [_halved(table) for table in (left, right)]
    scales = np.array([_scale(one) for one in left if one.codes is None])
    codes = [_stacked([one.codes for one in table if one.codes is not None], len(table[0].observed), np.int32)
             for table in (left, right)]  # fmt: skip
    code_weights = np.array([one.weight for one in left if one.codes is not None])
    patterns, observed = missing_patterns(left, right)
    common = common_weights(observed, observed, np.array([one.weight for one in left]))
    buffer = np.empty((blocks[0][1] - blocks[0][0], m))
    for first, last in blocks:
        out = buffer[: last - first]

        def fill(_, start, stop, first=first, out=out):
            part = out[start - first : stop - first]
            pair_distances(*numbers, scales, *codes, code_weights, start, stop, part)
            divide_by_common_weight(*patterns, common, start, stop, part)

        size = max(1, (last - first) // (4 * workers))
        run_blocks(fill, [(first + start, first + stop) for start, stop in blocks_of(last - first, size)], workers)
        yield slice(first, last), out


def _halved(table):
    """Stack the numeric columns, halved where their range overflows."""
    columns = [
        one.numbers if np.isfinite(one.high - one.low) else one.numbers * 0.5 for one in table if one.codes is None
    ]
    return _stacked(columns, len(table[0].observed), np.float64)


def _scale(feature):
    width = feature.high - feature.low
    width = width if np.isfinite(width) else feature.high * 0.5 - feature.low * 0.5
    return feature.weight / width if width > 0.0 else 0.0


def _stacked(columns, n, dtype):
    return np.ascontiguousarray(np.stack(columns), dtype) if columns else np.empty((0, n), dtype)


class GowerSilhouette:
    """Silhouettes of many labelings of one table: the table is read and sorted once.

    Parameters
    ----------
    X, categorical, weights, ranges, n_jobs
        See `gower_distances`. The table must have at least 3 rows.

    Raises
    ------
    ValueError
        If a column cannot be read, or two rows have no observed feature in
        common (their distance is undefined).

    Examples
    --------
    >>> prepared = GowerSilhouette([[0.0], [0.1], [0.9], [1.0]])
    >>> [round(prepared.score(labels), 4) for labels in ([0, 0, 1, 1], [0, 0, 0, 1])]
    [0.8885, 0.0294]
    """

    def __init__(self, X, *, categorical=None, weights=None, ranges=None, n_jobs=None):
        features, _ = read_features(X, categorical=categorical, weights=weights, ranges=ranges, n_jobs=n_jobs)
        self._table, self._index = SortedTable(features, n_jobs), index_of(X)

    def samples(self, labels):
        """Silhouette of every row; see `gower_silhouette_samples`."""
        labels, sizes = encode_labels(labels, self._table.n, self._index)
        return self._table.silhouettes(labels, sizes)

    def score(self, labels):
        """Mean silhouette of all rows; see `gower_silhouette_score`."""
        return exact_mean(self.samples(labels))


def gower_silhouette_samples(X, labels, *, categorical=None, weights=None, ranges=None, n_jobs=None):
    """Exact silhouette of every row in Gower's distance, without a distance matrix.

    s(i) = (b(i) - a(i)) / max(a(i), b(i)), with a(i) the mean distance to the
    other rows of the own cluster and b(i) the least mean distance to another
    cluster (Rousseeuw 1987). As in scikit-learn, a row alone in its cluster has 0.

    The result does not depend on the threads or on the order of the rows, bit
    for bit. Numbers are kept to 2^-39 of their range at 10 million rows and
    finer below. Missing values cost in proportion to the number of distinct
    patterns of missingness.

    Parameters
    ----------
    X : DataFrame or array of shape (n, d)
        See `gower_distances` for X, categorical, weights, ranges and n_jobs.
    labels : array or Series of shape (n,)
        Cluster of each row: text, numbers or truth values, 2 to n - 1 distinct ones and none missing. A Series is
        matched with the rows of a DataFrame by its index.

    Returns
    -------
    float array of shape (n,), in [-1, 1].

    Raises
    ------
    ValueError
        If there are fewer than 2 or more than n - 1 clusters, if two rows have
        no observed feature in common, or a column cannot be read.

    Examples
    --------
    >>> gower_silhouette_samples([[0.0], [0.1], [0.9], [1.0]], [0, 0, 1, 1]).round(4)
    array([0.8947, 0.8824, 0.8824, 0.8947])
    """
    prepared = GowerSilhouette(X, categorical=categorical, weights=weights, ranges=ranges, n_jobs=n_jobs)
    return prepared.samples(labels)


def gower_silhouette_score(X, labels, *, categorical=None, weights=None, ranges=None, n_jobs=None):
    """Mean of `gower_silhouette_samples`, which see; a float in [-1, 1]."""
    return exact_mean(
        gower_silhouette_samples(X, labels, categorical=categorical, weights=weights, ranges=ranges, n_jobs=n_jobs)
    )
