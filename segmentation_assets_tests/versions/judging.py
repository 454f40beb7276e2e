"""What is held of a change: it makes stale what may come out otherwise by it, and nothing else."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from dagster import AssetKey

from segmentation_assets.definitions import build_definitions
from segmentation_assets.settings import read_settings
from segmentation_assets.warehouse.provenance import FURTHER_UPSTREAM
from segmentation_assets_tests.versions.mutations import Mutation
from segmentation_assets_tests.versions.society import found_society, night

Made = Mapping[str, Mapping[str, str]]


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
    return {name: _beyond(name, first_hand) for name in first_hand}


def _beyond(name: str, first_hand: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = first_hand[waiting.pop()] - found
        found |= new
        waiting += new
    return found - {name}


def judge(mutation: Mutation, before: Made, after: Made, downstream: Mapping[str, set[str]]) -> None:
    assert before.keys() == after.keys()
    made_otherwise = {name for name in before if before[name]["version"] != after[name]["version"]}
    came_out_otherwise = {name for name in before if before[name]["rows"] != after[name]["rows"]}
    below = set().union(*(downstream[name] for name in made_otherwise))
    of_itself = {name for name in made_otherwise if not any(name in downstream[o] for o in made_otherwise - {name})}
    assert came_out_otherwise <= made_otherwise | below, "rows changed that are taken for current"
    assert made_otherwise <= mutation.stale | set().union(*(downstream[name] for name in mutation.stale))
    assert of_itself <= mutation.stale <= made_otherwise
    assert bool(came_out_otherwise & mutation.stale) == mutation.moves_rows


def changed(mutation: Mutation, at: Path) -> None:
    file = at / mutation.file
    text = file.read_text(encoding="utf-8")
    assert mutation.old in text, f"{mutation.file} no longer says {mutation.old!r}"
    file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
