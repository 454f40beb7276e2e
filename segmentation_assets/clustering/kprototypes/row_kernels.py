"""Compiled loops over encoded rows: distances, assignment, accumulation.

Rows are column-major (`num` of shape (d_num, n), `codes` of shape (d_cat, n)),
so a tile of `TILE` rows of every column sits in the first-level cache and each
inner loop is one vector instruction over consecutive rows. The distance is
Huang's (1998): sum over numbers of (x - p)^2 plus, for every category that
differs from the prototype's, `mismatch` of its column.

No kernel uses `fastmath`: a row's distance is the same sequence of float32
operations wherever the row lies, which is what makes a fit independent of row
order, tiling, threads and shards.
"""

from typing import NamedTuple

import numpy as np

from segmentation_assets.clustering.compiled.kernels import inner, kernel

TILE = 512


class Table(NamedTuple):
    """The rows of a fit and the prices that go with them."""

    num: np.ndarray  # (d_num, n) float32
    codes: np.ndarray  # (d_cat, n) unsigned
    weights: np.ndarray  # (n,) float64, empty where every row counts once
    offsets: np.ndarray  # (d_cat + 1,) where each category column starts among all levels
    exact: np.ndarray  # (d_num,) see `move_row`
    mismatch: np.ndarray  # (d_cat,) float32


class Model(NamedTuple):
    """The prototypes, and how far each and the fastest of the others have gone since the fit began."""

    num: np.ndarray  # (k, d_num) float32
    modes: np.ndarray  # (k, d_cat) unsigned
    travelled: np.ndarray  # (k,) float64


class State(NamedTuple):
    """Where each row is, and how much travel it bears without being looked at."""

    labels: np.ndarray  # (n,) int32
    margins: np.ndarray  # (n,) float32


class Found(NamedTuple):
    """Scratch of one tile: distances, the least two, whose the least is, and the slack between them."""

    tile: np.ndarray  # (TILE,) float32, as are the next two
    nearest: np.ndarray
    second: np.ndarray
    slack: np.ndarray
    winner: np.ndarray  # (TILE,) int32


class Tally(NamedTuple):
    """What the prototypes are made of: per cluster the weighted sums, the weight, the weight by level."""

    num: np.ndarray  # (k, d_num) float64
    mass: np.ndarray  # (k,) float64
    counts: np.ndarray  # (k, levels) float64


@inner
def tile_distances(num, codes, prototype, modes, mismatch, lo, size, out):
    """Write Huang's distance of rows `lo : lo + size` to one prototype.

    out[i] = sum_j (num[j, i] - prototype[j])^2 + sum_j mismatch[j] [codes[j, i] != modes[j]]

    Columns are taken four (two) at a time to keep `out` in a register; the
    order of the additions is that of the columns.
    """
    zero = np.float32(0.0)
    for i in range(size):
        out[i] = zero
    d_num, d_cat = num.shape[0], codes.shape[0]
    for j in range(0, d_num - d_num % 4, 4):
        p0, p1, p2, p3 = prototype[j], prototype[j + 1], prototype[j + 2], prototype[j + 3]
        x0, x1 = num[j, lo : lo + size], num[j + 1, lo : lo + size]
        x2, x3 = num[j + 2, lo : lo + size], num[j + 3, lo : lo + size]
        for i in range(size):
            g0, g1, g2, g3 = x0[i] - p0, x1[i] - p1, x2[i] - p2, x3[i] - p3
            out[i] = (((out[i] + g0 * g0) + g1 * g1) + g2 * g2) + g3 * g3
    for j in range(d_num - d_num % 4, d_num):
        centre = prototype[j]
        column = num[j, lo : lo + size]
        for i in range(size):
            gap = column[i] - centre
            out[i] += gap * gap
    for j in range(0, d_cat - d_cat % 2, 2):
        m0, m1, price0, price1 = modes[j], modes[j + 1], mismatch[j], mismatch[j + 1]
        c0, c1 = codes[j, lo : lo + size], codes[j + 1, lo : lo + size]
        for i in range(size):
            out[i] = (out[i] + (price0 if c0[i] != m0 else zero)) + (price1 if c1[i] != m1 else zero)
    for j in range(d_cat - d_cat % 2, d_cat):
        mode, price, levels = modes[j], mismatch[j], codes[j, lo : lo + size]
        for i in range(size):
            out[i] += price if levels[i] != mode else zero


@inner
def nearest_two(num, codes, mismatch, model, lo, size, found):
    """Find the nearest prototype of rows `lo : lo + size` and what it takes to change that.

    Ties go to the lowest cluster. `found.slack` is how far prototypes may
    travel, together, before a row's nearest one can change: the distance is a
    squared Euclidean one in [x, sqrt(price / 2) onehot], so the triangle
    inequality holds for its root, and the row keeps its cluster while the way
    of its prototype and the longest way of another stay below
    sqrt(second) - sqrt(nearest) (Hamerly 2010). `doubt` bounds the relative
    rounding error of a float32 distance and its root; taking it off keeps the
    test on the side where the plain search would give the same label.
    """
    tile, nearest, second, winner = found.tile, found.nearest, found.second, found.winner
    for i in range(size):
        nearest[i] = np.float32(np.inf)
        second[i] = np.float32(np.inf)
        winner[i] = np.int32(0)
    for cluster in range(model.num.shape[0]):
        tile_distances(num, codes, model.num[cluster], model.modes[cluster], mismatch, lo, size, tile)
        for i in range(size):
            here, best = tile[i], nearest[i]
            later = max(here, best)
            second[i] = min(second[i], later)
            nearest[i] = min(best, here)
            winner[i] = np.int32(cluster) if here < best else winner[i]
    doubt = np.float32((num.shape[0] + codes.shape[0] + 16) * 2.0**-23)
    for i in range(size):
        far = np.sqrt(second[i])
        found.slack[i] = far - np.sqrt(nearest[i]) - doubt * far


@inner
def move_row(table, row, cluster, weight, sums):
    """Add one row, `weight` times, to a cluster's sums (negative: take it out).

    `exact[j]` is the number whose addition and subtraction rounds a product to
    the column's grid; on that grid float64 addition has no rounding error.
    """
    sums.mass[cluster] += weight
    for j in range(table.num.shape[0]):
        term = weight * np.float64(table.num[j, row])
        sums.num[cluster, j] += (term + table.exact[j]) - table.exact[j]
    for j in range(table.codes.shape[0]):
        sums.counts[cluster, table.offsets[j] + np.int64(table.codes[j, row])] += weight


@inner
def mark_open(state, limits, lo, size, is_open):
    """Mark which of rows `lo : lo + size` may have changed cluster; return how many."""
    labels, margins = state.labels[lo : lo + size], state.margins[lo : lo + size]
    for i in range(size):
        is_open[i] = np.uint8(not margins[i] > limits[np.uint32(labels[i])])
    n_open = 0
    for i in range(size):
        n_open += is_open[i]
    return n_open


@inner
def gather(num, codes, row, gathered, place):
    """Copy one row to column `place` of a scratch tile."""
    gathered_num, gathered_codes = gathered
    for j in range(num.shape[0]):
        gathered_num[j, place] = num[j, row]
    for j in range(codes.shape[0]):
        gathered_codes[j, place] = codes[j, row]


@inner
def settle(table, model, state, sums, rows, size, found):
    """Write the labels and margins of `size` rows and move those that changed cluster; return how many did."""
    weighted = table.weights.shape[0] > 0
    margins = found.slack
    for i in range(size):
        reach = margins[i] + np.float32(model.travelled[np.uint32(found.winner[i])])
        margins[i] = reach - np.float32(1e-6) * abs(reach)
    moved = 0
    for i in range(size):
        row, new = rows[i], found.winner[i]
        old = state.labels[row]
        state.margins[row] = margins[i]
        if old != new:
            moved += 1
            weight = table.weights[row] if weighted else 1.0
            move_row(table, row, old, -weight, sums)
            move_row(table, row, new, weight, sums)
            state.labels[row] = new
    return moved


@inner
def settle_first(table, model, state, sums, lo, size, found):
    """Do what `settle` does for rows `lo : lo + size`, none of which is in a sum yet, column by column."""
    weighted = table.weights.shape[0] > 0
    labels = state.labels[lo : lo + size]
    for i in range(size):
        reach = found.slack[i] + np.float32(model.travelled[np.uint32(found.winner[i])])
        state.margins[lo + i] = reach - np.float32(1e-6) * abs(reach)
        labels[i] = found.winner[i]
    for i in range(size):
        sums.mass[np.uint32(labels[i])] += table.weights[lo + i] if weighted else 1.0
    for j in range(table.num.shape[0]):
        column, exact = table.num[j, lo : lo + size], table.exact[j]
        for i in range(size):
            weight = table.weights[lo + i] if weighted else 1.0
            sums.num[np.uint32(labels[i]), j] += (weight * np.float64(column[i]) + exact) - exact
    for j in range(table.codes.shape[0]):
        levels, offset = table.codes[j, lo : lo + size], np.uint64(table.offsets[j])
        for i in range(size):
            weight = table.weights[lo + i] if weighted else 1.0
            sums.counts[np.uint32(labels[i]), offset + np.uint64(levels[i])] += weight
    return size


@inner
def assign_tile(table, model, state, sums, lo, size, rows, found):
    """Assign all of rows `lo : lo + size`, with `rows` as scratch; return how many moved."""
    nearest_two(table.num, table.codes, table.mismatch, model, lo, size, found)
    if np.isnan(state.margins[lo]):
        return settle_first(table, model, state, sums, lo, size, found)
    for i in range(size):
        rows[i] = lo + i
    return settle(table, model, state, sums, rows, size, found)


@inner
def assign_gathered(table, model, state, sums, gathered, waiting, size, found):
    """Assign the rows numbered `waiting`, whose content is in the scratch tile; return how many moved."""
    nearest_two(gathered[0], gathered[1], table.mismatch, model, np.int64(0), size, found)
    return settle(table, model, state, sums, waiting, size, found)


@inner
def assign_rows(table, model, state, sums, start, stop):
    """Assign rows `start : stop` to their nearest prototype and keep the sums up to date.

    A row whose margin exceeds `model.travelled` of its cluster is where it was
    (see `nearest_two`) and is not looked at; the others are gathered into full
    tiles. Only rows whose label changed touch the sums; margins of NaN mark
    rows that are in no sum yet, which is all of them or none.

    Returns the number of rows that changed their label.
    """
    num, codes = table.num, table.codes
    found = Found(
        np.empty(TILE, np.float32), np.empty(TILE, np.float32), np.empty(TILE, np.float32),
        np.empty(TILE, np.float32), np.empty(TILE, np.int32),
    )  # fmt: skip
    rows, waiting = np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    gathered = np.empty((num.shape[0], TILE), np.float32), np.empty((codes.shape[0], TILE), codes.dtype)
    limits = (model.travelled * (1.0 + 1e-6)).astype(np.float32)
    is_open = np.zeros(TILE, np.uint8)
    eights = is_open.view(np.uint64)
    # Typed, for a bare 0 would have callees compiled twice: for the constant and for the variable.
    n_waiting = np.int64(0)
    moved = 0
    for lo in range(start, stop, TILE):
        size = min(TILE, stop - lo)
        for i in range(size, TILE):
            is_open[i] = 0
        n_open = mark_open(state, limits, lo, size, is_open)
        if 4 * n_open > size:
            moved += assign_tile(table, model, state, sums, lo, size, rows, found)
            continue
        for eight in range(TILE // 8 if n_open else 0):
            if eights[eight] == 0:
                continue
            if n_waiting > TILE - 8:
                moved += assign_gathered(table, model, state, sums, gathered, waiting, n_waiting, found)
                n_waiting = np.int64(0)
            for i in range(8 * eight, 8 * eight + 8):
                if is_open[i]:
                    gather(num, codes, lo + i, gathered, n_waiting)
                    waiting[n_waiting] = lo + i
                    n_waiting += 1
    return moved + assign_gathered(table, model, state, sums, gathered, waiting, n_waiting, found)


@kernel
def assign_block(
    num, codes, weights, offsets, exact, mismatch, prototypes, modes, travelled, labels, margins,
    sums, mass, counts, start, stop,
):  # fmt: skip
    """`assign_rows` for callers outside compiled code, where flat arguments are cheaper to pass."""
    table = Table(num, codes, weights, offsets, exact, mismatch)
    model, state = Model(prototypes, modes, travelled), State(labels, margins)
    return assign_rows(table, model, state, Tally(sums, mass, counts), start, stop)


@kernel
def distances_block(num, codes, mismatch, prototypes, modes, start, stop, out):
    """Fill `out[start:stop, :]` with the distance of every row to every prototype."""
    tile = np.empty(TILE, np.float32)
    for lo in range(start, stop, TILE):
        size = min(TILE, stop - lo)
        for cluster in range(prototypes.shape[0]):
            tile_distances(num, codes, prototypes[cluster], modes[cluster], mismatch, lo, size, tile)
            for i in range(size):
                out[lo + i, cluster] = tile[i]


@kernel
def cost_block(num, codes, weights, prices, prototypes, modes, labels, exact, start, stop):
    """Sum Huang's distance of rows `start : stop` to their own prototype, in float64.

    `prototypes` (d_num, k) and `modes` (d_cat, k) lie by column here. Each
    row's distance is rounded to the grid of `exact`, so the total does not
    depend on the order of the rows.
    """
    weighted = weights.shape[0] > 0
    own = np.empty(TILE, np.float64)
    total = 0.0
    for lo in range(start, stop, TILE):
        size = min(TILE, stop - lo)
        cluster = labels[lo : lo + size].astype(np.uint32)
        own[:] = 0.0
        for j in range(num.shape[0]):
            column, places = num[j, lo : lo + size], prototypes[j]
            for i in range(size):
                gap = np.float64(column[i]) - places[cluster[i]]
                own[i] += gap * gap
        for j in range(codes.shape[0]):
            levels, own_modes, price = codes[j, lo : lo + size], modes[j], prices[j]
            for i in range(size):
                own[i] += price if levels[i] != own_modes[cluster[i]] else 0.0
        for i in range(size):
            distance = (own[i] + exact) - exact
            total += (distance * weights[lo + i] + exact) - exact if weighted else distance
    return total
