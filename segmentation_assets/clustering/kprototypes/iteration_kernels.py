"""Compiled steps of Lloyd's iteration that look at sums and prototypes, and the loop of a small fit."""

import numpy as np

from segmentation_assets.clustering.compiled.kernels import inner, kernel
from segmentation_assets.clustering.kprototypes.border_rows import (
    FEW,
    REST,
    is_within,
    near_rows,
    put_back,
    reach_of,
    state_of,
    table_of,
)
from segmentation_assets.clustering.kprototypes.row_kernels import Model, State, Table, Tally, assign_rows

# Passes without a new lowest cost after which a fit ends.
PATIENCE = 5.0
# A run that has a cost to beat may still fall by so many times its last fall.
PROSPECT = 10.0


@inner
def update_prototypes(
    sums, mass, counts, offsets, centres, factors, mismatch, readable, prototypes, modes, travelled
):  # fmt: skip
    """Move each prototype to the means and modes of its rows and add the way it went to `travelled`.

    `readable` holds the means in the caller's unit and is the model's truth:
    `prototypes` is its encoding, so that a model written down as numbers and
    read back scores the same. Equal counts give the first category. An empty
    cluster keeps its place.
    """
    k = sums.shape[0]
    ways = np.zeros(k)
    for cluster in range(k):
        if mass[cluster] == 0.0:
            continue
        way = 0.0
        for j in range(sums.shape[1]):
            mean = centres[j] + sums[cluster, j] / mass[cluster] / factors[j]
            readable[cluster, j] = mean
            place = np.float32((mean - centres[j]) * factors[j])
            gap = np.float64(place) - np.float64(prototypes[cluster, j])
            way += gap * gap
            prototypes[cluster, j] = place
        for j in range(offsets.shape[0] - 1):
            best = offsets[j]
            for level in range(offsets[j] + 1, offsets[j + 1]):
                if counts[cluster, level] > counts[cluster, best]:
                    best = level
            if modes[cluster, j] != best - offsets[j]:
                way += np.float64(mismatch[j])
            modes[cluster, j] = best - offsets[j]
        ways[cluster] = np.sqrt(way)
    add_travel(ways, travelled)


@inner
def add_travel(ways, travelled):
    """Add to each cluster's `travelled` its own way and the longest of the others'."""
    first, second = 0.0, 0.0
    for way in ways:
        if way > first:
            first, second = way, first
        elif way > second:
            second = way
    for cluster in range(ways.shape[0]):
        other = second if ways[cluster] == first else first
        travelled[cluster] += ways[cluster] + other


@kernel
def cost_of_sums(sums, mass, counts, offsets, prices, squares, prototypes, modes):
    """Cost of the current assignment, from the sums alone and without looking at a row.

    sum w (y - p)^2 = sum w y^2 - 2 p . S + W p^2 with `squares` = sum w y^2, and
    a column of categories costs its price times the weight that is not in the mode.
    """
    cost = squares
    for cluster in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            place = np.float64(prototypes[cluster, j])
            cost += place * (mass[cluster] * place - 2.0 * sums[cluster, j])
        for j in range(prices.shape[0]):
            cost += prices[j] * (mass[cluster] - counts[cluster, offsets[j] + np.int64(modes[cluster, j])])
    return max(cost, 0.0)


@kernel
def update_and_judge(
    sums, mass, counts, offsets, centres, factors, mismatch, prices, squares, readable, prototypes, modes,
    travelled, tol, progress,
):  # fmt: skip
    """Update the prototypes after an assignment and judge the progress made."""
    update_prototypes(sums, mass, counts, offsets, centres, factors, mismatch, readable, prototypes, modes, travelled)
    cost = cost_of_sums(sums, mass, counts, offsets, prices, squares, prototypes, modes)
    judge(cost, tol, progress)


@inner
def judge(cost, tol, progress):
    """Note a new cost in `progress`: the lowest so far, the passes since, and the cost to beat.

    Rows at equal distance, to the rounding of float32, can go in circles:
    `PATIENCE` passes without a new lowest cost end that. So does no prospect
    of coming below the cost to beat, which is infinite where there is none.
    """
    if cost - PROSPECT * (progress[0] - cost) > progress[2]:
        progress[1] = PATIENCE
        return
    progress[1] = 0.0 if cost < progress[0] else progress[1] + 1.0
    if tol > 0.0 and progress[0] - cost < tol * cost:
        progress[1] = PATIENCE
    progress[0] = min(cost, progress[0])


@inner
def has_empty(mass):
    """Whether a cluster has no weight."""
    for one in mass:  # noqa: SIM110 - compiled code has no any()
        if one == 0.0:
            return True
    return False


@kernel
def lloyd_serial(
    num, codes, weights, offsets, exact, mismatch, prototypes, modes, travelled, labels, margins,
    sums, mass, counts, prices, squares, centres, factors, readable, tol, progress, bounds, passes,
):  # fmt: skip
    """Run up to `passes` passes of Lloyd's iteration on one thread without coming up for air.

    After a pass over all rows the next ones are made over the few that the
    coming travel can reach, see `near_rows`.

    Returns
    -------
    (passes made, whether to go on)
        It stops when no row moves, and pauses after a pass that left a cluster
        empty, which the caller fills, or after an update that took a cluster's
        travel past its bound.
    """
    model, tally = Model(prototypes, modes, travelled), Tally(sums, mass, counts)
    table = everyone = Table(num, codes, weights, offsets, exact, mismatch)
    state = everywhere = State(labels, margins)
    near, reach, before = np.empty(0, np.int64), bounds, np.empty(bounds.shape[0])
    made, goes_on, next_look = 0, True, 0
    while goes_on:
        moved = assign_rows(table, model, state, tally, 0, table.num.shape[1])
        made += 1
        goes_on = moved > 0 and progress[1] < PATIENCE
        if not goes_on or made == passes or has_empty(mass):
            break
        for cluster in range(before.shape[0]):
            before[cluster] = travelled[cluster]
        update_and_judge(
            sums, mass, counts, offsets, centres, factors, mismatch, prices, squares, readable, prototypes, modes,
            travelled, tol, progress,
        )  # fmt: skip
        if near.shape[0]:
            if is_within(travelled, reach):
                continue
            put_back(state, near, everywhere)
            near, table, state, next_look = near[:0], everyone, everywhere, made
        elif made > next_look and is_within(travelled, bounds):
            next_look = made + REST
            reach = reach_of(before, travelled, bounds)
            near = near_rows(labels, margins, reach, np.int64(0), labels.shape[0], labels.shape[0] // FEW)
            if near.shape[0]:
                table, state = table_of(everyone, near), state_of(everywhere, near)
        if not is_within(travelled, bounds):
            break
    if near.shape[0]:
        put_back(state, near, everywhere)
    return made, goes_on
