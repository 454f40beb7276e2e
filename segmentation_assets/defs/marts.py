"""Marts: the views that reports read, one asset each, made together because a view costs nothing.

A view that stands as it would be made is left alone: to replace one may need rights that writing its rows does not.
"""

from collections.abc import Iterator

import sqlglot
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    ResourceParam,
    multi_asset,
)

from segmentation_assets.checking.queries import view_queries
from segmentation_assets.defs.asset_specs import multi_asset_arguments, view_spec
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.snapshots import days_of
from segmentation_assets.tables import Table
from segmentation_assets.warehouse import Query, Warehouse
from segmentation_assets.warehouse.ledger import Provenance


def build_marts(blueprint: Blueprint) -> AssetsDefinition:
    """Define every view of `sql/marts`, and the one whose SQL follows from the portfolio."""
    views = [table for table in blueprint.tables.values() if table.stage == "marts"]
    queries = view_queries(blueprint.portfolio, blueprint.tables)
    versions = {view.name: view_version(view, queries[view.name]) for view in views}

    @multi_asset(
        **multi_asset_arguments(blueprint, "marts"),
        specs=[view_spec(blueprint, view, version=versions[view.name]) for view in views],
        can_subset=True,
    )
    def marts(context: AssetExecutionContext, warehouse: ResourceParam[Warehouse]) -> Iterator[MaterializeResult]:
        days = days_of(context)
        chosen = [view for view in views if AssetKey(view.name) in context.selected_asset_keys]
        with warehouse.reading():
            to_make = [view for view in chosen if not warehouse.has_view(view, versions[view.name])]
        for view in to_make:
            warehouse.create_view(view, queries[view.name], Provenance(versions[view.name]))
        with warehouse.reading():
            rows = {view.name: warehouse.count(view, days[0], days[-1]) for view in chosen}
        for name, n_rows in rows.items():
            yield MaterializeResult(asset_key=name, metadata={"dagster/partition_row_count": n_rows})

    return marts


def view_version(view: Table, query: Query) -> str:
    """Return what decides a view: its text, how that is put into an engine's dialect, and the words written on it."""
    return code_version("warehouse.sql", data=f"{sqlglot.__version__}\n{view}\n{query.sql}")
