"""Which columns of X are numbers and which are categories, and what is wrong with them.

Every message names the column, because a caller with forty of them needs it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import _check_feature_names, _check_n_features, check_array, validate_data


@dataclass(frozen=True)
class Column:
    """One column of X: its name, its kind and its values (length n)."""

    name: Any
    is_categorical: bool
    values: Any


def read_columns(estimator, X, *, reset):
    """Split X into `Column`s, checked for shape and type; see `KPrototypes.fit` for what X may be.

    With `reset` the columns' names and number are learned, without it they are
    checked against those learned.
    """
    if isinstance(X, pd.DataFrame):
        return _frame_columns(estimator, X, reset)
    return _array_columns(estimator, X, reset)


def _frame_columns(estimator, frame, reset):
    _check_names(estimator, frame, reset)
    if frame.shape[0] == 0 or frame.shape[1] == 0:
        raise ValueError(
            f"Found array with 0 sample(s) or 0 feature(s) (shape={frame.shape}) while a minimum of 1 is required "
            f"by {type(estimator).__name__}."
        )
    positions = categorical_positions(estimator.categorical, frame.columns)
    columns = []
    for position, (name, series) in enumerate(frame.items()):
        is_categorical = _is_categorical(series.dtype) if positions is None else position in positions
        if not is_categorical and not _is_number(series.dtype):
            remedy = (
                "list it in `categorical`"
                if positions is not None
                else "turn it into a number or make it a category (astype('category'))"
            )
            raise ValueError(
                f"Column {name!r} has dtype {series.dtype}, which is no number: {remedy}, or leave it out."
            )
        columns.append(Column(name, is_categorical, series if is_categorical else _numbers_of(series)))
    return columns


def _numbers_of(series):
    """Return a column's numbers; pandas' own types say "missing" by pd.NA, which is no number."""
    if isinstance(series.dtype, np.dtype) or not series.hasnans:
        return series.to_numpy()
    return series.to_numpy(np.float64, na_value=np.nan)


def _check_names(estimator, frame, reset):
    """Do scikit-learn's check of feature names, quickly where the names are those of the fit."""
    known = getattr(estimator, "feature_names_in_", None)
    if not reset and known is not None and list(known) == list(frame.columns):
        return
    _check_feature_names(estimator, frame, reset=reset)
    _check_n_features(estimator, frame, reset=reset)


def _array_columns(estimator, X, reset):
    if estimator.categorical is None:
        positions = set()
        checked = validate_data(
            estimator, X, reset=reset, dtype="numeric", ensure_all_finite=False, ensure_min_samples=1
        )
        if checked.dtype.kind not in "fiub":
            checked = checked.astype(np.float64)
    else:
        checked = check_array(X, dtype=None, ensure_all_finite=False, estimator=estimator)
        _check_n_features(estimator, checked, reset=reset)
        positions = categorical_positions(estimator.categorical, range(checked.shape[1]))
    columns = []
    for position in range(checked.shape[1]):
        is_categorical = position in positions
        values = checked[:, position]
        if not is_categorical and values.dtype.kind not in "fiub":
            values = _as_numbers(values, position)
        columns.append(Column(f"x{position}", is_categorical, values))
    return columns


def _as_numbers(values, position):
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Column {position} holds values that are no numbers ({error}): add {position} to `categorical`, "
            "or leave the column out."
        ) from error


def categorical_positions(categorical, names):
    """Turn names or positions into a set of positions; None means "by dtype".

    Raises
    ------
    ValueError
        If a name is unknown or a position lies outside the columns.
    """
    if categorical is None:
        return None
    wanted = [categorical] if isinstance(categorical, (str, int, np.integer)) else list(categorical)
    if len(wanted) == len(names) and all(isinstance(one, (bool, np.bool_)) for one in wanted):
        return {position for position, one in enumerate(wanted) if one}
    known = {name: position for position, name in enumerate(names)}
    positions = set()
    for one in wanted:
        if one in known:
            positions.add(known[one])
        elif isinstance(one, (int, np.integer)) and -len(names) <= one < len(names):
            positions.add(int(one) % len(names))
        else:
            raise ValueError(f"`categorical` names {one!r}, which is no column of X; its columns are {list(names)}.")
    return positions


def _is_categorical(dtype):
    if isinstance(dtype, np.dtype):
        return dtype.kind in "ObSU"
    return (
        isinstance(dtype, pd.CategoricalDtype)
        or pd.api.types.is_bool_dtype(dtype)
        or pd.api.types.is_object_dtype(dtype)
        or pd.api.types.is_string_dtype(dtype)
    )


def _is_number(dtype):
    if isinstance(dtype, np.dtype):
        return dtype.kind in "fiub"
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype)


def category_codes(column):
    """Give each of a column's categories a number, in their own order.

    Sorted values, or the declared order of an ordered pandas categorical; the
    order does not depend on the rows' order. Missing values have code -1.

    Returns
    -------
    codes : int array of shape (n,)
    categories : list of plain Python values

    Raises
    ------
    ValueError
        If the values have no common order, such as text among numbers.
    """
    values = column.values
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, pd.CategoricalDtype):
        codes, uniques = values.array.codes, values.array.categories
        present = _present(codes, len(uniques))
        uniques = uniques.take(present)
        ranks = np.arange(len(present)) if dtype.ordered else _order(column.name, uniques)
        table = np.full(int(codes.max(initial=-1)) + 2, -1, np.int64)
        table[present[ranks]] = np.arange(len(present))
        if np.array_equal(table[:-1], np.arange(len(table) - 1)):
            return codes, _plain(uniques)
        return table[codes], _plain(uniques.take(ranks))
    codes, uniques = pd.factorize(values, use_na_sentinel=True)
    uniques = pd.Index(uniques)
    ranks = _order(column.name, uniques)
    table = np.full(len(uniques) + 1, -1, np.int64)
    table[ranks] = np.arange(len(uniques))
    return table[codes], _plain(uniques.take(ranks))


def _present(codes, n_levels):
    """Return which of the codes 0 .. n_levels - 1 occur, looking no further than it takes to see them all."""
    seen = np.zeros(n_levels, bool)
    for start in range(0, len(codes), 1 << 16):
        part = codes[start : start + (1 << 16)].astype(np.intp)
        seen[part[part >= 0]] = True
        if seen.all():
            break
    return np.flatnonzero(seen)


def _order(name, uniques):
    families = sorted({_family(value) for value in uniques})
    if len(families) > 1:
        raise ValueError(
            f"Column {name!r} mixes {' and '.join(families)} among its categories, which have no common order: "
            "give it one type, for example with astype(str)."
        )
    try:
        return np.argsort(np.asarray(uniques), kind="stable")
    except TypeError as error:
        raise ValueError(
            f"The categories of column {name!r} cannot be sorted ({error}); use text or numbers."
        ) from error


def _family(value):
    if isinstance(value, (bool, np.bool_)):
        return "bool"
    if isinstance(value, (int, float, np.number)):
        return "number"
    return type(value).__name__


def merge_levels(name, lists, declared):
    """Return the categories that occur in any of several parts of a column, in the order of the whole column.

    `declared` holds each part's declared order or None; the orders must agree.
    """
    found = dict.fromkeys(value for levels in lists for value in levels)
    if declared[0] is not None:
        if any(order != declared[0] for order in declared):
            raise ValueError(
                f"Column {name!r} is an ordered categorical whose order differs between shards: {declared}."
            )
        return [value for value in declared[0] if value in found]
    uniques = pd.Index(list(found))
    return _plain(uniques.take(_order(name, uniques)))


def _plain(uniques):
    return [value.item() if isinstance(value, np.generic) else value for value in uniques]


def known_codes(column, categories):
    """Codes of a column's values in `categories`; an unknown value has -2, a missing one -1.

    Returns
    -------
    codes : int array of shape (n,)
    unknown : list of the values that are in no category
    """
    values = column.values
    if isinstance(getattr(values, "dtype", None), pd.CategoricalDtype):
        codes, uniques = values.array.codes, list(values.array.categories)
    else:
        codes, uniques = pd.factorize(values, use_na_sentinel=True)
    index = {value: code for code, value in enumerate(categories)}
    table = np.full(len(uniques) + 1, -1, np.int64)
    for position, value in enumerate(uniques):
        table[position] = index.get(value, -2)
    found = table[codes]
    unknown = [uniques[position] for position in np.unique(codes[found == -2])] if (table == -2).any() else []
    return found, _plain(unknown)
