"""Whole runs: order of days, broken contracts, what is written down for the UI."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from dagster import AssetKey

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.segments import placement
from segmentation_assets_tests.conftest import PUBLISHED_DAY, Graph, events, graph_on

pytestmark = pytest.mark.long

DAYS = [date(2024, 3, 30), date(2024, 3, 31), date(2024, 4, 1)]  # the last one starts a quarter, so a model
RAW = [AssetKey(name) for name in draw_blueprint(load_portfolio("insurance")).tables if name.startswith("raw_")]


@pytest.fixture(scope="module")
def small(one_lens, tmp_path_factory) -> str:
    """The portfolio of one lens with a small synthetic insurer."""
    text = Path(one_lens).read_text(encoding="utf-8").replace("customers: 4000", "customers: 1000")
    path = tmp_path_factory.mktemp("portfolio") / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def ranged(small, tmp_path_factory) -> Graph:
    """Three days made as one range."""
    graph = graph_on(None, tmp_path_factory.mktemp("range"), small)
    graph.run(*DAYS)
    return graph


def test_a_range_and_days_backwards_give_the_same_tables(small, ranged, tmp_path):
    backward = graph_on(None, tmp_path, small)
    backward.run(*DAYS, asset_selection=RAW)
    for day in reversed(DAYS):
        backward.run(day, asset_selection=[AssetKey(t) for t in _tables() if not t.startswith("raw_")])
    for name in _tables():
        for day in DAYS:
            pd.testing.assert_frame_equal(
                _sorted(backward.table(name, day)), _sorted(ranged.table(name, day)), obj=name
            )


def test_the_model_of_a_period_serves_its_later_days_and_the_next_period_has_its_own(ranged):
    trained = [set(ranged.table("segment_models", day)["trained_on"].dt.date) for day in DAYS]
    assert trained == [{DAYS[0]}, {DAYS[0]}, {DAYS[2]}]


def _tables() -> list[str]:
    return list(draw_blueprint(load_portfolio("insurance")).tables)


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns), ignore_index=True)


def test_a_customer_lost_on_the_way_stops_the_run_before_anything_is_built_on_it(insurance, tmp_path, monkeypatch):
    honest = placement.place
    monkeypatch.setattr(placement, "place", lambda *given, **named: honest(*given, **named).iloc[1:])
    graph = graph_on(insurance, tmp_path)
    result = graph.run(PUBLISHED_DAY, raise_on_error=False)
    made = {event.asset_key.path[-1] for event in events(result, "ASSET_MATERIALIZATION")}
    assert not result.success
    assert "customer_segments" in made
    assert not made & {"segment_profiles", "labelled_customers", "segment_overview"}


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("model_selection", "elbow_and_silhouette"),
        ("customer_segments", "segment_shares"),
        ("customer_projection", "projection"),
        ("segment_profiles", "snake_plot"),
    ],
)
def test_plots_stand_in_the_asset_page(published, table, key):
    made = {e.asset_key.path[-1]: e.materialization.metadata for e in events(published[1], "ASSET_MATERIALIZATION")}
    assert made[table][key].value.startswith("![")
    assert len(made[table][key].value) < 200_000


def test_row_counts_and_place_stand_in_the_metadata(published):
    made = {e.asset_key.path[-1]: e.materialization.metadata for e in events(published[1], "ASSET_MATERIALIZATION")}
    assert made["customers"]["dagster/partition_row_count"].value == 3446
    assert "segmentation" in made["customers"]["dagster/table_name"].value


def test_nobody_is_named_in_metadata(published):
    for event in events(published[1], "ASSET_MATERIALIZATION"):
        words = [str(value.value) for value in event.materialization.metadata.values()]
        assert not [text for text in words if "HL0" in text and not text.startswith("![")]
