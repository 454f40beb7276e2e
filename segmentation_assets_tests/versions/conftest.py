"""The night as it is, and what is made from what: changes are judged by both."""

from collections.abc import Mapping

import pytest
from dagster import AssetKey

from segmentation_assets.definitions import build_definitions
from segmentation_assets.settings import read_settings
from segmentation_assets.warehouse.provenance import FURTHER_UPSTREAM
from segmentation_assets_tests.versions.society import found_society, night

pytest.register_assert_rewrite("segmentation_assets_tests.versions.judging")

from segmentation_assets_tests.versions.judging import Made, beyond  # noqa: E402 - once its asserts are told in full


@pytest.fixture(scope="module")
def as_it_is(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return night(found_society(tmp_path_factory.mktemp("society")).parent)


@pytest.fixture(scope="module")
def downstream(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """Everything that is made from a table, of the same day or of another, at first hand or not."""
    portfolio = str(found_society(tmp_path_factory.mktemp("declared")))
    graph = build_definitions(read_settings(portfolio=portfolio)).resolve_asset_graph()
    first_hand: dict[str, set[str]] = {key.path[-1]: set() for key in graph.get_all_asset_keys()}
    for name, found in first_hand.items():
        found.update(child.path[-1] for child in graph.get(AssetKey(name)).child_keys)
        for upstream in graph.get(AssetKey(name)).metadata.get(FURTHER_UPSTREAM, {}):
            first_hand[upstream].add(name)
    return {name: beyond(name, first_hand) for name in first_hand}
