"""Marts: what reports read, one asset each. The views are made together, and so are the tables.

A view that stands as it would be made is left alone: to replace one may need rights that writing its rows does not.
Its rows are not counted, because an engine that bills by bytes would read every table behind it each night.
"""

from collections.abc import Iterator

import sqlglot
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    Output,
    ResourceParam,
    multi_asset,
)

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import made_from, over_days, stored_mart_queries, view_queries
from segmentation_assets.defs.runs.failures import sentence_first
from segmentation_assets.defs.runs.run_days import days_of
from segmentation_assets.defs.tables.asset_specs import asset_out, multi_asset_arguments, view_spec
from segmentation_assets.tables import Table
from segmentation_assets.versions import fingerprint, said_in
from segmentation_assets.warehouse import Query, Warehouse
from segmentation_assets.warehouse.ledger import Provenance
from segmentation_assets.warehouse.sql.exact_sums import make_sums_exact
from segmentation_assets.warehouse.sql.queries import transpile


def build_marts(blueprint: Blueprint) -> AssetsDefinition:
    """Define every view of `sql/marts`, and the one whose SQL follows from the portfolio."""
    views = [table for table in blueprint.tables.values() if table.stage == "marts" and table.is_view]
    queries = view_queries(blueprint.portfolio, blueprint.tables)
    versions = {view.name: view_version(view, queries[view.name]) for view in views}

    @multi_asset(
        **multi_asset_arguments(blueprint, "marts"),
        specs=[view_spec(blueprint, view.name, queries[view.name], version=versions[view.name]) for view in views],
        can_subset=True,
    )
    def marts(context: AssetExecutionContext, warehouse: ResourceParam[Warehouse]) -> Iterator[MaterializeResult]:
        chosen = [view for view in views if AssetKey(view.name) in context.selected_asset_keys]
        with sentence_first():
            with warehouse.reading():
                to_make = [view for view in chosen if not warehouse.has_view(view, versions[view.name])]
            for view in to_make:
                warehouse.create_view(view, queries[view.name], Provenance(versions[view.name]))
        for view in chosen:
            yield MaterializeResult(asset_key=view.name)

    return marts


def build_stored_marts(blueprint: Blueprint) -> list[AssetsDefinition]:
    """Define every table of `sql/marts` that the portfolio has, each made by its file from tables of the same days."""
    queries = stored_mart_queries(blueprint.portfolio, blueprint.tables)
    if not queries:
        return []
    read = {name: {AssetKey(source) for source in made_from(query)} for name, query in queries.items()}

    @multi_asset(
        **multi_asset_arguments(blueprint, "stored_marts"),
        outs={
            name: asset_out(
                blueprint,
                name,
                version=query_version(query),
                kinds={"sql"},
                is_required=False,
                query=query,
            )
            for name, query in queries.items()
        },
        deps=sorted(set().union(*read.values())),
        internal_asset_deps=read,
        can_subset=True,
    )
    def stored_marts(context: AssetExecutionContext) -> Iterator[Output[Query]]:
        days = days_of(context)
        for name, query in queries.items():
            if AssetKey(name) in context.selected_asset_keys:
                yield Output(over_days(query, days[0], days[-1]), name)

    return [stored_marts]


def query_version(query: Query) -> str:
    """Return what decides the rows of a query: its text, and how that is put into an engine's dialect."""
    return fingerprint(transpile, make_sums_exact, data=f"{sqlglot.__version__}\n{said_in(query.sql)}")


def view_version(view: Table, query: Query) -> str:
    """Return what decides a view: its query, whose comments it keeps, and the words written on it."""
    return fingerprint(data=f"{query_version(query)}\n{view}\n{query.sql}")
