"""The recommended number of clusters: ties, margins, what is in use; and that one row decides nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from segmentation_assets.clustering import KPrototypes, bootstrap_stability, k_scorecard
from segmentation_assets.clustering.evaluation.recommendation import recommend, weigh
from segmentation_assets.clustering.evaluation.scorecard import errors_of_differences
from segmentation_assets.clustering.kprototypes.seeding import content_hashes, seed_rows
from segmentation_assets.clustering.kprototypes.seeding_kernels import poisson_weights
from segmentation_assets.clustering.mixed_tables.encoding import Rows


def scores(**columns):
    return pd.DataFrame({"min_share": 0.2, "min_jaccard": 0.9} | columns)


def noise(error, k):
    return np.full((k, k), error) - error * np.eye(k)


# --- the margin ---------------------------------------------------------------------------------------


def test_a_tie_goes_to_the_fewer():
    assert recommend(scores(n_clusters=[2, 3, 4], silhouette=[0.50, 0.50, 0.515])) == 2


def test_a_tie_goes_to_those_in_use():
    table = scores(n_clusters=[2, 3, 4], silhouette=[0.50, 0.50, 0.515])
    assert [recommend(table, in_use=k) for k in (2, 3, 4)] == [2, 3, 4]


def test_what_is_clearly_better_wins_over_the_fewer_and_over_those_in_use():
    table = scores(n_clusters=[2, 3], silhouette=[0.50, 0.55])  # by more than 1.5 * 0.02
    assert recommend(table) == 3
    assert recommend(table, in_use=2) == 3
    fewer = scores(n_clusters=[2, 3], silhouette=[0.55, 0.50])
    assert recommend(fewer, in_use=3) == 2


def test_between_one_margin_and_one_and_a_half_those_in_use_stay():
    table = scores(n_clusters=[2, 3], silhouette=[0.50, 0.525])
    assert recommend(table) == 3
    assert recommend(table, in_use=2) == 2


def test_the_margin_is_what_a_cluster_is_worth_and_two_standard_errors():
    table = scores(n_clusters=[2, 3], silhouette=[0.50, 0.54])
    assert recommend(table, noise=noise(0.009, 2)) == 3  # 0.04 > 0.02 + 0.018
    assert recommend(table, noise=noise(0.011, 2)) == 2  # 0.04 < 0.02 + 0.022
    assert_allclose(weigh(table, noise=noise(0.011, 2)).table["margin"], [0.02, 0.042])  # over itself no error


def test_the_errors_are_those_of_the_pair():
    # 4 has 0.05 more than 2 with an error of 0.03, so a margin of 0.08; 3 has 0.03 more, with a margin of 0.022.
    errors = np.array([[0, 0.001, 0.03], [0.001, 0, 0.03], [0.03, 0.03, 0]])
    found = weigh(scores(n_clusters=[2, 3, 4], silhouette=[0.50, 0.53, 0.55]), noise=errors)
    assert found.n_clusters == 3
    assert found.table["rival"].tolist()[0] == 3
    assert_allclose(found.table["gain"], [-0.03, 0.0, 0.02], atol=1e-12)
    assert_allclose(found.table["margin"], [0.022, 0.02, 0.08])


def test_those_in_use_are_left_for_half_the_share_and_for_what_nobody_trusts():
    table = scores(n_clusters=[2, 3], silhouette=[0.50, 0.51])
    assert recommend(table.assign(min_share=[0.2, 0.03]), in_use=3) == 3
    assert recommend(table.assign(min_share=[0.2, 0.02]), in_use=3) == 2
    assert recommend(table.assign(min_jaccard=[0.9, 0.65]), in_use=3) == 3
    assert recommend(table.assign(min_jaccard=[0.9, 0.55]), in_use=3) == 2


def test_what_is_in_use_and_no_candidate_has_no_say():
    table = scores(n_clusters=[2, 3], silhouette=[0.50, 0.51])
    assert recommend(table, in_use=7) == 2


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6), st.floats(0, 0.1))
@settings(max_examples=100, deadline=None)
def test_what_was_recommended_stays_where_nothing_changes(silhouettes, error):
    table = scores(n_clusters=range(2, 2 + len(silhouettes)), silhouette=silhouettes)
    errors = noise(error, len(silhouettes))
    first = recommend(table, noise=errors)
    assert recommend(table, noise=errors, in_use=first) == first


def test_the_error_of_a_difference_is_that_of_the_rows_differences():
    one, other = np.array([0.1, 0.5, 0.3, 0.9]), np.array([0.1, 0.3, 0.5, 0.5])
    # Differences 0, 0.2, -0.2, 0.4: mean 0.1, variance (0.01 + 0.01 + 0.09 + 0.09) / 4 = 0.05; 0.05 / 4 = 0.0125.
    assert_allclose(errors_of_differences([one, other]), np.sqrt(0.0125) * (1 - np.eye(2)), rtol=1e-12)


# --- common random numbers ----------------------------------------------------------------------------


def crowd(n=600, seed=0):
    """Rows without clear groups, where random starts end in different optima, and a key for each."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.random((n, 2)), columns=["x", "y"]).assign(c=rng.choice(list("abc"), n))
    X.loc[:1, ["x", "y"]] = [[0.0, 0.0], [1.0, 1.0]]  # the extremes, which are not the rows left out
    return X, np.array([f"R{i:04d}" for i in range(n)])


def test_the_draws_of_a_key_do_not_depend_on_the_other_rows():
    hashes = content_hashes(Rows(np.random.default_rng(0).random((2, 1000), np.float32), np.empty((0, 1000), np.uint8)))
    all_rows, fewer = np.empty(1000), np.empty(999)
    poisson_weights(hashes, np.uint64(3), all_rows)
    poisson_weights(np.delete(hashes, 500), np.uint64(3), fewer)
    assert_array_equal(np.delete(all_rows, 500), fewer)


def test_the_draws_are_poissons():
    hashes = np.random.default_rng(0).integers(0, 2**64, 200_000, dtype=np.uint64)
    drawn = np.empty(len(hashes))
    poisson_weights(hashes, np.uint64(9), drawn)
    assert_allclose(np.bincount(drawn.astype(int), minlength=4)[:4] / len(drawn), [0.3679, 0.3679, 0.1839, 0.0613],
                    atol=0.004)  # fmt: skip


def test_seeds_are_drawn_by_weight():
    """Of rows at one place but the first, which is far: the chance of each to be the first seed is its weight."""
    rng = np.random.default_rng(0)
    rows = Rows(rng.random((1, 4), np.float32), np.empty((0, 4), np.uint8), np.array([0.0, 1.0, 2.0, 7.0]))
    first = [seed_rows(rows, 1, np.empty(0, np.float32), "kmeans++", rng)[0] for _ in range(4000)]
    assert_allclose(np.bincount(first, minlength=4) / 4000, [0.0, 0.1, 0.2, 0.7], atol=0.025)


def test_one_row_less_leaves_the_seeds():
    rng = np.random.default_rng(0)
    rows = Rows(rng.random((2, 500), np.float32), np.empty((0, 500), np.uint8), np.ones(500))
    kept = 0
    for number in range(50):
        seeds = seed_rows(rows, 5, np.empty(0, np.float32), "kmeans++", np.random.default_rng(number))
        gone = next(row for row in range(number, 500) if row not in seeds)
        fewer = Rows(np.delete(rows.num, gone, axis=1), np.empty((0, 499), np.uint8), np.ones(499))
        again = seed_rows(fewer, 5, np.empty(0, np.float32), "kmeans++", np.random.default_rng(number))
        kept += np.array_equal(again + (again >= gone), seeds)
    assert kept >= 45


def test_one_row_less_moves_the_stability_by_little_where_rows_have_keys():
    X, keys = crowd()
    model = KPrototypes(4, random_state=0).fit(X)
    whole = bootstrap_stability(model, X, n_bootstraps=8, row_keys=keys)
    fewer = bootstrap_stability(model, X.drop(100), n_bootstraps=8, row_keys=np.delete(keys, 100))
    assert np.abs(fewer.jaccard_runs - whole.jaccard_runs).max() < 0.02
    other = bootstrap_stability(model, X.drop(100), n_bootstraps=8)
    assert np.abs(other.jaccard_runs - whole.jaccard_runs).max() > 0.02


def test_neither_the_order_of_keyed_rows_nor_threads_change_a_bit():
    X, keys = crowd()
    X = pd.concat([X, X.head(50)], ignore_index=True)  # equal rows with keys of their own
    keys = np.r_[keys, [f"S{i:04d}" for i in range(50)]]
    model = KPrototypes(4, random_state=0).fit(X)
    one = bootstrap_stability(model, X, n_bootstraps=6, row_keys=keys, n_jobs=1)
    order = np.random.default_rng(1).permutation(len(X))
    other = bootstrap_stability(model, X.iloc[order], n_bootstraps=6, row_keys=keys[order], n_jobs=2)
    assert_array_equal(other.jaccard_runs, one.jaccard_runs)
    assert_array_equal(other.confidence, one.confidence[order])


@given(st.integers(2, 299))
@settings(max_examples=12, deadline=None)
def test_one_row_less_leaves_what_was_recommended(gone):
    """Even of rows without groups, where another number may be all but as good."""
    X, keys = crowd(300)
    whole = k_scorecard(X, range(2, 6), n_bootstraps=6, row_keys=keys)
    fewer = k_scorecard(X.drop(gone), range(2, 6), n_bootstraps=6, row_keys=np.delete(keys, gone))
    again = recommend(fewer.table, noise=fewer.noise, in_use=whole.recommended)
    assert again == whole.recommended


def test_keys_of_another_number_than_the_rows_are_refused():
    X, keys = crowd(60)
    with pytest.raises(ValueError, match=r"row_keys has shape \(59,\), X has 60 rows"):
        bootstrap_stability({"n_clusters": 3}, X, row_keys=keys[1:])
    with pytest.raises(ValueError, match="give one key a row"):
        k_scorecard(X, [2], row_keys=keys[1:])
