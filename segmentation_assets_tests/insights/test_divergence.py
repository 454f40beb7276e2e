"""Each measure against its formula worked by hand, against scipy, and for what must hold of any samples."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from segmentation_assets.insights.divergence import (
    bin_counts,
    categorical_divergence,
    category_counts,
    js_distance,
    numeric_divergence,
    psi,
)


def text(*counts: tuple[str, int]) -> pd.Series:
    return pd.Series([word for word, n in counts for _ in range(n)], dtype="string[pyarrow]")


def test_psi_by_hand():
    # shares .5 .3 .2 against .4 .4 .2: -.1 ln .8 + .1 ln (4/3) + 0
    expected = -0.1 * math.log(0.8) + 0.1 * math.log(4 / 3)
    assert psi(np.array([50.0, 30, 20]), np.array([400.0, 400, 200])) == pytest.approx(expected)


def test_an_empty_bin_counts_half_a_customer():
    assert psi(np.array([10.0, 0]), np.array([5.0, 5])) == pytest.approx(
        (0.5 - 1) * math.log(0.5) + (0.5 - 0.05) * math.log(0.5 / 0.05)
    )


def test_jensen_shannon_by_hand():
    assert js_distance(np.array([1.0, 0]), np.array([0, 1.0])) == pytest.approx(1)
    assert js_distance(np.array([3.0, 1]), np.array([6.0, 2])) == 0
    # (1, 0) and (1/2, 1/2), mixed (3/4, 1/4): half of log2 4/3, and half of 1/2 log2 2/3 + 1/2 log2 2
    divergence = 0.5 * math.log2(4 / 3) + 0.5 * (0.5 * math.log2(2 / 3) + 0.5)
    assert js_distance(np.array([4.0, 0]), np.array([2.0, 2])) == pytest.approx(math.sqrt(divergence))


def test_bins_are_deciles_of_the_first_sample():
    counts = bin_counts(np.arange(100.0), np.full(50, 200.0))
    assert counts[0].tolist() == [10] * 10
    assert counts[1].tolist() == [0] * 9 + [50]


def test_values_that_many_share_stay_together():
    expected = np.array([1.0] * 85 + [2.0] * 10 + [3.0] * 5)
    assert [c.tolist() for c in bin_counts(expected, expected)] == [[85.0, 10.0, 5.0]] * 2
    assert [c.tolist() for c in bin_counts(np.ones(30), np.ones(40))] == [[30.0], [40.0]]


def test_rare_categories_are_judged_together():
    then, now = text(("London", 60), ("Leeds", 32), ("York", 4), ("Bath", 4)), text(("London", 70), ("Leeds", 30))
    assert [c.tolist() for c in category_counts(then, now)] == [[32, 60, 8], [30, 70, 0]]


def test_chi_square_by_hand():
    # 60/40 against 40/60: every cell expects 50 and misses it by 10
    found = categorical_divergence(text(("a", 60), ("b", 40)), text(("a", 40), ("b", 60)))
    assert found.chi2 == pytest.approx(8)
    assert found.p_value == pytest.approx(stats.chi2.sf(8, 1))
    assert math.isnan(found.ks)


def test_kolmogorov_smirnov_by_hand():
    found = numeric_divergence(np.array([1.0, 2, 3, 4]), np.array([3.0, 4, 5, 6]))
    assert found.ks == 0.5  # below 3 lie two of four, and none
    assert math.isnan(found.chi2)


def test_one_category_or_one_value_is_no_divergence():
    same = categorical_divergence(text(("a", 30)), text(("a", 50)))
    assert (same.psi, same.js, same.chi2, same.p_value) == (0, 0, 0, 1)
    constant = numeric_divergence(np.ones(30), np.ones(20))
    assert (constant.psi, constant.js, constant.ks, constant.p_value) == (0, 0, 0, 1)


SAMPLES = arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 3)))


@settings(deadline=None, max_examples=25)
@given(SAMPLES, SAMPLES, st.randoms(use_true_random=False))
def test_what_holds_of_any_two_samples(expected, actual, random):
    found = numeric_divergence(expected, actual)
    assert found.psi >= 0
    assert 0 <= found.js <= 1 + 1e-12
    below = [(np.mean(expected <= x), np.mean(actual <= x)) for x in np.concatenate([expected, actual])]
    assert found.ks == pytest.approx(max(abs(then - now) for then, now in below))
    assert 0 <= found.p_value <= 1
    shuffled = [np.array(random.sample(list(sample), len(sample))) for sample in (expected, actual)]
    assert repr(numeric_divergence(*shuffled)) == repr(found)
    itself = numeric_divergence(expected, expected)
    assert (itself.psi, itself.js, itself.ks) == (0, 0, 0)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), min_size=1, max_size=8))
def test_chi_square_is_what_the_formula_says_of_the_pooled_counts(pairs):
    then = text(*((f"k{i}", n) for i, (n, _) in enumerate(pairs)))
    now = text(*((f"k{i}", n) for i, (_, n) in enumerate(pairs)))
    if then.empty or now.empty:
        return
    table = np.vstack(category_counts(then, now))
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    assert categorical_divergence(then, now).chi2 == pytest.approx(((table - expected) ** 2 / expected).sum(), abs=1e-9)
    assert table.sum(axis=1).tolist() == [len(then), len(now)]
