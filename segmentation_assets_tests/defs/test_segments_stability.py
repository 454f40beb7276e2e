"""`segment_stability` stands under every day, is found again, and its check warns without stopping."""

import shutil
from datetime import timedelta

import duckdb
import pandas as pd
import pytest
from dagster import AssetCheckSeverity, AssetKey

from segmentation_assets.history import model_registry
from segmentation_assets.history.model_registry import MODEL_TABLES
from segmentation_assets.segments import stability, training
from segmentation_assets_tests.conftest import PUBLISHED_DAY, Graph, events, graph_on

MODELS = [AssetKey(name) for name in MODEL_TABLES]
UPSTREAM = ["raw_customers", "raw_policies", "raw_products", "raw_claims", "raw_interactions", "raw_survey_responses",
            "raw_outreach", "customers", "policies", "products", "claims", "interactions", "survey_responses",
            "outreach", "rejected_rows", "customer_features"]  # fmt: skip


@pytest.fixture
def copied(published, insurance, tmp_path) -> Graph:
    """The published day in a file of its own."""
    shutil.copy(published[0].settings.duckdb_path, tmp_path / "warehouse.duckdb")
    return graph_on(insurance, tmp_path)


def outcome(result):
    checked = [event.asset_check_evaluation_data for event in events(result, "ASSET_CHECK_EVALUATION")]
    (found,) = [check for check in checked if check.check_name == "segments_are_stable"]
    return found


def test_the_published_segments_are_highly_stable(published):
    stability = published[0].table("segment_stability", PUBLISHED_DAY)
    overall = stability[stability["lens"] == "overall"]
    assert overall["n_customers"].tolist() == [1129, 1267, 1050]
    assert overall["n_bootstraps"].tolist() == [100] * 3
    assert (overall["jaccard_q05"] > 0.95).all()
    assert set(overall["verdict"]) == {"highly stable"}
    assert len(set(overall["mean_ari"])) == 1
    assert outcome(published[1]).passed


def test_the_asset_page_shows_it(published):
    made = {e.asset_key.path[-1]: e.materialization.metadata for e in events(published[1], "ASSET_MATERIALIZATION")}
    shown = made["segment_stability"]["stability"].value
    assert shown.count("highly stable") >= 3
    assert "jaccard_q05" in shown


def test_a_segment_that_dissolves_is_warned_of_and_stops_nothing(copied, monkeypatch):
    honest = stability.judge_stability

    def doubtful(*given):
        return honest(*given).assign(jaccard=lambda rows: rows["jaccard"].where(rows["segment_id"] != 2, 0.59))

    monkeypatch.setattr(stability, "judge_stability", doubtful)
    result = copied.run(PUBLISHED_DAY, asset_selection=MODELS)
    check = outcome(result)
    assert result.success
    assert not check.passed
    assert check.severity == AssetCheckSeverity.WARN
    assert check.metadata["broken"].value == "segment 2: 1"


@pytest.mark.parametrize("was_there", [True, False], ids=["written down", "from before the table"])
def test_a_later_day_has_the_stability_of_the_training_day(copied, monkeypatch, was_there):
    learned = []
    monkeypatch.setattr(
        model_registry, "train", lambda *given, **named: learned.append(given) or training.train(*given, **named)
    )
    if not was_there:
        with duckdb.connect(str(copied.settings.duckdb_path)) as connection:
            connection.execute("DROP TABLE segmentation.segment_stability")
    before = {key.path[-1]: copied.table(key.path[-1], PUBLISHED_DAY) for key in MODELS[:3]}
    later = PUBLISHED_DAY + timedelta(days=1)
    assert copied.run(later, asset_selection=[*map(AssetKey, UPSTREAM), *MODELS]).success
    for name, table in before.items():
        pd.testing.assert_frame_equal(copied.table(name, later), table, check_exact=True, obj=name)
    assert copied.table("segment_stability", later).groupby("lens").size()["overall"] == 3
    assert len(learned) == (0 if was_there else 1)
