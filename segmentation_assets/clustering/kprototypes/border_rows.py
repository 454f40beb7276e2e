"""The rows near a border: the only ones that the next passes have to look at.

Late in a fit the prototypes creep, and a row can change its cluster only once
they have travelled its margin (see `row_kernels.nearest_two`). So the rows that
the next dozen passes may reach are set aside, in arrays of their own, and the
passes are made over these alone until the prototypes have gone so far. Each
pass moves exactly the rows that a pass over the whole table would.
"""

import numpy as np

from segmentation_assets.clustering.compiled.kernels import inner, kernel
from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks
from segmentation_assets.clustering.kprototypes.row_kernels import State, Table
from segmentation_assets.clustering.mixed_tables.encoding import Rows

# How many passes at the present speed the rows set aside are to last.
AHEAD = 16.0
# A cluster that stands still is allowed this share of the speed of the fastest.
LEAST_SPEED = 0.1
# Rows are set aside where they are at most one in so many.
FEW = 3
# Where they were more, so many passes go by until they are counted again.
REST = 4


@kernel
def reach_of(before, travelled, bounds):
    """Return the travel, by cluster, up to which rows set aside now are the only ones to look at.

    Parameters
    ----------
    before, travelled : float arrays of shape (k,)
        Travel before and after the last update.
    bounds : float array of shape (k,)
        What the reach must not pass.
    """
    fastest = 0.0
    for cluster in range(before.shape[0]):
        fastest = max(fastest, travelled[cluster] - before[cluster])
    reach = np.empty(before.shape[0])
    for cluster in range(before.shape[0]):
        speed = max(travelled[cluster] - before[cluster], LEAST_SPEED * fastest)
        reach[cluster] = min(travelled[cluster] + AHEAD * speed, bounds[cluster])
    return reach


@inner
def is_within(travelled, reach):
    """Whether no cluster's travel has passed its reach."""
    for cluster in range(reach.shape[0]):  # noqa: SIM110 - compiled code has no all()
        if travelled[cluster] > reach[cluster]:
            return False
    return True


@kernel
def near_rows(labels, margins, reach, start, stop, most):
    """Return which of rows `start : stop` travel up to `reach` may open; none where these are more than `most`."""
    limits = np.empty(reach.shape[0], np.float32)
    for cluster in range(reach.shape[0]):
        limits[cluster] = np.float32(reach[cluster] * (1.0 + 1e-6))
    near = np.empty(most + 1, np.int64)
    found = 0
    for row in range(start, stop):
        near[found] = row
        found += not margins[row] > limits[np.uint32(labels[row])]
        if found > most:
            return near[:0]
    return near[:found]


@kernel
def take_rows(num, codes, numbers, num_out, codes_out, start, stop):
    """Copy the rows `numbers[start:stop]`, column by column, to the same places of the outputs."""
    for j in range(num.shape[0]):
        for i in range(start, stop):
            num_out[j, i] = num[j, numbers[i]]
    for j in range(codes.shape[0]):
        for i in range(start, stop):
            codes_out[j, i] = codes[j, numbers[i]]


@inner
def table_of(table, numbers):
    """Return some of a table's rows as a table."""
    d_num, d_cat, size = table.num.shape[0], table.codes.shape[0], numbers.shape[0]
    num, codes = np.empty((d_num, size), np.float32), np.empty((d_cat, size), table.codes.dtype)
    take_rows(table.num, table.codes, numbers, num, codes, np.int64(0), size)
    weights = np.empty(size if table.weights.shape[0] else 0)
    for i in range(weights.shape[0]):
        weights[i] = table.weights[numbers[i]]
    return Table(num, codes, weights, table.offsets, table.exact, table.mismatch)


@inner
def state_of(state, numbers):
    """Return the state of some rows."""
    labels, margins = np.empty(numbers.shape[0], np.int32), np.empty(numbers.shape[0], np.float32)
    for i in range(numbers.shape[0]):
        labels[i], margins[i] = state.labels[numbers[i]], state.margins[numbers[i]]
    return State(labels, margins)


@inner
def put_back(state, numbers, everywhere):
    """Write the state of some rows into that of all."""
    for i in range(numbers.shape[0]):
        everywhere.labels[numbers[i]] = state.labels[i]
        everywhere.margins[numbers[i]] = state.margins[i]


def taken(rows, numbers, workers):
    """Return some of the rows."""
    size = len(numbers)
    num = np.empty((len(rows.num), size), np.float32)
    codes = np.empty((len(rows.codes), size), rows.codes.dtype)

    def block(_, start, stop):
        take_rows(rows.num, rows.codes, numbers, num, codes, start, stop)

    run_blocks(block, blocks_of(size), workers)
    return Rows(num, codes, rows.weights[numbers] if len(rows.weights) else rows.weights)
