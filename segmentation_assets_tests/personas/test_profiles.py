"""Profiles: answers worked by hand, and what must not matter."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.errors import ModelError
from segmentation_assets.personas.profiles.segment_profiles import MAX_CATEGORIES, OTHER
from segmentation_assets.portfolio.schema import Lens
from segmentation_assets.tables import own_tables
from segmentation_assets_tests.personas.books import place, profiles_of, random_book

SEGMENT_PROFILES = own_tables()["segment_profiles"]

LENS = Lens(title="Small", features=["age", "marital_status"], describe_by=["income", "city"])


def small_book() -> tuple[pd.DataFrame, pd.DataFrame]:
    features = pd.DataFrame({
        "customer_id": ["C1", "C2", "C3", "C4", "C5", "C6"],
        "age": [20.0, 30.0, 40.0, 50.0, 60.0, 99.0],
        "marital_status": ["Single", "Married", "Married", "Married", "Single", "Widowed"],
        "income": [10_000.0, np.nan, 30_000.0, 20_000.0, np.nan, 1e9],
        "city": [None, None, "Leeds", None, None, "York"],
    })  # fmt: skip
    return features, place(features, [0, 0, 1, 1, 1, pd.NA])


def row(profiles, segment_id, feature, category=""):
    found = profiles[(profiles[["segment_id", "feature", "category"]] == (segment_id, feature, category)).all(axis=1)]
    assert len(found) == 1
    return found.iloc[0]


def test_numbers_worked_by_hand():
    profiles = profiles_of(*small_book(), LENS, least=1)
    young = row(profiles, 0, "age")
    assert young["mean"] == 25
    assert young["median"] == 25
    assert young["standard_deviation"] == 5
    assert young["population_mean"] == 40
    assert young["z_score"] == pytest.approx(-15 / np.sqrt(200), abs=1e-12)
    assert young["lift"] == 0.625
    assert young["n_customers"] == 2
    assert young["is_lens_feature"]
    old = row(profiles, 1, "age")
    assert (old["mean"], old["median"]) == (50, 50)
    assert old["standard_deviation"] == pytest.approx(np.sqrt(200 / 3))


def test_a_missing_value_counts_nowhere_and_an_unassigned_customer_neither():
    profiles = profiles_of(*small_book(), LENS, least=1)
    income = row(profiles, 1, "income")
    assert income["n_customers"] == 2
    assert income["mean"] == 25_000
    assert income["population_mean"] == 20_000
    assert not income["is_lens_feature"]
    nobody = row(profiles, 0, "city", "Leeds")
    assert nobody["n_customers"] == 0
    assert np.isnan(nobody["share"])
    assert not nobody["is_mode"]
    assert "York" not in set(profiles["category"])
    assert "Widowed" not in set(profiles["category"])


def test_shares_lift_and_modes_worked_by_hand():
    profiles = profiles_of(*small_book(), LENS, least=1)
    married = row(profiles, 1, "marital_status", "Married")
    assert married["share"] == pytest.approx(2 / 3)
    assert married["population_share"] == 0.6
    assert married["lift"] == pytest.approx(10 / 9)
    assert married["is_mode"]
    assert np.isnan(married["mean"])
    # One single and one married: of equally frequent categories the first by name is the mode.
    assert row(profiles, 0, "marital_status", "Married")["is_mode"]
    assert not row(profiles, 0, "marital_status", "Single")["is_mode"]


def test_categories_are_in_order_of_the_population_and_sum_to_one():
    profiles = profiles_of(*random_book(1, [120, 80, 50]))
    for _, rows in profiles[profiles["kind"] == "categorical"].groupby(["segment_id", "feature"]):
        assert rows["share"].sum() == pytest.approx(1)
        assert rows["population_share"].is_monotonic_decreasing
        assert rows["is_mode"].sum() == 1
        assert rows.loc[rows["is_mode"], "share"].item() == rows["share"].max()


def test_the_shape_is_the_declared_one():
    profiles = profiles_of(*random_book(1, [60, 60]))
    assert list(profiles.columns) == SEGMENT_PROFILES.column_names[1:]
    key = [name for name in SEGMENT_PROFILES.key if name != "snapshot_date"]
    assert not profiles.duplicated(key).any()


def test_row_order_changes_not_one_bit():
    features, placements = random_book(3, [90, 70, 40])
    shuffled = profiles_of(features.sample(frac=1, random_state=1), placements.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(shuffled, profiles_of(features, placements), check_exact=True)


def test_a_constant_feature_has_z_score_zero():
    features, placements = random_book(4, [40, 30])
    profiles = profiles_of(features.assign(age=0.1), placements)
    assert (profiles.loc[profiles["feature"] == "age", "z_score"] == 0).all()
    assert (profiles.loc[profiles["feature"] == "age", "standard_deviation"] == 0).all()


def test_a_feature_nobody_has_leaves_no_rows():
    features, placements = random_book(5, [30, 30])
    profiles = profiles_of(features.assign(income=np.nan, city=None), placements)
    assert not set(profiles["feature"]) & {"income", "city"}


def test_nobody_placed_gives_an_empty_profile():
    features, placements = random_book(5, [30, 30])
    profiles = profiles_of(features, placements.assign(segment_id=pd.array([pd.NA] * 60, dtype="Int64")))
    assert profiles.empty
    assert list(profiles.columns) == SEGMENT_PROFILES.column_names[1:]


def test_the_rarest_of_many_categories_are_one_row():
    n = MAX_CATEGORIES + 20
    features = pd.DataFrame({"customer_id": [f"C{i}" for i in range(2 * n)]})
    features["age"], features["income"] = 40.0, 1.0
    features["marital_status"] = "Single"
    features["city"] = [f"City {min(i, 2 * n - 5):04d}" for i in range(2 * n)]
    profiles = profiles_of(features, place(features, [0] * n + [1] * n), LENS, least=1)
    cities = profiles[(profiles["feature"] == "city") & (profiles["segment_id"] == 1)]
    assert len(cities) == MAX_CATEGORIES
    assert cities["share"].sum() == pytest.approx(1)
    assert cities.loc[cities["is_mode"], "category"].item() == f"City {2 * n - 5:04d}"
    assert OTHER in set(cities["category"])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f, p: (f.drop(columns="age"), p), "has no column 'age'"),
        (lambda f, p: (f.iloc[1:], p), "1 of 60 placed customers are not in customer_features"),
        (lambda f, p: (pd.concat([f, f.iloc[:2]]), p), "customer_features holds 2 customers more than once"),
        (lambda f, p: (f, pd.concat([p, p])), "customer_segments holds 60 customers more than once"),
    ],
)
def test_faulty_tables_are_named(spoil, words):
    with pytest.raises(ModelError, match=words):
        profiles_of(*spoil(*random_book(6, [30, 30])))
