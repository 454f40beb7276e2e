"""Batch K-Prototypes (Lloyd's iteration in Huang's distance) on encoded rows."""

from dataclasses import dataclass

import numpy as np

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks
from segmentation_assets.clustering.kprototypes.lloyd_runs import Prototypes, Run
from segmentation_assets.clustering.kprototypes.row_kernels import cost_block, distances_block
from segmentation_assets.clustering.kprototypes.seeding import canonical_sample, rows_by_hash
from segmentation_assets.clustering.mixed_tables.encoding import Moments, exact_grid


@dataclass
class Problem:
    """The rows and the prices of a fit: all that Lloyd's iteration needs to know."""

    rows: object
    encoding: object
    moments: object
    prices: np.ndarray

    def __post_init__(self):
        self.mismatch = self.prices.astype(np.float32)
        self.offsets = self.encoding.offsets
        self.squares = float(self.moments.second.sum())
        reach = self.encoding.steps * 2.0**23
        self.exact = np.array([exact_grid(2.0 * self.moments.total * one) for one in reach])
        farthest = float((4.0 * reach * reach).sum() + self.prices.sum())
        self.exact_cost_grid = exact_grid(self.moments.total * farthest)

    @property
    def n(self):
        """Number of rows."""
        return self.rows.n

    def begin(self, start):
        """Return a run from the prototypes `start`."""
        return Run(self, start)

    def sample(self, size, seed, workers):
        """Return a canonical sample of the rows, see `canonical_sample`."""
        return canonical_sample(self.rows, size, seed, workers)

    def thin(self, size, seed, workers):
        """Return about `size` of the rows, chosen by their content and in any order, see `rows_by_hash`."""
        return rows_by_hash(self.rows, self.n, size, seed, workers)

    def exact_cost(self, solution, workers):
        """Cost of a solution in encoded units: each row's distance in float64, summed without rounding error."""
        places, modes = solution.prototypes.by_column()
        rows, grid = self.rows, self.exact_cost_grid

        def block(_, start, stop):
            return cost_block(
                rows.num, rows.codes, rows.weights, self.prices, places, modes, solution.labels, grid, start, stop
            )

        return float(sum(run_blocks(block, blocks_of(rows.n), workers)))

    def at(self, rows, numbers):
        """Return the rows of these numbers as prototypes."""
        num = rows.num[:, numbers].T.astype(np.float64)
        return self.encoded(self.encoding.centres + num / self.encoding.factors, rows.codes[:, numbers].T)

    def on(self, sample):
        """Return the same problem on a sample of its rows."""
        total = float(sample.weights.sum()) if len(sample.weights) else float(sample.n)
        moments = Moments(total, np.zeros(len(sample.num)), exact_squares(sample, self.encoding, self.moments.total))
        return Problem(sample, self.encoding, moments, self.prices)

    def over(self, rows):
        """Return the problem's terms for some of its rows, the moments being those of all."""
        return Problem(rows, self.encoding, self.moments, self.prices)

    def complete(self, rows):
        """Return rows with a value in every cell, for seeds to be drawn from: these are."""
        return rows

    def encoded(self, readable, modes):
        """Return prototypes given in the caller's unit, with their encoding."""
        num = ((readable - self.encoding.centres) * self.encoding.factors).astype(np.float32)
        return Prototypes(np.ascontiguousarray(readable), num, np.ascontiguousarray(modes, self.encoding.code_type))


def lloyd(problem, start, *, max_iter, tol, workers, to_beat=np.inf):
    """Alternate assignment and update from the prototypes `start` until no row moves.

    Parameters
    ----------
    problem : Problem
    start : Prototypes
    max_iter : int
        Most passes over the rows.
    tol : float
        Stop once a pass lowers the cost by less than this share of it.
    workers : int
        Threads.
    to_beat : float
        Give the run up, above this cost, once it has no prospect of coming below.

    Returns
    -------
    Solution
        Its labels are the nearest of its prototypes for every row.
    """
    run = problem.begin(start)
    run.progress[2] = to_beat
    n_iter, goes_on = 0, True
    while goes_on:
        made, goes_on = run.advance(max_iter - n_iter, tol, workers)
        n_iter += made
        if goes_on:
            run.fill_empty_clusters(workers)
            goes_on = n_iter < max_iter
        if goes_on:
            run.update(tol)
    return run.solution(n_iter)


def exact_squares(rows, encoding, total):
    """Sum w y^2 of each column on a grid where sums of weight `total` are exact; a missing number adds nothing."""
    squares = np.empty(len(rows.num))
    for j, column in enumerate(rows.num):
        exact = exact_grid(total * (encoding.steps[j] * 2.0**23) ** 2)
        terms = np.nan_to_num(column).astype(np.float64) ** 2
        terms = (terms + exact) - exact
        squares[j] = ((((rows.weights * terms) + exact) - exact) if len(rows.weights) else terms).sum()
    return squares


def distances(rows, prototypes, mismatch, workers):
    """Distance of every row to every prototype, encoded units, float32 of shape (n, k)."""
    out = np.empty((rows.n, prototypes.k), np.float32)

    def block(_, start, stop):
        distances_block(rows.num, rows.codes, mismatch, prototypes.num, prototypes.modes, start, stop, out)

    run_blocks(block, blocks_of(rows.n), workers)
    return out
