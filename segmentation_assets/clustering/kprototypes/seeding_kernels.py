"""Compiled loops behind seeds: a hash of a row's content, and greedy k-means++."""

import numpy as np

from segmentation_assets.clustering.compiled.kernels import inner, kernel
from segmentation_assets.clustering.kprototypes.row_kernels import TILE, Found, Model, nearest_two, tile_distances


@kernel
def hash_rows(bits, codes, seed, start, stop, out):
    """Hash the content of rows `start : stop` to 64 bits, into `out[0 : stop - start]`.

    Each column is mixed in by a xor, a multiplication and a shift; the last
    mix is the splitmix64 finaliser (Steele, Lea and Flood 2014). `bits` is
    `num` seen as uint32; encoding leaves no negative zero in it. Equal rows
    have equal hashes whatever their position: a hash stands in for a random
    number that does not depend on row order.
    """
    for lo in range(start, stop, TILE):
        size = min(TILE, stop - lo)
        state = out[lo - start : lo - start + size]
        state[:] = seed
        for j in range(bits.shape[0]):
            column = bits[j, lo : lo + size]
            for i in range(size):
                mixed = (state[i] ^ np.uint64(column[i])) * np.uint64(0x9E3779B97F4A7C15)
                state[i] = mixed ^ (mixed >> np.uint64(32))
        for j in range(codes.shape[0]):
            levels = codes[j, lo : lo + size]
            for i in range(size):
                mixed = (state[i] ^ np.uint64(levels[i])) * np.uint64(0x9E3779B97F4A7C15)
                state[i] = mixed ^ (mixed >> np.uint64(32))
        for i in range(size):
            mixed = (state[i] ^ (state[i] >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state[i] = mixed ^ (mixed >> np.uint64(31))


@inner
def mix(state):
    """Scatter the bits of a 64-bit number: the splitmix64 finaliser."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


@inner
def uniform(bits):
    """Return a number in (0, 1) from the upper 53 of 64 bits."""
    return (np.float64(np.int64(bits >> np.uint64(11))) + 0.5) * 2.0**-53


@inner
def draw(weights, hashes, salt):
    """Draw a row by its weight: of the clocks that ring at -log(u) / weight, the row's whose rings first.

    Each row's u comes from its own hash. So another draw, from the same rows less one or with weights a little
    different, draws the same row unless it was that one; a search of running totals would hit another wherever a place
    has shifted. Returns -1 where every weight is 0.
    """
    best, winner = np.inf, -1
    factor = salt | np.uint64(1)
    for i in range(weights.shape[0]):
        u = uniform(hashes[i] * factor)
        reach = best * weights[i]  # NaN for a weight of 0 at first, and then 0
        # -log(u) >= 1 - u: few rows are worth a logarithm.
        if 1.0 - u < reach and -np.log(u) < reach:
            best, winner = -np.log(u) / weights[i], i
    return winner


@kernel
def poisson_weights(hashes, salt, out):
    """Draw how often each row is drawn, from Poisson's distribution with mean 1 and the row's own hash."""
    for i in range(hashes.shape[0]):
        u = uniform(mix(hashes[i] ^ salt))
        chance = total = np.exp(-1.0)
        count = 0
        while u > total and count < 20:
            count += 1
            chance /= count
            total += chance
        out[i] = count


@kernel
def greedy_seeds(num, codes, weights, hashes, mismatch, salts):
    """Greedy k-means++ (Arthur and Vassilvitskii 2007) in Huang's distance.

    The first seed is drawn by weight; each further one is, of
    `salts.shape[1]` rows drawn by weight times distance to the nearest
    seed, the one that leaves the smallest total. `hashes` tell rows apart.

    Returns the seeds' row numbers (-1 from the first that found every row at
    distance zero).
    """
    n = weights.shape[0]
    k, trials = salts.shape
    seeds = np.empty(k, np.int64)
    seeds[:] = -1
    nearest = np.empty(n, np.float32)
    candidate = np.empty(n, np.float32)
    kept = np.empty(n, np.float32)
    prices = weights.copy()
    nearest[:] = np.float32(np.inf)
    for step in range(k):
        best_total = np.inf
        best_row = -1
        for trial in range(trials if step else 1):
            row = draw(prices, hashes, salts[step, trial])
            if row < 0:
                return seeds
            prototype = num[:, row].copy()
            modes = codes[:, row].copy()
            total = 0.0
            for lo in range(0, n, TILE):
                size = min(TILE, n - lo)
                tile = candidate[lo : lo + size]
                tile_distances(num, codes, prototype, modes, mismatch, lo, size, tile)
                for i in range(size):
                    tile[i] = min(tile[i], nearest[lo + i])
                    total += weights[lo + i] * tile[i]
            if total < best_total:
                best_total = total
                best_row = row
                kept, candidate = candidate, kept
        seeds[step] = best_row
        nearest, kept = kept, nearest
        for i in range(n):
            prices[i] = weights[i] * nearest[i]
    return seeds


@kernel
def best_swap(num, codes, weights, hashes, mismatch, prototypes, modes, salts):
    """Draw rows by weight times distance to the nearest prototype and find the best swap among them.

    A swap of prototype r for row x leaves every row the distance
    min(d(x), second if its nearest is r else nearest); so one look at a row
    prices the loss of every r.

    Returns
    -------
    (row, prototype to give up); row is -1 where every row lies on a prototype
    """
    n, k = weights.shape[0], prototypes.shape[0]
    found = Found(
        np.empty(TILE, np.float32), np.empty(TILE, np.float32), np.empty(TILE, np.float32),
        np.empty(TILE, np.float32), np.empty(TILE, np.int32),
    )  # fmt: skip
    nearest, second, labels = np.empty(n, np.float32), np.empty(n, np.float32), np.empty(n, np.int32)
    model = Model(prototypes, modes, np.empty(0))
    prices = np.empty(n)
    for lo in range(0, n, TILE):
        size = min(TILE, n - lo)
        nearest_two(num, codes, mismatch, model, lo, size, found)
        for i in range(size):
            nearest[lo + i], second[lo + i], labels[lo + i] = found.nearest[i], found.second[i], found.winner[i]
            prices[lo + i] = weights[lo + i] * found.nearest[i]
    best_total, best_row, best_leaver = np.inf, -1, 0
    losses = np.empty(k)
    for trial in range(salts.shape[0]):
        row = draw(prices, hashes, salts[trial])
        if row < 0:
            return best_row, best_leaver
        place, levels = num[:, row].copy(), codes[:, row].copy()
        losses[:] = 0.0
        kept = 0.0
        for lo in range(0, n, TILE):
            size = min(TILE, n - lo)
            tile_distances(num, codes, place, levels, mismatch, lo, size, found.tile)
            for i in range(size):
                here = found.tile[i]
                stays = min(here, nearest[lo + i])
                kept += weights[lo + i] * stays
                losses[np.uint32(labels[lo + i])] += weights[lo + i] * (min(here, second[lo + i]) - stays)
        leaver = 0
        for cluster in range(k):
            leaver = cluster if losses[cluster] < losses[leaver] else leaver
        if kept + losses[leaver] < best_total:
            best_total, best_row, best_leaver = kept + losses[leaver], row, leaver
    return best_row, best_leaver
