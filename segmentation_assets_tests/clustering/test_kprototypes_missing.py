"""`missing="ignore"`: fixed answers, a naive reference, and what it leaves alone."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.clustering import KPrototypes

NUMBERS, WORDS = ["n0", "n1"], ["c0", "c1"]


def gappy(n, seed=0, share=0.2):
    """Two numbers and two categories in three groups, a share of the cells missing."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, n)
    frame = pd.DataFrame({name: rng.normal(size=n) + 4 * group for name in NUMBERS})
    for name in WORDS:
        frame[name] = np.where(rng.random(n) < 0.7, group, rng.integers(0, 3, n)).astype(str)
    return frame.mask(rng.random(frame.shape) < share)


def naive_distances(frame, prototypes, gamma):
    """Sum over the cells a row holds, written as the rule says it."""
    total = np.zeros((len(frame), len(prototypes)))
    for name in frame:
        ours, theirs = frame[name].to_numpy()[:, None], prototypes[name].to_numpy()[None, :]
        part = (ours - theirs) ** 2 if name in NUMBERS else gamma * (ours != theirs)
        total += np.where(frame[name].isna().to_numpy()[:, None], 0.0, part)
    return total.astype(float)


def naive_fit(frame, start, gamma, weights):
    """Textbook batch iteration in float64 until no row moves."""
    prototypes, labels = start.copy(), None
    while True:
        distances = naive_distances(frame, prototypes, gamma)
        now = distances.argmin(axis=1)
        if labels is not None and (now == labels).all():
            return labels, float(weights @ distances[np.arange(len(frame)), labels])
        labels = now
        for cluster in np.unique(labels):
            for name in frame:
                here = (labels == cluster) & frame[name].notna().to_numpy()
                if here.any() and name in NUMBERS:
                    prototypes.loc[cluster, name] = np.average(frame[name][here], weights=weights[here])
                elif here.any():
                    prototypes.loc[cluster, name] = (
                        pd.Series(weights[here]).groupby(frame[name][here].to_numpy()).sum().idxmax()
                    )


def test_two_clusters_worked_by_hand():
    frame = pd.DataFrame({"x": [0.0, 1.0, np.nan, 10.0, 12.0], "c": ["a", None, "a", "b", "b"]})
    model = KPrototypes(2, gamma=2.0, missing="ignore").fit(frame)
    # {0, 1, -} with a: mean 0.5, cost 0.25 + 0.25; {10, 12} with b: mean 11, cost 1 + 1.
    assert model.cost_ == pytest.approx(2.5, rel=1e-12)
    near, far = model.labels_[0], model.labels_[3]
    assert model.labels_.tolist() == [near, near, near, far, far]
    assert model.prototypes_.iloc[near].tolist() == [0.5, "a"]
    rows = pd.DataFrame({"x": [np.nan, 3.5], "c": ["b", None]})
    np.testing.assert_allclose(model.transform(rows)[:, [near, far]], [[2.0, 0.0], [9.0, 56.25]], rtol=1e-6)
    assert model.predict(rows).tolist() == [far, near]


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_the_naive_reference(seed):
    frame = gappy(400, seed)
    weights = np.random.default_rng(seed).uniform(0.5, 3.0, 400)
    start = frame.dropna().head(3).reset_index(drop=True)
    labels, cost = naive_fit(frame, start, 0.7, weights)
    model = KPrototypes(3, gamma=0.7, init=start, missing="ignore").fit(frame, sample_weight=weights)
    np.testing.assert_array_equal(model.labels_, labels)
    assert model.cost_ == pytest.approx(cost, rel=1e-7)
    np.testing.assert_allclose(
        model.transform(frame), naive_distances(frame, model.prototypes_, 0.7), rtol=2e-6, atol=1e-6
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(20, 500), st.sampled_from([0.05, 0.5]))
def test_row_order_threads_and_weights_leave_no_trace(seed, k, n, share):
    frame = gappy(n, seed, share).round(1)
    frame.loc[0] = [0.0, 1.0, "0", "1"]
    rng = np.random.default_rng(seed)
    order, counts = rng.permutation(n), rng.integers(1, 4, n)
    one = KPrototypes(k, n_init=2, n_jobs=1, missing="ignore").fit(frame, sample_weight=counts)
    two = KPrototypes(k, n_init=2, n_jobs=2, missing="ignore").fit(frame.iloc[order], sample_weight=counts[order])
    repeated = KPrototypes(k, n_init=2, missing="ignore").fit(frame.loc[frame.index.repeat(counts)])
    np.testing.assert_array_equal(one.labels_[order], two.labels_)
    assert one.to_dict() == two.to_dict() == repeated.to_dict()


@pytest.mark.parametrize("n", [45_000, 130_000])
def test_large_tables_with_and_without_a_coarse_start(n):
    frame = gappy(n, 1)
    order = np.random.default_rng(0).permutation(n)
    coarse = KPrototypes(3, n_init=2, coarse=True, missing="ignore").fit(frame)
    shuffled = KPrototypes(3, n_init=2, coarse=True, missing="ignore", n_jobs=1).fit(frame.iloc[order])
    full = KPrototypes(3, n_init=2, coarse=False, missing="ignore").fit(frame)
    assert coarse.to_dict() == shuffled.to_dict()
    np.testing.assert_array_equal(coarse.labels_[order], shuffled.labels_)
    assert coarse.cost_ == pytest.approx(full.cost_, rel=5e-4)


def test_complete_rows_give_the_fit_that_refuses_missing_values():
    frame = gappy(3_000, 2, share=0.0)
    ignoring, refusing = KPrototypes(4, missing="ignore").fit(frame), KPrototypes(4).fit(frame)
    assert ignoring.to_dict() | {"missing": "error"} == refusing.to_dict()
    np.testing.assert_array_equal(ignoring.labels_, refusing.labels_)


def test_a_complete_row_is_scored_the_same_beside_one_with_gaps():
    frame = gappy(2_000, 3)
    model = KPrototypes(3, missing="ignore").fit(frame)
    complete = frame.notna().all(axis=1).to_numpy()
    np.testing.assert_array_equal(model.transform(frame[complete]), model.transform(frame)[complete])
    np.testing.assert_array_equal(model.predict(frame), model.labels_)


def test_gamma_is_half_the_mean_deviation_of_observed_numbers():
    frame = gappy(500, 4)
    expected = 0.5 * frame[NUMBERS].std(ddof=0).mean()
    assert KPrototypes(2, missing="ignore").fit(frame).gamma_ == pytest.approx(expected, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_cost_never_rises_from_pass_to_pass(seed):
    frame = gappy(200, seed, share=0.4)
    start = pd.DataFrame({"n0": [0.0, 4.0, 9.0], "n1": [1.0, 5.0, 7.0], "c0": ["0", "1", "2"], "c1": ["0", "1", "1"]})
    costs = [KPrototypes(3, init=start, max_iter=passes, missing="ignore").fit(frame).cost_ for passes in range(1, 10)]
    assert all(later <= earlier * (1 + 1e-9) for earlier, later in pairwise(costs))


def test_a_model_survives_json_and_still_ignores():
    frame = gappy(800, 5)
    model = KPrototypes(3, missing="ignore").fit(frame)
    copy = KPrototypes.from_dict(json.loads(json.dumps(model.to_dict())))
    np.testing.assert_array_equal(copy.transform(frame), model.transform(frame))


def test_a_model_written_before_there_was_a_choice_refuses():
    frame = gappy(100, 6)
    written = KPrototypes(2).fit(frame.dropna()).to_dict()
    del written["missing"]
    with pytest.raises(ValueError, match="Column 'n0' contains"):
        KPrototypes.from_dict(written).predict(frame)


def test_a_row_without_any_value_costs_nothing_and_goes_to_cluster_zero():
    frame = gappy(60, 7)
    empty = pd.concat([frame, pd.DataFrame({name: [None] for name in frame}).astype(frame.dtypes)], ignore_index=True)
    model = KPrototypes(3, missing="ignore").fit(empty)
    assert model.labels_[-1] == 0
    assert (model.transform(empty)[-1] == 0.0).all()


def test_a_cluster_that_holds_no_value_of_a_column_keeps_the_prototype_it_had():
    frame = pd.DataFrame({"x": [0.0, 0.2, 10.0, 10.2], "y": [1.0, 2.0, np.nan, np.nan], "c": ["a", "b", None, None]})
    start = pd.DataFrame({"x": [0.0, 10.0], "y": [0.0, 7.0], "c": ["a", "b"]})
    model = KPrototypes(2, init=start, missing="ignore").fit(frame)
    assert model.prototypes_.iloc[1].tolist() == [pytest.approx(10.1), pytest.approx(7.0), "b"]


@pytest.mark.parametrize("name", ["n1", "c1"])
def test_a_column_without_a_value_is_named(name):
    frame = gappy(50, 8)
    frame[name] = np.nan if name in NUMBERS else None
    with pytest.raises(ValueError, match=f"Column '{name}' holds no value at all"):
        KPrototypes(2, missing="ignore").fit(frame)
    model = KPrototypes(2, missing="ignore").fit(gappy(50, 8))
    assert model.predict(frame).shape == (50,)


def test_infinity_is_no_missing_value():
    frame = gappy(50, 9)
    frame.loc[3, "n0"] = np.inf
    with pytest.raises(ValueError, match=r"Column 'n0' contains .* 1 infinity"):
        KPrototypes(2, missing="ignore").fit(frame)
    with pytest.raises(ValueError, match=r"Column 'n0' contains .* 1 infinity"):
        KPrototypes(2, missing="ignore").fit(gappy(50, 9)).predict(frame)


def test_an_array_and_nullable_columns_mean_the_same():
    frame = gappy(300, 10)
    plain = KPrototypes(3, missing="ignore").fit(frame)
    nullable = KPrototypes(3, missing="ignore").fit(frame.astype({"n0": "Float64", "c0": "string", "c1": "category"}))
    array = KPrototypes(3, missing="ignore", categorical=[2, 3]).fit(frame.to_numpy(object))
    assert plain.to_dict() == nullable.to_dict()
    np.testing.assert_array_equal(array.labels_, plain.labels_)


def test_fewer_distinct_rows_than_clusters_terminate():
    frame = pd.concat([gappy(4, 11, share=0.3)] * 10, ignore_index=True)
    with pytest.warns(UserWarning, match="n_clusters=6"):
        model = KPrototypes(6, missing="ignore").fit(frame)
    assert model.cost_ == pytest.approx(0.0, abs=1e-12)


def test_255_categories_leave_room_for_the_missing_one():
    rng = np.random.default_rng(12)
    for levels in (254, 255, 256):
        values = np.arange(3 * levels) % levels
        frame = pd.DataFrame({"x": rng.normal(size=len(values)), "c": [f"v{value:03d}" for value in values]})
        frame.loc[5, "c"] = None
        model = KPrototypes(2, gamma=1.0, missing="ignore").fit(frame)
        np.testing.assert_allclose(
            model.transform(frame.loc[[5]])[0], (model.prototypes_["x"] - frame["x"][5]) ** 2, rtol=1e-5, atol=1e-6
        )


def test_without_the_choice_a_gap_far_down_is_found():
    frame = gappy(150_000, 13, share=0.0)
    frame.loc[149_999, "n1"] = np.nan
    with pytest.raises(ValueError, match="Column 'n1' contains 1 NaN"):
        KPrototypes(2).fit(frame)
