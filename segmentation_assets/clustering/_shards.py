"""What a worker does with the shards of a fit: read, encode, assign, sum.

Every function here is a pure function of the files and its arguments. The
shelf of encoded rows and labels is only a memory of work done: a worker that
finds it empty, having been restarted or been given another's shard, does the
work again and returns the same sums.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ._columns import read_columns
from ._encoding import Encoding, Rows, encode, survey_of
from ._kernels import assign_block
from ._lloyd import add_sums, cost_of_rows, empty_sums, farthest_row
from ._seeding import candidates
from ._threads import block_size, blocks_of, run_blocks

_SHELF: dict[tuple[str, str], "Shard"] = {}


@dataclass
class Fit:
    """What the workers of one fit must know; sent once and small.

    `reader` is an unfitted estimator that says how columns are read, `names`
    the columns wanted, `spill` whether rows lie in files instead of memory.
    """

    key: str
    reader: Any
    names: list | None
    threads: int
    encoding: Encoding | None = None
    total: float = 0.0
    spill: bool = False


@dataclass
class Shard:
    """One file's encoded rows and, for the run under way, its labels, margins and sums."""

    rows: Rows
    moments: Any
    run: str = ""
    labels: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))
    margins: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    sums: tuple = ()


@dataclass
class Step:
    """The state of a run as an assignment needs it."""

    run: str
    prototypes: Any
    travelled: np.ndarray
    offsets: np.ndarray
    exact: np.ndarray
    prices: np.ndarray
    forget: bool = False


def read_shard(fit, path):
    """Read the columns of one Parquet file; return them and the learned state of the reader."""
    frame = pd.read_parquet(path, columns=fit.names)
    return read_columns(fit.reader, frame, reset=True)


def count_rows(paths):
    """Return how many rows each file has."""
    return [len(pd.read_parquet(path, columns=[])) for path in paths]


def survey_shards(fit, paths):
    """Survey each file."""
    return [(survey_of(columns := read_shard(fit, path), fit.threads)[0], columns_only(columns)) for path in paths]


def columns_only(columns):
    """Return name and kind of each column."""
    return [(column.name, column.is_categorical) for column in columns]


def shard_of(fit, path):
    """Return a file's encoded rows, from the shelf if they are there."""
    key = (fit.key, str(path))
    if key not in _SHELF:
        rows, _, moments = encode(fit.encoding, read_shard(fit, path), fit.threads, fit.total)
        if fit.spill:
            rows = Rows(on_disk(rows.num), on_disk(rows.codes))
        _SHELF[key] = Shard(rows, moments)
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


def moments_of_shards(fit, paths):
    """Encode each file; return its moments."""
    return [shard_of(fit, path).moments for path in paths]


def rows_of_shards(fit, paths):
    """Return each file's encoded rows."""
    return [Rows(np.array(rows.num), np.array(rows.codes)) for rows in (shard_of(fit, path).rows for path in paths)]


def candidates_of_shards(fit, paths, threshold, seed):
    """Return each file's candidates for a sample."""
    return [candidates(shard_of(fit, path).rows, threshold, seed, fit.threads) for path in paths]


def assign_shards(fit, paths, step):
    """Assign the rows of each file; return, a file, how many moved and the sums of all its rows."""
    return [assign_shard(fit, path, step) for path in paths]


def assign_shard(fit, path, step):
    """Assign the rows of one file, looking only at those that may have moved where that is known."""
    shard = begun(fit, path, step)
    if step.forget:
        shard.margins[:] = -np.inf
    rows, prototypes = shard.rows, step.prototypes
    blocks = blocks_of(rows.n, block_size(rows.n, fit.threads))
    scratch = [shard.sums] + [empty_sums(prototypes.k, fit.encoding) for _ in range(fit.threads - 1)]

    def block(worker, start, stop):
        return assign_block(
            rows.num, rows.codes, rows.weights, step.offsets, step.exact, step.prices.astype(np.float32),
            prototypes.num, prototypes.modes, step.travelled, shard.labels, shard.margins, *scratch[worker],
            start, stop,
        )  # fmt: skip

    moved = sum(run_blocks(block, blocks, fit.threads))
    add_sums(shard.sums, scratch[1:])
    return moved, shard.sums


def begun(fit, path, step):
    """Return the shard ready for the run of `step`: if it took no part yet, every row is to be looked at."""
    shard = shard_of(fit, path)
    if shard.run != step.run:
        shard.run = step.run
        shard.labels = np.zeros(shard.rows.n, np.int32)
        shard.margins = np.full(shard.rows.n, np.nan, np.float32)
        if fit.spill:
            shard.labels, shard.margins = on_disk(shard.labels), on_disk(shard.margins)
        shard.sums = empty_sums(step.prototypes.k, fit.encoding)
    return shard


def settled(fit, path, step):
    """Return the shard with the labels of `step`, assigned anew if the worker has forgotten them."""
    shard = begun(fit, path, step)
    if shard.rows.n and np.isnan(shard.margins[0]):
        assign_shard(fit, path, step)
    return shard


def farthest_of_shards(fit, paths, step):
    """Return each file's row farthest from its prototype."""
    shards = [settled(fit, path, step) for path in paths]
    return [farthest_row(shard.rows, step.prices, step.prototypes, shard.labels) for shard in shards]


def cost_of_shards(fit, paths, step, costing):
    """Return each file's exact cost."""
    places, modes = step.prototypes.by_column()
    shards = [settled(fit, path, step) for path in paths]
    return [cost_of_rows(shard.rows, costing, places, modes, shard.labels, fit.threads) for shard in shards]


def labels_of_shards(fit, paths, step):
    """Return each file's labels."""
    return [settled(fit, path, step).labels for path in paths]


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
