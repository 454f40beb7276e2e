"""Compiled loops of Gower's distance: sorted columns, tables of categories, blocks of pairs.

A number is kept as an integer on a grid of its own column's range, packed with
its row into one sorted 64-bit key. Sums over a cluster are then integer sums:
exact, hence the same for any order of the rows and any number of threads.

Clusters are worked through `LANES` at a time. Eight float64 fill one 64-byte
cache line, which is what a random visit to a row costs in any case.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from segmentation_assets.clustering.compiled.kernels import kernel

LANES = 8
# How many keys ahead a row is fetched. Without it every visit waits for memory:
# 38 ns a row against 8 ns at 1,000,000 rows.
AHEAD = 32
MISSING_KEY = np.iinfo(np.int64).max


@intrinsic
def prefetch_row(typingctx, array, row):  # noqa: ARG001 - numba's signature: `row` is read as args[1]
    """Ask the processor to bring `array[row]` into its cache (the llvm.prefetch instruction)."""

    def emit(context, builder, signature, args):
        array_type = signature.args[0]
        view = context.make_array(array_type)(context, builder, args[0])
        stride = cgutils.unpack_tuple(builder, view.strides, array_type.ndim)[0]
        start = builder.ptrtoint(view.data, ir.IntType(64))
        address = builder.add(start, builder.mul(args[1], stride))
        pointer, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer, word, word, word])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        for_writing, keep_near, is_data = (ir.Constant(word, value) for value in (1, 3, 1))
        builder.call(prefetch, [builder.inttoptr(address, pointer), for_writing, keep_near, is_data])
        return context.get_dummy_value()

    return types.void(array, types.int64), emit


@kernel
def extent(values):
    """Return (lowest, highest, number of NaN, number of infinities) of a column; (inf, -inf) where all are NaN."""
    low, high, missing, infinite = np.inf, -np.inf, 0, 0
    for value in values:
        if np.isnan(value):
            missing += 1
        elif np.isinf(value):
            infinite += 1
        else:
            low = min(low, value)
            high = max(high, value)
    return low, high, missing, infinite


@kernel
def pack_keys(values, low, high, shift, keys):
    """Write one key a row: the value's place on the grid, then `shift` bits of row number.

    The grid has 2^(63 - shift) steps from `low` to `high`, at most 2^52, so that
    n of its values add up to less than 2^63. A value outside is put at the nearer end.
    """
    top = 2.0 ** min(63 - shift, 52) - 1.0
    # Half of each, where the range itself would overflow.
    half = 1.0 if np.isfinite(high - low) else 0.5
    base = low * half
    width = high * half - base
    for row in range(values.shape[0]):
        value = values[row]
        if np.isnan(value):
            keys[row] = MISSING_KEY
        else:
            place = np.rint((value * half - base) / width * top) if width > 0.0 else 0.0
            keys[row] = (np.int64(min(max(place, 0.0), top)) << shift) | row


@kernel
def lane_labels(labels, first, lanes):
    """Write each label's lane, label - `first`, or LANES where it lies in another batch of clusters."""
    for row in range(labels.shape[0]):
        lane = labels[row] - first
        lanes[row] = lane if 0 <= lane < LANES else LANES


@kernel
def sum_keys(keys, lanes, patterns, shift, start, stop, sorted_lanes, counts, sums):
    """Count and add up the values at sorted positions `start : stop` by pattern and lane, exactly.

    `patterns` is empty where no value is missing; `counts` and `sums` have shape (g, LANES + 1).
    The lanes met are written to `sorted_lanes`, which spares the walk that follows a random visit.
    """
    mask = (np.int64(1) << shift) - 1
    by_pattern = patterns.shape[0] > 0
    for position in range(start, stop):
        prefetch_row(lanes, keys[min(position + AHEAD, stop - 1)] & mask)
        row = keys[position] & mask
        lane = lanes[row]
        pattern = patterns[row] if by_pattern else 0
        counts[pattern, lane] += 1
        sums[pattern, lane] += keys[position] >> shift
        sorted_lanes[position] = lane


@kernel
def add_numbers(keys, sorted_lanes, shift, start, stop, slope, level, factor, out):
    """Add a column's distances to each cluster, walking it upwards in sorted order.

    With the values x_j of a cluster sorted, those below v and those above it give

        sum_j |v - x_j| = v (below - above) + (sum above - sum below) = v * slope + level

    and passing one value changes its cluster's slope by 2 and level by -2 v. All are
    integers on the column's grid, so ties and order leave no rounding; `factor`
    turns grid steps into weighted distance.
    """
    mask = (np.int64(1) << shift) - 1
    slope = slope.copy()
    level = level.copy()
    for position in range(start, stop):
        prefetch_row(out, keys[min(position + AHEAD, stop - 1)] & mask)
        row = keys[position] & mask
        value = keys[position] >> shift
        for lane in range(LANES):
            out[row, lane] += np.float64(value * slope[lane] + level[lane]) * factor
        own = sorted_lanes[position]
        slope[own] += 2
        level[own] -= 2 * value


@kernel
def add_numbers_by_pattern(keys, sorted_lanes, patterns, shift, start, stop, slope, level, factors, out):
    """As `add_numbers`, where values are missing: one slope and level a pattern of missingness.

    `factors[p, q]` is the column's weight over the weight that rows of patterns
    p and q have in common, the denominator of Gower's mean for such a pair.
    """
    mask = (np.int64(1) << shift) - 1
    slope = slope.copy()
    level = level.copy()
    for position in range(start, stop):
        prefetch_row(out, keys[min(position + AHEAD, stop - 1)] & mask)
        row = keys[position] & mask
        value = keys[position] >> shift
        own = patterns[row]
        for other in range(slope.shape[0]):
            factor = factors[own, other]
            if factor > 0.0:
                for lane in range(LANES):
                    out[row, lane] += np.float64(value * slope[other, lane] + level[other, lane]) * factor
        slope[own, sorted_lanes[position]] += 2
        level[own, sorted_lanes[position]] -= 2 * value


@kernel
def lane_stream(keys, lanes, patterns, pattern, shift, out):
    """Write the rows of a pattern in sorted order as value and lane, without their row number; return how many.

    `keys` are sorted and none is missing; every row counts where `patterns` is empty.
    """
    mask = (np.int64(1) << shift) - 1
    by_pattern = patterns.shape[0] > 0
    length = 0
    for position in range(keys.shape[0]):
        row = keys[position] & mask
        if not by_pattern or patterns[row] == pattern:
            out[length] = (keys[position] - row) | np.int64(lanes[row])
            length += 1
    return length


@kernel
def start_stream(stream, shift, slope, level):
    """Write slope and level by lane at the bottom of a stream, where every value of it lies above."""
    mask = (np.int64(1) << shift) - 1
    for key in stream:
        slope[key & mask] -= 1
        level[key & mask] += key >> shift


@kernel
def add_stream(keys, shift, stream, cursor, slope, level, sums):
    """Add to `sums` each key's distance on the grid to the rows of a stream, by lane, in the order of the keys.

    The walk of `add_numbers`, with the values looked at in one array and the rows
    they are measured against in another, both sorted. It stays with integers: those
    of all streams together are the sum over all rows, in whatever order they come.
    `keys` may be a block of them: the walk goes on at the `cursor` that the last one
    returned, with its slope and level, which are changed.
    """
    mask = (np.int64(1) << shift) - 1
    length = stream.shape[0]
    for position in range(keys.shape[0]):
        value = keys[position] >> shift
        while cursor < length and stream[cursor] >> shift < value:
            lane = stream[cursor] & mask
            slope[lane] += 2
            level[lane] -= 2 * (stream[cursor] >> shift)
            cursor += 1
        for lane in range(LANES):
            sums[position, lane] += value * slope[lane] + level[lane]
    return cursor


@kernel
def fold_sums(keys, shift, sums, patterns, factors, out):
    """Turn sums by sorted position into weighted distance and add them to their rows; a factor a pattern."""
    mask = (np.int64(1) << shift) - 1
    by_pattern = patterns.shape[0] > 0
    for position in range(keys.shape[0]):
        prefetch_row(out, keys[min(position + AHEAD, keys.shape[0] - 1)] & mask)
        row = keys[position] & mask
        factor = factors[patterns[row] if by_pattern else 0]
        if factor > 0.0:
            for lane in range(LANES):
                out[row, lane] += np.float64(sums[position, lane]) * factor


@kernel
def count_levels(codes, lanes, patterns, pattern, counts):
    """Count a column's categories by lane among the rows of one pattern (every row where `patterns` is empty)."""
    by_pattern = patterns.shape[0] > 0
    for row in range(codes.shape[0]):
        if codes[row] >= 0 and (not by_pattern or patterns[row] == pattern):
            counts[codes[row], lanes[row]] += 1


@kernel
def add_levels_by_pattern(codes, patterns, table, factors, start, stop, out):
    """Add to each row `table[its category]` times `factors[its pattern]`: mismatches with rows of one pattern."""
    for row in range(start, stop):
        factor = factors[patterns[row]]
        if codes[row] >= 0 and factor > 0.0:
            for lane in range(LANES):
                out[row, lane] += np.float64(table[codes[row], lane]) * factor


@kernel
def compare_rows(out, codes, offsets, tables, labels, first, sizes, start, stop, cohesion, separation):
    """Add the categories' tables to rows `start : stop`, then update the two means of the silhouette.

    `cohesion` a(i) is the mean distance to the other rows of the row's own
    cluster, `separation` b(i) the least mean distance to another one.
    """
    total = np.empty(LANES)
    share = np.zeros(LANES)
    beyond = np.full(LANES, np.inf)
    for lane in range(min(LANES, sizes.shape[0] - first)):
        share[lane] = 1.0 / sizes[first + lane]
        beyond[lane] = 0.0
    for row in range(start, stop):
        for lane in range(LANES):
            total[lane] = out[row, lane]
        for column in range(codes.shape[0]):
            place = offsets[column] + codes[column, row]
            for lane in range(LANES):
                total[lane] += tables[place, lane]
        own = labels[row] - first
        if 0 <= own < LANES:
            cohesion[row] = total[own] / max(sizes[labels[row]] - 1, 1)
            total[own] = np.inf
        nearest = separation[row]
        for lane in range(LANES):
            nearest = min(nearest, total[lane] * share[lane] + beyond[lane])
        separation[row] = nearest


@kernel
def finish_rows(cohesion, separation, labels, sizes, start, stop, out):
    """Write (b - a) / max(a, b) for rows `start : stop`; 0 for a row alone in its cluster and where both are 0."""
    for row in range(start, stop):
        larger = max(cohesion[row], separation[row])
        alone = sizes[labels[row]] == 1
        out[row] = 0.0 if alone or larger == 0.0 else (separation[row] - cohesion[row]) / larger


@kernel
def pair_distances(left, right, scales, left_codes, right_codes, code_weights, start, stop, out):
    """Write the weighted sum of differences of rows `start : stop` of the left to every row of the right.

    sum_f weight_f |x_f - y_f| / range_f over numbers plus weight_f [x_f != y_f] over
    categories; a feature missing (NaN, or a code below 0) on either side adds nothing.
    """
    for row in range(start, stop):
        line = out[row - start]
        line[:] = 0.0
        for column in range(left.shape[0]):
            value = left[column, row]
            scale = scales[column]
            for other in range(right.shape[1]):
                gap = abs(value - right[column, other]) * scale
                line[other] += 0.0 if np.isnan(gap) else gap
        for column in range(left_codes.shape[0]):
            code = left_codes[column, row]
            weight = code_weights[column]
            if code >= 0:
                for other in range(right_codes.shape[1]):
                    differs = right_codes[column, other] >= 0 and right_codes[column, other] != code
                    line[other] += weight if differs else 0.0


@kernel
def divide_by_common_weight(left_patterns, right_patterns, common, start, stop, out):
    """Divide each pair's sum by the weight observed on both sides; NaN where that is none."""
    for row in range(start, stop):
        weights = common[left_patterns[row]]
        line = out[row - start]
        for other in range(line.shape[0]):
            weight = weights[right_patterns[other]]
            line[other] = min(line[other] / weight, 1.0) if weight > 0.0 else np.nan
