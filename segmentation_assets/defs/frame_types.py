"""dagster-pandas types: the declared columns, types and NULL rules of a table, checked on every frame."""

from dagster import DagsterType
from dagster_pandas import PandasColumn, create_dagster_pandas_dataframe_type
from dagster_pandas.constraints import (
    ColumnConstraint,
    ColumnDTypeInSetConstraint,
    NonNullableColumnConstraint,
    StrictColumnsConstraint,
)

from segmentation_assets.tables import Table
from segmentation_assets.tables.frames import PANDAS_TYPES

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
