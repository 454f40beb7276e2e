"""The stability of a segment is said of that segment, and not of the cluster that happened to have its number."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets import clustering
from segmentation_assets.clustering import KPrototypes, Stability, bootstrap_stability
from segmentation_assets.segments import stability
from segmentation_assets.segments.model import model_from_rows
from segmentation_assets.segments.placement import place
from segmentation_assets.segments.stability import judge_stability
from segmentation_assets.segments.training import train
from segmentation_assets_tests.segments.conftest import FEATURES, customers
from segmentation_assets_tests.segments.test_training import DAY, lens_of, portfolio_of


@pytest.fixture
def judged(monkeypatch) -> list[Stability]:
    """What `bootstrap_stability` found, as it was found: by cluster, for the customers in order of their keys."""
    found = []

    def record(*given, **named):
        found.append(bootstrap_stability(*given, **named))
        return found[-1]

    monkeypatch.setattr(clustering, "bootstrap_stability", record)
    return found


def crowd(seed: int) -> pd.DataFrame:
    """Return customers whose five segments overlap, so that each has a stability of its own."""
    rng = np.random.default_rng(seed)
    return customers(age=rng.uniform(20, 80, 26), visits=rng.poisson(4, 26)).assign(premium=1.0)


@pytest.mark.parametrize("method", ["kprototypes", "reference"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_segment_has_the_stability_of_the_cluster_its_customers_are_in(judged, method, seed):
    rows = crowd(seed).assign(city=["Bath", "York"] * 13)
    lens = lens_of("age", "visits", "city", n_clusters=5, candidates=(5, 5), gamma=0.05, method=method)
    portfolio = portfolio_of(small=lens).model_copy(
        update={"features": FEATURES | {"city": FEATURES["city"].model_copy(update={"weight": 1.0})}}
    )
    training = train(rows.sample(frac=1, random_state=seed), portfolio, DAY)
    found = judged[-1]  # the reference engine judges its candidates by the same function
    model = model_from_rows(training.model_rows.iloc[0], training.prototype_rows)
    placed = place(rows, "small", lens, portfolio.features, model=model)
    cluster_of_segment = placed.assign(cluster=found.labels).groupby("segment_id")["cluster"].unique()
    assert [len(clusters) for clusters in cluster_of_segment] == [1] * 5
    clusters = [int(clusters[0]) for clusters in cluster_of_segment]
    assert clusters != sorted(clusters)  # else numbers that were mixed up would look right
    assert len(set(found.jaccard)) == 5
    told = training.stability_rows.set_index("segment_id")
    assert told["jaccard"].tolist() == found.jaccard[clusters].tolist()
    assert told["n_customers"].tolist() == placed.groupby("segment_id").size().tolist()
    twentieth = [np.nanquantile(found.jaccard_runs[:, cluster], 0.05) for cluster in clusters]
    assert told["jaccard_q05"].tolist() == twentieth
    assert set(told["mean_ari"]) == {found.mean_ari}
    assert set(told["model_id"]) == {model.model_id}


def test_groups_far_apart_are_stable_and_a_crowd_cut_in_two_is_not():
    rng = np.random.default_rng(0)
    ages = np.concatenate([rng.normal(20, 0.5, 100), rng.uniform(58, 62, 200)])
    rows = customers(age=ages, visits=np.concatenate([np.zeros(100), rng.uniform(0, 4, 200)])).assign(premium=1.0)
    features = FEATURES | {"visits": FEATURES["visits"].model_copy(update={"weight": 0.01})}
    portfolio = portfolio_of(small=lens_of("age", "visits", n_clusters=3)).model_copy(update={"features": features})
    told = train(rows, portfolio, DAY).stability_rows.set_index("segment_id")
    assert told.loc[1, "jaccard"] == 1.0
    assert told.loc[1, "n_customers"] == 100
    assert told.loc[1, "verdict"] == "highly stable"
    assert (told.loc[[2, 3], "jaccard"] < 0.85).all()
    assert (told["jaccard_q05"] <= told["jaccard"]).all()
    assert "highly stable" not in set(told.loc[[2, 3], "verdict"])


@pytest.mark.parametrize(("drawn_rows", "n_bootstraps"), [(30 * 100, 100), (30 * 99, 99), (30 * 5, 20), (10**9, 100)])
def test_many_customers_are_drawn_less_often(monkeypatch, drawn_rows, n_bootstraps):
    monkeypatch.setattr(stability, "DRAWN_ROWS", drawn_rows)
    scaled = pd.DataFrame({"age": np.linspace(0, 1, 30)})
    told = judge_stability(KPrototypes(2).fit(scaled), scaled, [1, 0], 0)
    assert told["n_bootstraps"].tolist() == [n_bootstraps] * 2
    assert told["segment_id"].tolist() == [1, 2]
