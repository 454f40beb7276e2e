"""One look at a mixed table whose rows lie in Parquet files: what must be known of all rows before any is coded."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segmentation_assets.clustering.gower.kernels import extent
from segmentation_assets.clustering.mixed_tables.categories import category_codes, declared_order, merge_levels
from segmentation_assets.clustering.mixed_tables.columns import read_columns


@dataclass
class TableSurvey:
    """What one file holds, or several of them together.

    Attributes
    ----------
    n : int
    kinds : list of (name, is categorical), None of a file without rows
    extents : list of (lowest, highest, number of NaN, number of infinities), one a numeric column
    levels : list of lists, one a categorical column, in order
    absent : list of int, missing values of each categorical column
    declared : list of lists or None, the declared order of an ordered pandas categorical
    patterns : dict from packed bits (which values a row has, numbers first) to the first such row
    """

    n: int
    kinds: list | None = None
    extents: list = field(default_factory=list)
    levels: list = field(default_factory=list)
    absent: list = field(default_factory=list)
    declared: list = field(default_factory=list)
    patterns: dict = field(default_factory=dict)

    @property
    def numeric(self):
        """Names of the numeric columns."""
        return [name for name, is_categorical in self.kinds if not is_categorical]

    @property
    def categorical(self):
        """Names of the categorical columns."""
        return [name for name, is_categorical in self.kinds if is_categorical]


def read_table(reader, path, names):
    """Read the columns of one file; none of a file without rows.

    Returns
    -------
    numeric, categorical : lists of Column, each in the order of the file
    """
    frame = pd.read_parquet(path, columns=names)
    columns = read_columns(reader, frame, reset=True) if len(frame) else []
    return [one for one in columns if not one.is_categorical], [one for one in columns if one.is_categorical]


def survey_tables(reader, paths, names):
    """Look at each file."""
    return [survey_table(reader, path, names) for path in paths]


def survey_table(reader, path, names):
    """Look at one file."""
    frame = pd.read_parquet(path, columns=names)
    if frame.empty:
        return TableSurvey(0)
    columns = read_columns(reader, frame, reset=True)
    found = TableSurvey(len(frame), [(one.name, one.is_categorical) for one in columns])
    observed = []
    for column in (one for one in columns if not one.is_categorical):
        numbers = np.ascontiguousarray(column.values, np.float64)
        found.extents.append(extent(numbers))
        observed.append(~np.isnan(numbers))
    for column in (one for one in columns if one.is_categorical):
        codes, categories = category_codes(column)
        found.levels.append(categories)
        found.absent.append(int((codes < 0).sum()))
        found.declared.append(declared_order(column))
        observed.append(codes >= 0)
    distinct, firsts = np.unique(pack_observed(observed), axis=0, return_index=True)
    found.patterns = {row.tobytes(): int(first) for row, first in zip(distinct, firsts, strict=True)}
    return found


def pack_observed(observed):
    """Return the bits of which values each row has, uint8 of shape (n, bytes)."""
    return np.packbits(np.column_stack(observed), axis=1)


def merge_surveys(surveys, shards):
    """Return the survey of all files together.

    Raises
    ------
    ValueError
        If no file has a row, or the columns of two files differ; the message names the file.
    """
    parts = [(one, shard) for one, shard in zip(surveys, shards, strict=True) if one.n]
    if not parts:
        raise ValueError(f"None of the {len(surveys)} shards holds a row, so there is nothing to learn from.")
    kinds = parts[0][0].kinds
    for one, shard in parts:
        if one.kinds != kinds:
            raise ValueError(
                f"Shard {shard} has columns {one.kinds}, {parts[0][1]} has {kinds} (name, is categorical): "
                "write them with one schema."
            )
    full = [one for one, _ in parts]
    names = [name for name, is_categorical in kinds if is_categorical]
    patterns, before = {}, 0
    for one in full:
        for bits, first in one.patterns.items():
            patterns.setdefault(bits, before + first)
        before += one.n
    return TableSurvey(
        before,
        kinds,
        [merge_extents(column) for column in zip(*(one.extents for one in full), strict=True)],
        [merge_levels(name, [one.levels[j] for one in full], [one.declared[j] for one in full])
         for j, name in enumerate(names)],
        [sum(column) for column in zip(*(one.absent for one in full), strict=True)],
        [],
        patterns,
    )  # fmt: skip


def merge_extents(extents):
    """Return the extent of a column from those of its parts."""
    lows, highs, missing, infinite = zip(*extents, strict=True)
    return min(lows), max(highs), sum(missing), sum(infinite)
