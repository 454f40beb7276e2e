"""Exact first and second moments of a mixed table, in one pass over its rows.

Numbers are taken as integers on a grid of 2^40 steps over their column's range,
in two limbs of 20 bits. Their sums and products are integer sums: exact, so the
moments, and all that follows from them, are the same for any order of the rows,
any number of threads and any cut into shards. A covariance is then a quotient of
two exact integers, rounded once; there is no cancellation to lose digits to.
"""

from dataclasses import dataclass

import numpy as np

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks
from segmentation_assets.clustering.famd.kernels import LANES, LIMB, add_levels, add_products, count_pairs, grid_places

# 2^22 products of 40 bits fit into 62; after that the sums move on to Python's unbounded integers.
ROWS_PER_FLUSH = 1 << 22
# A block's steps, 64 bytes a row and eight columns, stay in the second-level cache between the passes.
BLOCK = 1 << 12


@dataclass
class Moments:
    """Exact sums over n rows of p numbers (grid steps above the column's lowest) and the levels of q categories.

    Attributes
    ----------
    n : int
    first : object array of shape (p,), sum of x_i
    second : object array of shape (p, p), sum of x_i x_j
    level_first : object array of shape (levels, p), sum of x_i over the rows of a level
    pairs : int array of shape (levels, levels), rows that have both levels; the diagonal counts a level
    """

    n: int
    first: np.ndarray
    second: np.ndarray
    level_first: np.ndarray
    pairs: np.ndarray

    def __add__(self, other):
        """Moments of two shards of one table, encoded with the same ranges and levels."""
        return Moments(
            self.n + other.n,
            self.first + other.first,
            self.second + other.second,
            self.level_first + other.level_first,
            self.pairs + other.pairs,
        )

    def covariance(self):
        """Covariance of the numbers in squared grid steps, float array of shape (p, p), divided by n."""
        return _quotients(self.n * self.second - np.multiply.outer(self.first, self.first), self.n**2)

    def level_covariance(self):
        """Covariance of each level's indicator with each number, in grid steps, shape (levels, p)."""
        counts = np.diagonal(self.pairs).astype(object)
        return _quotients(self.n * self.level_first - np.multiply.outer(counts, self.first), self.n**2)

    def pair_covariance(self):
        """Covariance of the levels' indicators, float array of shape (levels, levels)."""
        counts = np.diagonal(self.pairs)
        return (self.n * self.pairs - np.multiply.outer(counts, counts)) / float(self.n) ** 2


def collect_moments(numbers, lows, highs, codes, offsets, workers=1):
    """Sum the moments of a table or of one shard of it.

    Parameters
    ----------
    numbers : float64 array of shape (p, n), finite, within `lows` and `highs`
    lows, highs : float arrays of shape (p,)
    codes : int32 array of shape (q, n), from 0
    offsets : int array of shape (q + 1,), where each column's levels start
    """
    n = numbers.shape[1]
    total = None
    for first in range(0, n, ROWS_PER_FLUSH):
        part = _collect(numbers, lows, highs, codes, offsets, first, min(first + ROWS_PER_FLUSH, n), workers)
        total = part if total is None else total + part
    return total


def _collect(numbers, lows, highs, codes, offsets, first, last, workers):
    p, levels = len(numbers), int(offsets[-1])
    width = -(-p // LANES) * LANES
    sums = [
        (np.zeros(width, np.int64), np.zeros((3, p, p), np.int64), np.zeros((levels, width), np.int64),
         np.zeros((levels, levels), np.int64))
        for _ in range(workers)
    ]  # fmt: skip

    def task(worker, start, stop):
        start, stop = first + start, first + stop
        ones, products, level_sums, pairs = sums[worker]
        places = np.zeros((stop - start, width), np.int64)
        for column in range(p):
            steps = places[:, column]
            ones[column] += grid_places(numbers[column, start:stop], lows[column], highs[column], steps)
        add_products(places, products)
        add_levels(places, codes[:, start:stop], offsets, level_sums)
        count_pairs(codes[:, start:stop], offsets, pairs)

    run_blocks(task, blocks_of(last - first, BLOCK), workers)
    ones, products, level_sums, pairs = (sum(parts[1:], parts[0]) for parts in zip(*sums, strict=True))
    high, mixed, low = products.astype(object)
    second = (high << 2 * LIMB) + ((mixed + mixed.T) << LIMB) + low if p else np.empty((0, 0), object)
    pairs = np.triu(pairs) + np.triu(pairs, 1).T
    return Moments(last - first, ones[:p].astype(object), second, level_sums[:, :p].astype(object), pairs)


def _quotients(numerators, denominator):
    """Divide exact integers, each quotient rounded once."""
    return np.array([value / denominator for value in numerators.ravel()], np.float64).reshape(numerators.shape)
