"""Batch K-Prototypes (Lloyd's iteration in Huang's distance) on encoded rows.

Sums are exact (see `_encoding`), so only rows that change cluster are added and
subtracted after the first pass, threads may take blocks in any order, and the
result is the same to the bit.
"""

from dataclasses import dataclass

import numpy as np

from ._encoding import Moments, Rows, exact_grid
from ._iteration import PATIENCE, cost_of_sums, lloyd_serial, update_and_judge
from ._kernels import assign_block, cost_block, distances_block
from ._seeding import canonical_sample
from ._threads import block_size, blocks_of, run_blocks


@dataclass
class Prototypes:
    """k prototypes: `readable` (k, d_num) in the caller's unit, `num` its encoding, `modes` (k, d_cat) codes."""

    readable: np.ndarray
    num: np.ndarray
    modes: np.ndarray

    @property
    def k(self):
        """Number of prototypes."""
        return self.num.shape[0]

    def by_column(self):
        """Return the numbers (d_num, k) in float64 and the modes (d_cat, k), a column's values side by side."""
        return np.ascontiguousarray(self.num.T, np.float64), np.ascontiguousarray(self.modes.T)

    def take(self, numbers):
        """Return some of the prototypes."""
        return Prototypes(self.readable[numbers], self.num[numbers], self.modes[numbers])


@dataclass
class Solution:
    """What one run of Lloyd's iteration found.

    Attributes
    ----------
    labels : int32 array of shape (n,)
    prototypes : Prototypes
    mass : float array of shape (k,), the weight of each cluster
    cost : float, in encoded units
    n_iter : int, passes made
    """

    labels: np.ndarray
    prototypes: Prototypes
    mass: np.ndarray
    cost: float
    n_iter: int

    def gather_labels(self):
        """Return the labels of all rows."""
        return self.labels


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

    def exact_cost(self, solution, workers):
        """Cost of a solution in encoded units: each row's distance in float64, summed without rounding error."""
        places, modes = solution.prototypes.by_column()
        return cost_of_rows(self.rows, self.costing, places, modes, solution.labels, workers)

    @property
    def costing(self):
        """What `cost_of_rows` needs to know of the problem."""
        return self.prices, self.exact_cost_grid

    def at(self, rows, numbers):
        """Return the rows of these numbers as prototypes."""
        num = rows.num[:, numbers].T.astype(np.float64)
        return self.encoded(self.encoding.centres + num / self.encoding.factors, rows.codes[:, numbers].T)

    def on(self, sample):
        """Return the same problem on a sample of its rows."""
        num = sample.num.astype(np.float64)
        moments = Moments(
            float(sample.weights.sum()), (num * sample.weights).sum(axis=1), (num * num * sample.weights).sum(axis=1)
        )
        return Problem(sample, self.encoding, moments, self.prices)

    def complete(self, rows):
        """Return rows with a value in every cell, for seeds to be drawn from: these are."""
        return rows

    def encoded(self, readable, modes):
        """Return prototypes given in the caller's unit, with their encoding."""
        num = ((readable - self.encoding.centres) * self.encoding.factors).astype(np.float32)
        return Prototypes(np.ascontiguousarray(readable), num, np.ascontiguousarray(modes, self.encoding.code_type))


class Progress:
    """One run of Lloyd's iteration as far as it can be told without looking at a row.

    Prototypes, their travel, the sums they are made of, and the lowest cost so
    far. `Run` adds rows in memory, `sharded.ShardedRun` rows on workers.
    """

    def __init__(self, problem, start):
        self.problem = problem
        self.prototypes = Prototypes(start.readable.copy(), start.num.copy(), start.modes.copy())
        self.travelled = np.zeros(start.k)
        self.sums = empty_sums(start.k, problem.encoding)
        self.progress = np.array([np.inf, 0.0])

    def advance(self, passes, tol, workers):
        """Make up to `passes` passes; return how many were made and whether to go on."""
        for made in range(1, passes + 1):
            moved = self.assign(workers)
            if not moved or self.progress[1] >= PATIENCE:
                return made, False
            if made == passes or not self.sums[1].all():
                break
            self.update(tol)
        return made, True

    def update(self, tol):
        """Move the prototypes to their rows and judge the progress made."""
        problem, encoding, prototypes = self.problem, self.problem.encoding, self.prototypes
        update_and_judge(
            *self.sums, problem.offsets, encoding.centres, encoding.factors, problem.mismatch, problem.prices,
            problem.squares, prototypes.readable, prototypes.num, prototypes.modes, self.travelled, tol, self.progress,
        )  # fmt: skip

    def cost(self):
        """Cost of the current assignment, from the sums alone."""
        problem, prototypes = self.problem, self.prototypes
        return cost_of_sums(
            *self.sums, problem.offsets, problem.prices, problem.squares, prototypes.num, prototypes.modes
        )

    def fill_empty_clusters(self, workers):
        """Give each empty cluster the row farthest from its prototype.

        Rows at equal distance are told apart by their content, so the choice
        does not depend on their order. The cost can only fall: the row's new
        prototype is the row itself. A cluster stays empty where every row lies
        on its prototype already, that is where X has fewer distinct rows than
        clusters.
        """
        for cluster in np.flatnonzero(self.sums[1] == 0):
            found = self.farthest()
            if found is None:
                return
            seat = self.problem.at(found[2], np.array([0]))
            self.prototypes.readable[cluster], self.prototypes.num[cluster] = seat.readable[0], seat.num[0]
            self.prototypes.modes[cluster] = seat.modes[0]
            self.forget_margins()
            self.assign(workers)


class Run(Progress):
    """A run over rows in memory: labels, and the margins within which they need not be looked at."""

    def __init__(self, problem, start):
        super().__init__(problem, start)
        self.labels = np.zeros(problem.rows.n, np.int32)
        self.margins = np.full(problem.rows.n, np.nan, np.float32)

    @property
    def arguments(self):
        """What `assign_block` takes before the sums."""
        problem, rows = self.problem, self.problem.rows
        return (
            rows.num, rows.codes, rows.weights, problem.offsets, problem.exact, problem.mismatch,
            self.prototypes.num, self.prototypes.modes, self.travelled, self.labels, self.margins,
        )  # fmt: skip

    def advance(self, passes, tol, workers):
        """Make up to `passes` passes; on one thread without coming back to the interpreter."""
        if workers > 1:
            return super().advance(passes, tol, workers)
        encoding, problem = self.problem.encoding, self.problem
        return lloyd_serial(
            *self.arguments, *self.sums, problem.prices, problem.squares, encoding.centres, encoding.factors,
            self.prototypes.readable, tol, self.progress, passes,
        )  # fmt: skip

    def assign(self, workers):
        """Move every row to its nearest prototype, sums and labels in step; return how many moved."""
        n = self.problem.rows.n
        blocks = blocks_of(n, block_size(n, workers))
        k, encoding, arguments = self.prototypes.k, self.problem.encoding, self.arguments
        scratch = [self.sums] + [empty_sums(k, encoding) for _ in range(min(workers, len(blocks)) - 1)]

        def block(worker, start, stop):
            return assign_block(*arguments, *scratch[worker], start, stop)

        moved = sum(run_blocks(block, blocks, workers))
        add_sums(self.sums, scratch[1:])
        return moved

    def farthest(self):
        """Return the row farthest from its prototype, see `farthest_row`."""
        return farthest_row(self.problem.rows, self.problem.prices, self.prototypes, self.labels)

    def forget_margins(self):
        """Have every row looked at again: prototypes were moved by hand."""
        self.margins[:] = -np.inf

    def solution(self, n_iter):
        """Return the result."""
        return Solution(self.labels, self.prototypes, self.sums[1], self.cost(), n_iter)


def empty_sums(k, encoding):
    """Return zeros for the sums of numbers (k, d_num), the weights (k,) and the weights by level (k, levels)."""
    return np.zeros((k, len(encoding.centres))), np.zeros(k), np.zeros((k, encoding.offsets[-1]))


def lloyd(problem, start, *, max_iter, tol, workers):
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

    Returns
    -------
    Solution
        Its labels are the nearest of its prototypes for every row.
    """
    run = problem.begin(start)
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


def cost_of_rows(rows, costing, places, modes, labels, workers):
    """Sum the rows' distances to their own prototypes (given by column), in float64 and without rounding error."""
    prices, grid = costing

    def block(_, start, stop):
        return cost_block(rows.num, rows.codes, rows.weights, prices, places, modes, labels, grid, start, stop)

    return float(sum(run_blocks(block, blocks_of(rows.n), workers)))


def distances(rows, prototypes, mismatch, workers):
    """Distance of every row to every prototype, encoded units, float32 of shape (n, k)."""
    out = np.empty((rows.n, prototypes.k), np.float32)

    def block(_, start, stop):
        distances_block(rows.num, rows.codes, mismatch, prototypes.num, prototypes.modes, start, stop, out)

    run_blocks(block, blocks_of(rows.n), workers)
    return out


def farthest_row(rows, prices, prototypes, labels, absent=None):
    """Find the row farthest from its own prototype; cells that are NaN or the code `absent` add nothing.

    Returns
    -------
    (distance, content, row), or None if every row lies on its prototype
        `content` orders rows at equal distance, `row` is a `Rows` of one.
    """
    own = np.zeros(rows.n)
    for j in range(rows.num.shape[0]):
        own += np.nan_to_num((rows.num[j].astype(np.float64) - prototypes.num[labels, j]) ** 2)
    for j in range(rows.codes.shape[0]):
        differs = rows.codes[j] != prototypes.modes[labels, j]
        own += (differs if absent is None else differs & (rows.codes[j] != absent)) * prices[j]
    if not own.max(initial=0.0) > 0:
        return None
    ties = np.flatnonzero(own == own.max())
    first = ties[np.lexsort([*rows.codes[:, ties][::-1], *rows.num[:, ties][::-1]])[0]]
    row = Rows(rows.num[:, [first]], rows.codes[:, [first]])
    return float(own[first]), (*row.num[:, 0].tolist(), *row.codes[:, 0].tolist()), row


def add_sums(sums, others):
    """Add other threads' sums to `sums`, in place."""
    for other in others:
        for total, part in zip(sums, other, strict=True):
            np.add(total, part, out=total)
