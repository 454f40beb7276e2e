"""Swaps: out of a local optimum by giving one prototype the place of a row.

Lloyd's iteration never moves a prototype across a crowd. A swap does: a row is
drawn by its distance to the nearest prototype, and of all prototypes the one
is given up whose loss, with the row in its stead, is least (local search for
k-means++, Lattanzi and Sohler 2019). Lloyd's iteration goes on from there, and
the swap stands if the cost fell.
"""

import numpy as np

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks
from segmentation_assets.clustering.kprototypes.lloyd import lloyd
from segmentation_assets.clustering.kprototypes.lloyd_runs import Prototypes
from segmentation_assets.clustering.kprototypes.seeding import content_hashes, salts_of
from segmentation_assets.clustering.kprototypes.seeding_kernels import best_swap

DRAWS = 4
# Swaps tried side by side, each from the best solution so far; not by the number of threads, lest it leave a trace.
ABREAST = 4
# A cost that falls by less than this share of it does not start the count of failures anew.
WORTH_MORE_TRIES = 1e-5


def improve_by_swaps(stage, nursery, solution, generator, tries, *, max_iter, tol, workers, spread):
    """Try swaps until `tries` in a row have failed and return the best solution.

    Parameters
    ----------
    stage : Problem
        On whose rows a swap must lower the cost.
    nursery : Rows
        A canonical sample of the rows, from which rows are drawn.
    solution : Solution
    generator : numpy Generator
    tries : int
    max_iter, tol, workers : as for `lloyd`
    spread : int
        Threads over which the swaps tried side by side are spread.
    """
    failures, hashes = 0, content_hashes(nursery)
    while failures < tries:
        salts = salts_of(generator, ABREAST, DRAWS)

        def attempt(_, number, __, salts=salts, best=solution):
            start = swapped(stage, nursery, hashes, best.prototypes, salts[number])
            if start is None:
                return best
            return lloyd(stage, start, max_iter=max_iter, tol=tol, workers=workers, to_beat=best.cost)

        other = min(run_blocks(attempt, blocks_of(ABREAST, 1), spread), key=lambda one: one.cost)
        failures = 0 if other.cost < solution.cost * (1.0 - WORTH_MORE_TRIES) else failures + ABREAST
        if other.cost < solution.cost * (1.0 - 1e-9):
            solution = other
    return solution


def swapped(stage, nursery, hashes, prototypes, salts):
    """Return the prototypes after the most promising of a few swaps, or None if every row lies on one."""
    row, leaver = best_swap(
        nursery.num, nursery.codes, nursery.weights, hashes, stage.mismatch, prototypes.num, prototypes.modes,
        salts,
    )  # fmt: skip
    if row < 0:
        return None
    seat = stage.at(nursery, np.array([row]))
    after = Prototypes(prototypes.readable.copy(), prototypes.num.copy(), prototypes.modes.copy())
    after.readable[leaver], after.num[leaver], after.modes[leaver] = seat.readable[0], seat.num[0], seat.modes[0]
    return after
