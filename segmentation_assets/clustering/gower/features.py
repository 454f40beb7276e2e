"""A table read for Gower's distance: numbers, category codes, weights, ranges, patterns of missingness."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks, worker_count
from segmentation_assets.clustering.gower.kernels import extent
from segmentation_assets.clustering.mixed_tables.aligned_values import raise_if_unknown, weight_of_columns
from segmentation_assets.clustering.mixed_tables.categories import category_codes, known_codes
from segmentation_assets.clustering.mixed_tables.columns import Column, read_columns
from segmentation_assets.clustering.mixed_tables.sentinels import warn_of_sentinels


@dataclass(frozen=True)
class Feature:
    """One column: name, weight, and either `numbers` (n,) with their range or `codes` (n,) of its `categories`.

    A missing value is NaN among numbers and -1 among codes.
    """

    name: Any
    weight: float
    numbers: np.ndarray | None = None
    low: float = 0.0
    high: float = 0.0
    codes: np.ndarray | None = None
    categories: tuple = ()
    has_missing: bool = False

    @property
    def observed(self):
        """Boolean array of shape (n,): where the value is not missing."""
        return ~np.isnan(self.numbers) if self.codes is None else self.codes >= 0


class TableReader(BaseEstimator):
    """What `read_columns` learns of a table: its columns' names and number."""

    def __init__(self, categorical=None):
        self.categorical = categorical


def read_features(X, *, categorical, weights, ranges=None, other=None, n_jobs=None):
    """Read X, and `other` with the same columns, for Gower's distance.

    Parameters
    ----------
    X, other : DataFrame or array of shape (n, d), (m, d)
    categorical : names or positions of the categorical columns; None goes by dtype
    weights : None, d numbers, or a mapping or Series from column to weight (1 where it has none)
    ranges : mapping from numeric column to (low, high); None or absent: the range over X and `other`

    Returns
    -------
    list of d Features of X, list of d Features of `other` (empty without it)

    Raises
    ------
    ValueError
        For an infinity, a weight below zero, weights that add up to zero, a
        range upside down, or mixed types in a column; each names the column.
    """
    reader = TableReader(categorical)
    columns = read_columns(reader, X, reset=True)
    others = [] if other is None else read_columns(reader, other, reset=False)
    names = [column.name for column in columns]
    weight_of = feature_weights(weights, names)
    range_of = checked_ranges(ranges, [column.name for column in columns if not column.is_categorical], names)
    n = len(columns[0].values)

    def read(_, place, __):
        beside = others[place] if others else None
        return read_column(columns[place], beside, weight_of[place], range_of.get(names[place]))

    warn_of_sentinels([together(*both) for both in zip(columns, others, strict=True)] if others else columns, 3)
    pairs = run_blocks(read, blocks_of(len(columns), 1), worker_count(n_jobs, n))
    return [left for left, _ in pairs], [right for _, right in pairs if right is not None]


def together(column, other):
    """Return the numbers of a column and of the same one of another table as one column."""
    if column.is_categorical:
        return column
    return Column(column.name, is_categorical=False, values=np.concatenate([column.values, other.values]))


def read_column(column, other, weight, span):
    """Turn one column, and the same one of another table, into Features with a common range or common codes."""
    if column.is_categorical:
        codes, categories = category_codes(column)
        rights = None
        if other is not None:
            rights, unknown = known_codes(other, categories)
            if unknown:
                categories = [*categories, *unknown]
                rights, _ = known_codes(other, categories)
        return tuple(
            part
            if part is None
            else Feature(
                column.name,
                weight,
                codes=np.ascontiguousarray(part, np.int32),
                categories=tuple(categories),
                has_missing=bool((part < 0).any()),
            )
            for part in (codes, rights)
        )
    parts = [np.ascontiguousarray(one.values, np.float64) for one in (column, other) if one is not None]
    lows, highs, missing, infinite = zip(*(extent(part) for part in parts), strict=True)
    if any(infinite):
        raise ValueError(
            f"Column {column.name!r} contains {sum(infinite)} infinity among {sum(map(len, parts))} values: "
            "replace it by a number, or by NaN where the value is not known."
        )
    low, high = (min(lows), max(highs)) if span is None else span
    low, high = (low, high) if low <= high else (0.0, 0.0)
    features = [
        Feature(column.name, weight, numbers=part, low=low, high=high, has_missing=count > 0)
        for part, count in zip(parts, missing, strict=True)
    ]
    return features[0], features[1] if len(features) > 1 else None


def feature_weights(weights, names):
    """Return one weight a column, float array of shape (d,); see `read_features` for what is refused."""
    found = weight_of_columns(weights, names, "weights")
    for name, weight in zip(names, found, strict=True):
        if not (np.isfinite(weight) and weight >= 0.0):
            raise ValueError(f"The weight of column {name!r} is {weight}: it must be finite and not below zero.")
    if not found.sum() > 0.0:
        raise ValueError("All feature weights are zero: at least one column must count.")
    return found


def checked_ranges(ranges, numeric, names):
    """Return {column: (low, high)}, checked."""
    spans = {}
    for name, span in (ranges or {}).items():
        raise_if_unknown(name, names, "ranges")
        if name not in numeric:
            raise ValueError(f"ranges names {name!r}, which is a categorical column and has no range.")
        low, high = (float(end) for end in span)
        if not (np.isfinite(low) and np.isfinite(high) and low <= high):
            raise ValueError(f"The range of column {name!r} is {(low, high)}: give two finite numbers, lowest first.")
        spans[name] = (low, high)
    return spans


def missing_patterns(*tables):
    """Group rows by which features they miss, with one numbering for all tables.

    Returns
    -------
    patterns : list of int32 arrays, one a table, shape (rows,)
    observed : boolean array of shape (g, d), ordered by content, so independent of the rows' order
    """
    d = len(tables[0])
    packed = [np.packbits(np.column_stack([one.observed for one in table]), axis=1) for table in tables]
    distinct, inverse = np.unique(np.concatenate(packed), axis=0, return_inverse=True)
    inverse = inverse.reshape(-1).astype(np.int32)
    ends = np.cumsum([len(one) for one in packed])
    return np.split(inverse, ends[:-1]), np.unpackbits(distinct, axis=1, count=d).astype(bool)


def common_weights(left, right, weights):
    """Weight of the features that patterns p and q both observe, float array of shape (g_left, g_right)."""
    return (left * weights) @ right.T.astype(np.float64)
