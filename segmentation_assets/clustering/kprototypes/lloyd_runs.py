"""Runs of Lloyd's iteration: prototypes on their way, and the rows that move them.

Sums are exact (see `mixed_tables.encoding`), so only rows that change cluster are added and
subtracted after the first pass, threads may take blocks in any order, and the
result is the same to the bit.
"""

from dataclasses import dataclass

import numpy as np

from segmentation_assets.clustering.compiled.threads import ROWS_WORTH_A_THREAD, block_size, blocks_of, run_blocks
from segmentation_assets.clustering.kprototypes.border_rows import FEW, REST, near_rows, reach_of, taken
from segmentation_assets.clustering.kprototypes.iteration_kernels import (
    PATIENCE,
    cost_of_sums,
    lloyd_serial,
    update_and_judge,
)
from segmentation_assets.clustering.kprototypes.row_kernels import assign_block
from segmentation_assets.clustering.mixed_tables.encoding import Rows


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
        self.bounds = np.full(start.k, np.inf)
        self.progress = np.array([np.inf, 0.0, np.inf])

    def advance(self, passes, tol, workers):
        """Make up to `passes` passes; return how many were made and whether to go on."""
        made, next_look = 0, 0
        while True:
            made, goes_on = made + 1, self.assign(workers) > 0 and self.progress[1] < PATIENCE
            if self.pauses(made, passes, goes_on):
                return made, goes_on
            before = self.travelled.copy()
            self.update(tol)
            if (self.travelled > self.bounds).any():
                return made, True
            if made <= next_look:
                continue
            near, next_look = self.near(reach_of(before, self.travelled, self.bounds), workers), made + REST
            if near is not None:
                more, goes_on = near.advance(passes - made, tol, near.threads(workers))
                made, next_look = made + more, made + more
                self.take_back(near)
                if self.pauses(made, passes, goes_on):
                    return made, goes_on

    def pauses(self, made, passes, goes_on):
        """Whether a pass was the last for now: at the end, or to have an empty cluster filled."""
        return not goes_on or made == passes or not self.sums[1].all()

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
        encoding, problem = self.problem.encoding, self.problem
        if workers == 1:
            return lloyd_serial(
                *self.arguments, *self.sums, problem.prices, problem.squares, encoding.centres, encoding.factors,
                self.prototypes.readable, tol, self.progress, self.bounds, passes,
            )  # fmt: skip
        return super().advance(passes, tol, workers)

    def threads(self, workers):
        """Return how many of the threads the run is worth."""
        return workers if self.problem.n >= ROWS_WORTH_A_THREAD else 1

    def near(self, reach, workers):
        """Return a run over the rows that travel up to `reach` may open, None if they are many or none."""
        n = self.problem.n

        def block(_, start, stop):
            return near_rows(self.labels, self.margins, reach, start, stop, stop - start)

        numbers = np.concatenate(run_blocks(block, blocks_of(n, block_size(n, workers)), workers))
        return self.over(numbers, reach, workers) if 0 < len(numbers) <= n // FEW else None

    def over(self, numbers, reach, workers):
        """Return a run over copies of the rows of these numbers, good for travel up to `reach`."""
        state = self.labels[numbers], self.margins[numbers]
        return NearRun(self, taken(self.problem.rows, numbers, workers), *state, reach, numbers)

    def take_back(self, near):
        """Take over the labels and margins that a run over near rows arrived at."""
        self.labels[near.numbers], self.margins[near.numbers] = near.labels, near.margins

    def relabel(self, numbers, labels, margins):
        """Give some rows the labels and margins that were found elsewhere, sums in step."""
        changed = np.flatnonzero(self.labels[numbers] != labels)
        movers = numbers[changed]
        for owners, sign in ((self.labels[movers], -1.0), (labels[changed], 1.0)):
            add_rows(self.sums, self.problem, movers, owners, sign)
        self.labels[numbers], self.margins[numbers] = labels, margins

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


class NearRun(Run):
    """A run over some rows of another, for whose sake it moves the prototypes up to a reach: see `border_rows`.

    Parameters
    ----------
    run : Progress
    rows : Rows, those near a border
    labels, margins : arrays of shape (n,), theirs
    reach : float array of shape (k,), travel from which other rows have to be looked at
    numbers : what `run` needs to find the rows again
    """

    def __init__(self, run, rows, labels, margins, reach, numbers):
        self.problem = run.problem.over(rows)
        self.prototypes, self.travelled = run.prototypes, run.travelled
        self.sums, self.progress = run.sums, run.progress
        self.labels, self.margins, self.bounds, self.numbers = labels, margins, reach, numbers

    def near(self, reach, workers):  # noqa: ARG002 - as of any run
        """Return None: these rows are few already."""
        return


def empty_sums(k, encoding):
    """Return zeros for the sums of numbers (k, d_num), the weights (k,) and the weights by level (k, levels)."""
    return np.zeros((k, len(encoding.centres))), np.zeros(k), np.zeros((k, encoding.offsets[-1]))


def add_rows(sums, problem, numbers, owners, sign):
    """Add rows, `sign` times, to the sums of the clusters `owners`, as `row_kernels.move_row` does."""
    rows, (numeric, mass, counts) = problem.rows, sums
    weights = sign * (rows.weights[numbers] if len(rows.weights) else np.ones(len(numbers)))
    np.add.at(mass, owners, weights)
    for j, exact in enumerate(problem.exact):
        terms = weights * rows.num[j, numbers].astype(np.float64)
        np.add.at(numeric[:, j], owners, (terms + exact) - exact)
    for j, offset in enumerate(problem.offsets[:-1]):
        np.add.at(counts, (owners, offset + rows.codes[j, numbers].astype(np.int64)), weights)


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
