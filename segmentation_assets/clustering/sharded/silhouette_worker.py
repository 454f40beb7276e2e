"""What a worker does for a silhouette: prepare its rows, measure them against the rows of others, compare.

Every function is pure: it makes new arrays and leaves what it was given. Dask
may therefore run any of them again elsewhere when a worker is lost.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentation_assets.clustering.compiled.threads import blocks_of
from segmentation_assets.clustering.gower.kernels import (
    LANES,
    add_levels_by_pattern,
    add_stream,
    compare_rows,
    count_levels,
    finish_rows,
    fold_sums,
    lane_labels,
    lane_stream,
    pack_keys,
    start_stream,
)
from segmentation_assets.clustering.gower.silhouette_sums import NO_PATTERNS, aligned_lanes, grid_sum
from segmentation_assets.clustering.mixed_tables.categories import known_codes
from segmentation_assets.clustering.sharded.table_summary import pack_observed, read_table

# Sums of a block, 64 bytes a row, stay in the second-level cache between the streams.
BLOCK = 1 << 12


@dataclass
class Plan:
    """What must be known of the whole table to prepare some of its rows.

    Attributes
    ----------
    reader : unfitted estimator that says which columns are categorical
    names : the columns wanted, or None
    ranges : list of (low, high), one a numeric column
    categories : list of lists, one a categorical column
    shift : int, see `pack_keys`
    distinct : the packed patterns of missingness in order, uint8 of shape (g, bytes), or None where nothing is missing
    """

    reader: Any
    names: list | None
    ranges: list
    categories: list
    shift: int
    distinct: np.ndarray | None


@dataclass
class Part:
    """Some rows of the table: packed keys, sorted by value a column (p, n), codes (q, n), patterns (n,) or empty."""

    keys: np.ndarray
    lengths: list
    codes: np.ndarray
    patterns: np.ndarray

    @property
    def n(self):
        """Number of rows."""
        return self.keys.shape[1]

    def sorted_keys(self, place):
        """Return the keys of a column whose value is not missing."""
        return self.keys[place, : self.lengths[place]]


def prepare_part(plan, paths):
    """Read the rows of the files and sort them by every number."""
    numbers, codes = [], []
    for path in paths:
        numeric, categorical = read_table(plan.reader, path, plan.names)
        if not numeric and not categorical:
            continue
        n = len((numeric or categorical)[0].values)
        numbers.append(np.array([np.asarray(one.values, np.float64) for one in numeric]).reshape(-1, n))
        known = [known_codes(one, levels)[0] for one, levels in zip(categorical, plan.categories, strict=True)]
        codes.append(np.array(known, np.int32).reshape(-1, n))
    numbers, codes = np.concatenate(numbers, axis=1), np.concatenate(codes, axis=1)
    observed = [*~np.isnan(numbers), *(codes >= 0)]
    keys = np.empty(numbers.shape, np.int64)
    for place, (low, high) in enumerate(plan.ranges):
        pack_keys(numbers[place], low, high, plan.shift, keys[place])
        keys[place].sort()
    lengths = [int(one.sum()) for one in observed[: len(keys)]]
    return Part(keys, lengths, codes, patterns_of(observed, plan.distinct))


def patterns_of(observed, distinct):
    """Return the number of each row's pattern of missingness among the `distinct` ones."""
    if distinct is None:
        return NO_PATTERNS
    own, inverse = np.unique(pack_observed(observed), axis=0, return_inverse=True)
    place_of = {row.tobytes(): place for place, row in enumerate(distinct)}
    places = np.array([place_of[row.tobytes()] for row in own], np.int32)
    return places[inverse.reshape(-1)]


def join_labels(pieces):
    """Return the labels of a part, int32."""
    return np.concatenate(pieces).astype(np.int32)


def lanes_of(labels, first):
    """Return each label's lane in the batch of clusters from `first` on."""
    lanes = np.empty(len(labels), np.uint8)
    lane_labels(labels, first, lanes)
    return lanes


def stream_of(part, lanes, place, pattern, shift):
    """Return one sorted column of a part for others to measure against, see `lane_stream`."""
    keys = part.sorted_keys(place)
    stream = np.empty(len(keys), np.int64)
    length = lane_stream(keys, lanes, part.patterns, pattern, shift, stream)
    return stream if length == len(stream) else stream[:length].copy()


def sums_to(part, sums, streams, place, shift):
    """Return the distances of a part's rows to the rows of streams, added to those of earlier streams."""
    keys = part.sorted_keys(place)
    sums = np.zeros((len(keys), LANES), np.int64) if sums is None else sums.copy()
    walks = [begin_walk(stream, shift) for stream in streams]
    for start, stop in blocks_of(len(keys), BLOCK):
        go_on(walks, keys[start:stop], shift, sums[start:stop])
    return sums


def fold(part, out, sums, streams, place, factors, shift):
    """Return the weighted distances of a part's rows with those of one column added.

    `sums` has the distances to the rows of earlier streams, None where `streams` are all.
    """
    out, keys = started(part, out), part.sorted_keys(place)
    walks = [begin_walk(stream, shift) for stream in streams]
    block = np.empty((BLOCK, LANES), np.int64)
    for start, stop in blocks_of(len(keys), BLOCK):
        total = block[: stop - start]
        total[:] = 0 if sums is None else sums[start:stop]
        go_on(walks, keys[start:stop], shift, total)
        fold_sums(keys[start:stop], shift, total, part.patterns, factors, out)
    return out


def begin_walk(stream, shift):
    """Return a walk along a stream: the stream, how far it has come, slope and level there."""
    slope, level = np.zeros((2, LANES + 1), np.int64)
    start_stream(stream, shift, slope, level)
    return [stream, 0, slope, level]


def go_on(walks, keys, shift, sums):
    """Take every walk past a block of keys and add up their distances."""
    for walk in walks:
        stream, cursor, slope, level = walk
        walk[1] = add_stream(keys, shift, stream, cursor, slope, level, sums)


def started(part, out):
    """Return a copy of the weighted distances so far, zeros before the first column."""
    fresh = aligned_lanes(part.n)
    fresh[:] = 0.0 if out is None else out
    return fresh


def count_part(part, lanes, levels, n_patterns):
    """Count categories by lane: a list of lists of (levels, LANES + 1) arrays, by column and pattern."""
    found = []
    for column, size in enumerate(levels):
        counts = [np.zeros((size, LANES + 1), np.int64) for _ in range(n_patterns)]
        for pattern, one in enumerate(counts):
            count_levels(part.codes[column], lanes, part.patterns, pattern, one)
        found.append(counts)
    return found


def compare_part(part, out, labels, means, batch, factors):
    """Return the two means of the silhouette, cohesion and separation, with a batch of clusters looked at.

    `batch` is the first cluster, the sizes of all, and tables of mismatches by
    column and pattern; `factors` holds an array of shape (g, g) a column.
    """
    first, sizes, tables = batch
    out = started(part, out)
    cohesion, separation = (np.zeros(part.n), np.full(part.n, np.inf)) if means is None else map(np.copy, means)
    codes, offsets = part.codes, np.concatenate([[0], np.cumsum([len(one[0]) for one in tables])]).astype(np.int64)
    whole = np.empty((0, LANES))
    if len(part.patterns):
        for column, by_pattern in enumerate(tables):
            for pattern, table in enumerate(by_pattern):
                factor = factors[column][:, pattern].copy()
                add_levels_by_pattern(codes[column], part.patterns, table, factor, 0, part.n, out)
        codes = codes[:0]
    elif tables:
        whole = np.concatenate([one[0] * factor[0, 0] for one, factor in zip(tables, factors, strict=True)])
    compare_rows(out, codes, offsets, whole, labels, first, sizes, 0, part.n, cohesion, separation)
    return cohesion, separation


def finish(means, labels, sizes):
    """Return the silhouettes of a part's rows."""
    found = np.empty(len(labels))
    finish_rows(*means, labels, sizes, 0, len(labels), found)
    return found


def sum_part(samples, scale):
    """Return the sum of silhouettes on the grid of `exact_mean`."""
    return int(grid_sum(samples, scale))
