"""Dagster types: the declared columns, types and NULL rules of a table, checked on every frame and on Arrow rows."""

import pyarrow as pa
from dagster import DagsterType, PythonObjectDagsterType, TypeCheck, TypeCheckContext
from dagster_pandas import PandasColumn, create_dagster_pandas_dataframe_type
from dagster_pandas.constraints import (
    ColumnConstraint,
    ColumnDTypeInSetConstraint,
    NonNullableColumnConstraint,
    StrictColumnsConstraint,
)

from segmentation_assets.tables import Table
from segmentation_assets.tables.frames import ARROW_TYPES, PANDAS_TYPES
from segmentation_assets.warehouse.stored_rows import StoredRows

STORED_ROWS = PythonObjectDagsterType(StoredRows)
"""Type of an input that the step reads itself, when it wants it."""

_DTYPE_NAMES = {**PANDAS_TYPES, "STRING": "string"}  # pandas names the type without its storage


def frame_type(table: Table) -> DagsterType:
    """Return the dagster-pandas type of a table's frames; it also writes the column page of the type."""
    columns = []
    for column in table.columns:
        constraints: list[ColumnConstraint] = [ColumnDTypeInSetConstraint({_DTYPE_NAMES[column.type]})]
        if column.is_required:
            constraints.append(NonNullableColumnConstraint())
        columns.append(PandasColumn(column.name, constraints))
    return create_dagster_pandas_dataframe_type(
        name=f"{table.name}_frame",
        description=table.description,
        columns=columns,
        dataframe_constraints=[StrictColumnsConstraint(table.column_names)],
    )


def rows_type(table: Table) -> DagsterType:
    """Return the type of a table's rows in Arrow; text may be large or held once for many rows."""

    def check(_: TypeCheckContext, rows: object) -> TypeCheck:
        fault = f"it is of type {type(rows).__name__}" if not isinstance(rows, pa.Table) else _fault(rows, table)
        return TypeCheck(success=fault is None, description=fault)

    return DagsterType(check, name=f"{table.name}_rows", description=table.description, typing_type=pa.Table)


def _fault(rows: pa.Table, table: Table) -> str | None:
    """Return the first thing in which rows differ from the declaration."""
    if sorted(rows.column_names) != sorted(table.column_names):
        return f"its columns are {rows.column_names} and not {table.column_names}"
    for column in table.columns:
        values = rows[column.name]
        kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
        if (pa.string() if pa.types.is_large_string(kind) else kind) != ARROW_TYPES[column.type]:
            return f"{column.name} is {values.type} and is declared {column.type}"
        if column.is_required and values.null_count:
            return f"{column.name} is required and {values.null_count} rows hold NULL"
    return None
