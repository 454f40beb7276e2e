"""What the resolver holds stored rows against is what Dagster's graph says of the same tables."""

import pytest

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.recipes import recipes_of as recipes_of_graph
from segmentation_assets.history.recipes import recipes_of
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets_tests import bank
from segmentation_assets_tests.versions.society import found_society


@pytest.mark.parametrize("company", ["insurance", "society", "bank"])
def test_both_are_of_one_mind(company, tmp_path):
    if company != "insurance":
        company = str(found_society(tmp_path) if company == "society" else bank.found_bank(tmp_path))
    blueprint = draw_blueprint(load_portfolio(company))
    graph = build_definitions(read_settings(portfolio=company)).resolve_asset_graph()
    by_graph = recipes_of_graph(blueprint, graph)
    found = recipes_of(blueprint)
    assert found.keys() == {name for name, recipe in by_graph.items() if recipe.table.stage != "marts"}
    for name, recipe in found.items():
        other = by_graph[name]
        told = (recipe.code_version, set(recipe.upstream), dict(recipe.further), recipe.is_delivered)
        assert told == (other.code_version, set(other.upstream), dict(other.further), other.is_delivered), name
