"""Compiled loops of the factor analysis: exact cross products, and the projection of rows."""

import numpy as np

from segmentation_assets.clustering.compiled.kernels import kernel

LANES = 8
LIMB = 20
TOP = 2**40 - 1
TILE = 256


@kernel
def grid_places(values, low, high, out):
    """Write each value's step on the grid from `low` (0) to `high` (TOP), 0 in a constant column; return their sum."""
    half = 1.0 if np.isfinite(high - low) else 0.5
    base = low * half
    width = high * half - base
    for row in range(values.shape[0]):
        place = np.rint((values[row] * half - base) / width * TOP) if width > 0.0 else 0.0
        out[row] = np.int64(min(max(place, 0.0), np.float64(TOP)))
    total = np.int64(0)
    for row in range(values.shape[0]):
        total += out[row]
    return total


@kernel
def add_products(places, products):
    """Add rows' products of limbs to (3, p, p) sums: h_i h_j, h_i l_j and l_i l_j, with x = h 2^20 + l."""
    p = products.shape[1]
    # Of 32 bits, for which there is a multiplication of whole vectors into 64.
    high = np.empty((p, TILE), np.int32)
    low = np.empty((p, TILE), np.int32)
    for start in range(0, places.shape[0], TILE):
        size = min(TILE, places.shape[0] - start)
        for column in range(p):
            for i in range(size):
                high[column, i] = places[start + i, column] >> LIMB
                low[column, i] = places[start + i, column] & ((1 << LIMB) - 1)
        for one in range(p):
            for other in range(one, p):
                top, middle, mirrored, bottom = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
                for i in range(size):
                    top += np.int64(high[one, i]) * np.int64(high[other, i])
                    middle += np.int64(high[one, i]) * np.int64(low[other, i])
                    mirrored += np.int64(low[one, i]) * np.int64(high[other, i])
                    bottom += np.int64(low[one, i]) * np.int64(low[other, i])
                products[0, one, other] += top
                products[1, one, other] += middle
                products[2, one, other] += bottom
                if one != other:
                    products[0, other, one] += top
                    products[1, other, one] += mirrored
                    products[2, other, one] += bottom


@kernel
def add_levels(places, codes, offsets, level_sums):
    """Add rows' grid steps, a multiple of LANES wide, to the sums of the levels they have."""
    for column in range(codes.shape[0]):
        for row in range(places.shape[0]):
            level = offsets[column] + codes[column, row]
            for batch in range(0, places.shape[1], LANES):
                for lane in range(LANES):
                    level_sums[level, batch + lane] += places[row, batch + lane]


@kernel
def count_pairs(codes, offsets, pairs):
    """Count the rows that have two levels, in the upper triangle; the diagonal counts a level."""
    for column in range(codes.shape[0]):
        for other in range(column, codes.shape[0]):
            for row in range(codes.shape[1]):
                pairs[offsets[column] + codes[column, row], offsets[other] + codes[other, row]] += 1


@kernel
def project_rows(numbers, means, factors, codes, offsets, tables, start, stop, out):
    """Write the coordinates of rows `start : stop`: a sum of one term a column.

    A number adds (x - mean) * factors[column], a category the row of `tables` that
    its code points to; a code below 0 is unknown and adds nothing.
    """
    totals = np.empty(TILE)
    for lo in range(start, stop, TILE):
        size = min(TILE, stop - lo)
        for component in range(out.shape[1]):
            totals[:] = 0.0
            for column in range(numbers.shape[0]):
                values, mean, factor = numbers[column, lo : lo + size], means[column], factors[column, component]
                for i in range(size):
                    totals[i] += (values[i] - mean) * factor
            for column in range(codes.shape[0]):
                levels, offset = codes[column, lo : lo + size], offsets[column]
                for i in range(size):
                    if levels[i] >= 0:
                        totals[i] += tables[offset + levels[i], component]
            for i in range(size):
                out[lo + i, component] = totals[i]
