"""Which columns of X are numbers and which are categories, and what is wrong with them.

What a fit has found about its columns is remembered as a `Schema`; rows that come later are read by it, whatever types
they come in. Every message names the column, because a caller with forty of them needs it.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.utils.validation import _check_feature_names, _check_n_features, check_array, validate_data

from segmentation_assets.clustering.mixed_tables.categories import distinct_values, number_of, other_kind


@dataclass(frozen=True)
class Column:
    """One column of X: its name, its kind and its values (length n)."""

    name: Any
    is_categorical: bool
    values: Any


@dataclass(frozen=True)
class Schema:
    """What a fit remembers of the columns of X.

    Attributes
    ----------
    names, is_categorical : lists of length d
    has_names : bool
        Whether the names are those of a DataFrame, and not made up for an array.
    """

    names: list
    is_categorical: list
    has_names: bool

    @classmethod
    def of(cls, columns, *, has_names):
        """Return the schema of columns that were read."""
        return cls([one.name for one in columns], [one.is_categorical for one in columns], has_names)


def read_columns(estimator, X, *, reset):
    """Split X into `Column`s, checked for shape and type; see `KPrototypes.fit` for what X may be.

    With `reset` the columns' names, number and kinds are learned. Without it X is
    read as those say: a DataFrame's columns by name, in whatever order, and each
    one as numbers or categories as it was learned.

    Raises
    ------
    ValueError
        If a column is missing, or there is one that was not learned, or it holds
        what cannot be read as its kind; the message names the column.
    """
    is_frame = isinstance(X, pd.DataFrame)
    if not reset:
        return _known_frame(estimator, X) if is_frame else _known_array(estimator, X)
    columns = _frame_columns(estimator, X) if is_frame else _array_columns(estimator, X)
    estimator._schema = Schema.of(columns, has_names=is_frame)
    return columns


def _frame_columns(estimator, frame):
    _refuse_empty(estimator, frame)
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"Column {twice!r} is in X twice: rename one of the two, or leave it out.")
    _check_feature_names(estimator, frame, reset=True)
    _check_n_features(estimator, frame, reset=True)
    positions = categorical_positions(estimator.categorical, frame.columns)
    columns = []
    for position, (name, series) in enumerate(frame.items()):
        is_categorical = _is_categorical(series) if positions is None else position in positions
        if not is_categorical and not _is_number(series):
            raise ValueError(
                f"Column {name!r} has dtype {series.dtype}, which is no number: "
                f"{_remedy(series.dtype, is_listed=positions is not None)}, or leave it out."
            )
        columns.append(Column(name, is_categorical, series if is_categorical else _numbers_of(name, series)))
    return columns


def _remedy(dtype, *, is_listed):
    """Say what to do about a column that is no number; times are no categories either."""
    if isinstance(dtype, pd.PeriodDtype) or pd.api.types.is_datetime64_any_dtype(dtype) or dtype.kind == "m":
        return "turn it into a number, such as days or years since a certain day"
    if is_listed:
        return "list it in `categorical`"
    return "turn it into a number or make it a category (astype('category'))"


def _refuse_empty(estimator, frame):
    if frame.shape[0] == 0 or frame.shape[1] == 0:
        raise ValueError(
            f"Found array with 0 sample(s) or 0 feature(s) (shape={frame.shape}) while a minimum of 1 is required "
            f"by {type(estimator).__name__}."
        )


def _known_frame(estimator, frame):
    """Read a DataFrame as the schema says."""
    schema = estimator._schema
    _refuse_empty(estimator, frame)
    if schema.has_names:
        _check_names(schema.names, list(frame.columns))
        series = [frame[name] for name in schema.names]
    else:
        _check_feature_names(estimator, frame, reset=False)
        _check_n_features(estimator, frame, reset=False)
        series = [frame.iloc[:, position] for position in range(frame.shape[1])]
    return [_read_as(*one) for one in zip(schema.names, schema.is_categorical, series, strict=True)]


def _check_names(known, names):
    """Raise ValueError unless the names are those that were learned, in whatever order."""
    if known == names:
        return
    seen = set(names)
    missing = [name for name in known if name not in seen]
    strangers = [name for name in names if name not in set(known)]
    twice = [name for name in known if names.count(name) > 1]
    for what, found in (("lacks the columns", missing), ("has the unknown columns", strangers), ("repeats", twice)):
        if found:
            raise ValueError(f"X {what} {found}. Its columns must be those of the fit, in whatever order: {known}.")


def _known_array(estimator, X):
    """Read an array as the schema says, by position."""
    schema = estimator._schema
    holds_text = getattr(getattr(X, "dtype", None), "kind", "O") in "OSU"
    if any(schema.is_categorical) or (holds_text and not isinstance(X, list | tuple)):
        _check_feature_names(estimator, X, reset=False)
        checked = check_array(_as_objects(X), dtype=None, ensure_all_finite=False, estimator=estimator)
        _check_n_features(estimator, checked, reset=False)
    else:
        checked = _checked_numbers(estimator, X, reset=False)
    return [_read_as(*one) for one in zip(schema.names, schema.is_categorical, checked.T, strict=True)]


def _read_as(name, is_categorical, values):
    return Column(name, is_categorical, values if is_categorical else _numbers_of(name, values))


def _array_columns(estimator, X):
    if estimator.categorical is None:
        positions, checked = set(), _checked_numbers(estimator, X, reset=True)
    else:
        checked = check_array(_as_objects(X), dtype=None, ensure_all_finite=False, estimator=estimator)
        _check_n_features(estimator, checked, reset=True)
        positions = categorical_positions(estimator.categorical, range(checked.shape[1]))
    columns = []
    for position in range(checked.shape[1]):
        is_categorical = position in positions
        values = checked[:, position]
        if not is_categorical and values.dtype.kind not in "fiub":
            values = _as_numbers(values, position)
        columns.append(Column(f"x{position}", is_categorical, values))
    return columns


def _checked_numbers(estimator, X, *, reset):
    checked = validate_data(estimator, X, reset=reset, dtype="numeric", ensure_all_finite=False, ensure_min_samples=1)
    return checked if checked.dtype.kind in "fiub" else checked.astype(np.float64)


def _as_objects(X):
    """Return nested lists as an array that keeps each value's type: among text numpy writes NaN as the word "nan"."""
    return np.array(X, dtype=object) if isinstance(X, list | tuple) else X


def _as_numbers(values, position):
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Column {position} holds values that are no numbers ({error}): add {position} to `categorical`, "
            "or leave the column out."
        ) from error


def _numbers_of(name, values):
    """Return a column's numbers; a missing one, whatever says so, is NaN where it was not a plain number before.

    Raises
    ------
    ValueError
        If a value is no number and no text that spells one; the message names the column and both kinds.
    """
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "fiub":
        return np.asarray(values)
    if not isinstance(dtype, np.dtype) and _is_number_dtype(dtype):
        is_plain = not values.hasnans and not (isinstance(dtype, pd.ArrowDtype) and dtype.kind == "O")
        return values.to_numpy() if is_plain else values.to_numpy(np.float64, na_value=np.nan)
    codes, uniques, present = distinct_values(Column(name, is_categorical=False, values=values))
    numbers = np.full(len(uniques) + 1, np.nan)
    for position in present:
        number = number_of(uniques[position])
        if number is None:
            raise other_kind(name, "numbers", uniques[position])
        numbers[position] = number
    return numbers[codes]


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


def _is_categorical(series):
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return dtype.kind in "bSU" or (dtype.kind == "O" and not _holds_decimals(series))
    return (
        isinstance(dtype, pd.CategoricalDtype)
        or (isinstance(dtype, pd.ArrowDtype) and pa.types.is_dictionary(dtype.pyarrow_dtype))
        or pd.api.types.is_bool_dtype(dtype)
        or pd.api.types.is_object_dtype(dtype)
        or pd.api.types.is_string_dtype(dtype)
    )


def _is_number(series):
    return _is_number_dtype(series.dtype) or (series.dtype == object and _holds_decimals(series))


def _is_number_dtype(dtype):
    if isinstance(dtype, np.dtype):
        return dtype.kind in "fiub"
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype)


def _holds_decimals(series):
    """Whether the first value of an object column is a `Decimal`, as a warehouse's NUMERIC arrives."""
    for value in series.to_numpy():
        if not (value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)):  # noqa: PLR0124
            return isinstance(value, Decimal)
    return False
