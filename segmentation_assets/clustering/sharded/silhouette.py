"""The exact Gower silhouette of a table whose rows lie with Dask workers as Parquet files.

A row's distance to a cluster is a sum over features, and over the parts of the
table where the cluster's rows lie. On the grid of `GowerSilhouette` every term is an
integer, so each worker measures its rows against one part after the other and
the sum is that of the single process, to the bit. What travels is 8 bytes a row,
number and batch of eight clusters, from every worker to every other.
"""

import math
from itertools import pairwise

import numpy as np

from segmentation_assets.clustering.gower.features import TableReader, checked_ranges, common_weights, feature_weights
from segmentation_assets.clustering.gower.kernels import LANES
from segmentation_assets.clustering.gower.silhouette_sums import (
    encode_labels,
    grid_steps,
    mean_scale,
    pair_factors,
    refuse_undefined,
    row_bits,
)
from segmentation_assets.clustering.sharded import silhouette_worker as worker
from segmentation_assets.clustering.sharded.kprototypes import MEMORY_SHARE, Fleet
from segmentation_assets.clustering.sharded.table_summary import merge_surveys, survey_tables

# Streams that a worker holds at a time beside its own rows.
STREAM_BYTES = 1 << 28
# Labels travel inside the task graph, so that a lost worker's can be sent again; Dask warns of larger pieces.
PIECE_BYTES = 1 << 22


def gower_silhouette_sharded(shards, labels, *, client, categorical=None, weights=None, ranges=None, columns=None):
    """Exact silhouette of every row of Parquet files, as `gower_silhouette_samples` gives it for all rows at once.

    Parameters
    ----------
    shards, client, columns
        See `ShardedGowerSilhouette`.
    labels : array of shape (n,)
        Cluster of each row, in the order of the shards; 2 to n - 1 distinct ones.
    categorical, weights, ranges
        See `gower_distances`.

    Returns
    -------
    float array of shape (n,), in [-1, 1], in the order of the shards

    Raises
    ------
    TypeError, ValueError
        As `ShardedGowerSilhouette` and `gower_silhouette_samples`.
    """
    prepared = ShardedGowerSilhouette(
        shards, client=client, categorical=categorical, weights=weights, ranges=ranges, columns=columns
    )
    return prepared.samples(labels)


class ShardedGowerSilhouette:
    """Silhouettes of many labelings of one table in Parquet files: each is read and sorted once, where it stays.

    Files are worked on in parts, at least one a worker's thread where there are
    as many files, and more where rows would not fit in memory.

    Parameters
    ----------
    shards : sequence of paths
        Parquet files that every worker can read, with the same columns; those
        of text or categories are categorical, as in a DataFrame. A file may be empty.
    client : dask.distributed.Client
    categorical, weights, ranges
        See `gower_distances`.
    columns : list of str, optional
        The columns to measure by; all without it.

    Raises
    ------
    TypeError
        If `client` is no Dask client.
    ValueError
        If the shards' columns differ or there is none, and as `GowerSilhouette`.
    """

    def __init__(self, shards, *, client, categorical=None, weights=None, ranges=None, columns=None):
        fleet, reader = Fleet(client, shards), TableReader(categorical)
        surveys = fleet.each(survey_tables, columns, before=(reader,))
        survey = merge_surveys(surveys, fleet.shards)
        self.client, self.n = client, survey.n
        self.shift = row_bits(self.n)
        self._weigh(survey, weights)
        self._group_missing(survey)
        self.levels = [len(levels) for levels in survey.levels]
        plan = worker.Plan(
            reader,
            columns,
            spans(survey, ranges),
            survey.levels,
            self.shift,
            self.distinct if self.has_missing else None,
        )
        self._prepare(plan, fleet, [one.n for one in surveys])

    def samples(self, labels):
        """Silhouette of every row; see `gower_silhouette_samples`."""
        return np.concatenate(self.client.gather(self._silhouettes(labels)))

    def score(self, labels):
        """Mean silhouette of all rows; see `gower_silhouette_score`. No row leaves its worker."""
        scale = mean_scale(self.n)
        sums = self.client.gather(self._each(worker.sum_part, self._silhouettes(labels), scale))
        return float(np.int64(sum(sums)) / scale / self.n)

    def _weigh(self, survey, weights):
        names = [name for name, _ in survey.kinds]
        weight_of = dict(zip(names, feature_weights(weights, names), strict=True))
        self.weights = np.array([weight_of[name] for name in survey.numeric + survey.categorical])

    def _group_missing(self, survey):
        distinct = np.array([list(bits) for bits in survey.patterns], np.uint8)
        self.distinct = np.unique(distinct, axis=0)
        self.observed = np.unpackbits(self.distinct, axis=1, count=len(self.weights)).astype(bool)
        self.has_missing = not self.observed.all()
        self.common = common_weights(self.observed, self.observed, self.weights)
        refuse_undefined(self.common, lambda pattern: survey.patterns[self.distinct[pattern].tobytes()])

    def _prepare(self, plan, fleet, sizes):
        """Have each part read and sorted by a worker, which keeps it."""
        row_bytes = 16 * len(plan.ranges) + 8 * len(plan.categories) + 3 * 8 * LANES
        room = MEMORY_SHARE * fleet.memory / fleet.threads
        files = cut_parts(sizes, max(fleet.total_threads, math.ceil(self.n * row_bytes / room)))
        names = [name for name, _ in fleet.portions]
        self.homes = [names[number * len(names) // len(files)] for number in range(len(files))]
        self.ends = np.cumsum([0, *(sum(sizes[file] for file in part) for part in files)])
        paths = [[fleet.shards[file] for file in part] for part in files]
        self.parts = [self._submit(number, worker.prepare_part, plan, one) for number, one in enumerate(paths)]

    def _submit(self, number, task, *arguments):
        """Call a task where a part lies, or elsewhere if that worker is gone."""
        return self.client.submit(task, *arguments, workers=[self.homes[number]], allow_other_workers=True, pure=False)

    def _each(self, task, *arguments):
        """Call a task for every part; a list among the arguments holds one argument a part."""
        return [
            self._submit(number, task, *(one[number] if isinstance(one, list) else one for one in arguments))
            for number in range(len(self.parts))
        ]

    def _silhouettes(self, labels):
        """Return the silhouettes of each part, which stay with its worker."""
        labels, sizes = encode_labels(labels, self.n)
        own = self._send(labels, len(sizes))
        means = [None] * len(self.parts)
        for first in range(0, len(sizes), LANES):
            lanes = self._each(worker.lanes_of, own, first)
            tables = self._level_tables(lanes)
            out = [None] * len(self.parts)
            for place in range(len(self.weights) - len(self.levels)):
                for pattern in np.flatnonzero(self.observed[:, place] & (self.weights[place] > 0.0)):
                    out = self._add_numbers(out, lanes, place, int(pattern))
            factors = [self._factors(place) for place in range(len(self.weights) - len(self.levels), len(self.weights))]
            means = self._each(worker.compare_part, self.parts, out, own, means, (first, sizes, tables), tuple(factors))
        return self._each(worker.finish, means, own, sizes)

    def _send(self, labels, k):
        """Send each part its labels."""
        small = labels.astype(np.min_scalar_type(k - 1))
        size = PIECE_BYTES // small.itemsize
        sent = []
        for number, (start, stop) in enumerate(pairwise(self.ends)):
            pieces = [small[at : min(at + size, stop)] for at in range(start, stop, size)]
            futures = [self._submit(number, np.asarray, piece) for piece in pieces]
            sent.append(self._submit(number, worker.join_labels, futures))
        return sent

    def _add_numbers(self, out, lanes, place, pattern):
        """Add the distances in one number to the rows of one pattern, whichever part they lie in."""
        streams = self._each(worker.stream_of, self.parts, lanes, place, pattern, self.shift)
        longest = 8 * int(np.diff(self.ends).max())
        size = max(1, STREAM_BYTES // longest)
        # Tuples, since a list would be one argument a part.
        *earlier, last = [tuple(streams[start : start + size]) for start in range(0, len(streams), size)]
        sums = [None] * len(self.parts)
        for group in earlier:
            sums = self._each(worker.sums_to, self.parts, sums, group, place, self.shift)
        factors = self._factors(place)[:, pattern] / grid_steps(self.shift)
        return self._each(worker.fold, self.parts, out, sums, last, place, factors, self.shift)

    def _factors(self, place):
        return pair_factors(self.observed, self.common, self.weights, place)

    def _level_tables(self, lanes):
        """Return how many rows of a pattern have another category, by lane: (levels, LANES) by column and pattern."""
        each = self.client.gather(
            self._each(worker.count_part, self.parts, lanes, tuple(self.levels), len(self.observed))
        )
        tables = []
        for column in range(len(self.levels)):
            counts = [sum(part[column][pattern] for part in each) for pattern in range(len(self.observed))]
            tables.append([(one.sum(axis=0) - one)[:, :LANES].copy() for one in counts])
        return tuple(tables)


def spans(survey, ranges):
    """Return the (low, high) of each numeric column: the given one, or that of all rows.

    Raises
    ------
    ValueError
        If a column holds an infinity, or `ranges` is wrong; the message names the column.
    """
    given = checked_ranges(ranges, survey.numeric, [name for name, _ in survey.kinds])
    found = []
    for name, (low, high, _, infinite) in zip(survey.numeric, survey.extents, strict=True):
        if infinite:
            raise ValueError(
                f"Column {name!r} contains {infinite} infinity among {survey.n} values: "
                "replace it by a number, or by NaN where the value is not known."
            )
        span = given.get(name, (low, high))
        found.append(span if span[0] <= span[1] else (0.0, 0.0))
    return found


def cut_parts(sizes, wanted):
    """Cut files with the given numbers of rows into at most about `wanted` parts of like size, none of them empty.

    Returns
    -------
    list of lists of positions, in order

    Examples
    --------
    >>> cut_parts([4, 0, 4, 8], 2)
    [[0, 1, 2], [3]]
    """
    share = sum(sizes) / wanted
    parts, current, rows = [], [], 0
    for file, size in enumerate(sizes):
        current.append(file)
        rows += size
        if rows >= share:
            parts.append(current)
            current, rows = [], 0
    if rows:
        parts.append(current)
    elif parts:
        parts[-1] += current
    return parts
