"""Swaps: out of a local optimum by giving one prototype the place of a row.

Lloyd's iteration never moves a prototype across a crowd. A swap does: a row is
drawn by its distance to the nearest prototype, and of all prototypes the one
is given up whose loss, with the row in its stead, is least (local search for
k-means++, Lattanzi and Sohler 2019). Lloyd's iteration goes on from there, and
the swap stands if the cost fell.
"""

import numpy as np

from ._lloyd import Prototypes, lloyd
from ._sampling import best_swap

DRAWS = 4


def improve_by_swaps(stage, nursery, solution, generator, tries, *, max_iter, tol, workers):
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
    """
    failures = 0
    while failures < tries:
        start = swapped(stage, nursery, solution.prototypes, generator)
        if start is None:
            break
        other = lloyd(stage, start, max_iter=max_iter, tol=tol, workers=workers)
        if other.cost < solution.cost * (1.0 - 1e-9):
            solution, failures = other, 0
        else:
            failures += 1
    return solution


def swapped(stage, nursery, prototypes, generator):
    """Return the prototypes after the most promising of a few swaps, or None if every row lies on one."""
    row, leaver = best_swap(
        nursery.num, nursery.codes, nursery.weights, stage.mismatch, prototypes.num, prototypes.modes,
        generator.random(DRAWS),
    )  # fmt: skip
    if row < 0:
        return None
    seat = stage.at(nursery, np.array([row]))
    after = Prototypes(prototypes.readable.copy(), prototypes.num.copy(), prototypes.modes.copy())
    after.readable[leaver], after.num[leaver], after.modes[leaver] = seat.readable[0], seat.num[0], seat.modes[0]
    return after
