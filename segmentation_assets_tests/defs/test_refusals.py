"""What the raw and core assets refuse, as the schedule and the UI run them: by a sentence, and nothing is changed."""

import shutil

import pandas as pd
import pytest
from dagster import AssetKey, ExecuteInProcessResult

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.settings import read_settings
from segmentation_assets_tests.conftest import PUBLISHED_DAY, Graph, events, graph_on

TABLES = draw_blueprint(load_portfolio("insurance")).tables
RAW = [AssetKey(name) for name, table in TABLES.items() if table.stage == "raw"]
CORE = [AssetKey(name) for name, table in TABLES.items() if table.stage == "core"]


@pytest.fixture
def filled(published, tmp_path) -> Graph:
    """A graph without data on a copy of the published warehouse."""
    shutil.copy(published[0].settings.duckdb_path, tmp_path / "warehouse.duckdb")
    return graph_on(None, tmp_path)


def sentence(result: ExecuteInProcessResult) -> str:
    """Return what the UI shows first of the one step that failed."""
    assert not result.success
    (failure,) = events(result, "STEP_FAILURE")
    return failure.step_failure_data.error.message.removeprefix("dagster._core.definitions.events.Failure: ")


def assert_unchanged(graph: Graph, published) -> None:
    for name in ("raw_customers", "raw_policies", "customers", "policies", "customer_segments"):
        now, before = (g.table(name, PUBLISHED_DAY) for g in (graph, published[0]))
        pd.testing.assert_frame_equal(now, before, check_exact=True)


def test_made_up_customers_are_not_put_over_delivered_ones(filled, published):
    said = sentence(filled.run(PUBLISHED_DAY, raise_on_error=False))
    assert said.startswith("No data is given, and warehouse.segmentation.raw_customers holds 3,446 rows of 2025-11-15")
    assert_unchanged(filled, published)


def test_made_up_customers_are_put_there_where_they_are_asked_for(filled, tmp_path):
    asked = Graph(read_settings(duckdb_path=tmp_path / "warehouse.duckdb", synthetic=True))
    assert asked.run(PUBLISHED_DAY, asset_selection=RAW).success
    assert filled.table("raw_customers", PUBLISHED_DAY)["source"].unique().tolist() == [
        "synthetic insurer (4000 customers, seed 7)"
    ]


def test_a_folder_that_is_not_there_is_told_when_raw_is_asked_for_and_not_before(published, tmp_path):
    shutil.copy(published[0].settings.duckdb_path, tmp_path / "warehouse.duckdb")
    graph = graph_on(tmp_path / "nowhere", tmp_path)
    said = sentence(graph.run(PUBLISHED_DAY, asset_selection=RAW, raise_on_error=False))
    assert said.startswith(f"There is no folder {tmp_path / 'nowhere'}.")
    assert said.count("There is no folder") == 1
    assert graph.run(PUBLISHED_DAY, asset_selection=CORE).success  # from the raw tables, which needs no source
    assert_unchanged(graph, published)


@pytest.mark.usefixtures("filled")
def test_core_refuses_what_another_portfolio_would_reject_and_writes_no_table(published, tmp_path):
    """Raw was good when it was read; then somebody thought that nobody is above forty."""
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    narrow = text.replace("age: {min: 0, max: 120}", "age: {min: 0, max: 40}")
    (tmp_path / "mine.yaml").write_text(narrow, encoding="utf-8")
    graph = graph_on(None, tmp_path, str(tmp_path / "mine.yaml"))
    older = int((published[0].table("customers", PUBLISHED_DAY)["age"] > 40).sum())
    said = sentence(graph.run(PUBLISHED_DAY, asset_selection=CORE, raise_on_error=False))
    assert said.startswith("Too many rows of 2025-11-15 were rejected")
    assert f"- {older:,} of 3,446 customers" in said
    assert_unchanged(graph, published)
