"""What a worker does with the shards of a fit: read, encode, assign, sum.

Every function here is a pure function of the files and its arguments. The
shelf of encoded rows and labels is only a memory of work done: a worker that
finds it empty, having been restarted or been given another's shard, does the
work again and returns the same sums.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from segmentation_assets.clustering.kprototypes.border_rows import FEW, near_rows
from segmentation_assets.clustering.kprototypes.lloyd import Problem
from segmentation_assets.clustering.kprototypes.partial_rows import PartialProblem, observed_levels
from segmentation_assets.clustering.kprototypes.seeding import candidates
from segmentation_assets.clustering.mixed_tables.columns import read_columns
from segmentation_assets.clustering.mixed_tables.encoding import NO_WEIGHTS, Encoding, Moments, Rows, encode, survey_of
from segmentation_assets.clustering.mixed_tables.missing import is_partial

_SHELF: dict[tuple[str, str], "Shard"] = {}


@dataclass
class Fit:
    """What the workers of one fit must know; sent once and small.

    Attributes
    ----------
    key : str
    reader : an unfitted estimator that says how columns are read
    names : list of str or None, the columns wanted
    threads : int
    weight : str or None, the column that holds the rows' weights
    weight_grid : float, the constant that rounds weights to a grid on which their sums are exact
    n, total : how many rows there are of positive weight, and their weight
    spill : bool, whether rows lie in files instead of memory
    most_aside : int, how many rows of a file may be copied to be set aside
    encoding, moments, prices, filling : see `Problem` and `PartialProblem`; filling is None where no value is missing
    """

    key: str
    reader: Any
    names: list | None
    threads: int
    weight: str | None = None
    weight_grid: float = 0.0
    n: int = 0
    total: float = 0.0
    spill: bool = False
    most_aside: int = 0
    encoding: Encoding | None = None
    moments: Moments | None = None
    prices: Any = None
    filling: Any = None

    @property
    def keeps_missing(self):
        """Whether missing values are left out instead of refused."""
        return self.reader.missing == "ignore"

    def problem_on(self, rows):
        """Return the fit's problem on some of its rows."""
        terms = rows, self.encoding, self.moments, self.prices
        return Problem(*terms) if self.filling is None else PartialProblem(*terms, self.filling)


@dataclass
class Shard:
    """One file's encoded rows and what was found about them, and its part in the run under way.

    Attributes
    ----------
    rows : Rows
    moments : Moments
    levels : list of arrays, see `observed_levels`
    is_partial : bool, whether a value is missing
    run_key : str
    run : Run or PartialRun over these rows
    is_fresh : bool, whether the run has assigned no row yet
    near : NearRun over the rows set aside here, or None
    lent : int array, the rows that were given away to be looked at elsewhere, or None
    n_open : int, how many rows the last assignment looked at
    """

    rows: Rows
    moments: Moments
    levels: list
    is_partial: bool
    run_key: str = ""
    run: Any = None
    is_fresh: bool = True
    near: Any = None
    lent: Any = None
    n_open: int = 0

    def set_aside(self, reach, most, threads):
        """Set aside the rows that travel up to `reach` may open, where there are no more than `most` of them."""
        self.put_back()
        if self.is_fresh:
            return
        run, n = self.run, self.rows.n
        numbers = near_rows(run.labels, run.margins, reach, 0, n, min(most, n // FEW))
        if len(numbers):
            self.near = run.over(numbers, reach, threads)

    def put_back(self):
        """Take over what was found for the rows set aside."""
        if self.near is not None:
            self.run.take_back(self.near)
        self.near = None

    def assign(self, threads):
        """Assign the rows set aside, while prototypes are within their reach, or else all; return how many moved."""
        run, near = self.run, self.near
        if near is not None and (run.travelled > near.bounds).any():
            self.put_back()
            near = None
        if near is not None:
            near.prototypes, near.travelled = run.prototypes, run.travelled
            run, threads = near, near.threads(threads)
        self.is_fresh, self.n_open = False, run.problem.rows.n
        return run.assign(threads)


@dataclass
class Step:
    """The state of a run as an assignment needs it; with a `reach`, rows near a border are to be set aside first."""

    run: str
    prototypes: Any
    travelled: np.ndarray
    forget: bool = False
    reach: Any = None


def read_shard(fit, path):
    """Read the rows of positive weight of one Parquet file.

    Returns
    -------
    columns : list of Column
    weights : float array, empty where every row weighs 1
    """
    names = fit.names
    if fit.weight is not None and names is not None:
        names = [*names, fit.weight]
    frame = pd.read_parquet(path, columns=names)
    weights = NO_WEIGHTS
    if fit.weight is not None:
        weights = rounded(frame.pop(fit.weight), fit.weight_grid)
        kept = np.flatnonzero(weights)
        frame, weights = frame.iloc[kept], weights[kept]
    return read_columns(fit.reader, frame, reset=True), weights


def rounded(weights, grid):
    """Return weights on a grid on which their sums are exact, as `check_weights` does."""
    return (weights.to_numpy(np.float64) + grid) - grid


def extents_of_weights(paths, name):
    """Return, a file, its number of rows and its greatest weight."""
    return [extent_of_weights(path, name) for path in paths]


def extent_of_weights(path, name):
    """Return the number of rows of a file and the greatest weight; ValueError for one that is none."""
    if name is None:
        return pq.read_metadata(path).num_rows, 1.0
    if name not in (names := pq.read_schema(path).names):
        raise ValueError(f"sample_weight names the column {name!r}, which {path} has not; its columns are {names}.")
    weights = pd.read_parquet(path, columns=[name])[name].to_numpy(np.float64)
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(bad):
        raise ValueError(
            f"Column {name!r} of {path} holds weights, which must be finite and at least 0; row {bad[0]} has "
            f"{weights[bad[0]]}."
        )
    return len(weights), float(weights.max(initial=0.0))


def weigh_shards(fit, paths):
    """Return, a file, the number of its rows of positive weight and their weight."""
    found = []
    for path in paths:
        weights = rounded(pd.read_parquet(path, columns=[fit.weight])[fit.weight], fit.weight_grid)
        found.append((int(np.count_nonzero(weights)), float(weights.sum())))
    return found


def survey_shards(fit, paths):
    """Survey each file; return the survey and each column's name and kind."""
    found = []
    for path in paths:
        columns, _ = read_shard(fit, path)
        survey, _ = survey_of(columns, fit.threads, keep_missing=fit.keeps_missing)
        found.append((survey, [(column.name, column.is_categorical) for column in columns]))
    return found


def shard_of(fit, path):
    """Return a file's encoded rows, from the shelf if they are there."""
    key = (fit.key, str(path))
    if key not in _SHELF:
        columns, weights = read_shard(fit, path)
        rows, _, moments = encode(
            fit.encoding, columns, fit.threads, fit.total, keep_missing=fit.keeps_missing, weights=weights
        )
        gaps = fit.keeps_missing and is_partial(rows, fit.encoding)
        if fit.spill:
            rows = Rows(on_disk(rows.num), on_disk(rows.codes), rows.weights)
        _SHELF[key] = Shard(rows, moments, observed_levels(rows, fit.encoding), gaps)
    return _SHELF[key]


def on_disk(array):
    """Return the same array as a file that the system pages in and out at will."""
    with tempfile.NamedTemporaryFile(prefix="clustering-shard-", delete=False) as file:
        path = Path(file.name)
    if array.size == 0:
        path.unlink()
        return array
    mapped = np.memmap(path, array.dtype, "w+", shape=array.shape)
    mapped[:] = array
    path.unlink()  # the mapping keeps the file alive, and nothing is left behind when it goes
    return mapped


def describe_shards(fit, paths):
    """Encode each file; return its moments, the weights of its levels and whether a value is missing."""
    shards = [shard_of(fit, path) for path in paths]
    return [(shard.moments, shard.levels, shard.is_partial) for shard in shards]


def rows_of_shards(fit, paths):
    """Return each file's encoded rows."""
    each = (shard_of(fit, path).rows for path in paths)
    return [Rows(np.array(rows.num), np.array(rows.codes), rows.weights) for rows in each]


def candidates_of_shards(fit, paths, threshold, seed):
    """Return each file's candidates for a sample."""
    return [candidates(shard_of(fit, path).rows, threshold, seed, fit.threads) for path in paths]


def begun(fit, path, step):
    """Return the shard ready for the run of `step`: if it took no part yet, every row is to be looked at."""
    shard = shard_of(fit, path)
    if shard.run_key != step.run:
        shard.run = fit.problem_on(shard.rows).begin(step.prototypes)
        shard.run_key, shard.is_fresh, shard.near, shard.lent = step.run, True, None, None
        if fit.spill and fit.filling is None:
            shard.run.labels, shard.run.margins = on_disk(shard.run.labels), on_disk(shard.run.margins)
    shard.run.prototypes, shard.run.travelled = step.prototypes, step.travelled
    return shard


def settled(fit, path, step):
    """Return the shard with the labels of `step`, assigned anew if the worker has forgotten them."""
    shard = begun(fit, path, step)
    if shard.is_fresh:
        shard.assign(fit.threads)
    shard.put_back()
    return shard


def assign_shards(fit, paths, given_back, step):
    """Assign the rows of each file; return, a file, how many moved, the sums of all its rows, how many were open."""
    return [assign_shard(fit, *one, step) for one in zip(paths, given_back, strict=True)]


def assign_shard(fit, path, given_back, step):
    """Assign the rows of one file, looking only at those that may have moved where that is known."""
    shard = begun(fit, path, step)
    take_back(shard, given_back)
    if step.forget:
        shard.put_back()
        shard.run.forget_margins()
    elif step.reach is not None:
        shard.set_aside(step.reach, fit.most_aside, fit.threads)
    moved = shard.assign(fit.threads)
    return moved, shard.run.sums, shard.n_open


def take_back_shards(fit, paths, given_back, step):
    """Take over the labels of rows that were given away."""
    for path, one in zip(paths, given_back, strict=True):
        take_back(begun(fit, path, step), one)
    return [None] * len(paths)


def take_back(shard, given_back):
    """Take over labels and margins found elsewhere; a worker that forgot whose they are will find them itself."""
    if given_back is not None and shard.lent is not None:
        shard.run.relabel(shard.lent, *given_back)
    shard.lent = None


def lend_shards(fit, paths, step, reach, most):
    """Return, a file, the rows that travel up to `reach` may open, their labels and margins; None where too many."""
    return [lend_shard(begun(fit, path, step), reach, most, fit.threads) for path in paths]


def lend_shard(shard, reach, most, threads):
    """Return the rows of one file that travel up to `reach` may open; see `Run.near`."""
    shard.put_back()
    run, n, shard.lent = shard.run, shard.rows.n, None
    if shard.is_fresh:
        return None
    numbers = near_rows(run.labels, run.margins, reach, 0, n, n)
    if len(numbers) > min(most, n // FEW):
        return None
    shard.lent = numbers
    lent = run.over(numbers, reach, threads)
    return lent.problem.rows, lent.labels, lent.margins


def farthest_of_shards(fit, paths, step):
    """Return each file's row farthest from its prototype."""
    return [settled(fit, path, step).run.farthest() for path in paths]


def cost_of_shards(fit, paths, step):
    """Return each file's exact cost."""
    runs = [settled(fit, path, step).run for path in paths]
    return [run.problem.exact_cost(run, fit.threads) for run in runs]


def labels_of_shards(fit, paths, step):
    """Return each file's labels."""
    return [settled(fit, path, step).run.labels for path in paths]


def forget(key):
    """Clear the shelf of a fit."""
    for one in [one for one in _SHELF if one[0] == key]:
        del _SHELF[one]


def score_shards(model, paths, names):
    """Return, a file, each row's nearest prototype and the distance to it, as DataFrames."""
    scored = []
    for path in paths:
        frame = pd.read_parquet(path, columns=names)
        to_each = model.transform(frame) if len(frame) else np.empty((0, model.n_clusters))
        labels = to_each.argmin(axis=1).astype(np.int32)
        scored.append(pd.DataFrame({"label": labels, "distance": to_each[np.arange(len(labels)), labels]}))
    return scored
