"""Frames of a declared table: the pandas types its columns take, and the way to Arrow and back.

Frames meet the warehouse here, so a column that is missing, unknown or of another type is found before anything is
written, by name and never by position.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.types import infer_dtype

from segmentation_assets.errors import SegmentationError, choices, did_you_mean
from segmentation_assets.tables.schema import Column, ColumnType, Table

PANDAS_TYPES: dict[ColumnType, Any] = {
    "STRING": "string[pyarrow]",
    "INT64": "Int64",
    "FLOAT64": "float64",
    "BOOL": "boolean",
    "DATE": "datetime64[s]",
}
ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "STRING": pa.string(),
    "INT64": pa.int64(),
    "FLOAT64": pa.float64(),
    "BOOL": pa.bool_(),
    "DATE": pa.date32(),
}
_DTYPES = {declared: pd.api.types.pandas_dtype(name) for declared, name in PANDAS_TYPES.items()}
_DAY_SECONDS = 24 * 60 * 60
# What pandas would convert without a word is not all meant: 1 to the text '1', 1 to the first second of 1970.
_TAKEN: dict[ColumnType, set[str]] = {
    "STRING": {"string"},
    "INT64": {"integer", "floating", "mixed-integer-float"},
    "FLOAT64": {"floating", "integer", "mixed-integer-float"},
    "BOOL": {"boolean"},
    "DATE": {"date", "datetime", "datetime64"},
}


class FrameError(SegmentationError):
    """A frame does not fit the table it is meant for."""


class _UnlikeError(ValueError):
    """Why values are not of a type, in words that hold none of them."""


def arrow_schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of a table, in declared order."""
    return pa.schema([pa.field(c.name, ARROW_TYPES[c.type], nullable=not c.is_required) for c in table.columns])


def empty_frame(table: Table) -> pd.DataFrame:
    """Return a frame with the table's columns and no rows."""
    return _empty_frame(tuple((column.name, column.type) for column in table.columns)).copy()


@lru_cache(maxsize=128)
def _empty_frame(columns: tuple[tuple[str, ColumnType], ...]) -> pd.DataFrame:
    """Make such a frame once: to make one takes pandas milliseconds, and to copy one does not."""
    return pd.DataFrame({name: pd.Series(dtype=PANDAS_TYPES[kind]) for name, kind in columns})


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the frame with exactly the table's columns, in declared order and of declared types.

    A column that holds NULL alone may be of any type; 2.0 is an integer, and 2.5, '2' and True are not. A column that
    is of its type already is not copied.

    Raises
    ------
    FrameError
        If a column is missing, unknown or there twice, a value is of another type, or a required column holds a NULL.
    """
    unknown = [c for c in frame.columns if c not in table.column_names]
    if unknown:
        hint = did_you_mean(unknown[0], table.column_names)
        raise FrameError(
            f"{table.name} has no column {unknown[0]!r}; it has {choices(table.column_names)}.{hint} "
            "Declare the column in tables/ or leave it out."
        )
    missing = [c for c in table.column_names if c not in frame.columns]
    if missing:
        raise FrameError(f"The frame for {table.name} lacks {choices(missing)}; it has {choices(frame.columns)}.")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].unique()
        raise FrameError(f"The frame for {table.name} has {choices(twice)} more than once.")
    columns = {c.name: _converted(frame[c.name], c, table) for c in table.columns}
    return pd.DataFrame(columns, index=frame.index, copy=False)


def _converted(values: pd.Series, column: Column, table: Table) -> pd.Series:
    """Return one column in its declared type."""
    where = f"{table.name}.{column.name}"
    try:
        converted = _as_type(values, column.type)
    except _UnlikeError as unlike:
        raise FrameError(f"{where} is declared {column.type}, and a value does not convert: {unlike}.") from None
    except (ValueError, TypeError, OverflowError) as error:  # its text would show a customer's value
        kind = type(error).__name__
        raise FrameError(f"{where} is declared {column.type}, and a value does not convert ({kind}).") from None
    if column.is_required and (n_null := int(converted.isna().sum())):
        raise FrameError(f"{where} is required, and {n_null} of {len(values)} rows hold NULL.")
    return converted


def _as_type(values: pd.Series, declared: ColumnType) -> pd.Series:
    if values.dtype == _DTYPES[declared]:  # nothing to infer, which would take a Python object a value
        return _without_times(values) if declared == "DATE" else values
    kind = infer_dtype(values.cat.categories if values.dtype == "category" else values, skipna=True)
    if kind not in _TAKEN[declared]:
        if not values.isna().all():
            raise _UnlikeError(f"it holds values of kind {kind}")
        return pd.Series(pd.NA, index=values.index, dtype="Int64").astype(PANDAS_TYPES[declared])
    if declared == "FLOAT64" and values.dtype == object:
        values = values.astype("Float64")  # it knows pd.NA, which float64 does not
    converted = values.astype(PANDAS_TYPES[declared])
    return _without_times(converted) if declared == "DATE" else converted


def _without_times(days: pd.Series) -> pd.Series:
    """Return dates in seconds as they are, if that is what they are."""
    seconds = days.to_numpy().astype(np.int64)
    if (seconds[days.notna().to_numpy()] % _DAY_SECONDS).any():
        raise _UnlikeError("it has a time of day")
    return days


def to_arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    """Return the frame as an Arrow table of the declared schema; NaN becomes NULL."""
    fitting = conform(frame, table)
    try:
        return pa.Table.from_pandas(fitting, schema=arrow_schema(table), preserve_index=False)
    except pa.ArrowException as error:  # its text would show a customer's value
        kind = type(error).__name__
        raise FrameError(f"The frame for {table.name} holds a value that does not convert ({kind}).") from None


def from_arrow(rows: pa.Table, table: Table) -> pd.DataFrame:
    """Return Arrow rows as a frame of the table's pandas types; a column the rows lack is NULL throughout.

    Raises
    ------
    FrameError
        If a value does not convert to the declared type.
    """
    columns = {column.name: _from_arrow(rows, column, table) for column in table.columns}
    return pd.DataFrame(columns, index=pd.RangeIndex(rows.num_rows), copy=False)


def _from_arrow(rows: pa.Table, column: Column, table: Table) -> Any:
    if column.name not in rows.column_names:
        return pd.Series(pd.NA, index=pd.RangeIndex(rows.num_rows), dtype="Int64").astype(PANDAS_TYPES[column.type])
    delivered = rows[column.name]
    try:
        values = delivered.cast(ARROW_TYPES[column.type])
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # its text would show a customer's value
        where = f"{table.name}.{column.name}"
        raise FrameError(
            f"{where} is declared {column.type}, and rows of type {delivered.type} do not convert."
        ) from None
    if column.type == "DATE":
        return _own(values.cast(pa.timestamp("s")))
    if column.type == "FLOAT64":
        return _own(values)
    return pd.array(values.to_pandas(types_mapper=_nullable), dtype=PANDAS_TYPES[column.type])


def _own(values: pa.ChunkedArray) -> np.ndarray:
    """Return values as an array that may be written to; Arrow's own memory may not, and is not always copied."""
    array = values.to_numpy()
    return array if array.flags.writeable else array.copy()


def _nullable(kind: pa.DataType) -> object:
    """Map Arrow types to pandas types that keep NULL apart from zero, false and NaN."""
    if pa.types.is_string(kind):
        return pd.StringDtype("pyarrow")
    if pa.types.is_boolean(kind):
        return pd.BooleanDtype()
    return pd.Int64Dtype()
