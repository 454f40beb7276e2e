"""A look at what the warehouse holds, against how the graph would make it now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.recipes import recipes_of
from segmentation_assets.history.calendar import SNAPSHOTS, calendar_of
from segmentation_assets.planning import Holdings, Recipe, Staleness, find_stale, holdings_of
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.provenance import Calendar


@dataclass(frozen=True)
class Survey:
    """How every table is made, what there is of it, and what of that is stale."""

    recipes: Mapping[str, Recipe]
    calendar: Calendar
    holdings: Holdings
    staleness: Staleness


def survey(blueprint: Blueprint, graph: BaseAssetGraph, warehouse: Warehouse, days: Iterable[date] = ()) -> Survey:
    """Look at every table; `days` are those that should be there besides those that are."""
    recipes = recipes_of(blueprint, graph)
    holdings = holdings_of(warehouse, [recipe.table for recipe in recipes.values()])
    calendar = calendar_of(blueprint, warehouse, list(holdings.rows[SNAPSHOTS]))
    return Survey(recipes, calendar, holdings, find_stale(recipes, holdings, calendar, days))
