"""An asset check a table: what is stored has the declared columns, in every partition.

It warns and stops nothing: a write brings the table to its declaration or is refused, so what it finds is what only a
person can decide, or what a backfill is to fill.
"""

from collections.abc import Iterator, Mapping

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    ResourceParam,
    multi_asset_check,
)

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.tables.asset_specs import WAREHOUSE_POOL
from segmentation_assets.markdown import escaped
from segmentation_assets.tables import Table
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.evolution import compare
from segmentation_assets.warehouse.ledger import Partition, schema_version

SCHEMA_CHECK = "schema_is_as_declared"
_WORDS = "The stored columns are the declared ones, and every partition was written under them."


def build_schema_check(blueprint: Blueprint) -> AssetChecksDefinition:
    """Define the check of every table and view, made by one step."""
    tables = blueprint.tables

    @multi_asset_check(
        name=SCHEMA_CHECK,
        specs=[AssetCheckSpec(SCHEMA_CHECK, asset=name, description=_WORDS) for name in tables],
        can_subset=True,
        pool=WAREHOUSE_POOL,
    )
    def check(context: AssetCheckExecutionContext, warehouse: ResourceParam[Warehouse]) -> Iterator[AssetCheckResult]:
        selected = sorted(context.selected_asset_check_keys)
        known: dict[str, list[Partition]] = {}
        with warehouse.reading():
            stored = {key: warehouse.describe(key.asset_key.path[-1]) for key in selected}
            for partition in warehouse.ledger(with_upstream=False):
                known.setdefault(partition.table_name, []).append(partition)
        for key in selected:
            table = tables[key.asset_key.path[-1]]
            faults = schema_faults(table, stored[key], known.get(table.name, []))
            yield AssetCheckResult(
                passed=not faults,
                severity=AssetCheckSeverity.WARN,
                description=escaped(" ".join(faults) or _WORDS),  # whoever made a stored table named its columns
                asset_key=key.asset_key,
                check_name=key.name,
                metadata={"columns": len(table.columns)},
            )

    return check


def schema_faults(table: Table, stored: Mapping[str, str] | None, partitions: list[Partition]) -> list[str]:
    """Say in sentences how a stored table differs from its declaration; a table that was never written does not.

    Parameters
    ----------
    stored : columns and their GoogleSQL types; None where there is no such table.
    partitions : what the ledger knows of it.
    """
    if stored is None:
        return []
    change = compare(table, stored)
    faults = [f"{column.name} ({column.type}) is declared and not stored." for column in change.add]
    faults += [
        f"{column.name} is stored as {stored[column.name]} and declared {column.type}."
        for column in (*change.widen, *change.conflict)
    ]
    faults += [f"{name} is stored and no longer declared; new partitions hold NULL." for name in change.undeclared]
    behind = [p.snapshot_date for p in partitions if p.snapshot_date and p.schema_version != schema_version(table)]
    if behind:
        faults.append(
            f"{len(behind)} partitions, {min(behind)} to {max(behind)}, were written under other columns: run "
            f"segmentation backfill --stale --tables {table.name}."
        )
    return faults
