"""What Dagster shows of a table before it is ever made: words, columns, lineage, owner, kinds, version."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dagster import Any as DagsterAny
from dagster import (
    AssetKey,
    AssetOut,
    AssetSpec,
    BackfillPolicy,
    DagsterType,
    DailyPartitionsDefinition,
    FreshnessPolicy,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableSchema,
)

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import made_from
from segmentation_assets.days import TIMEZONE
from segmentation_assets.defs.tables.frame_types import frame_type, rows_type
from segmentation_assets.defs.tables.metadata import as_metadata
from segmentation_assets.markdown import as_code, escaped
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import Column, Table
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.provenance import FURTHER_UPSTREAM
from segmentation_assets.warehouse.sql.columns import Origin
from segmentation_assets.warehouse.sql.lineage import Lineage, lineage_of
from segmentation_assets.warehouse.sql.queries import parsed

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

READ_BY_PEOPLE = {"personas", "insights", "marts"}
"""Stages whose tables reports read, an hour after the nightly run begins."""

MADE_EVERY_NIGHT = FreshnessPolicy.cron("0 23 * * *", timedelta(hours=22), TIMEZONE)
"""Shows a night that never ran: by 23:00 in London a table has been made since 01:00 of that day."""


def daily_partitions(portfolio: Portfolio) -> DailyPartitionsDefinition:
    """Return the days of a portfolio that have a partition.

    `end_offset=1` lets today's partition exist while today lasts; without it the run at 22:00 would be refused its
    own day.
    """
    return DailyPartitionsDefinition(portfolio.history_start.isoformat(), timezone=TIMEZONE, end_offset=1)


def asset_arguments(
    blueprint: Blueprint, name: str, *, version: str, kinds: set[str], query: Query | None = None
) -> dict[str, Any]:
    """Return the arguments of `@asset` that follow from a table's declaration, and from its query where it has one."""
    return {
        **_shared(blueprint, name, version, kinds, query=query),
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
    query: Query | None = None,
    is_staged: bool = False,
    further_upstream: Mapping[str, str] | None = None,
) -> AssetOut:
    """Return the output of a multi-asset that follows from a table's declaration; see `asset_arguments`.

    What a query makes, and what is staged from another table of the warehouse, is checked there. `further_upstream`
    names the tables of which a day reads another day, with the word for it (see `Asset.other_days`).
    """
    table = blueprint.tables[name]
    return AssetOut(
        **_shared(blueprint, name, version, kinds, query=query, further_upstream=further_upstream),
        dagster_type=DagsterAny
        if query or is_staged
        else rows_type(table)
        if table.stage == "raw"
        else frame_type(table),
        io_manager_key="warehouse_io",
        is_required=is_required,
    )


def _type_of(table: Table) -> DagsterType:
    return rows_type(table) if table.stage == "raw" else frame_type(table)


def view_spec(blueprint: Blueprint, name: str, query: Query, *, version: str) -> AssetSpec:
    """Return the spec of a view, whose upstream tables are those that its query reads."""
    return AssetSpec(
        name,
        **_shared(blueprint, name, version, {"sql", "view"}, query=query),
        deps=made_from(query),
        partitions_def=daily_partitions(blueprint.portfolio),
    )


def _shared(
    blueprint: Blueprint,
    name: str,
    version: str,
    kinds: set[str],
    *,
    query: Query | None = None,
    further_upstream: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    table = blueprint.tables[name]
    lineage = lineage_of(parsed(query.sql, query.origin), blueprint.tables) if query else _declared(table)
    return {
        "group_name": table.stage,
        "description": f"{table.description}\n\n{_row_and_key(table)}",
        "metadata": {
            **_static_metadata(table, lineage, blueprint.portfolio.currency),
            **as_metadata({"sql": as_code(query.sql, "sql")} if query else {}),
            **({FURTHER_UPSTREAM: dict(further_upstream)} if further_upstream else {}),
        },
        "owners": [OWNERS[table.stage]],
        "freshness_policy": MADE_EVERY_NIGHT if table.stage in READ_BY_PEOPLE else None,
        "tags": {"stage": table.stage, **({"personal_data": ""} if any(c.is_personal for c in table.columns) else {})},
        "kinds": kinds,
        "code_version": version,
    }


def _static_metadata(table: Table, lineage: Lineage, currency: str) -> dict[str, Any]:
    """Return the column schema, the column lineage, the key and the partition column of a table."""
    deps = {
        column: [TableColumnDep(AssetKey(source.table), source.column) for source in sources]
        for column, sources in lineage.items()
        if sources
    }
    return {
        "dagster/column_schema": TableSchema(
            columns=[_table_column(table, column, currency) for column in table.columns]
        ),
        "dagster/column_lineage": TableColumnLineage(deps),
        "key": ", ".join(table.key),
        "partition_expr": "snapshot_date",
    }


def _row_and_key(table: Table) -> str:
    """Return what a row is of, unless the description says so, and by which columns rows are told apart."""
    row = "" if table.description.startswith("One row per") else f"One row per {table.unit_of_row}. "
    return f"{row}Key: {', '.join(table.key) or 'snapshot_date'}."


def _table_column(table: Table, column: Column, currency: str) -> TableColumn:
    return TableColumn(
        column.name,
        column.type,
        description=escaped(f"{column.description}{_in_unit(column, currency)}"),  # a feature's are the portfolio's
        constraints=TableColumnConstraints(nullable=not column.is_required, unique=table.key == (column.name,)),
        tags={"personal_data": ""} if column.is_personal else None,
    )


def _in_unit(column: Column, currency: str) -> str:
    """Return in what a number is given; nothing of a count or a rank, whose name says what it counts."""
    if not column.unit or column.unit in {"rank", "times"} or column.name.startswith("n_"):
        return ""
    if column.unit == "share":
        return " As a share, 0 to 1."
    return f" In {currency if column.unit == 'currency' else column.unit}."


def _declared(table: Table) -> Lineage:
    """Return the declared lineage, and for a core column without one its delivered text of the same name."""
    is_cleaned = table.stage == "core" and table.name != "rejected_rows"
    found = {}
    for column in table.columns:
        sources = [Origin(*source.split(".")) for source in column.lineage]
        if not sources and is_cleaned and column.name != "snapshot_date":
            sources = [Origin(f"raw_{table.name}", column.name)]
        found[column.name] = sources
    return found
