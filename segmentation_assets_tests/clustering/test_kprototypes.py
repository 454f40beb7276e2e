"""Fixed answers, a naive reference and properties; bad input is in `test_kprototypes_bad_input`."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kmodes.kprototypes import KPrototypes as Peer

from segmentation_assets.clustering import KPrototypes
from segmentation_assets.clustering.kprototypes.lloyd import Problem, lloyd
from segmentation_assets.clustering.mixed_tables.columns import read_columns
from segmentation_assets.clustering.mixed_tables.encoding import learn_encoding
from segmentation_assets_tests.clustering.frames import mixed


def huang_distances(frame, prototypes, gamma, weights):
    """Distance of every row to every prototype, written as in the paper."""
    total = np.zeros((len(frame), len(prototypes)))
    for name, weight in weights.items():
        ours, theirs = frame[name].to_numpy()[:, None], prototypes[name].to_numpy()[None, :]
        numeric = frame[name].dtype.kind == "f"
        total += weight * ((ours - theirs) ** 2 if numeric else gamma * (ours != theirs))
    return total


def naive_lloyd(frame, start, gamma, weights, sample_weight):
    """Textbook batch K-Prototypes in float64 until no row moves."""
    prototypes, labels = start.copy(), None
    while True:
        distances = huang_distances(frame, prototypes, gamma, weights)
        now = distances.argmin(axis=1)
        if labels is not None and (now == labels).all():
            return labels, float((distances[np.arange(len(frame)), labels] * sample_weight).sum())
        labels = now
        for cluster in np.unique(labels):
            mine = labels == cluster
            for name in frame:
                if frame[name].dtype.kind == "f":
                    value = np.average(frame[name][mine], weights=sample_weight[mine])
                else:
                    value = pd.Series(sample_weight[mine]).groupby(frame[name][mine].to_numpy()).sum().idxmax()
                prototypes.loc[cluster, name] = value


def test_two_clusters_worked_by_hand():
    frame = pd.DataFrame({"x": [0.0, 1.0, 10.0, 12.0], "c": ["a", "b", "b", "b"]})
    model = KPrototypes(2, gamma=2.0).fit(frame)
    assert model.labels_[0] == model.labels_[1] != model.labels_[2] == model.labels_[3]
    # {0, 1}: mean 0.5, mode a (first of two equals), 0.25 + 0.25 + 2; {10, 12}: mean 11, mode b, 1 + 1.
    assert model.cost_ == pytest.approx(4.5, rel=1e-12)
    near = model.prototypes_.iloc[model.labels_[0]]
    assert (near["x"], near["c"]) == (0.5, "a")
    there = model.transform(pd.DataFrame({"x": [0.5], "c": ["b"]}))[0]
    np.testing.assert_allclose(sorted(there), [2.0, 110.25], rtol=1e-6)


def test_automatic_gamma_is_half_the_mean_population_deviation():
    frame = mixed(400)
    expected = 0.5 * frame[["n0", "n1", "n2"]].to_numpy().std(axis=0).mean()
    assert KPrototypes(2).fit(frame).gamma_ == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_the_naive_reference(seed):
    frame = mixed(300, seed)
    weights = {"n0": 1.0, "n1": 2.0, "n2": 0.5, "c0": 1.0, "c1": 3.0}
    sample_weight = np.random.default_rng(seed).uniform(0.5, 3, 300)
    start = frame.iloc[[3, 50, 170, 260]].reset_index(drop=True)
    labels, cost = naive_lloyd(frame, start, 0.7, weights, sample_weight)
    model = KPrototypes(4, gamma=0.7, feature_weights=weights, init=start)
    model.fit(frame, sample_weight=sample_weight)
    np.testing.assert_array_equal(model.labels_, labels)
    assert model.cost_ == pytest.approx(cost, rel=1e-7)
    np.testing.assert_allclose(
        model.transform(frame), huang_distances(frame, model.prototypes_, 0.7, weights), rtol=2e-6, atol=1e-6
    )


def test_kmodes_from_the_same_start_finds_the_same_clusters():
    frame = mixed(250, 1)
    codes = frame.assign(**{c: frame[c].str[1:].astype(float) for c in ("c0", "c1")}).to_numpy()
    rows = [0, 90, 200]
    start = [codes[rows][:, :3], codes[rows][:, 3:].astype(int)]
    peer = Peer(3, init=start, n_init=1, random_state=0, gamma=1.5).fit(codes, categorical=[3, 4])
    ours = KPrototypes(3, gamma=1.5, init=frame.iloc[rows].reset_index(drop=True)).fit(frame)
    assert ours.cost_ <= peer.cost_ * 1.01
    best = KPrototypes(3, gamma=1.5).fit(frame)
    assert best.cost_ <= peer.cost_ * (1 + 1e-8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(20, 700))
def test_row_order_and_threads_leave_no_trace(seed, k, n):
    frame = mixed(n, seed).round(1)
    order = np.random.default_rng(seed).permutation(n)
    one, two = KPrototypes(k, n_init=2, n_jobs=1), KPrototypes(k, n_init=2, n_jobs=2)
    one.fit(frame)
    two.fit(frame.iloc[order])
    np.testing.assert_array_equal(one.labels_[order], two.labels_)
    assert one.to_dict() == two.to_dict()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_whole_weights_equal_repeated_rows(seed, k):
    frame = mixed(60, seed)
    counts = np.random.default_rng(seed).integers(0, 4, 60)
    counts[:k] = 1
    weighted = KPrototypes(k, n_init=2).fit(frame, sample_weight=counts)
    repeated = KPrototypes(k, n_init=2).fit(frame.loc[frame.index.repeat(counts)])
    np.testing.assert_array_equal(np.repeat(weighted.labels_, counts), repeated.labels_)
    assert weighted.to_dict() == repeated.to_dict()


def test_float_weights_do_not_depend_on_row_order():
    frame, weights = mixed(500, 3), np.random.default_rng(3).uniform(0.1, 2, 500)
    order = np.random.default_rng(4).permutation(500)
    one = KPrototypes(4).fit(frame, sample_weight=weights)
    two = KPrototypes(4).fit(frame.iloc[order], sample_weight=weights[order])
    assert one.to_dict() == two.to_dict()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_cost_never_rises_from_pass_to_pass(seed):
    frame = mixed(200, seed)
    start = frame.sample(5, random_state=seed).reset_index(drop=True)
    costs = [KPrototypes(5, init=start, max_iter=passes).fit(frame).cost_ for passes in range(1, 12)]
    assert all(later <= earlier * (1 + 1e-9) for earlier, later in pairwise(costs))


@pytest.mark.parametrize("n", [3_000, 130_000])
def test_skipping_by_bounds_changes_nothing(n):
    """A run that may skip rows ends where single passes, each looking at every row, end."""
    frame = mixed(n, 5, levels=(4, 7, 9))
    start = frame.iloc[:6].reset_index(drop=True)
    model = KPrototypes(6, init=start).fit(frame)
    stepwise = start
    for _ in range(model.n_iter_ - 1):
        stepwise = KPrototypes(6, gamma=model.gamma_, init=stepwise, max_iter=2).fit(frame).prototypes_
    again = KPrototypes(6, gamma=model.gamma_, init=stepwise, max_iter=1).fit(frame)
    np.testing.assert_array_equal(again.labels_, model.labels_)
    pd.testing.assert_frame_equal(again.prototypes_, model.prototypes_, rtol=1e-12)


def test_coarse_start_is_as_good_and_does_not_depend_on_row_order():
    frame = mixed(250_000, 6)
    order = np.random.default_rng(0).permutation(len(frame))
    coarse = KPrototypes(5).fit(frame)
    shuffled = KPrototypes(5, n_jobs=1).fit(frame.iloc[order])
    full = KPrototypes(5, coarse=False).fit(frame)  # of three starts, either may find the better optimum by luck
    assert coarse.to_dict() == shuffled.to_dict()
    np.testing.assert_array_equal(coarse.labels_[order], shuffled.labels_)
    assert coarse.cost_ <= full.cost_ * 1.0005


def test_a_coarse_fit_ends_where_passes_no_longer_pay_and_another_when_no_row_moves():
    frame = mixed(230_000, 3)
    patient = KPrototypes(8, n_init=2, coarse=True, tol=0.0).fit(frame)
    coarse = KPrototypes(8, n_init=2, coarse=True).fit(frame)
    assert coarse.n_iter_ < patient.n_iter_
    assert patient.cost_ <= coarse.cost_ <= patient.cost_ * 1.0001
    np.testing.assert_array_equal(coarse.predict(frame), coarse.labels_)
    small = frame.iloc[:5_000]
    assert KPrototypes(8).fit(small).to_dict() == KPrototypes(8, tol=0.0).fit(small).to_dict()


def test_predict_labels_the_training_rows_as_fit_did():
    frame = mixed(5_000, 2)
    model = KPrototypes(7).fit(frame)
    np.testing.assert_array_equal(model.predict(frame), model.labels_)
    np.testing.assert_array_equal(model.transform(frame).argmin(axis=1), model.labels_)


def test_a_model_survives_json_to_the_bit():
    frame = mixed(800, 4)
    model = KPrototypes(5).fit(frame)
    copy = KPrototypes.from_dict(json.loads(json.dumps(model.to_dict())))
    np.testing.assert_array_equal(copy.transform(frame), model.transform(frame))
    pd.testing.assert_frame_equal(copy.prototypes_, model.prototypes_)
    assert (copy.cost_, copy.gamma_, copy.n_iter_) == (model.cost_, model.gamma_, model.n_iter_)


def test_a_dictionary_that_is_no_model_is_refused():
    with pytest.raises(ValueError, match="no K-Prototypes model"):
        KPrototypes.from_dict({"format": 99})
    whole = KPrototypes(2).fit(mixed(50)).to_dict()
    del whole["modes"]
    with pytest.raises(ValueError, match="misses the key 'modes'"):
        KPrototypes.from_dict(whole)


def test_warm_start_from_a_fitted_model_stays_where_it_is():
    frame = mixed(900, 8)
    model = KPrototypes(4).fit(frame)
    warm = KPrototypes(4, init=model.prototypes_).fit(frame)
    np.testing.assert_array_equal(warm.labels_, model.labels_)
    assert warm.n_iter_ <= 2


@pytest.mark.parametrize("init", ["kmeans++", "cao", "huang"])
def test_every_start_gives_k_clusters(init):
    assert len(np.unique(KPrototypes(6, init=init).fit(mixed(500)).labels_)) == 6


def test_an_array_with_categorical_positions_is_the_frame():
    frame = mixed(300)
    as_array = KPrototypes(3, categorical=[3, 4]).fit(frame.to_numpy(object))
    as_frame = KPrototypes(3).fit(frame)
    np.testing.assert_array_equal(as_array.labels_, as_frame.labels_)
    assert as_array.cost_ == as_frame.cost_


def test_text_category_and_bool_columns_are_categorical_whatever_their_type():
    frame = mixed(300).assign(flag=lambda f: f["n0"] > 0)
    plain = KPrototypes(3).fit(frame)
    typed = KPrototypes(3).fit(frame.astype({"c0": "category", "c1": "string"}))
    assert plain.to_dict()["means"] == typed.to_dict()["means"]
    assert plain.prototypes_["flag"].isin([True, False]).all()


def test_cost_from_sums_is_the_cost_row_by_row():
    frame = mixed(2_000, 9)
    columns = read_columns(KPrototypes(), frame, reset=True)
    encoding, rows, moments = learn_encoding(columns, np.ones(5), np.empty(0), 1)
    problem = Problem(rows, encoding, moments, encoding.mismatch(0.5))
    start = problem.at(rows, np.arange(4))
    solution = lloyd(problem, start, max_iter=3, tol=0.0, workers=1)
    assert solution.cost == pytest.approx(problem.exact_cost(solution, 1), rel=1e-9)
