"""K-Prototypes on rows with missing values (`missing="ignore"`).

A missing cell adds nothing: a row's distance is the sum over the cells it
holds, without rescaling, and prototypes are the means and modes of the values
there are. Each of the two steps of Lloyd's iteration still minimises that
same cost, so it never rises and a fit ends. Sums are exact as ever: row order
and threads leave no trace.
"""

import numpy as np

from segmentation_assets.clustering.compiled.threads import block_size, blocks_of, run_blocks
from segmentation_assets.clustering.kprototypes.lloyd import Problem, exact_squares
from segmentation_assets.clustering.kprototypes.lloyd_runs import Progress, Solution, add_sums, empty_sums, farthest_row
from segmentation_assets.clustering.kprototypes.partial_kernels import (
    assign_partial,
    cost_of_partial_sums,
    judge_partial,
    partial_cost_block,
    partial_distances_block,
    update_partial,
)
from segmentation_assets.clustering.mixed_tables.encoding import Moments, Rows


class PartialProblem(Problem):
    """A `Problem` some of whose cells are missing.

    `filling` is a row of column means and modes. Rows that become prototypes
    (seeds, and what fills an empty cluster) take their missing cells from it.
    """

    def __init__(self, rows, encoding, moments, prices, filling=None):
        super().__init__(rows, encoding, moments, prices)
        self.absent = encoding.absent
        self.filling = filling or typical_row(encoding, moments, observed_levels(rows, encoding))

    def begin(self, start):
        """Return a run from the prototypes `start`."""
        return PartialRun(self, start)

    def on(self, sample):
        """Return the same problem on a sample of its rows."""
        squares = exact_squares(sample, self.encoding, self.moments.total)
        total = float(sample.weights.sum()) if len(sample.weights) else float(sample.n)
        moments = Moments(total, np.zeros(len(squares)), squares)
        return PartialProblem(sample, self.encoding, moments, self.prices, self.filling)

    def over(self, rows):
        """Return the problem's terms for some of its rows, the moments being those of all."""
        return PartialProblem(rows, self.encoding, self.moments, self.prices, self.filling)

    def complete(self, rows):
        """Return the rows with means and modes in their missing cells, for seeds to be drawn from."""
        num, codes = self.filling
        return Rows(
            np.where(np.isnan(rows.num), num[:, None], rows.num),
            np.where(rows.codes == self.absent, codes[:, None], rows.codes),
            rows.weights,
        )

    def at(self, rows, numbers):
        """Return the rows of these numbers as prototypes, which have no missing cell."""
        some = self.complete(Rows(rows.num[:, numbers], rows.codes[:, numbers]))
        return super().at(some, np.arange(len(numbers)))

    def exact_cost(self, solution, workers):
        """Cost of a solution in encoded units: the observed cells, summed without rounding error."""
        rows, prototypes = self.rows, solution.prototypes

        def block(_, start, stop):
            return partial_cost_block(
                rows.num, rows.codes, self.absent, rows.weights, self.prices, prototypes.num, prototypes.modes,
                solution.labels, self.exact_cost_grid, start, stop,
            )  # fmt: skip

        return float(sum(run_blocks(block, blocks_of(rows.n), workers)))


class PartialProgress(Progress):
    """A run over rows with gaps, as far as it can be told without looking at a row."""

    def __init__(self, problem, start):
        super().__init__(problem, start)
        self.sums = self.no_sums()

    def no_sums(self):
        """Return zeros for the sums of a complete table and the weight of the numbers seen, (k, d_num)."""
        k, encoding = self.prototypes.k, self.problem.encoding
        return *empty_sums(k, encoding), np.zeros((k, len(encoding.centres)))

    def update(self, tol):
        """Move the prototypes to the observed values of their rows and judge the progress made."""
        (sums, _, counts, seen), encoding, prototypes = self.sums, self.problem.encoding, self.prototypes
        update_partial(
            sums, counts, seen, encoding.offsets, encoding.centres, encoding.factors,
            prototypes.readable, prototypes.num, prototypes.modes,
        )  # fmt: skip
        judge_partial(self.cost(), tol, self.progress)

    def cost(self):
        """Cost of the current assignment, from the sums alone."""
        (sums, _, counts, seen), problem, prototypes = self.sums, self.problem, self.prototypes
        return cost_of_partial_sums(
            sums, counts, seen, problem.offsets, problem.prices, problem.squares, prototypes.num, prototypes.modes
        )

    def near(self, reach, workers):  # noqa: ARG002 - as of any run
        """Return None: no row is known to stay where it is."""
        return


class PartialRun(PartialProgress):
    """A run over rows in memory that looks at every row in every pass."""

    def __init__(self, problem, start):
        super().__init__(problem, start)
        self.labels = np.full(problem.rows.n, -1, np.int32)

    def assign(self, workers):
        """Move every row to its nearest prototype and sum anew; return how many moved."""
        problem, rows, prototypes = self.problem, self.problem.rows, self.prototypes
        blocks = blocks_of(rows.n, block_size(rows.n, workers))
        scratch = [self.no_sums() for _ in range(min(workers, len(blocks)))]

        def block(worker, start, stop):
            return assign_partial(
                rows.num, rows.codes, problem.absent, rows.weights, problem.offsets, problem.exact, problem.mismatch,
                prototypes.num, prototypes.modes, self.labels, *scratch[worker], start, stop,
            )  # fmt: skip

        moved = sum(run_blocks(block, blocks, workers))
        self.sums = scratch[0]
        add_sums(self.sums, scratch[1:])
        return moved

    def farthest(self):
        """Return the row farthest from its prototype, see `farthest_row`."""
        problem = self.problem
        return farthest_row(problem.rows, problem.prices, self.prototypes, self.labels, problem.absent)

    def forget_margins(self):
        """Do nothing: no row is skipped."""

    def solution(self, n_iter):
        """Return the result."""
        return Solution(self.labels, self.prototypes, self.sums[1], self.cost(), n_iter)


def observed_levels(rows, encoding):
    """Return the weight of each level of each categorical column among the values there are, a list of arrays."""
    found = []
    for codes, levels in zip(rows.codes, encoding.categories, strict=True):
        there = codes != encoding.absent
        weights = rows.weights[there] if len(rows.weights) else None
        found.append(np.bincount(codes[there], weights, minlength=len(levels)))
    return found


def typical_row(encoding, moments, level_weights):
    """Return the means (d_num,) and the modes (d_cat,) of all observed values, encoded."""
    modes = np.array([weights.argmax() for weights in level_weights], encoding.code_type)
    return moments.means.astype(np.float32), modes


def partial_distances(rows, prototypes, mismatch, absent, workers):
    """Distance over the observed cells of every row to every prototype, encoded units, float32 of shape (n, k)."""
    out = np.empty((rows.n, prototypes.k), np.float32)

    def block(_, start, stop):
        partial_distances_block(
            rows.num, rows.codes, absent, mismatch, prototypes.num, prototypes.modes, start, stop, out
        )

    run_blocks(block, blocks_of(rows.n), workers)
    return out
