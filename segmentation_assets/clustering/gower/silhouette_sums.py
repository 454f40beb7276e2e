"""Sums of Gower distances to every cluster, from sorted columns and tables of counts."""

import numpy as np

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks, worker_count
from segmentation_assets.clustering.gower.features import common_weights, missing_patterns
from segmentation_assets.clustering.gower.kernels import (
    LANES,
    add_levels_by_pattern,
    add_numbers,
    add_numbers_by_pattern,
    compare_rows,
    count_levels,
    finish_rows,
    lane_labels,
    pack_keys,
    sum_keys,
)
from segmentation_assets.clustering.mixed_tables.aligned_values import aligned, labels_of_rows

CACHE_LINE = 64
NO_PATTERNS = np.empty(0, np.int32)


class SortedTable:
    """A table prepared for silhouettes: packed sorted keys (d_num, n), codes (d_cat, n), patterns of missingness."""

    def __init__(self, features, n_jobs):
        self.n = len(features[0].observed)
        self.shift = row_bits(self.n)
        self.workers = worker_count(n_jobs, self.n)
        numeric = [one for one in features if one.codes is None]
        categorical = [one for one in features if one.codes is not None]
        # Numbers come first, then categories: the order in which a row's terms are added.
        self.weights = np.array([one.weight for one in numeric + categorical])
        self.levels = np.array([len(one.categories) for one in categorical], np.int64)
        self.codes = np.stack([one.codes for one in categorical]) if categorical else np.empty((0, self.n), np.int32)
        self._group_missing(numeric + categorical)
        self._sort(numeric)

    def _group_missing(self, features):
        if not any(one.has_missing for one in features):
            self.patterns, self.observed = NO_PATTERNS, np.ones((1, len(features)), bool)
        else:
            (self.patterns,), self.observed = missing_patterns(features)
        self.common = common_weights(self.observed, self.observed, self.weights)
        refuse_undefined(self.common, lambda pattern: int(np.argmax(self.patterns == pattern)))

    def _sort(self, numeric):
        self.keys = np.empty((len(numeric), self.n), np.int64)
        self.lengths = [self.n - (int(np.isnan(one.numbers).sum()) if one.has_missing else 0) for one in numeric]

        def sort(_, start, stop):
            for place in range(start, stop):
                one = numeric[place]
                pack_keys(one.numbers, one.low, one.high, self.shift, self.keys[place])
                self.keys[place].sort()

        run_blocks(sort, blocks_of(len(numeric), 1), self.workers)

    def silhouettes(self, labels, sizes):
        """Silhouette of every row for labels 0 .. k - 1 with the given cluster sizes."""
        cohesion, separation = np.zeros(self.n), np.full(self.n, np.inf)
        lanes, out = np.empty(self.n, np.uint8), aligned_lanes(self.n)
        for first in range(0, len(sizes), LANES):
            lane_labels(labels, first, lanes)
            self._by_block(lambda _, start, stop: out[start:stop].fill(0.0), self.n)
            for place in range(len(self.keys)):
                self._add_numbers(place, lanes, out)
            codes, offsets, tables = self._level_tables(lanes, out)

            def compare(_, start, stop, first=first, codes=codes, offsets=offsets, tables=tables):
                compare_rows(out, codes, offsets, tables, labels, first, sizes, start, stop, cohesion, separation)

            self._by_block(compare, self.n)
        found = np.empty(self.n)

        def finish(_, start, stop):
            finish_rows(cohesion, separation, labels, sizes, start, stop, found)

        self._by_block(finish, self.n)
        return found

    def _blocks(self, n):
        return blocks_of(n) if self.workers > 1 else [(0, n)]

    def _by_block(self, task, n):
        return run_blocks(task, self._blocks(n), self.workers)

    def _add_numbers(self, place, lanes, out):
        """Add one sorted column: sum each block, chain the sums, then walk every block from its own start."""
        keys, groups, length = self.keys[place], len(self.observed), self.lengths[place]
        if not length or not self.weights[place]:
            return
        sorted_lanes = np.empty(length, np.uint8)

        def summed(_, start, stop):
            counts, sums = np.zeros((2, groups, LANES + 1), np.int64)
            sum_keys(keys, lanes, self.patterns, self.shift, start, stop, sorted_lanes, counts, sums)
            return counts, sums

        counts, sums = (np.array(part) for part in zip(*self._by_block(summed, length), strict=True))
        # At the bottom of the column every value of a cluster lies above: slope -n_c, level sum_c.
        slopes = 2 * (np.cumsum(counts, axis=0) - counts) - counts.sum(axis=0)
        levels = sums.sum(axis=0) - 2 * (np.cumsum(sums, axis=0) - sums)
        factors = self._factors(place) / grid_steps(self.shift)
        begin = {start: number for number, (start, _) in enumerate(self._blocks(length))}

        def walk(_, start, stop):
            slope, level = slopes[begin[start]], levels[begin[start]]
            if len(self.patterns):
                add_numbers_by_pattern(
                    keys, sorted_lanes, self.patterns, self.shift, start, stop, slope, level, factors, out
                )
            else:
                add_numbers(keys, sorted_lanes, self.shift, start, stop, slope[0], level[0], factors[0, 0], out)

        self._by_block(walk, length)

    def _factors(self, place):
        return pair_factors(self.observed, self.common, self.weights, place)

    def _level_tables(self, lanes, out):
        """Tables of mismatches for `compare_rows`; with missing values they are added here and now instead."""
        offsets = np.concatenate([[0], np.cumsum(self.levels)]).astype(np.int64)
        if len(self.patterns):
            for column in range(len(self.codes)):
                for pattern in range(len(self.observed)):
                    self._add_levels(column, pattern, lanes, out)
            return self.codes[:0], offsets, np.empty((0, LANES))
        tables = np.empty((offsets[-1], LANES))

        def fill(_, start, stop):
            for column in range(start, stop):
                factor = self._factors(len(self.keys) + column)[0, 0]
                tables[offsets[column] : offsets[column + 1]] = self._mismatches(column, 0, lanes) * factor

        run_blocks(fill, blocks_of(len(self.codes), 1), self.workers)
        return self.codes, offsets, tables

    def _add_levels(self, column, pattern, lanes, out):
        factors = self._factors(len(self.keys) + column)[:, pattern].copy()
        if factors.any():
            table = self._mismatches(column, pattern, lanes)

            def add(_, start, stop):
                add_levels_by_pattern(self.codes[column], self.patterns, table, factors, start, stop, out)

            self._by_block(add, self.n)

    def _mismatches(self, column, pattern, lanes):
        """How many rows of a pattern, by lane, have another category: int array of shape (levels, LANES)."""
        counts = np.zeros((self.levels[column], LANES + 1), np.int64)
        count_levels(self.codes[column], lanes, self.patterns, pattern, counts)
        return (counts.sum(axis=0) - counts)[:, :LANES]


def row_bits(n):
    """Return how many low bits of a key hold the row number in a table of n rows.

    Raises
    ------
    ValueError
        If there are fewer than 3 rows.
    """
    if n < 3:
        raise ValueError(f"A silhouette needs at least 3 rows, since 2 <= n_clusters <= n - 1; X has {n}.")
    return max(int(n - 1).bit_length(), 11)


def grid_steps(shift):
    """Return how many steps of the grid of `pack_keys` a column's range has."""
    return 2.0 ** min(63 - shift, 52) - 1.0


def pair_factors(observed, common, weights, place):
    """Weight of a feature over the weight that two patterns share, 0 where either misses it; shape (g, g)."""
    both = observed[:, place][:, None] & observed[:, place]
    return np.where(both, weights[place] / common, 0.0)


def refuse_undefined(common, first_row):
    """Raise ValueError where two patterns of missingness share no feature; `first_row` names a row of a pattern."""
    undefined = np.argwhere(common <= 0.0)
    if len(undefined):
        rows = sorted(first_row(pattern) for pattern in undefined[0])
        raise ValueError(
            f"Rows {rows[0]} and {rows[1]} have no observed feature in common, so their Gower distance is "
            "undefined: fill their missing values, or drop one of them."
        )


def aligned_lanes(n):
    """Return uninitialised float64 of shape (n, LANES), a row a cache line.

    Rows that straddle two lines made the walk four times slower.
    """
    raw = np.empty(n * LANES * 8 + CACHE_LINE, np.uint8)
    skip = -raw.ctypes.data % CACHE_LINE
    return raw[skip : skip + n * LANES * 8].view(np.float64).reshape(n, LANES)


def encode_labels(labels, n, index=None):
    """Give the labels numbers 0 .. k - 1 and count them; a Series is matched with `index`, the labels of the rows.

    Returns
    -------
    codes : int32 array of shape (n,)
    sizes : int array of shape (k,)

    Raises
    ------
    ValueError
        If there is not one label a row, a label is missing, or k is not in 2 .. n - 1.
    """
    labels = aligned(labels, index, "labels")
    dtype = getattr(labels, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "iu" and labels.shape == (n,):
        labels = np.asarray(labels)
        low, high = int(labels.min()), int(labels.max())
    else:
        labels, _ = labels_of_rows(labels, None, n, "labels", "cluster")
        low, high = 0, int(labels.max())
    if high - low < n:
        counts = np.bincount(labels - low)
        present = counts > 0
        codes, sizes = (np.cumsum(present) - 1).astype(np.int32)[labels - low], counts[present]
    else:
        _, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if not 2 <= len(sizes) <= n - 1:
        raise ValueError(
            f"Number of labels is {len(sizes)}. A silhouette is defined for 2 to n_samples - 1 = {n - 1} clusters."
        )
    return codes.astype(np.int32, copy=False), sizes.astype(np.int64, copy=False)


def exact_mean(values):
    """Mean of numbers in [-1, 1], as an integer sum on a grid of 2^-52 or coarser: the order leaves no trace."""
    scale = mean_scale(len(values))
    return float(grid_sum(values, scale) / scale / len(values))


def mean_scale(n):
    """Return the steps a unit has in the sum of n numbers in [-1, 1]."""
    return 2.0 ** min(62 - n.bit_length(), 52)


def grid_sum(values, scale):
    """Sum of numbers in [-1, 1] in steps of 1 / scale, an exact int64."""
    return np.rint(values * scale).astype(np.int64).sum()
