"""Alarms: for what is both large and certain, and for nothing else."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.insights.drift import CHANCE, DRIFTING, STABLE, TOO_FEW, Snapshot, feature_drift

KINDS = {"age": "numeric", "income": "numeric", "city": "categorical"}


def snapshot(n: int, seed: int, *, shift: float = 0.0, capital: float = 0.4) -> Snapshot:
    """Return n customers in two segments; income lies `shift` standard deviations higher."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(
        {
            "age": rng.normal(45, 12, n).round(),
            "income": rng.normal(40_000, 9_000, n) + shift * 9_000,
            "city": pd.array(rng.choice(["London", "Leeds"], n, p=[capital, 1 - capital]), dtype="string[pyarrow]"),
        }
    )
    return Snapshot(features, pd.Series(pd.array(rng.choice([1, 2], n, p=[0.7, 0.3]), dtype="Int64")))


def drift(one: Snapshot, other: Snapshot, least: int = 20) -> pd.DataFrame:
    return feature_drift(one, other, KINDS, min_group_size=least).set_index(["scope", "feature"]).sort_index()


def test_half_a_standard_deviation_is_an_alarm_and_names_its_feature_alone():
    found = drift(snapshot(2_000, 0), snapshot(2_000, 1, shift=0.5)).loc["population"]
    assert found["is_alarm"].to_dict() == {"age": False, "income": True, "city": False}
    assert found["verdict"].to_dict() == {"age": STABLE, "income": DRIFTING, "city": STABLE}
    assert found.loc["income", "psi"] == pytest.approx(0.25, abs=0.06)  # (0.5 sd)^2, Jeffreys' divergence
    assert found.loc["income", "current_mean"] - found.loc["income", "reference_mean"] == pytest.approx(4_500, abs=700)


def test_a_category_drifts_too():
    found = drift(snapshot(2_000, 0), snapshot(2_000, 1, capital=0.65)).loc["population"]
    assert found["is_alarm"].to_dict() == {"age": False, "income": False, "city": True}


@pytest.mark.parametrize("n", [40, 400])
def test_fifty_snapshots_of_the_same_customers_give_no_alarm(n):
    then = snapshot(n, 0)
    alarms = [int(drift(then, snapshot(n, seed))["is_alarm"].any()) for seed in range(1, 51)]
    assert sum(alarms) <= 1


def test_neither_size_nor_significance_is_enough_by_itself():
    many = drift(snapshot(40_000, 0), snapshot(40_000, 1, shift=0.1)).loc["population"].loc["income"]
    assert many["p_value"] < 1e-9
    assert (many["psi"] < 0.1, many["verdict"]) == (True, STABLE)
    few = drift(snapshot(25, 0), snapshot(25, 3)).loc["population"]
    assert (few["psi"] > 0.1).any()
    assert CHANCE in set(few["verdict"])
    assert not few["is_alarm"].any()


def test_small_groups_are_not_judged():
    then, now = snapshot(100, 0), snapshot(100, 1, shift=5)
    alone = pd.Series(pd.array([1] * 85 + [2] * 15, dtype="Int64"))
    found = feature_drift(Snapshot(then.features, alone), Snapshot(now.features, alone), KINDS, min_group_size=20)
    small = found[found["segment_id"] == 2]
    assert set(small["verdict"]) == {TOO_FEW}
    assert small[["psi", "p_value", "reference_mean", "current_mean"]].isna().all(axis=None)
    assert found.query("segment_id == 1 and feature == 'income'")["is_alarm"].item()


def test_a_feature_that_nobody_has_is_not_judged_and_one_that_some_lack_is_told():
    then, now = snapshot(200, 0), snapshot(200, 1)
    now.features.loc[:49, "age"] = np.nan
    now.features["city"] = pd.array([None] * 200, dtype="string[pyarrow]")
    found = drift(then, now).loc["population"]
    assert found.loc["age", "missing_share_change"] == 0.25
    assert not found.loc["city", "is_judged"]


def test_who_has_no_segment_counts_in_the_population_alone():
    then, now = snapshot(300, 0), snapshot(300, 1)
    unplaced = pd.Series(pd.array([None] * 300, dtype="Int64"))
    found = feature_drift(Snapshot(then.features, unplaced), Snapshot(now.features, unplaced), KINDS, min_group_size=20)
    assert found["scope"].tolist() == ["population"] * 3
    assert found["segment_id"].isna().all()
