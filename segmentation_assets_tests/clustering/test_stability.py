"""Bootstrap stability: statistics by hand and by scikit-learn, structure that is there and structure that is not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import adjusted_rand_score

from segmentation_assets.clustering import KPrototypes, bootstrap_stability
from segmentation_assets.clustering.evaluation.bootstrap_refits import CanonicalRows, Refits
from segmentation_assets.clustering.evaluation.stability import (
    adjusted_rand,
    jaccard_similarities,
    match_clusters,
    verdict_of,
)


def blobs(n, seed=0, spread=0.1, centres=(0.0, 1.0, 2.0)):
    """Three groups of rows that agree in two numbers and a category."""
    rng = np.random.default_rng(seed)
    group = np.arange(n) % len(centres)
    numbers = np.asarray(centres)[group][:, None] + rng.normal(0, spread, (n, 2))
    return pd.DataFrame(numbers, columns=["x", "y"]).assign(c=np.array(list("abc"))[group]), group


# --- the statistics, by hand and by oracle ------------------------------------------------------------


def test_jaccard_by_hand():
    # Cluster 0 has 3 rows in D0 and 1 in D1; D0 has 4 rows in all: 3 / (4 + 4 - 3). Cluster 2 was never drawn.
    table = np.array([[3, 1], [1, 5], [0, 0]])
    assert_allclose(jaccard_similarities(table), [3 / 5, 5 / 7, np.nan])


def test_matching_prefers_the_greatest_total_overlap():
    # Each on its own would take column 0; together 4 + 3 beats 5 + 0.
    assert match_clusters(np.array([[5, 4], [3, 0]])).tolist() == [1, 0]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=60))
@settings(max_examples=100, deadline=None)
def test_adjusted_rand_equals_scikit_learn(pairs):
    left, right = np.array(pairs).T
    table = np.zeros((4, 5), np.int64)
    np.add.at(table, (left, right), 1)
    assert adjusted_rand(table) == pytest.approx(adjusted_rand_score(left, right), abs=1e-12)


def test_adjusted_rand_of_ten_million_rows_does_not_overflow():
    assert adjusted_rand(np.diag([5_000_000, 5_000_000])) == 1.0


@pytest.mark.parametrize(
    ("jaccard", "words"), [(0.9, "highly stable"), (0.8, "stable"), (0.7, "a pattern"), (0.3, "not to be trusted")]
)
def test_verdicts_are_hennigs(jaccard, words):
    assert verdict_of(jaccard).startswith(words)


# --- whole runs ---------------------------------------------------------------------------------------


def test_clear_groups_are_stable_and_every_row_sure():
    X, group = blobs(300)
    found = bootstrap_stability({"n_clusters": 3}, X, n_bootstraps=20)
    assert_array_equal(found.jaccard, [1.0, 1.0, 1.0])
    assert_array_equal(found.confidence, np.ones(300))
    assert (found.mean_ari, found.min_jaccard) == (1.0, 1.0)
    assert adjusted_rand_score(group, found.labels) == 1.0
    assert found.to_frame()["verdict"].tolist() == ["highly stable"] * 3


def test_groups_that_are_not_there_are_not_stable():
    X = np.random.default_rng(0).random((400, 2))
    found = bootstrap_stability({"n_clusters": 5}, X, n_bootstraps=30)
    clear = bootstrap_stability({"n_clusters": 3}, blobs(300)[0], n_bootstraps=10)
    assert found.min_jaccard < 0.85 < clear.min_jaccard
    assert found.mean_ari < 0.9
    assert found.confidence.min() < 0.7


def test_a_row_between_two_groups_is_less_sure_than_the_rest():
    X, _ = blobs(200, spread=0.15, centres=(0.0, 1.0))
    middle = pd.DataFrame({"x": [0.5], "y": [0.5], "c": ["a"]})
    found = bootstrap_stability(
        {"n_clusters": 2, "gamma": 1e-3}, pd.concat([X, middle], ignore_index=True), n_bootstraps=50
    )
    assert found.confidence[-1] < 0.95
    assert found.confidence[:-1].mean() > 0.99


def test_a_refit_by_weights_equals_one_on_repeated_rows():
    X, _ = blobs(60, spread=0.5)
    counts = np.random.default_rng(3).integers(0, 4, 60)
    weighted = KPrototypes(3, gamma=0.5, random_state=0).fit(X, sample_weight=counts)
    repeated = KPrototypes(3, gamma=0.5, random_state=0).fit(X.loc[X.index.repeat(counts)])
    assert weighted.cost_ == pytest.approx(repeated.cost_, rel=1e-6)


def test_neither_row_order_nor_threads_change_a_bit():
    X, _ = blobs(500, spread=0.6)
    model = KPrototypes(3, random_state=0).fit(X)
    one = bootstrap_stability(model, X, n_bootstraps=9, n_jobs=1)
    order = np.random.default_rng(0).permutation(500)
    for other in (
        bootstrap_stability(model, X, n_bootstraps=9, n_jobs=3),
        bootstrap_stability(model, X.iloc[order], n_bootstraps=9, n_jobs=2),
    ):
        assert_array_equal(other.jaccard_runs, one.jaccard_runs)
        assert_array_equal(other.ari_runs, one.ari_runs)
    assert_array_equal(other.confidence, one.confidence[order])
    assert len(one.ari_runs) == 4


def test_the_seed_decides_the_draws():
    X, _ = blobs(300, spread=0.6)
    first, same, other = (
        bootstrap_stability({"n_clusters": 3, "random_state": 0}, X, n_bootstraps=4, random_state=seed)
        for seed in (1, 1, 2)
    )
    assert_array_equal(first.jaccard_runs, same.jaccard_runs)
    assert not np.array_equal(first.jaccard_runs, other.jaccard_runs)


def test_a_fitted_model_is_the_reference_and_is_left_alone():
    X, _ = blobs(90)
    model = KPrototypes(3, random_state=0).fit(X)
    before = model.prototypes_
    found = bootstrap_stability(model, X, n_bootstraps=2)
    assert found.model is model
    pd.testing.assert_frame_equal(model.prototypes_, before)
    unfitted = KPrototypes(3)
    bootstrap_stability(unfitted, X, n_bootstraps=2)
    assert not hasattr(unfitted, "gamma_")


def test_rows_of_weight_zero_count_for_nothing():
    X, _ = blobs(120)
    noise = pd.DataFrame({"x": [50.0] * 5, "y": [50.0] * 5, "c": ["a"] * 5})
    weights = np.r_[np.ones(120), np.zeros(5)]
    found = bootstrap_stability({"n_clusters": 3}, pd.concat([X, noise]), n_bootstraps=10, sample_weight=weights)
    assert_array_equal(found.jaccard, [1.0, 1.0, 1.0])


@pytest.mark.parametrize("columns", [["x", "y"], ["c"]])
def test_numbers_alone_and_categories_alone(columns):
    X, _ = blobs(150)
    assert bootstrap_stability({"n_clusters": 3}, X[columns], n_bootstraps=6).min_jaccard == 1.0


def test_more_rows_than_the_sample_on_which_starts_compete():
    X, _ = blobs(40_000)
    found = bootstrap_stability({"n_clusters": 3, "n_init": 2}, X, n_bootstraps=4)
    assert_array_equal(found.jaccard, [1.0, 1.0, 1.0])


def test_the_published_three_segments_are_highly_stable(published_customers):
    found = bootstrap_stability({"n_clusters": 3}, published_customers)
    assert sorted(found.to_frame()["n"]) == [1050, 1129, 1267]
    assert found.min_jaccard > 0.98
    assert found.mean_ari > 0.97


# --- refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimator", "arguments", "message"),
    [
        ({"n_clusters": 3}, {"n_bootstraps": 0}, "n_bootstraps must be a whole number"),
        ({"n_clusters": 3}, {"sample_weight": -np.ones(60)}, "sample_weight"),
        ({"n_clusters": 3}, {"sample_weight": np.zeros(60)}, "zero"),
        ({"n_clusters": 99}, {}, "n_clusters"),
    ],
)
def test_bad_input_is_named(estimator, arguments, message):
    with pytest.raises(ValueError, match=message):
        bootstrap_stability(estimator, blobs(60)[0], **arguments)


def test_another_estimator_is_refused():
    with pytest.raises(TypeError, match="KPrototypes or a mapping"):
        bootstrap_stability("kmeans", blobs(60)[0])


def test_a_missing_value_is_named():
    X, _ = blobs(60)
    with pytest.raises(ValueError, match="'x'"):
        bootstrap_stability({"n_clusters": 3}, X.assign(x=np.nan))


def test_missing_values_are_left_out_where_the_estimator_says_so():
    X, group = blobs(300, seed=3)
    gaps = X.assign(x=X["x"].mask(X.index % 5 == 0), c=X["c"].mask(X.index % 4 == 0))
    estimator = {"n_clusters": 3, "missing": "ignore"}
    found = bootstrap_stability(estimator, gaps, n_bootstraps=20)
    assert adjusted_rand_score(group, found.labels) == 1.0
    assert found.min_jaccard > 0.95
    order = np.random.default_rng(0).permutation(len(X))
    shuffled = bootstrap_stability(estimator, gaps.iloc[order], n_bootstraps=20, n_jobs=2)
    assert_array_equal(shuffled.confidence, found.confidence[order])
    assert_array_equal(shuffled.ari_runs, found.ari_runs)
    complete = bootstrap_stability(estimator, X, n_bootstraps=4)
    assert_array_equal(complete.jaccard_runs, bootstrap_stability({"n_clusters": 3}, X, n_bootstraps=4).jaccard_runs)


def test_a_refit_with_gaps_by_weights_equals_one_on_repeated_rows():
    X, _ = blobs(200, seed=4)
    gaps = X.assign(x=X["x"].mask(X.index % 5 == 0))
    model = KPrototypes(3, missing="ignore").fit(gaps)
    counts = np.random.default_rng(1).integers(0, 3, len(X))
    table = CanonicalRows(model, gaps, None)
    labels = Refits(model, table).labels(counts[table.order].astype(float), np.random.default_rng(0), tol=0.0)
    repeated = gaps.loc[np.repeat(X.index, counts)]
    again = KPrototypes(3, missing="ignore", gamma=model.gamma_, init=model.prototypes_).fit(repeated)
    drawn = counts[table.order] > 0
    assert adjusted_rand_score(labels[drawn], again.predict(gaps.iloc[table.order])[drawn]) == 1.0
