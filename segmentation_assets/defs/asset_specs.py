"""What Dagster shows of a table before it is ever made: words, columns, lineage, owner, kinds, version."""

from typing import Any

from dagster import (
    AssetKey,
    AssetOut,
    AssetSpec,
    BackfillPolicy,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableSchema,
)

from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.frame_types import frame_type
from segmentation_assets.tables import Column, Table

OWNERS = {
    "raw": "team:data-engineering",
    "core": "team:data-engineering",
    "features": "team:analytics",
    "segments": "team:analytics",
    "personas": "team:marketing",
    "marts": "team:reporting",
}
WAREHOUSE_POOL = "warehouse"


def asset_arguments(blueprint: Blueprint, name: str, *, version: str, kinds: set[str]) -> dict[str, Any]:
    """Return the arguments of `@asset` that follow from a table's declaration."""
    table = blueprint.tables[name]
    return {
        **_shared(table, version, kinds),
        "partitions_def": blueprint.partitions,
        "backfill_policy": BackfillPolicy.single_run(),
        "pool": WAREHOUSE_POOL,
        "io_manager_key": "warehouse_io",
    }


def multi_asset_arguments(blueprint: Blueprint, name: str) -> dict[str, Any]:
    """Return the arguments of `@multi_asset` that are the same for all: one op, one run a range, one warehouse."""
    return {
        "name": name,
        "partitions_def": blueprint.partitions,
        "backfill_policy": BackfillPolicy.single_run(),
        "pool": WAREHOUSE_POOL,
    }


def asset_out(blueprint: Blueprint, name: str, *, version: str, kinds: set[str], is_required: bool = True) -> AssetOut:
    """Return the output of a multi-asset that follows from a table's declaration."""
    table = blueprint.tables[name]
    return AssetOut(
        **_shared(table, version, kinds),
        dagster_type=frame_type(table),
        io_manager_key="warehouse_io",
        is_required=is_required,
    )


def view_spec(blueprint: Blueprint, view: Table, *, version: str) -> AssetSpec:
    """Return the spec of a mart; its upstream tables are those its columns come from."""
    upstream = sorted({source.split(".")[0] for column in view.columns for source in column.lineage})
    return AssetSpec(
        view.name,
        **_shared(view, version, {"sql", "view"}),
        deps=upstream,
        partitions_def=blueprint.partitions,
    )


def _shared(table: Table, version: str, kinds: set[str]) -> dict[str, Any]:
    return {
        "group_name": table.stage,
        "description": f"{table.description}\n\nOne row a {table.unit_of_row}; key: {', '.join(table.key)}.",
        "metadata": static_metadata(table),
        "owners": [OWNERS[table.stage]],
        "tags": {"stage": table.stage, **({"personal_data": ""} if any(c.is_personal for c in table.columns) else {})},
        "kinds": kinds,
        "code_version": version,
    }


def static_metadata(table: Table) -> dict[str, Any]:
    """Return the column schema, the column lineage, the key and the partition column of a table."""
    return {
        "dagster/column_schema": TableSchema(columns=[_table_column(table, column) for column in table.columns]),
        "dagster/column_lineage": _lineage(table),
        "key": ", ".join(table.key),
        "partition_expr": "snapshot_date",
    }


def _table_column(table: Table, column: Column) -> TableColumn:
    words = f"{column.description} Unit: {column.unit}." if column.unit else column.description
    return TableColumn(
        column.name,
        column.type,
        description=words,
        constraints=TableColumnConstraints(nullable=not column.is_required, unique=table.key == (column.name,)),
        tags={"personal_data": ""} if column.is_personal else None,
    )


def _lineage(table: Table) -> TableColumnLineage:
    """Return the declared lineage, and for a core column without one its delivered text of the same name."""
    deps: dict[str, list[TableColumnDep]] = {}
    for column in table.columns:
        sources = column.lineage
        if not sources and table.stage == "core" and table.name != "rejected_rows" and column.name != "snapshot_date":
            sources = (f"raw_{table.name}.{column.name}",)
        if sources:
            pairs = [source.split(".") for source in sources]
            deps[column.name] = [TableColumnDep(AssetKey(upstream), name) for upstream, name in pairs]
    return TableColumnLineage(deps)
