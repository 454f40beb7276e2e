"""Compiled loops over rows with missing values: what `row_kernels` and `iteration_kernels` do, cell by cell.

A missing number is NaN, a missing category the code `absent`. Either adds
nothing to a distance and nothing to a sum. No row is skipped by bounds and no
tile gathered: these loops are plain, and some three to ten times slower.
"""

import numpy as np

from segmentation_assets.clustering.compiled.kernels import inner, kernel
from segmentation_assets.clustering.kprototypes.iteration_kernels import judge
from segmentation_assets.clustering.kprototypes.row_kernels import TILE


@inner
def partial_distances(num, codes, absent, prototype, modes, mismatch, lo, size, out):
    """Write Huang's distance over the observed cells of rows `lo : lo + size` to one prototype.

    out[i] = sum_j [num[j, i] is there] (num[j, i] - prototype[j])^2
           + sum_j [codes[j, i] is there] mismatch[j] [codes[j, i] != modes[j]]

    A row without a gap has the distance, to the bit, of `row_kernels.tile_distances`.
    """
    zero = np.float32(0.0)
    for i in range(size):
        out[i] = zero
    for j in range(num.shape[0]):
        centre, column = prototype[j], num[j, lo : lo + size]
        for i in range(size):
            gap = column[i] - centre
            out[i] += zero if np.isnan(column[i]) else gap * gap
    for j in range(codes.shape[0]):
        mode, price, levels = modes[j], mismatch[j], codes[j, lo : lo + size]
        for i in range(size):
            out[i] += price if levels[i] != mode and levels[i] != absent else zero


@kernel
def partial_distances_block(num, codes, absent, mismatch, prototypes, modes, start, stop, out):
    """Fill `out[start:stop, :]` with the distance of every row to every prototype."""
    tile = np.empty(TILE, np.float32)
    for lo in range(start, stop, TILE):
        size = min(TILE, stop - lo)
        for cluster in range(prototypes.shape[0]):
            partial_distances(num, codes, absent, prototypes[cluster], modes[cluster], mismatch, lo, size, tile)
            for i in range(size):
                out[lo + i, cluster] = tile[i]


@kernel
def assign_partial(
    num, codes, absent, weights, offsets, exact, mismatch, prototypes, modes, labels,
    sums, mass, counts, seen, start, stop,
):  # fmt: skip
    """Assign rows `start : stop` to their nearest prototype and add them to the sums; return how many moved.

    `seen` (k, d_num) is the weight of a cluster's rows that hold a number.
    """
    weighted = weights.shape[0] > 0
    tile, nearest, winner = np.empty(TILE, np.float32), np.empty(TILE, np.float32), np.empty(TILE, np.int32)
    moved = 0
    for lo in range(start, stop, TILE):
        size = min(TILE, stop - lo)
        nearest[:] = np.float32(np.inf)
        winner[:] = np.int32(0)
        for cluster in range(prototypes.shape[0]):
            partial_distances(num, codes, absent, prototypes[cluster], modes[cluster], mismatch, lo, size, tile)
            for i in range(size):
                winner[i] = np.int32(cluster) if tile[i] < nearest[i] else winner[i]
                nearest[i] = min(tile[i], nearest[i])
        for i in range(size):
            row, cluster = lo + i, winner[i]
            moved += labels[row] != cluster
            labels[row] = cluster
            weight = weights[row] if weighted else 1.0
            mass[cluster] += weight
            for j in range(num.shape[0]):
                if not np.isnan(num[j, row]):
                    seen[cluster, j] += weight
                    sums[cluster, j] += (weight * np.float64(num[j, row]) + exact[j]) - exact[j]
            for j in range(codes.shape[0]):
                if codes[j, row] != absent:
                    counts[cluster, offsets[j] + np.int64(codes[j, row])] += weight
    return moved


@kernel
def update_partial(sums, counts, seen, offsets, centres, factors, readable, prototypes, modes):
    """Move each prototype to the means and modes of the observed values of its rows.

    Where none of a cluster's rows holds a value, the prototype keeps the one it has.
    """
    for cluster in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            if seen[cluster, j] > 0.0:
                mean = centres[j] + sums[cluster, j] / seen[cluster, j] / factors[j]
                readable[cluster, j] = mean
                prototypes[cluster, j] = np.float32((mean - centres[j]) * factors[j])
        for j in range(offsets.shape[0] - 1):
            best = offsets[j]
            for level in range(offsets[j] + 1, offsets[j + 1]):
                if counts[cluster, level] > counts[cluster, best]:
                    best = level
            if counts[cluster, best] > 0.0:
                modes[cluster, j] = best - offsets[j]


@kernel
def cost_of_partial_sums(sums, counts, seen, offsets, prices, squares, prototypes, modes):
    """Cost of the current assignment from the sums alone, see `iteration_kernels.cost_of_sums`."""
    cost = squares
    for cluster in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            place = np.float64(prototypes[cluster, j])
            cost += place * (seen[cluster, j] * place - 2.0 * sums[cluster, j])
        for j in range(prices.shape[0]):
            observed = counts[cluster, offsets[j] : offsets[j + 1]].sum()
            cost += prices[j] * (observed - counts[cluster, offsets[j] + np.int64(modes[cluster, j])])
    return max(cost, 0.0)


@kernel
def judge_partial(cost, tol, progress):
    """`iteration_kernels.judge` for callers outside compiled code."""
    judge(cost, tol, progress)


@kernel
def partial_cost_block(num, codes, absent, weights, prices, prototypes, modes, labels, exact, start, stop):
    """Sum the distances of rows `start : stop` to their own prototype, in float64 and on the grid of `exact`."""
    weighted = weights.shape[0] > 0
    total = 0.0
    for row in range(start, stop):
        cluster, own = labels[row], 0.0
        for j in range(num.shape[0]):
            gap = np.float64(num[j, row]) - np.float64(prototypes[cluster, j])
            own += 0.0 if np.isnan(num[j, row]) else gap * gap
        for j in range(codes.shape[0]):
            own += prices[j] if codes[j, row] != modes[cluster, j] and codes[j, row] != absent else 0.0
        distance = (own + exact) - exact
        total += (distance * weights[row] + exact) - exact if weighted else distance
    return total
