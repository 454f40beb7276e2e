"""Retraining in the graph: the number of segments stays until another is clearly better, in any order of the days."""

import re
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.history import recipes
from segmentation_assets.history.resolver import History
from segmentation_assets.history.versions import versions_of
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.segments.training import train
from segmentation_assets.segments.workers import Workers
from segmentation_assets_tests.club import FIRST, found_club
from segmentation_assets_tests.conftest import graph_on

pytestmark = pytest.mark.long  # lives through many nights

THIRD = [25, 30, 39.5, 45]
"""Where the third kind of members stands in age, day after day: among the young at first, on its own at last."""

DAYS = [FIRST + timedelta(days=n) for n in range(len(THIRD))]


def ages(third: float, n: int = 200) -> np.ndarray:
    """Return ages about 25, about 65 and about a third one."""
    rng = np.random.default_rng(0)
    group, wobble = rng.choice(3, n, p=[0.4, 0.35, 0.25]), rng.integers(-4, 5, n)
    return np.floor(np.array([25, 65, third])[group] + np.arange(n) % 2 / 2) + wobble


@pytest.fixture(scope="module")
def growing(tmp_path_factory):
    """The graph of a club that is trained anew every day, from raw to models; each day one kind has moved on."""
    at = tmp_path_factory.mktemp("growing")
    portfolio = at / "club.yaml"
    found_club(at, {"age": ("numeric", "CAST(age AS FLOAT64)")})
    text = portfolio.read_text().replace("feature: income", "feature: age")
    portfolio.write_text(text.replace("n_clusters: 2, candidates: [2, 2]", "candidates: [2, 5]") + "retrain: daily\n")
    graph = graph_on(at, at, str(portfolio))
    for day, third in zip(DAYS, THIRD, strict=True):
        members = pd.read_csv(at / "members.csv", keep_default_na=False)
        members.assign(Age=ages(third).astype(int)).to_csv(at / "members.csv", index=False)
        assert graph.run(day).success
    return graph, str(portfolio)


def test_a_number_stays_until_another_is_clearly_better(growing):
    graph, _ = growing
    chosen = [graph.table("segment_models", day)["n_clusters"].item() for day in DAYS]
    assert chosen == [2, 2, 2, 3]


def test_the_scorecard_alone_would_have_changed_a_day_sooner(growing):
    graph, portfolio = growing
    features = graph.table("customer_features", DAYS[2])
    alone = train(features, load_portfolio(portfolio), DAYS[2])
    assert alone.recommended() == {"main": 3}


def test_the_scorecard_says_why(growing):
    graph, _ = growing
    rows = {day: graph.table("model_selection", day).set_index("n_clusters") for day in DAYS}
    assert rows[DAYS[0]].loc[2, "reason"].startswith("the fewest segments that none is better than")
    kept = rows[DAYS[2]]
    assert kept.loc[2, "reason"].startswith("recommended before, and nothing is better by 1.5 times the margin")
    assert 0 < kept.loc[3, "gain"] < kept.loc[3, "margin"]
    gain, margin = re.fullmatch(r"better than 2 by ([\d.]+), within the margin of ([\d.]+)",
                                kept.loc[3, "reason"]).groups()  # fmt: skip
    assert (float(gain), float(margin)) == tuple(kept.loc[3, ["gain", "margin"]].astype(float).round(3))
    changed = rows[DAYS[3]].loc[3, "reason"]
    assert changed == "the 2 recommended before are worse than 3 by more than 1.5 times the margin"


def test_the_days_backwards_and_the_last_day_alone_give_the_same_numbers(growing, monkeypatch):
    graph, portfolio = growing
    blueprint = draw_blueprint(load_portfolio(portfolio))
    other = versions_of(blueprint) | {"segment_models": "other code"}  # so that nothing written stands for a model
    monkeypatch.setattr(recipes, "versions_of", lambda _: other)

    def in_force(days: list[date]) -> dict[date, tuple[int, str]]:
        registry = History(blueprint, graph.warehouse, Workers()).registry
        rows = {day: registry.in_force(day).model_rows.iloc[0] for day in days}
        return {day: (row["n_clusters"], row["model_id"]) for day, row in rows.items()}

    written = {day: graph.table("segment_models", day).iloc[0] for day in DAYS}
    forward = {day: (row["n_clusters"], row["model_id"]) for day, row in written.items()}
    assert in_force(DAYS[::-1]) == forward
    assert in_force(DAYS[2:3]) == {DAYS[2]: forward[DAYS[2]]}
