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

from segmentation_assets.clustering.compiled.threads import worker_count
from segmentation_assets.clustering.kprototypes.estimator import check_feature_weights
from segmentation_assets.clustering.kprototypes.lloyd import Problem
from segmentation_assets.clustering.kprototypes.lloyd_runs import NearRun, Progress, Solution
from segmentation_assets.clustering.kprototypes.partial_rows import PartialProblem, PartialProgress, typical_row
from segmentation_assets.clustering.kprototypes.seeding import SEED_SAMPLE, sample_by_hash
from segmentation_assets.clustering.mixed_tables.categories import merge_levels
from segmentation_assets.clustering.mixed_tables.columns import Column
from segmentation_assets.clustering.mixed_tables.encoding import Moments, Rows, Survey, encoding_of, exact_grid
from segmentation_assets.clustering.mixed_tables.missing import refuse_valueless
from segmentation_assets.clustering.sharded import kprototypes_worker as worker

# Share of a worker's memory that encoded rows, labels and margins may take before they go to files.
MEMORY_SHARE = 0.4
# Share of a worker's memory that copies of rows near a border may take.
ASIDE_SHARE = 0.1
# Up to here every start runs over all rows: thousands of passes, each of which takes less than asking a worker for it.
ROWS_TO_GATHER = 2 * SEED_SAMPLE
# So many rows near a border may come to the client: some 50 bytes each.
ROWS_TO_LEND = 500_000


def fit_sharded(model, shards, *, client, columns=None, sample_weight=None):
    """Fit a `KPrototypes` to the rows of Parquet files, in place.

    Parameters
    ----------
    model : KPrototypes
    shards : sequence of paths
        Parquet files that every worker can read, with the same columns; those
        of text or categories are categorical, as in a DataFrame. A file may be empty.
    client : dask.distributed.Client
    columns : list of str, optional
        The columns to cluster by; all without it, but for that of the weights.
    sample_weight : str, optional
        The column of the files that holds the rows' weights.

    Returns
    -------
    model, fitted; `labels_` holds the rows in the order of the shards

    Raises
    ------
    TypeError
        If `client` is no Dask client.
    ValueError
        As `KPrototypes.fit`; also if the shards' columns differ or there is none.
    """
    model._check_parameters()
    fleet = Fleet(client, shards)
    fit = worker.Fit(uuid.uuid4().hex, clone(model), columns, fleet.threads, sample_weight)
    try:
        filled, fit, has_idle = weigh_fleet(fleet, fit)
        problem = survey_fleet(model, filled, fit)
        solution = model._solve(problem, max(2, worker_count(model.n_jobs, problem.n)))
        model._keep(problem, solution, 1)
    finally:
        client.run(worker.forget, fit.key)
    if has_idle:
        scored = predict_sharded(model, shards, client=client)
        model.labels_ = np.concatenate([one["label"].to_numpy() for one in scored])
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
    return fleet.each(worker.score_shards, columns, before=(model,))


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

    def only(self, wanted):
        """Return the fleet of some of the shards, or this one if they are all of them."""
        if all(wanted):
            return self
        return Fleet(self.client, [shard for shard, one in zip(self.shards, wanted, strict=True) if one])

    def each(self, task, *arguments, before=(), own=None):
        """Call `task(*before, paths, *arguments)` on every worker and return the results in order of the shards.

        Where `own` holds something for each shard, a worker's part of it follows the paths.
        """
        # One task a worker and pass: a task costs the scheduler more than a small shard takes to assign.
        futures, first = [], 0
        for name, paths in self.portions:
            share = () if own is None else (own[first : first + len(paths)],)
            first += len(paths)
            futures.append(
                self.client.submit(
                    task, *before, paths, *share, *arguments, workers=[name], allow_other_workers=True, pure=False
                )
            )
        return [one for part in self.client.gather(futures) for one in part]


def weigh_fleet(fleet, fit):
    """Find out how many rows there are and what they weigh.

    Returns
    -------
    fleet : Fleet of the shards with a row of positive weight
    fit : Fit with their number and weight
    has_idle : bool, whether a row weighs nothing

    Raises
    ------
    ValueError
        If no shard holds a row, or none weighs anything.
    """
    extents = fleet.each(worker.extents_of_weights, fit.weight)
    counts, greatest = zip(*extents, strict=True)
    n = sum(counts)
    if not n:
        raise ValueError(f"None of the {len(counts)} shards holds a row, so there is nothing to learn from.")
    if fit.weight is None:
        return fleet.only(counts), replace(fit, n=n, total=float(n)), False
    if not max(greatest):
        raise ValueError(f"Every sample_weight in column {fit.weight!r} is zero: there is nothing to fit.")
    fit = replace(fit, weight_grid=exact_grid(n * max(greatest)))
    counts, weights = zip(*fleet.only(counts).each(worker.weigh_shards, before=(fit,)), strict=True)
    filled = fleet.only([count > 0 for count, _ in extents]).only(counts)
    return filled, replace(fit, n=sum(counts), total=sum(weights)), sum(counts) < n


def survey_fleet(model, fleet, fit):
    """Survey and encode every shard; return the problem to solve."""
    surveys = fleet.each(worker.survey_shards, before=(fit,))
    kinds = surveys[0][1]
    for number, (_, other) in enumerate(surveys):
        if other != kinds:
            raise ValueError(
                f"Shard {fleet.shards[number]} has columns {other}, the first shard {kinds} (name, is categorical): "
                "write them with one schema."
            )
    columns = [Column(name, flag, None) for name, flag in kinds]
    survey = merged([survey for survey, _ in surveys], columns)
    refuse_valueless(survey, columns)
    if survey.n < model.n_clusters:
        raise ValueError(f"n_samples={survey.n} should be >= n_clusters={model.n_clusters}: lower n_clusters.")
    encoding = encoding_of(survey, columns, check_feature_weights(model.feature_weights, columns))
    row = 4 * len(encoding.centres) + np.dtype(encoding.code_type).itemsize * len(encoding.categories) + 8
    crowd = survey.n / len(fleet.portions)
    aside = ASIDE_SHARE * fleet.memory / (row + 8) / len(fleet.portions[0][1])
    fit = replace(
        fit,
        encoding=encoding,
        spill=crowd * row > MEMORY_SHARE * fleet.memory,
        most_aside=int(min(aside, survey.n)),
    )
    each = fleet.each(worker.describe_shards, before=(fit,))
    moments = summed([one for one, _, _ in each], fit.total)
    model._learn_names(columns)
    model.gamma_ = model._learn_gamma(encoding, moments)
    fit = replace(fit, moments=moments, prices=encoding.mismatch(model.gamma_))
    if any(is_partial for _, _, is_partial in each):
        levels = [sum(column) for column in zip(*(found for _, found, _ in each), strict=True)]
        fit = replace(fit, filling=typical_row(encoding, moments, levels))
    if survey.n <= ROWS_TO_GATHER:
        return fit.problem_on(gather_rows(fleet, fit))
    return ShardedProblem(fleet, fit) if fit.filling is None else ShardedPartialProblem(fleet, fit)


def merged(parts, columns):
    """Return the survey of all shards together."""
    names = [column.name for column in columns if column.is_categorical]
    return Survey(
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


def summed(each, total):
    """Return the moments of all rows: sums of the shards', which are exact, so in any order."""
    observed = None
    if each[0].observed is not None:
        observed = total - sum(total - one.observed for one in each)
    return Moments(total, sum(one.first for one in each), sum(one.second for one in each), observed)


def gather_rows(fleet, fit):
    """Return the encoded rows of all shards, in their order."""
    return joined(fleet.each(worker.rows_of_shards, before=(fit,)))


def joined(parts):
    """Return the rows of several parts as one."""
    each = ([one.num, one.codes, one.weights] for one in parts)
    return Rows(*(np.concatenate(arrays, axis=-1) for arrays in zip(*each, strict=True)))


class OnWorkers:
    """What changes about a problem where its rows lie with the workers."""

    def __init__(self, fleet, fit):
        self.fleet, self.fit = fleet, fit
        super().__init__(None, fit.encoding, fit.moments, fit.prices, *(() if fit.filling is None else (fit.filling,)))

    @property
    def n(self):
        """Number of rows."""
        return self.fit.n

    def ask(self, task, *arguments, **options):
        """Have the workers do a task of the fit; return what they found in order of the shards."""
        return self.fleet.each(task, *arguments, before=(self.fit,), **options)

    def sample(self, size, seed, _):
        """Return a canonical sample of the rows, see `canonical_sample`."""
        return sample_by_hash(lambda threshold: self.ask(worker.candidates_of_shards, threshold, seed), self.n, size)

    def thin(self, size, seed, _):
        """Return about `size` of the rows, see `rows_by_hash`."""
        found = self.ask(worker.candidates_of_shards, int(2.0**64 * size / self.n), seed)
        return joined([rows for _, rows in found])

    def exact_cost(self, solution, _):
        """Cost of a solution in encoded units, see `Problem.exact_cost`."""
        return float(sum(self.ask(worker.cost_of_shards, solution.step)))


class ShardedProblem(OnWorkers, Problem):
    """A `Problem` whose rows lie with the workers."""

    def begin(self, start):
        """Return a run from the prototypes `start`."""
        return ShardedRun(self, start)


class ShardedPartialProblem(OnWorkers, PartialProblem):
    """A `PartialProblem` whose rows lie with the workers."""

    def begin(self, start):
        """Return a run from the prototypes `start`."""
        return ShardedPartialRun(self, start)


class ShardedSolution(Solution):
    """A solution whose labels lie with the workers until they are asked for."""

    def __init__(self, run, n_iter):
        self.problem, self.step = run.problem, run.step()
        super().__init__(None, run.prototypes, run.sums[1], run.cost(), n_iter)

    def gather_labels(self):
        """Return the labels of all rows, in the order of the shards."""
        return np.concatenate(self.problem.ask(worker.labels_of_shards, self.step))


class Remote:
    """What changes about a run where its rows lie with the workers."""

    def __init__(self, problem, start):
        super().__init__(problem, start)
        self.key = uuid.uuid4().hex
        self.forgets, self.reach, self.n_open = False, None, problem.n
        self.given_back = [None] * len(problem.fleet.shards)

    def step(self):
        """Return what the workers need for the next assignment."""
        return worker.Step(self.key, self.prototypes, self.travelled, self.forgets, self.reach)

    def assign(self, _):
        """Move every row to its nearest prototype; return how many moved."""
        each = self.problem.ask(worker.assign_shards, self.step(), own=self.given_back)
        self.forgets, self.reach, self.given_back = False, None, [None] * len(each)
        for j, total in enumerate(self.sums):
            total[:] = sum(sums[j] for _, sums, _ in each)
        self.n_open = sum(n_open for _, _, n_open in each)
        return sum(moved for moved, _, _ in each)

    def farthest(self):
        """Return the row farthest from its prototype, see `farthest_row`."""
        self.settle()
        found = [one for one in self.problem.ask(worker.farthest_of_shards, self.step()) if one]
        return min(found, key=lambda one: (-one[0], one[1]), default=None)

    def settle(self):
        """Have the workers take over the labels that were found for rows near a border."""
        if any(one is not None for one in self.given_back):
            self.problem.ask(worker.take_back_shards, self.step(), own=self.given_back)
            self.given_back = [None] * len(self.given_back)

    def forget_margins(self):
        """Have every row looked at again: prototypes were moved by hand."""
        self.forgets = True

    def solution(self, n_iter):
        """Return the result."""
        self.settle()
        return ShardedSolution(self, n_iter)


class ShardedRun(Remote, Progress):
    """A run of Lloyd's iteration over rows that lie with the workers.

    The workers set the rows near a border aside. Late in a run these few come
    to the client, which makes the next passes over them alone and without
    asking anybody.
    """

    def near(self, reach, _):
        """Return a run over the rows that travel up to `reach` may open; None if the workers keep them, or none."""
        if self.n_open > ROWS_TO_LEND:
            self.reach = reach
            return None
        most = ROWS_TO_LEND // len(self.problem.fleet.shards)
        each = self.problem.ask(worker.lend_shards, self.step(), reach, most)
        if any(one is None for one in each):
            return None
        rows, labels, margins = zip(*each, strict=True)
        ends = np.cumsum([one.n for one in rows])
        if not ends[-1]:
            return None
        return NearRun(self, joined(rows), np.concatenate(labels), np.concatenate(margins), reach, ends[:-1])

    def take_back(self, near):
        """Keep the labels and margins that a run over near rows arrived at for the workers to take over."""
        labels, margins = np.split(near.labels, near.numbers), np.split(near.margins, near.numbers)
        self.given_back = list(zip(labels, margins, strict=True))


class ShardedPartialRun(Remote, PartialProgress):
    """A run over rows with gaps that lie with the workers."""
