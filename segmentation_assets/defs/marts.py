"""Marts: the views that reports read, one asset each, made together because a view costs nothing."""

from collections.abc import Iterator

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    ResourceParam,
    multi_asset,
)

from segmentation_assets.defs.asset_specs import multi_asset_arguments, view_spec
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.snapshots import days_of
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.sql import load_query


def build_marts(blueprint: Blueprint) -> AssetsDefinition:
    """Define every view of `sql/marts`."""
    views = [table for table in blueprint.tables.values() if table.stage == "marts"]
    queries = {view.name: load_query(f"marts/{view.name}.sql") for view in views}

    @multi_asset(
        **multi_asset_arguments(blueprint, "marts"),
        specs=[view_spec(blueprint, view, version=code_version(data=queries[view.name].sql)) for view in views],
        can_subset=True,
    )
    def marts(context: AssetExecutionContext, warehouse: ResourceParam[Warehouse]) -> Iterator[MaterializeResult]:
        days = days_of(context)
        for view in views:
            if AssetKey(view.name) in context.selected_asset_keys:
                warehouse.create_view(view, queries[view.name])
                rows = warehouse.count(view, days[0], days[-1])
                yield MaterializeResult(asset_key=view.name, metadata={"dagster/partition_row_count": rows})

    return marts
