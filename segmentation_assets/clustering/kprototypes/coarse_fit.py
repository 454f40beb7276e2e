"""Many starts, and on many rows most of the way on a sample of them.

Lloyd's iteration finds the neighbourhood of its optimum on a sample as well as
on all rows, so that is where every start and every swap is run first.
"""

import numpy as np

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks, worker_count
from segmentation_assets.clustering.kprototypes.lloyd import lloyd
from segmentation_assets.clustering.kprototypes.local_search import improve_by_swaps
from segmentation_assets.clustering.kprototypes.seeding import SEED_SAMPLE, first_rows, seed_rows

COARSE_SAMPLE = 100_000
ROWS_WORTH_A_SAMPLE = 200_000
FINALISTS = 3
# A sample on the way to all rows is worth its passes where these are so many times as many.
STEEPEST = 4
# Once it has left its sample, a coarse fit ends where a pass lowers the cost by less than this share: a hundred more
# such passes would lower it by less than the choice of the sample does.
COARSE_TOL = 1e-7


def best_start(problem, plan, seed, workers):
    """Run Lloyd's iteration from `n_init` starts and return the cheapest solution, the first among equals.

    Every start, and every swap, is run on a sample first where there are rows
    enough. Then the best few go on over all rows, or (coarse) over a larger
    sample, and the best of those over all rows. Above `ROWS_WORTH_A_SAMPLE`
    rows what is not coarse takes the larger sample too, with every start.

    Parameters
    ----------
    problem : Problem
    plan : KPrototypes
        Its n_clusters, init, n_init, max_iter, tol, n_jobs and coarse.
    seed : int
    workers : int
        Threads of a run over all rows.
    """
    n, seeding = problem.n, max(SEED_SAMPLE, 8 * plan.n_clusters)
    is_coarse = n > ROWS_WORTH_A_SAMPLE if plan.coarse == "auto" else bool(plan.coarse)
    is_large = is_coarse or n > ROWS_WORTH_A_SAMPLE
    sample = problem.sample(max(COARSE_SAMPLE, seeding) if is_large else seeding, seed, workers)
    nursery = first_rows(sample, seeding)
    stage = problem if n <= 2 * seeding else problem.on(nursery)
    solutions = all_starts(problem, stage, problem.complete(nursery), plan, seed, workers)
    if sample.n > nursery.n:
        entrants = FINALISTS if is_coarse else len(solutions)
        solutions = run_on(problem.on(sample), finalists_of(solutions, entrants), plan, 1)
    solutions = [cheapest(solutions)] if is_coarse else finalists_of(solutions, FINALISTS)
    tol = COARSE_TOL if is_coarse else 0.0
    for size in rungs(n):
        solutions = run_on(problem.on(problem.thin(size, seed, workers)), solutions, plan, workers, tol)
    if stage is not problem and not is_coarse:
        solutions = run_on(problem, solutions, plan, workers)
    best = cheapest(solutions)
    last = lloyd(problem, largest_first(best), **limits_of(plan, tol), workers=workers)
    if stage is problem:
        last.n_iter += best.n_iter
    return last


def rungs(n):
    """Return the sizes, each ten times the last, of the samples between `COARSE_SAMPLE` and n rows."""
    sizes = [COARSE_SAMPLE * 10**step for step in range(1, 10)]
    return [size for size in sizes if STEEPEST * size <= n]


def all_starts(problem, stage, nursery, plan, seed, workers):
    """Run every start on the rows of `stage`, and swaps from the best; return all solutions."""
    k = plan.n_clusters
    threads = workers if stage is problem else 1

    def run(_, number, __):
        generator = np.random.default_rng([seed, number])
        start = problem.at(nursery, seed_rows(nursery, k, problem.mismatch, plan.init, generator))
        return lloyd(stage, start, **limits_of(plan), workers=threads)

    # Where one run is not worth several threads, the runs themselves are spread over them.
    n_init = 1 if plan.init == "cao" else plan.n_init
    spread = worker_count(plan.n_jobs, stage.n * n_init) if threads == 1 else 1
    solutions = run_blocks(run, blocks_of(n_init, 1), spread)
    if plan.init == "kmeans++" and k > 1:
        last = np.random.default_rng([seed, n_init])
        limits = limits_of(plan) | {"workers": threads, "spread": spread}
        solutions.append(improve_by_swaps(stage, nursery, cheapest(solutions), last, 2 * n_init, **limits))
    return solutions


def limits_of(plan, tol=0.0):
    """Return when a run ends: after so many passes, and with `tol` where the plan leaves that open."""
    return {"max_iter": plan.max_iter, "tol": tol if plan.tol == "auto" else plan.tol}


def run_on(problem, solutions, plan, workers, tol=0.0):
    """Go on from each solution over the rows of another problem; return the solutions found there."""

    def run(_, number, __):
        start = largest_first(solutions[number])
        return lloyd(problem, start, **limits_of(plan, tol), workers=workers)

    spread = worker_count(plan.n_jobs, problem.n * len(solutions)) if workers == 1 else 1
    return run_blocks(run, blocks_of(len(solutions), 1), spread)


def finalists_of(solutions, most):
    """Return the cheapest `most` of the solutions, one of each cost.

    Starts that reached the same optimum have the same cost to the bit, or all but.
    """
    by_cost = {f"{solution.cost:.9e}": solution for solution in reversed(solutions)}
    return sorted(by_cost.values(), key=lambda solution: solution.cost)[:most]


def cheapest(solutions):
    """Return the solution of least cost, the first among equals."""
    return min(solutions, key=lambda solution: solution.cost)


def largest_first(solution):
    """Return a solution's prototypes by falling weight of their clusters.

    A row at equal distance goes to the first of its nearest prototypes; this
    makes that the larger cluster instead of the one that was seeded first.
    """
    prototypes = solution.prototypes
    content = [*prototypes.modes.T[::-1], *prototypes.num.T[::-1], -solution.mass]
    return prototypes.take(np.lexsort(content))
