"""Factor analysis of mixed data: answers by hand, prince, scikit-learn's PCA, and properties."""

import numpy as np
import pandas as pd
import prince
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from segmentation_assets.clustering import FAMD, SentinelWarning
from segmentation_assets.clustering.famd.moments import collect_moments


@parametrize_with_checks([FAMD(n_components=1)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


# --- answers worked by hand ---------------------------------------------------------------------------


def test_a_number_and_a_category_that_say_the_same():
    table = pd.DataFrame({"x": [1.0, 1.0, 3.0, 3.0], "c": ["a", "a", "b", "b"]})
    famd = FAMD(n_components=2).fit(table)
    # z = -1, 1 and the levels -+ sqrt(1/2): one axis (sqrt(1/2), -1/2, 1/2) holds all the inertia of 1 + 1.
    assert famd.total_inertia_ == pytest.approx(2.0)
    assert_allclose(famd.eigenvalues_, [2.0, 0.0], atol=1e-12)
    assert_allclose(famd.components_[0], [np.sqrt(0.5), -0.5, 0.5])
    assert_allclose(famd.transform(table)[:, 0], np.sqrt(2.0) * np.array([-1, -1, 1, 1]))
    assert_allclose(famd.variable_contributions_["famd0"], [0.5, 0.5])
    assert_allclose(famd.variable_correlations_["famd0"], [1.0, 1.0])


def test_a_number_and_a_category_without_relation():
    table = pd.DataFrame({"x": [1.0, 3.0, 1.0, 3.0], "c": ["a", "a", "b", "b"]})
    assert_allclose(FAMD(n_components=2).fit(table).explained_inertia_, [0.5, 0.5])


def test_means_scales_and_shares_are_in_the_columns_own_units():
    famd = FAMD(n_components=1).fit(pd.DataFrame({"x": [1.0, 2.0, 6.0, 7.0], "c": list("abbb")}))
    assert_allclose([famd.means_[0], famd.scales_[0] ** 2], [4.0, 6.5], rtol=1e-11)
    assert_allclose(famd.level_shares_["c"], [0.25, 0.75])
    assert famd.categories_ == {"c": ["a", "b"]}


# --- oracles ------------------------------------------------------------------------------------------


def test_published_inertia(published_customers):
    famd = FAMD(n_components=2).fit(published_customers)
    assert (100 * famd.explained_inertia_).round(2).tolist() == [29.29, 25.56]


@pytest.mark.parametrize("n", [30, 3_000])
def test_equals_princes_full_decomposition(mixed_table, n):
    table = mixed_table(n)
    theirs = prince.FAMD(n_components=3, engine="scipy").fit(table)
    ours = FAMD(n_components=3)
    rows = ours.fit_transform(table)
    signs = np.sign((rows * theirs.row_coordinates(table).to_numpy()).sum(axis=0))
    assert_allclose(ours.eigenvalues_, theirs.eigenvalues_, rtol=1e-9)
    assert_allclose(100 * ours.explained_inertia_, theirs.percentage_of_variance_, rtol=1e-9)
    assert_allclose(rows * signs, theirs.row_coordinates(table), atol=1e-6)
    assert_allclose(ours.column_coordinates_ * signs, theirs.column_coordinates_, atol=1e-6)
    assert_allclose(ours.column_contributions_, theirs.column_contributions_, atol=1e-6)
    names = table.columns
    assert_allclose(ours.variable_contributions_, theirs.variable_contributions_.loc[names], atol=1e-6)
    flips = np.where(np.isin(names, ["city", "status"])[:, None], 1.0, signs)
    assert_allclose(ours.variable_correlations_ * flips, theirs.column_correlations.loc[names], atol=1e-6)


def test_numbers_alone_are_the_pca_of_standardised_columns(mixed_table):
    table = mixed_table(500)[["age", "income", "policies"]]
    ours = FAMD(n_components=2).fit(table)
    pca = PCA(2).fit(StandardScaler().fit_transform(table))
    assert_allclose(ours.explained_inertia_, pca.explained_variance_ratio_, rtol=1e-9)
    assert_allclose(np.abs(ours.components_), np.abs(pca.components_), atol=1e-8)


def test_categories_alone_are_multiple_correspondence_analysis(mixed_table):
    table = mixed_table(500)[["city", "status"]]
    mca = prince.MCA(n_components=3, engine="scipy").fit(table)
    # An MCA divides the inertia by the number of columns.
    assert_allclose(FAMD(n_components=3).fit(table).eigenvalues_ / 2, mca.eigenvalues_, rtol=1e-9)


def test_correlation_ratio_is_that_of_the_rows_coordinates(mixed_table):
    table = mixed_table(400)
    famd = FAMD(n_components=2)
    rows = pd.DataFrame(famd.fit_transform(table))
    means = rows.groupby(table["status"].to_numpy()).transform("mean")
    expected = means.var(ddof=0) / rows.var(ddof=0)
    assert_allclose(famd.variable_correlations_.loc["status"], expected, rtol=1e-9)


def test_a_column_with_an_outlier_loses_no_digits():
    rng = np.random.default_rng(0)
    # All but one value lie in a millionth of the range; of its first 20 bits they would share one step.
    x = rng.normal(0, 1e-3, 500_000)
    x[0] = 1e3
    y = np.concatenate([[0.0], x[1:] + rng.normal(0, 1e-3, len(x) - 1)])
    with pytest.warns(SentinelWarning, match="'x0' holds 1,000 in 1 of 500,000 rows"):
        famd = FAMD(n_components=2).fit(np.column_stack([x, y]))
    assert famd.eigenvalues_[0] - 1 == pytest.approx(abs(np.corrcoef(x, y)[0, 1]), rel=1e-6)
    assert famd.scales_[1] == pytest.approx(y.std(), rel=1e-9)


# --- properties ---------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.floats(-1e3, 1e3), st.sampled_from("abc"), st.floats(-1, 1)), min_size=6, max_size=40),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore::segmentation_assets.clustering.SentinelWarning")  # arbitrary numbers may look so
def test_row_order_leaves_the_same_bits_and_shares_lie_in_0_1(values, seed):
    table = pd.DataFrame([*values, (0.0, "a", 0.0), (1.0, "b", 1.0)], columns=["x", "c", "y"])
    order = np.random.default_rng(seed).permutation(len(table))
    famd, other = FAMD().fit(table), FAMD().fit(table.iloc[order])
    assert_array_equal(other.components_, famd.components_)
    assert_array_equal(other.transform(table), famd.transform(table))
    assert (famd.explained_inertia_ >= 0).all()
    assert famd.explained_inertia_.sum() <= 1 + 1e-9
    assert_allclose(famd.column_contributions_.sum(), 1.0, atol=1e-9)


def test_threads_leave_the_same_bits(mixed_table):
    table = mixed_table(150_000)
    one, three = FAMD(n_jobs=1), FAMD(n_jobs=3)
    assert_array_equal(three.fit_transform(table), one.fit_transform(table))
    assert_array_equal(three.components_, one.components_)


def test_moments_of_shards_add_up_to_those_of_the_whole():
    rng = np.random.default_rng(0)
    numbers, codes = rng.normal(size=(2, 999)), rng.integers(0, 3, (1, 999)).astype(np.int32)
    ends = numbers.min(axis=1), numbers.max(axis=1)
    offsets = np.array([0, 3])
    whole = collect_moments(numbers, *ends, codes, offsets)
    parts = [
        collect_moments(numbers[:, part], *ends, codes[:, part], offsets) for part in (slice(400), slice(400, 999))
    ]
    for name in ("n", "first", "second", "level_first", "pairs"):
        assert_array_equal(getattr(parts[0] + parts[1], name), getattr(whole, name))


# --- new rows and unusual columns ---------------------------------------------------------------------


def test_new_rows_are_placed_by_the_fitted_table(mixed_table):
    table = mixed_table(200)
    famd = FAMD().fit(table)
    assert_allclose(famd.transform(table.iloc[[7]]), famd.transform(table)[[7]])


def test_an_unseen_category_stands_at_its_columns_centre(mixed_table):
    table = mixed_table(200)
    famd = FAMD().fit(table)
    stranger = table.head(1).assign(city="Paris")
    with pytest.warns(UserWarning, match=r"'city'.*\['Paris'\] in 1 of 1 rows"):
        placed = famd.transform(stranger)
    at_each = [famd.transform(stranger.assign(city=city))[0] for city in famd.categories_["city"]]
    assert_allclose(placed[0], famd.level_shares_["city"] @ np.array(at_each), atol=1e-12)
    assert_array_equal(FAMD(handle_unknown="ignore").fit(table).transform(stranger), placed)
    with pytest.raises(ValueError, match=r"'city'.*did not see.*Paris"):
        FAMD(handle_unknown="error").fit(table).transform(stranger)


def test_a_constant_column_and_a_single_category_have_no_part(mixed_table):
    table = mixed_table(200)
    wider = table.assign(constant=3.0, single="only")
    famd = FAMD().fit(wider)
    assert_allclose(famd.eigenvalues_, FAMD().fit(table).eigenvalues_, rtol=1e-12)
    assert famd.total_inertia_ == pytest.approx(3 + 2 + 6)
    assert_allclose(famd.variable_contributions_.loc[["constant", "single"]], 0.0, atol=1e-12)
    assert_allclose(famd.transform(wider), FAMD().fit_transform(table), atol=1e-9)


def test_the_sign_is_fixed(mixed_table):
    table = mixed_table(300)
    for axis in FAMD(n_components=4).fit(table).components_:
        assert axis[np.abs(axis).argmax()] > 0


def test_names_of_the_output():
    frame = FAMD(n_components=1).set_output(transform="pandas").fit_transform(pd.DataFrame({"x": [1.0, 2.0, 4.0]}))
    assert frame.columns.tolist() == ["famd0"]


# --- refusals, each naming the offender ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "parameters", "message"),
    [
        ({"age": np.nan}, {}, "'age' contains 40 missing"),
        ({"city": None}, {}, "'city' contains 40 missing"),
        ({"age": np.inf}, {}, "'age' contains 40 infinity"),
        ({"city": [1, "Bath"] * 20}, {}, "'city' mixes number and str"),
        ({}, {"n_components": 0}, "n_components must be a whole number of at least 1"),
        ({}, {"n_components": 12}, "more than the 11 dimensions"),
        ({}, {"handle_unknown": "drop"}, "handle_unknown must be one of"),
        ({}, {"categorical": ["town"]}, "town"),
    ],
)
def test_bad_input_is_named(mixed_table, change, parameters, message):
    with pytest.raises(ValueError, match=message):
        FAMD(**parameters).fit(mixed_table(40).assign(**change))


def test_one_row_has_no_variation(mixed_table):
    with pytest.raises(ValueError, match="at least 2 rows"):
        FAMD().fit(mixed_table(1))


def test_a_table_of_constants_is_refused():
    with pytest.raises(ValueError, match=r"Every column of X is constant.*\['x', 'y'\]"):
        FAMD().fit(pd.DataFrame({"x": [1.0, 1.0], "y": [2.0, 2.0]}))


def test_a_hundred_thousand_categories_are_refused_by_name():
    table = pd.DataFrame({"x": np.arange(1e5), "id": np.arange(100_000).astype(str)})
    with pytest.raises(ValueError, match="'id' has 100,000 categories"):
        FAMD().fit(table)
