"""Fixed row blocks worked through by a few threads.

The kernels release the interpreter lock, so plain threads are enough, and a
block taken late by a busy core delays nobody else. What a block computes must
not depend on which thread takes it; exact sums see to that.
"""

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

BLOCK = 65_536
# Below this many rows the hand-over between threads costs more than it saves.
ROWS_WORTH_A_THREAD = 100_000


def blocks_of(n, size=BLOCK):
    """Return the list of (start, stop) that cut n rows into blocks."""
    return [(start, min(start + size, n)) for start in range(0, n, size)]


def block_size(n, workers):
    """Return a number of rows that gives each worker several blocks, none too small to be worth a call."""
    return min(max(n // (8 * workers), 8_192), 131_072)


def worker_count(n_jobs, n):
    """Return how many threads a fit of n rows uses.

    None means one thread below `ROWS_WORTH_A_THREAD` rows and every available
    core above; a negative number counts down from the cores as in joblib.

    Raises
    ------
    ValueError
        If `n_jobs` is zero.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if n_jobs is None:
        return cores if n >= ROWS_WORTH_A_THREAD else 1
    if n_jobs == 0:
        raise ValueError("n_jobs must not be 0: give None, a number of threads, or -1 for every core.")
    return max(1, cores + 1 + n_jobs) if n_jobs < 0 else int(n_jobs)


@lru_cache(maxsize=4)
def _pool(workers):
    return ThreadPoolExecutor(workers, thread_name_prefix="clustering")


def run_blocks(task, blocks, workers):
    """Call `task(worker, start, stop)` for every block and return the results in order of the blocks.

    `worker` is a number below `workers` that no two calls running at the same
    time share, so a task may own scratch memory by it.
    """
    workers = min(workers, len(blocks))
    if workers <= 1:
        return [task(0, start, stop) for start, stop in blocks]
    results = [None] * len(blocks)
    turn = itertools.count()

    def drain(worker):
        while (number := next(turn)) < len(blocks):
            results[number] = task(worker, *blocks[number])

    for pending in [_pool(workers).submit(drain, worker) for worker in range(workers)]:
        pending.result()
    return results
