"""Gower's distance and silhouette: answers by hand, the gower package, scikit-learn, and properties."""

import gower
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kmodes.kprototypes import KPrototypes as KPrototypesOfKmodes
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import adjusted_rand_score, silhouette_samples, silhouette_score

from segmentation_assets.clustering import (
    GowerSilhouette,
    gower_distance_blocks,
    gower_distances,
    gower_silhouette_samples,
    gower_silhouette_score,
)

PUBLISHED_SILHOUETTES = {2: 0.3699, 3: 0.4343, 4: 0.4326, 5: 0.4552, 6: 0.5160, 7: 0.4683, 8: 0.5232, 9: 0.4369}
CATEGORICAL = ["city", "status"]


def naive_distances(table, weights=None, categorical=CATEGORICAL):
    """Gower's definition, word for word, in float64."""
    total = np.zeros((len(table), len(table)))
    shared = np.zeros_like(total)
    for position, name in enumerate(table.columns):
        column = table[name]
        weight = 1.0 if weights is None else weights[position]
        if name in categorical:
            codes = pd.factorize(column)[0]
            gaps, seen = (codes[:, None] != codes).astype(float), codes >= 0
        else:
            values = column.to_numpy(float)
            width = np.nanmax(values) - np.nanmin(values)
            gaps, seen = np.abs(values[:, None] - values) / (width or 1.0), ~np.isnan(values)
        both = seen[:, None] & seen
        total += np.where(both, weight * gaps, 0.0)
        shared += weight * both
    return total / shared


def naive_silhouettes(distances, labels):
    return silhouette_samples(np.where(np.eye(len(labels)) > 0, 0.0, distances), labels, metric="precomputed")


# --- answers worked by hand ---------------------------------------------------------------------------


def test_distances_by_hand():
    left = pd.DataFrame({"age": [20.0, 60.0], "city": ["Bath", None]})
    right = pd.DataFrame({"age": [30.0, np.nan], "city": ["York", "Bath"]})
    # Ages span 40. (10/40 + 1)/2; only the city counts; only the age counts; nothing in common.
    assert_allclose(gower_distances(left, right), [[0.625, 0.0], [0.75, np.nan]])


def test_silhouette_by_hand():
    # Distances 0.1 and 0.9 apart on a range of 1: a = 0.1, b = mean(0.9, 1.0) for the outer rows,
    # mean(0.8, 0.9) for the inner ones.
    samples = gower_silhouette_samples([[0.0], [0.1], [0.9], [1.0]], [0, 0, 1, 1])
    assert_allclose(samples, [0.85 / 0.95, 0.75 / 0.85, 0.75 / 0.85, 0.85 / 0.95], rtol=1e-12)


def test_silhouette_with_a_missing_value_by_hand():
    table = pd.DataFrame({"x": [0.0, 1.0, np.nan, 0.5], "c": ["a", "a", "b", "b"]})
    # d01 = 1/2, d02 = 1, d03 = 3/4, d12 = 1, d13 = 3/4, d23 = 0 (the category alone).
    expected = [(0.875 - 0.5) / 0.875, (0.875 - 0.5) / 0.875, 1.0, 1.0]
    assert_allclose(gower_silhouette_samples(table, [0, 0, 1, 1]), expected, rtol=1e-12)


def test_a_row_alone_in_its_cluster_has_silhouette_zero():
    samples = gower_silhouette_samples([[0.0], [0.2], [1.0]], [0, 0, 1])
    assert samples[2] == 0.0
    assert samples[0] == pytest.approx(0.8)


def test_equal_rows_in_two_clusters_have_silhouette_zero():
    assert_array_equal(gower_silhouette_samples([[1.0]] * 4, [0, 0, 1, 1]), np.zeros(4))


# --- oracles ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", PUBLISHED_SILHOUETTES)
def test_published_silhouettes_to_four_places(published_customers, published_labels, k):
    assert round(gower_silhouette_score(published_customers, published_labels(k)), 4) == PUBLISHED_SILHOUETTES[k]


@pytest.mark.long  # waits for kmodes
def test_the_published_labels_are_those_of_kmodes(published_customers, published_labels):
    theirs = KPrototypesOfKmodes(2, init="Cao", random_state=42).fit_predict(
        published_customers.to_numpy(), categorical=[4]
    )
    assert adjusted_rand_score(theirs, published_labels(2)) == 1.0


def test_equals_gower_and_sklearn_on_the_published_customers(published_customers):
    labels = np.random.default_rng(0).integers(0, 5, len(published_customers))
    matrix = gower.gower_matrix(published_customers)
    assert_allclose(gower_distances(published_customers), matrix, atol=1e-6)
    score = silhouette_score(matrix, labels, metric="precomputed")
    assert gower_silhouette_score(published_customers, labels) == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize("k", [2, 7, 8, 9, 20])
@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_equals_the_naive_reference(mixed_table, k, missing):
    table = mixed_table(300, seed=k, missing=missing)
    # A number in every row, so that no pair is undefined.
    table["policies"] = np.random.default_rng(1).integers(0, 4, 300)
    weights = [1.0, 0.5, 2.0, 3.0, 0.25]
    labels = np.random.default_rng(k).integers(0, k, 300)
    distances = naive_distances(table, weights)
    assert_allclose(gower_distances(table, weights=weights), distances, atol=1e-12)
    samples = gower_silhouette_samples(table, labels, weights=weights)
    assert_allclose(samples, naive_silhouettes(distances, labels), atol=1e-9)


def test_many_rows_in_many_blocks_equal_the_naive_reference_on_a_sample(mixed_table):
    table = mixed_table(150_000)
    labels = np.random.default_rng(0).integers(0, 9, len(table))
    samples = gower_silhouette_samples(table, labels, n_jobs=2)
    chosen = np.array([0, 1, 77_777, 149_999])
    sizes = np.bincount(labels)
    for rows, block in gower_distance_blocks(table.iloc[chosen], table, block_rows=3):
        for row, line in zip(chosen[rows], block, strict=True):
            means = np.bincount(labels, line) / sizes
            own = means[labels[row]] * sizes[labels[row]] / (sizes[labels[row]] - 1)
            other = np.delete(means, labels[row]).min()
            assert samples[row] == pytest.approx((other - own) / max(own, other), abs=1e-9)


def test_a_prepared_table_answers_for_any_labeling(mixed_table):
    table = mixed_table(400)
    prepared = GowerSilhouette(table)
    for k in (2, 5, 11):
        labels = np.random.default_rng(k).integers(0, k, 400)
        assert_array_equal(prepared.samples(labels), gower_silhouette_samples(table, labels))
        assert prepared.score(labels) == gower_silhouette_score(table, labels)


# --- properties ---------------------------------------------------------------------------------------

finite = st.floats(-1e6, 1e6, allow_subnormal=False)
rows = st.lists(st.tuples(finite, st.sampled_from("abc"), st.one_of(finite, st.just(np.nan))), min_size=3, max_size=30)


@given(rows)
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore::segmentation_assets.clustering.SentinelWarning")  # arbitrary numbers may look so
def test_a_distance_lies_in_0_1_is_symmetric_and_zero_to_itself(values):
    distances = gower_distances(pd.DataFrame(values, columns=["x", "c", "y"]))
    assert ((distances >= 0) & (distances <= 1)).all()
    assert_array_equal(distances, distances.T)
    assert_array_equal(np.diag(distances), np.zeros(len(values)))


@given(rows, st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore::segmentation_assets.clustering.SentinelWarning")  # arbitrary numbers may look so
def test_neither_row_order_nor_names_of_clusters_change_a_bit(values, seed):
    table = pd.DataFrame(values, columns=["x", "c", "y"])
    rng = np.random.default_rng(seed)
    labels = np.concatenate([[0, 1], rng.integers(0, 2, len(values) - 2)])
    order = rng.permutation(len(values))
    samples = gower_silhouette_samples(table, labels)
    assert_array_equal(gower_silhouette_samples(table.iloc[order], labels[order]), samples[order])
    assert_array_equal(gower_silhouette_samples(table, np.array(["b", "a"])[labels]), samples)


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_threads_and_row_order_leave_the_same_bits(mixed_table, missing):
    table = mixed_table(200_000, missing=missing).assign(policies=1.0)
    labels = np.random.default_rng(0).integers(0, 6, len(table))
    one = gower_silhouette_samples(table, labels, n_jobs=1)
    order = np.random.default_rng(1).permutation(len(table))
    assert_array_equal(gower_silhouette_samples(table, labels, n_jobs=3), one)
    assert_array_equal(gower_silhouette_samples(table.iloc[order], labels[order], n_jobs=2), one[order])


def test_the_mean_does_not_depend_on_row_order(mixed_table):
    table = mixed_table(5_000)
    labels = np.random.default_rng(0).integers(0, 4, len(table))
    order = np.random.default_rng(1).permutation(len(table))
    assert gower_silhouette_score(table, labels) == gower_silhouette_score(table.iloc[order], labels[order])


# --- unusual but right --------------------------------------------------------------------------------


def test_a_weight_of_zero_leaves_the_column_out(mixed_table):
    table = mixed_table(50)
    labels = np.arange(50) % 3
    dropped = gower_silhouette_samples(table.drop(columns="income"), labels)
    assert_allclose(gower_silhouette_samples(table, labels, weights={"income": 0.0}), dropped, rtol=1e-12)


def test_a_constant_column_and_a_single_category_shrink_every_distance_alike(mixed_table):
    table = mixed_table(40)
    wider = table.assign(constant=7.0, single="only")
    assert_allclose(gower_distances(wider), gower_distances(table) * 5 / 7, atol=1e-15)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_column_without_any_value_is_never_compared(mixed_table, n_jobs):
    table, labels = mixed_table(40), np.arange(40) % 3
    wider = table.assign(empty=np.nan)
    assert_array_equal(gower_silhouette_samples(wider, labels, n_jobs=n_jobs), gower_silhouette_samples(table, labels))
    assert_allclose(gower_distances(wider), gower_distances(table), atol=1e-15)


def test_all_numeric_and_all_categorical_tables(mixed_table):
    table, labels = mixed_table(60), np.arange(60) % 4
    for columns in (["age", "income"], CATEGORICAL):
        part = table[columns]
        expected = naive_silhouettes(naive_distances(part), labels)
        assert_allclose(gower_silhouette_samples(part, labels), expected, atol=1e-9)


def test_arrays_and_positions_say_the_same_as_frames_and_names(mixed_table):
    table, labels = mixed_table(40), np.arange(40) % 2
    expected = gower_silhouette_samples(table, labels, categorical=CATEGORICAL)
    assert_array_equal(gower_silhouette_samples(table.to_numpy(), labels, categorical=[3, 4]), expected)


def test_a_hundred_thousand_categories():
    n = 200_000
    table = pd.DataFrame({"id": np.arange(n) // 2, "x": np.arange(n) % 2}).astype({"id": "category"})
    labels = np.arange(n) % 2
    # In the own cluster only the id differs; in the other one x does too, save for the twin's id.
    own, other = 0.5, 1.0 - 0.5 / (n // 2)
    assert_allclose(gower_silhouette_samples(table, labels), (other - own) / other, rtol=1e-9)


def test_many_clusters_at_once(mixed_table):
    table = mixed_table(600)
    labels = np.arange(600) % 150
    expected = naive_silhouettes(naive_distances(table), labels)
    assert_allclose(gower_silhouette_samples(table, labels), expected, atol=1e-9)


def test_numbers_near_the_limits_of_float64():
    table = np.array([[-1.5e308], [0.0], [1.5e308], [1.5e308]])
    assert_allclose(gower_distances(table)[0], [0.0, 0.5, 1.0, 1.0])
    assert_allclose(gower_silhouette_samples(table, [0, 0, 1, 1]), [0.5, 0.0, 1.0, 1.0], atol=1e-12)


def test_new_rows_against_fixed_ranges():
    reference = pd.DataFrame({"x": [0.0, 10.0]})
    new = pd.DataFrame({"x": [5.0]})
    assert_allclose(gower_distances(new, reference, ranges={"x": (0.0, 20.0)}), [[0.25, 0.25]])


# --- refusals, each naming the offender ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({"age": np.inf}, {}, "'age' contains 50 infinity"),
        ({"city": [1, "Bath"] * 25}, {}, "'city' mixes number and str"),
        ({}, {"weights": {"age": -1.0}}, "'age' is -1"),
        ({}, {"weights": {"agee": 1.0}}, "Did you mean 'age'"),
        ({}, {"weights": [0.0] * 5}, "All feature weights are zero"),
        ({}, {"weights": [1.0, 2.0]}, r"shape \(2,\)"),
        ({}, {"ranges": {"city": (0, 1)}}, "'city', which is a categorical"),
        ({}, {"ranges": {"age": (1, 0)}}, "range of column 'age'"),
        ({}, {"categorical": ["town"]}, "town"),
        ({}, {"labels": np.zeros(50)}, "Number of labels is 1"),
        ({}, {"labels": np.arange(50)}, "Number of labels is 50"),
        ({}, {"labels": np.zeros(49)}, "one label a row"),
        ({}, {"labels": np.full(50, np.nan)}, "labels contains 50 NaN"),
    ],
)
def test_bad_input_is_named(mixed_table, change, arguments, message):
    labels = arguments.pop("labels", np.arange(50) % 2)
    with pytest.raises(ValueError, match=message):
        gower_silhouette_samples(mixed_table(50).assign(**change), labels, **arguments)


def test_rows_without_a_common_feature_are_named():
    table = pd.DataFrame({"x": [1.0, np.nan, 2.0], "c": [None, "a", "b"]})
    with pytest.raises(ValueError, match="Rows 0 and 1 have no observed feature in common"):
        gower_silhouette_score(table, [0, 0, 1])


@pytest.mark.parametrize("n", [1, 2])
def test_too_few_rows_are_refused(n):
    with pytest.raises(ValueError, match=f"at least 3 rows.* X has {n}"):
        gower_silhouette_score(np.zeros((n, 2)), np.arange(n))


def test_a_matrix_too_large_says_what_to_use_instead():
    with pytest.raises(ValueError, match="gower_distance_blocks"):
        gower_distances(np.zeros((40_000, 1)))
