"""Many starts, and on many rows most of the way on a sample of them.

Lloyd's iteration finds the neighbourhood of its optimum on a sample as well as
on all rows: so every start is run on a sample, the most promising go a few
passes over all rows, and the best of those to its end.
"""

import numpy as np

from ._encoding import Moments
from ._lloyd import Problem, lloyd
from ._seeding import SEED_SAMPLE, first_rows, seed_rows
from ._swaps import improve_by_swaps
from ._threads import blocks_of, run_blocks, worker_count

COARSE_SAMPLE = 100_000
ROWS_WORTH_A_SAMPLE = 200_000
FINALISTS = 3
TRIAL_PASSES = 3


def best_start(problem, plan, seed, workers):
    """Run Lloyd's iteration from `n_init` starts and return the cheapest solution, the first among equals.

    Parameters
    ----------
    problem : Problem
    plan : KPrototypes
        Its n_clusters, init, n_init, max_iter, tol, n_jobs and coarse.
    seed : int
    workers : int
        Threads of a run over all rows.
    """
    k, n = plan.n_clusters, problem.n
    seeding = max(SEED_SAMPLE, 8 * k)
    is_coarse = n > ROWS_WORTH_A_SAMPLE if plan.coarse == "auto" else bool(plan.coarse)
    size = max(COARSE_SAMPLE, seeding) if is_coarse and n > COARSE_SAMPLE else seeding
    sample = problem.sample(size, seed, workers)
    stage = sample_problem(problem, sample) if is_coarse and len(sample.weights) < n else problem
    nursery = first_rows(sample, seeding)
    threads = workers if stage is problem else 1

    def run(_, number, __):
        generator = np.random.default_rng([seed, number])
        start = problem.at(nursery, seed_rows(nursery, k, problem.mismatch, plan.init, generator))
        return lloyd(stage, start, max_iter=plan.max_iter, tol=plan.tol, workers=threads)

    # Where one run is not worth several threads, the runs themselves are spread over them.
    n_init = 1 if plan.init == "cao" else plan.n_init
    spread = worker_count(plan.n_jobs, stage.n * n_init) if threads == 1 else 1
    solutions = run_blocks(run, blocks_of(n_init, 1), spread)
    if plan.init == "kmeans++" and k > 1:
        last = np.random.default_rng([seed, n_init])
        limits = {"max_iter": plan.max_iter, "tol": plan.tol, "workers": threads}
        solutions.append(improve_by_swaps(stage, nursery, cheapest(solutions), last, 2 * n_init, **limits))
    if stage is problem:
        best = cheapest(solutions)
        last = lloyd(problem, largest_first(best), max_iter=plan.max_iter, tol=plan.tol, workers=workers)
        last.n_iter += best.n_iter
        return last
    return polish(problem, solutions, plan, workers)


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


def polish(problem, solutions, plan, workers):
    """Take the best solutions of a sample a few passes over all rows, and the best of those to its end."""
    # Starts that reached the same optimum have the same cost to the bit, or all but.
    by_cost = {f"{solution.cost:.9e}": solution for solution in reversed(solutions)}
    finalists = sorted(by_cost.values(), key=lambda solution: solution.cost)[:FINALISTS]
    best = finalists[0]
    if len(finalists) > 1 and plan.max_iter > TRIAL_PASSES:
        trials = [
            lloyd(problem, largest_first(one), max_iter=TRIAL_PASSES, tol=plan.tol, workers=workers)
            for one in finalists
        ]
        best = cheapest(trials)
    return lloyd(problem, largest_first(best), max_iter=plan.max_iter, tol=plan.tol, workers=workers)


def sample_problem(problem, sample):
    """Return the same problem on a sample of its rows."""
    num = sample.num.astype(np.float64)
    moments = Moments(
        float(sample.weights.sum()), (num * sample.weights).sum(axis=1), (num * num * sample.weights).sum(axis=1)
    )
    return Problem(sample, problem.encoding, moments, problem.prices)
