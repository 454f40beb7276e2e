"""How every table is made, read off the asset graph: what planning needs of Dagster."""

from dagster import AssetKey
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.history.requests import REQUESTS
from segmentation_assets.planning import Recipe
from segmentation_assets.warehouse.provenance import FURTHER_UPSTREAM


def recipes_of(blueprint: Blueprint, graph: BaseAssetGraph) -> dict[str, Recipe]:
    """Return the recipe of every table and view that is an asset, in the order of their declaration."""
    recipes = {}
    for name, table in blueprint.tables.items():
        key = AssetKey(name)
        if not graph.has(key):
            continue
        node = graph.get(key)
        parents = sorted(parent.path[-1] for parent in node.parent_keys)
        recipes[name] = Recipe(
            table,
            code_version=node.code_version,
            upstream=tuple(p for p in parents if p in blueprint.tables and not blueprint.tables[p].is_view),
            further=dict(node.metadata.get(FURTHER_UPSTREAM, {})),
            together=frozenset(made.path[-1] for made in node.execution_set_asset_keys if isinstance(made, AssetKey)),
            is_delivered=table.stage == "raw" or name == REQUESTS,
        )
    return recipes
