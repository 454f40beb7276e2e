"""The same K-Prototypes fit over Parquet files that lie with Dask workers.

The scheduler sends k prototypes out and gets k sums back, once a pass; rows
never leave their worker. Sums are exact, so how many files or workers there
are leaves no trace: the model is that of `KPrototypes.fit` on all rows at once,
to the bit.
"""

import math
import uuid
from dataclasses import replace

import numpy as np
from sklearn.base import clone

from . import _shards
from ._columns import Column, merge_levels
from ._encoding import Moments, Rows, Survey, encoding_of
from ._lloyd import Problem, Progress, Solution
from ._seeding import SEED_SAMPLE, sample_by_hash
from ._threads import worker_count
from .kprototypes import check_feature_weights

# Share of a worker's memory that encoded rows, labels and margins may take before they go to files.
MEMORY_SHARE = 0.4
# Up to here every start runs over all rows: thousands of passes, each of which takes less than asking a worker for it.
ROWS_TO_GATHER = 2 * SEED_SAMPLE


def fit_sharded(model, shards, *, client, columns=None):
    """Fit a `KPrototypes` to the rows of Parquet files, in place.

    Parameters
    ----------
    model : KPrototypes
    shards : sequence of paths
        Parquet files that every worker can read, with the same columns; those
        of text or categories are categorical, as in a DataFrame. A file may be empty.
    client : dask.distributed.Client
    columns : list of str, optional
        The columns to cluster by; all without it.

    Returns
    -------
    model, fitted; `labels_` holds the rows in the order of the shards

    Raises
    ------
    TypeError
        If `client` is no Dask client.
    ValueError
        As `KPrototypes.fit`; also if the shards' columns differ, there is none,
        or the model is to ignore missing values, which only one process can.
    """
    model._check_parameters()
    if model.missing != "error":
        raise ValueError("missing='ignore' is for a fit in one process: fill the shards' missing values instead.")
    fleet = Fleet(client, shards).of_filled()
    threads = fleet.threads
    fit = _shards.Fit(uuid.uuid4().hex, clone(model), columns, threads)
    try:
        problem = survey_fleet(model, fleet, fit)
        solution = model._solve(problem, max(2, worker_count(model.n_jobs, problem.n)))
        model._keep(problem, solution, 1)
    finally:
        client.run(_shards.forget, fit.key)
    return model


def predict_sharded(model, shards, *, client, columns=None):
    """Score the rows of Parquet files.

    Returns
    -------
    list of DataFrames, one a shard, with `label` (int32) and `distance` (float64, see `KPrototypes.transform`)
    """
    fleet = Fleet(client, shards)
    if columns is None and hasattr(model, "feature_names_in_"):
        columns = list(model.feature_names_in_)
    return fleet.each(_shards.score_shards, columns, before=(model,))


class Fleet:
    """Workers and the shards each of them looks after."""

    def __init__(self, client, shards):
        if not hasattr(client, "submit") or not hasattr(client, "scheduler_info"):
            raise TypeError(f"client must be a dask.distributed.Client, got {type(client).__name__}.")
        self.client = client
        self.shards = [str(shard) for shard in shards]
        if not self.shards:
            raise ValueError("shards is empty: give at least one Parquet file.")
        workers = client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise ValueError("The Dask cluster has no workers yet: wait for them with client.wait_for_workers(1).")
        names = sorted(workers)
        self.threads = min(workers[name]["nthreads"] for name in names)
        self.total_threads = sum(workers[name]["nthreads"] for name in names)
        self.memory = min(workers[name]["memory_limit"] or math.inf for name in names)
        share = math.ceil(len(self.shards) / len(names))
        self.portions = [
            (names[number], self.shards[number * share : (number + 1) * share])
            for number in range(math.ceil(len(self.shards) / share))
        ]

    def of_filled(self):
        """Return the fleet of those shards that hold a row.

        Raises
        ------
        ValueError
            If none does.
        """
        counts = self.each(_shards.count_rows)
        if not any(counts):
            raise ValueError(f"None of the {len(counts)} shards holds a row, so there is nothing to learn from.")
        if all(counts):
            return self
        return Fleet(self.client, [shard for shard, count in zip(self.shards, counts, strict=True) if count])

    def each(self, task, *arguments, before=()):
        """Call `task(*before, paths, *arguments)` on every worker and return the results in order of the shards."""
        # One task a worker and pass: a task costs the scheduler more than a small shard takes to assign.
        futures = [
            self.client.submit(task, *before, paths, *arguments, workers=[name], allow_other_workers=True, pure=False)
            for name, paths in self.portions
        ]
        return [one for part in self.client.gather(futures) for one in part]


def survey_fleet(model, fleet, fit):
    """Survey and encode every shard; return the problem to solve."""
    surveys = fleet.each(_shards.survey_shards, before=(fit,))
    kinds = surveys[0][1]
    for number, (_, other) in enumerate(surveys):
        if other != kinds:
            raise ValueError(
                f"Shard {fleet.shards[number]} has columns {other}, the first shard {kinds} (name, is categorical): "
                "write them with one schema."
            )
    parts = [survey for survey, _ in surveys]
    names = [name for name, flag in kinds if flag]
    survey = Survey(
        n=sum(part.n for part in parts),
        extents=[
            (min(one[0] for one in column), max(one[1] for one in column))
            for column in zip(*(part.extents for part in parts), strict=True)
        ],
        levels=[
            merge_levels(name, [part.levels[j] for part in parts], [part.declared[j] for part in parts])
            for j, name in enumerate(names)
        ],
        declared=[],
    )
    if survey.n < model.n_clusters:
        raise ValueError(f"n_samples={survey.n} should be >= n_clusters={model.n_clusters}: lower n_clusters.")
    columns = [Column(name, flag, None) for name, flag in kinds]
    encoding = encoding_of(survey, columns, check_feature_weights(model.feature_weights, columns))
    row = 4 * len(encoding.centres) + np.dtype(encoding.code_type).itemsize * len(encoding.categories) + 8
    crowd = survey.n / len(fleet.portions)
    fit = replace(fit, encoding=encoding, total=float(survey.n), spill=crowd * row > MEMORY_SHARE * fleet.memory)
    each = fleet.each(_shards.moments_of_shards, before=(fit,))
    # The sums are exact, so adding them up in any order gives the moments of all rows.
    moments = Moments(fit.total, sum(one.first for one in each), sum(one.second for one in each))
    model._learn_names(columns)
    model.gamma_ = model._learn_gamma(encoding, moments)
    prices = encoding.mismatch(model.gamma_)
    if survey.n <= ROWS_TO_GATHER:
        return Problem(gather_rows(fleet, fit), encoding, moments, prices)
    return ShardedProblem(fleet, fit, encoding, moments, prices)


def gather_rows(fleet, fit):
    """Return the encoded rows of all shards, in their order."""
    parts = fleet.each(_shards.rows_of_shards, before=(fit,))
    num = np.concatenate([rows.num for rows in parts], axis=1)
    return Rows(num, np.concatenate([rows.codes for rows in parts], axis=1))


class ShardedProblem(Problem):
    """A `Problem` whose rows lie with the workers."""

    def __init__(self, fleet, fit, encoding, moments, prices):
        self.fleet, self.fit = fleet, fit
        super().__init__(None, encoding, moments, prices)

    @property
    def n(self):
        """Number of rows."""
        return int(self.fit.total)

    def begin(self, start):
        """Return a run from the prototypes `start`."""
        return ShardedRun(self, start)

    def sample(self, size, seed, _):
        """Return a canonical sample of the rows, see `canonical_sample`."""
        return sample_by_hash(
            lambda threshold: self.fleet.each(_shards.candidates_of_shards, threshold, seed, before=(self.fit,)),
            self.n,
            size,
        )

    def exact_cost(self, solution, _):
        """Cost of a solution in encoded units, see `Problem.exact_cost`."""
        return float(sum(self.fleet.each(_shards.cost_of_shards, solution.step, self.costing, before=(self.fit,))))


class ShardedSolution(Solution):
    """A solution whose labels lie with the workers until they are asked for."""

    def __init__(self, run, n_iter):
        self.problem, self.step = run.problem, run.step()
        super().__init__(None, run.prototypes, run.sums[1], run.cost(), n_iter)

    def gather_labels(self):
        """Return the labels of all rows, in the order of the shards."""
        problem = self.problem
        return np.concatenate(problem.fleet.each(_shards.labels_of_shards, self.step, before=(problem.fit,)))


class ShardedRun(Progress):
    """A run of Lloyd's iteration over rows that lie with the workers."""

    def __init__(self, problem, start):
        super().__init__(problem, start)
        self.key = uuid.uuid4().hex
        self.forgets = False

    def step(self):
        """Return what the workers need for the next assignment."""
        problem = self.problem
        return _shards.Step(
            self.key, self.prototypes, self.travelled, problem.offsets, problem.exact, problem.prices, self.forgets
        )

    def assign(self, _):
        """Move every row to its nearest prototype; return how many moved."""
        each = self.problem.fleet.each(_shards.assign_shards, self.step(), before=(self.problem.fit,))
        self.forgets = False
        for j, total in enumerate(self.sums):
            total[:] = sum(sums[j] for _, sums in each)
        return sum(moved for moved, _ in each)

    def farthest(self):
        """Return the row farthest from its prototype, see `farthest_row`."""
        problem = self.problem
        found = [
            one for one in problem.fleet.each(_shards.farthest_of_shards, self.step(), before=(problem.fit,)) if one
        ]
        return min(found, key=lambda one: (-one[0], one[1]), default=None)

    def forget_margins(self):
        """Have every row looked at again: prototypes were moved by hand."""
        self.forgets = True

    def solution(self, n_iter):
        """Return the result."""
        return ShardedSolution(self, n_iter)
