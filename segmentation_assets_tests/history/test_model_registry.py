"""The registry: whichever way a day is come to, its models and their numbers are the same."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from dagster import AssetKey

from segmentation_assets.blueprint import Blueprint, draw_blueprint
from segmentation_assets.defs.tables.requests import RetrainingRequest, write_request
from segmentation_assets.history import model_registry, recipes
from segmentation_assets.history.model_registry import MODEL_TABLES, ModelRegistry
from segmentation_assets.history.resolver import History
from segmentation_assets.history.versions import versions_of
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.segments.training import Training
from segmentation_assets.segments.workers import Workers
from segmentation_assets.tables import build_tables
from segmentation_assets_tests.conftest import Graph, graph_on

TABLES = build_tables(load_portfolio("insurance"))
FIRST = date(2024, 2, 27)
DAYS = [FIRST + timedelta(days=n) for n in range(4)]


@pytest.fixture(scope="module")
def daily(one_lens, tmp_path_factory) -> str:
    """The portfolio of one lens with a small synthetic insurer, trained anew every day."""
    text = Path(one_lens).read_text(encoding="utf-8").replace("customers: 4000", "customers: 1000")
    path = tmp_path_factory.mktemp("portfolio") / "daily.yaml"
    path.write_text(text.replace("retrain: quarterly", "retrain: daily"), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def blueprint(daily) -> Blueprint:
    return draw_blueprint(load_portfolio(daily))


@pytest.fixture(scope="module")
def raw(daily, blueprint, tmp_path_factory) -> Graph:
    """Raw snapshots of the days, and nothing else."""
    graph = graph_on(None, tmp_path_factory.mktemp("raw"), daily)
    assert graph.run(*DAYS, asset_selection=keys(name for name in blueprint.tables if name.startswith("raw_"))).success
    return graph


def keys(names) -> list[AssetKey]:
    return [AssetKey(name) for name in names]


def registry(graph: Graph, blueprint: Blueprint) -> ModelRegistry:
    return History(blueprint, graph.warehouse, Workers()).registry


def assert_same(one: Training, other: Training) -> None:
    for name, part in MODEL_TABLES.items():
        key = list(TABLES[name].key)  # what is read comes in its order, what is learned in the model's
        rows, others = (getattr(training, part).sort_values(key, ignore_index=True) for training in (one, other))
        pd.testing.assert_frame_equal(rows, others, check_exact=True, obj=name)


@pytest.fixture(scope="module")
def forward(raw, blueprint) -> dict[date, Training]:
    by_day = registry(raw, blueprint)
    return {day: by_day.in_force(day) for day in DAYS}


def test_each_model_carries_on_the_one_before(forward):
    rows = pd.concat([forward[day].model_rows for day in DAYS])
    assert rows["trained_on"].dt.date.tolist() == DAYS
    assert rows["predecessor_model_id"].tolist()[1:] == rows["model_id"].tolist()[:-1]
    for day in DAYS[1:]:
        assert set(forward[day].lineage_rows["event"]) == {"survived"}
        assert set(forward[day].lineage_rows["first_trained_on"].dt.date) == {FIRST}


def test_backwards_and_a_later_day_alone_give_the_same(raw, blueprint, forward):
    backward = registry(raw, blueprint)
    for day in reversed(DAYS):
        assert_same(backward.in_force(day), forward[day])


@pytest.fixture
def counted(monkeypatch) -> list[date]:
    learned, honest = [], model_registry.train

    def counting(features, portfolio, day, *given, **named):
        learned.append(day)
        return honest(features, portfolio, day, *given, **named)

    monkeypatch.setattr(model_registry, "train", counting)
    return learned


def test_a_chain_is_learned_once_a_run(raw, blueprint, counted):
    backward = registry(raw, blueprint)
    for day in (DAYS[2], DAYS[1], DAYS[2], DAYS[0]):
        backward.in_force(day)
    assert counted == DAYS[:3]


@pytest.fixture
def copied(raw, daily, tmp_path) -> Graph:
    """The raw snapshots in a file of its own."""
    shutil.copy(raw.settings.duckdb_path, tmp_path / "warehouse.duckdb")
    return graph_on(None, tmp_path, daily)


def test_what_is_written_down_stands_for_its_chain_until_something_changes(
    copied, blueprint, forward, counted, monkeypatch
):
    upstream = [name for name, table in blueprint.tables.items() if table.stage in {"core", "features"}]
    made = keys([*upstream, *MODEL_TABLES, "retraining_requests"])
    assert copied.run(DAYS[0], DAYS[1], asset_selection=made).success
    counted.clear()
    assert_same(registry(copied, blueprint).in_force(DAYS[2]), forward[DAYS[2]])
    assert counted == [DAYS[2]]
    counted.clear()
    assert_same(registry(copied, blueprint).in_force(DAYS[1]), forward[DAYS[1]])
    assert counted == []
    with monkeypatch.context() as patched:
        other = versions_of(blueprint) | {"segment_models": "other code"}
        patched.setattr(recipes, "versions_of", lambda _: other)
        registry(copied, blueprint).in_force(DAYS[1])
    assert counted == DAYS[:2]
    counted.clear()
    delivered = blueprint.tables["raw_customers"]
    rows = copied.warehouse.read(delivered, FIRST, FIRST)
    copied.warehouse.replace(delivered, rows.slice(1), FIRST, FIRST)  # delivered again, one customer short
    assert not registry(copied, blueprint).in_force(DAYS[1]).model_rows.equals(forward[DAYS[1]].model_rows)
    assert counted == DAYS[:2]


def test_a_request_is_a_retraining_date_for_its_lens_from_its_day_on(copied, daily):
    quarterly = draw_blueprint(load_portfolio(daily).model_copy(update={"retrain": "quarterly"}))

    def trained_on(day: date) -> date:
        return registry(copied, quarterly).in_force(day).model_rows["trained_on"].dt.date.item()

    assert trained_on(DAYS[3]) == FIRST
    write_request(quarterly, copied.warehouse, DAYS[2], RetrainingRequest(lenses=["overall"], reason="a wish"))
    assert [trained_on(day) for day in DAYS] == [FIRST, FIRST, DAYS[2], DAYS[2]]
