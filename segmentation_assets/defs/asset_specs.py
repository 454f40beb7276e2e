"""What Dagster shows of a table before it is ever made: words, columns, lineage, owner, kinds, version."""

from collections.abc import Mapping
from typing import Any

from dagster import Any as DagsterAny
from dagster import (
    AssetKey,
    AssetOut,
    AssetSpec,
    BackfillPolicy,
    DailyPartitionsDefinition,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableSchema,
)

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.days import TIMEZONE
from segmentation_assets.defs.frame_types import frame_type, rows_type
from segmentation_assets.markdown import escaped
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import Column, Table
from segmentation_assets.warehouse.provenance import FURTHER_UPSTREAM

OWNERS = {
    "raw": "team:data-engineering",
    "core": "team:data-engineering",
    "features": "team:analytics",
    "segments": "team:analytics",
    "personas": "team:marketing",
    "insights": "team:analytics",
    "marts": "team:reporting",
}
WAREHOUSE_POOL = "warehouse"


def daily_partitions(portfolio: Portfolio) -> DailyPartitionsDefinition:
    """Return the days of a portfolio that have a partition.

    `end_offset=1` lets today's partition exist while today lasts; without it the run at 22:00 would be refused its
    own day.
    """
    return DailyPartitionsDefinition(portfolio.history_start.isoformat(), timezone=TIMEZONE, end_offset=1)


def asset_arguments(
    blueprint: Blueprint, name: str, *, version: str, kinds: set[str], further_upstream: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the arguments of `@asset` that follow from a table's declaration.

    `further_upstream` names the tables of which a day reads another day, with the word for it (see `other_days`).
    """
    table = blueprint.tables[name]
    return {
        **_shared(table, version, kinds, further_upstream),
        "partitions_def": daily_partitions(blueprint.portfolio),
        "backfill_policy": BackfillPolicy.single_run(),
        "pool": WAREHOUSE_POOL,
        "io_manager_key": "warehouse_io",
    }


def multi_asset_arguments(blueprint: Blueprint, name: str) -> dict[str, Any]:
    """Return the arguments of `@multi_asset` that are the same for all: one op, one run a range, one warehouse."""
    return {
        "name": name,
        "partitions_def": daily_partitions(blueprint.portfolio),
        "backfill_policy": BackfillPolicy.single_run(),
        "pool": WAREHOUSE_POOL,
    }


def asset_out(
    blueprint: Blueprint,
    name: str,
    *,
    version: str,
    kinds: set[str],
    is_required: bool = True,
    is_query: bool = False,
    further_upstream: Mapping[str, str] | None = None,
) -> AssetOut:
    """Return the output of a multi-asset that follows from a table's declaration; see `asset_arguments`.

    One that `is_query` is run in the warehouse, which checks what it gives.
    """
    table = blueprint.tables[name]
    return AssetOut(
        **_shared(table, version, kinds, further_upstream),
        dagster_type=DagsterAny if is_query else rows_type(table) if table.stage == "raw" else frame_type(table),
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
        partitions_def=daily_partitions(blueprint.portfolio),
    )


def _shared(
    table: Table, version: str, kinds: set[str], further_upstream: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return {
        "group_name": table.stage,
        "description": f"{table.description}\n\nOne row a {table.unit_of_row}; key: {', '.join(table.key)}.",
        "metadata": {
            **static_metadata(table),
            **({FURTHER_UPSTREAM: dict(further_upstream)} if further_upstream else {}),
        },
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
        description=escaped(words),  # of a feature they are the portfolio's
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
