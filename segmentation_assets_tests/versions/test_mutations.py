"""A change makes stale what may come out otherwise by it, found out by making it anew, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from dagster import AssetKey

import segmentation_assets
from segmentation_assets.definitions import build_definitions
from segmentation_assets.settings import read_settings
from segmentation_assets.warehouse.provenance import FURTHER_UPSTREAM
from segmentation_assets_tests.versions import society
from segmentation_assets_tests.versions.mutations import CODE, PORTFOLIO, SQL, Mutation
from segmentation_assets_tests.versions.society import found_society, night

ROOT = Path(segmentation_assets.__file__).parent.parent
Made = Mapping[str, Mapping[str, str]]

pytestmark = pytest.mark.long  # a night for every change


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


@pytest.mark.parametrize("mutation", [*PORTFOLIO, *SQL], ids=str)
def test_a_changed_portfolio(mutation, as_it_is, downstream, tmp_path):
    folder = found_society(tmp_path).parent
    shutil.copy(folder / "sold.csv", folder / "copy.csv")
    changed(mutation, folder)
    judge(mutation, as_it_is, night(folder), downstream)


@pytest.mark.parametrize("mutation", CODE, ids=str)
def test_changed_code(mutation, as_it_is, downstream, tmp_path):
    tree = tmp_path / "tree"
    for part in ("segmentation_assets", "sql"):
        shutil.copytree(ROOT / part, tree / part)  # with the bytecode and what numba compiled
    changed(mutation, tree)
    folder = found_society(tmp_path / "society").parent
    here = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(  # noqa: S603 - this Python, on a copy of this package
        [sys.executable, society.__file__, str(folder)], env=here, cwd=tree, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    judge(mutation, as_it_is, json.loads(done.stdout.splitlines()[-1]), downstream)


def test_there_are_forty():
    assert len([*PORTFOLIO, *SQL, *CODE]) >= 40
