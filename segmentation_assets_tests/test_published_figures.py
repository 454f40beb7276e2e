"""The figures of the published study, from the real graph on the published data."""

from datetime import date

import pandas as pd
import pytest

from segmentation_assets_tests.conftest import PUBLISHED_DAY, events, graph_on

SIZES = {1: 1129, 2: 1267, 3: 1050}
COSTS = dict(zip(range(2, 10), [525.001, 308.194, 255.126, 219.265, 183.632, 166.212, 149.319, 142.810], strict=True))


def test_sizes(published):
    placed = published[0].table("customer_segments", PUBLISHED_DAY)
    sizes = placed[placed["lens"] == "overall"].groupby("segment_id").size()
    assert sizes.to_dict() == SIZES


def test_cost_gamma_and_silhouette(published):
    models = published[0].table("segment_models", PUBLISHED_DAY).set_index("lens")
    assert round(models.loc["overall", "cost"], 4) == 308.1936
    assert round(models.loc["overall", "gamma"], 5) == 0.10208
    assert round(models.loc["overall", "silhouette"], 5) == 0.43433


def test_cost_is_no_higher_than_published_for_any_k(published):
    candidates = published[0].table("model_selection", PUBLISHED_DAY)
    costs = candidates[candidates["lens"] == "overall"].set_index("n_clusters")["cost"]
    assert set(costs.index) == set(COSTS)
    assert {k: cost for k, cost in COSTS.items() if costs[k] > cost + 5e-4} == {}


def test_shares_of_premium(published):
    shares = published[0].table("premium_by_segment", PUBLISHED_DAY).set_index("segment_id")["premium_pct"]
    assert shares.round(3).to_dict() == {1: 13.344, 2: 53.150, 3: 33.506}
    cities = published[0].table("premium_by_city", PUBLISHED_DAY).set_index("city")["premium_pct"]
    assert round(cities["London"], 3) == 21.332


def test_total_premium_is_kept(published):
    total = published[0].table("policies", PUBLISHED_DAY)["premium"].sum()
    assert round(total, 2) == 16_481_801.19


def test_inertia_of_the_map(published):
    made = events(published[1], "ASSET_MATERIALIZATION")
    metadata = next(e.materialization.metadata for e in made if e.asset_key.path == ["customer_projection"])
    assert "- overall: 0.2929, 0.2556" in metadata["explained_inertia"].value


def test_three_dates_needed_the_second_format(published):
    made = events(published[1], "ASSET_MATERIALIZATION")
    metadata = next(e.materialization.metadata for e in made if e.asset_key.path == ["policies"])
    assert metadata["date_fallback_rows"].value == "purchase_date: 3"
    assert len(published[0].table("rejected_rows", PUBLISHED_DAY)) == 0


@pytest.mark.long  # another run of the whole graph
def test_another_day_moves_nobody(published, insurance, tmp_path):
    later = graph_on(insurance, tmp_path)
    later.run(day := date(2026, 11, 22))
    columns = ["lens", "customer_id", "segment_id"]
    moved = later.table("customer_segments", day)[columns]
    pd.testing.assert_frame_equal(moved, published[0].table("customer_segments", PUBLISHED_DAY)[columns])
