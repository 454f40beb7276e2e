"""What K-Prototypes does with bad input: an error that names the column, or the right answer."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from segmentation_assets.clustering import KPrototypes, UnseenCategoryWarning
from segmentation_assets_tests.clustering.frames import mixed


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_names_its_column(bad):
    frame = mixed(50)
    frame.loc[7, "n1"] = bad
    with pytest.raises(ValueError, match=r"Column 'n1' contains 1 (NaN|infinity)"):
        KPrototypes(2).fit(frame)
    model = KPrototypes(2).fit(mixed(50))
    with pytest.raises(ValueError, match="'n1'"):
        model.predict(frame)


def test_a_missing_category_names_its_column():
    frame = mixed(50)
    frame.loc[[3, 4], "c1"] = None
    with pytest.raises(ValueError, match="Column 'c1' misses 2 of its 50 values"):
        KPrototypes(2).fit(frame)
    with pytest.raises(ValueError, match="Column 'c1' misses 2"):
        KPrototypes(2).fit(mixed(50)).predict(frame.replace({"c0": {"v0": "new"}}))


def test_mixed_types_name_the_column_and_the_types():
    frame = mixed(50).astype({"c0": object})
    frame.loc[0, "c0"] = 7
    with pytest.raises(ValueError, match="Column 'c0' mixes number and str"):
        KPrototypes(2).fit(frame)


def test_a_date_column_is_refused_by_name():
    frame = mixed(50).assign(born=pd.Timestamp("2020-01-01"))
    with pytest.raises(ValueError, match="Column 'born' has dtype datetime64"):
        KPrototypes(2).fit(frame)


def test_unknown_categorical_name_lists_the_columns():
    with pytest.raises(ValueError, match=r"'city', which is no column of X; its columns are \['n0'"):
        KPrototypes(2, categorical=["city"]).fit(mixed(50))


def test_text_left_out_of_categorical_is_refused():
    with pytest.raises(ValueError, match="Column 'c1' has dtype"):
        KPrototypes(2, categorical=["c0"]).fit(mixed(50))


def test_an_unseen_category_is_a_mismatch_and_is_reported():
    frame = mixed(200)
    model = KPrototypes(3, gamma=0.5).fit(frame)
    stranger = frame.head(1).assign(c0="martian")
    with pytest.warns(UnseenCategoryWarning, match="martian"):
        distances = model.transform(stranger)
    assert model.unseen_categories_ == {"c0": ["martian"]}
    known = model.transform(frame.head(1))
    same_mode = (model.prototypes_["c0"] == frame["c0"].iloc[0]).to_numpy()
    np.testing.assert_allclose(distances[0] - known[0], np.where(same_mode, 0.5, 0.0), atol=1e-5)


def test_one_row_is_one_cluster():
    frame = mixed(1)
    model = KPrototypes(1).fit(frame)
    assert (model.cost_, model.labels_.tolist()) == (0.0, [0])


def test_more_clusters_than_rows():
    with pytest.raises(ValueError, match="n_samples=5 should be >= n_clusters=6"):
        KPrototypes(6).fit(mixed(5))


def test_fewer_distinct_rows_than_clusters_cost_nothing_and_warn():
    frame = pd.concat([mixed(3)] * 10, ignore_index=True)
    with pytest.warns(ConvergenceWarning, match="Only 3 of n_clusters=5"):
        model = KPrototypes(5).fit(frame)
    assert model.cost_ == pytest.approx(0.0, abs=1e-20)
    assert set(model.labels_) == {0, 1, 2}


def test_a_constant_column_and_a_column_of_one_category_change_nothing():
    frame = mixed(300)
    plain = KPrototypes(3, gamma=1.0).fit(frame)
    padded = KPrototypes(3, gamma=1.0).fit(frame.assign(same=5.0, word="x"))
    assert padded.cost_ == pytest.approx(plain.cost_, rel=1e-9)
    assert (padded.prototypes_["same"] == 5.0).all()
    assert (padded.prototypes_["word"] == "x").all()


def test_all_categorical_is_k_modes():
    frame = mixed(400)[["c0", "c1"]]
    model = KPrototypes(15).fit(frame)
    assert model.gamma_ == 1.0
    assert model.cost_ == 0.0  # 3 * 5 combinations


def test_all_numeric_is_k_means():
    numbers = mixed(600)[["n0", "n1", "n2"]]
    assert KPrototypes(4).fit(numbers).cost_ <= KMeans(4, n_init=10, random_state=0).fit(numbers).inertia_ * 1.0001


@pytest.mark.long  # the kernels pass over a table of 100,000 categories for each row
def test_a_hundred_thousand_categories():
    n = 100_000
    frame = pd.DataFrame({"x": np.arange(n) / n, "id": np.arange(n).astype(str)})
    model = KPrototypes(2, n_init=1).fit(frame)
    # Two rows are the modes; all others differ from theirs. Each half of an even spread costs n/2 * (1/2)^2 / 12.
    assert model.cost_ == pytest.approx((n - 2) * model.gamma_ + n / 48, rel=1e-4)
    np.testing.assert_array_equal(model.predict(frame), model.labels_)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_weights_below_zero_name_the_row(bad):
    weights = np.ones(50)
    weights[9] = bad
    with pytest.raises(ValueError, match="row 9 has"):
        KPrototypes(2).fit(mixed(50), sample_weight=weights)


def test_all_weights_zero():
    with pytest.raises(ValueError, match="Every sample_weight is zero"):
        KPrototypes(2).fit(mixed(50), sample_weight=np.zeros(50))


def test_weights_of_zero_label_without_moving():
    frame = mixed(100)
    weights = np.r_[np.ones(80), np.zeros(20)]
    model = KPrototypes(3).fit(frame, sample_weight=weights)
    alone = KPrototypes(3).fit(frame.head(80))
    assert model.to_dict() == alone.to_dict()
    np.testing.assert_array_equal(model.labels_, alone.predict(frame))


def test_an_empty_cluster_is_filled_with_the_farthest_row():
    frame = pd.DataFrame({"x": [0.0, 1.0, 2.0, 50.0]})
    start = pd.DataFrame({"x": [1.0, 1000.0]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = KPrototypes(2, init=start).fit(frame)
    assert model.labels_.tolist() == [0, 0, 0, 1]
    assert model.cost_ == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_clusters", 0), ("n_clusters", 2.5), ("gamma", -1.0), ("gamma", "half"), ("init", "random"), ("n_init", 0),
        ("max_iter", 0), ("tol", -0.1), ("tol", "none"), ("missing", "drop"), ("missing", None), ("n_jobs", 0),
        ("coarse", "maybe"),
        ("feature_weights", {"age": 2.0}), ("feature_weights", [1.0, 0.0, 1.0, 1.0, 1.0]),
    ],
)  # fmt: skip
def test_bad_parameters_are_named(name, value):
    with pytest.raises(ValueError, match=name):
        KPrototypes(**{"n_clusters": 2, name: value}).fit(mixed(50))


def test_predicting_before_fitting():
    with pytest.raises(NotFittedError):
        KPrototypes().predict(mixed(5))


def test_parameters_are_left_alone():
    model = KPrototypes(3, feature_weights={"n0": 2.0})
    before = model.get_params()
    model.fit(mixed(60))
    assert model.get_params() == before


def test_huge_and_tiny_units_do_not_overflow():
    frame = mixed(200)
    big = frame.assign(n0=frame["n0"] * 1e30)
    tiny = frame.assign(**{name: frame[name] * 1e-30 for name in ("n0", "n1", "n2")})
    assert np.isfinite(KPrototypes(3).fit(big).cost_)
    assert KPrototypes(3).fit(tiny).cost_ > 0


@pytest.mark.parametrize(
    "times",
    [
        pd.date_range("2020-01-01", periods=50, tz="Europe/London"),
        pd.date_range("2020-01-01", periods=50).astype("timestamp[us][pyarrow]"),
        pd.period_range("2020-01", periods=50, freq="M"),
        pd.to_timedelta(range(50), unit="D"),
    ],
)
@pytest.mark.parametrize("categorical", [None, ["c0", "c1"]])
def test_times_are_to_become_numbers_and_no_categories_which_they_cannot_be(times, categorical):
    frame = mixed(50).assign(joined=times)
    with pytest.raises(ValueError, match=r"Column 'joined' .* such as days or years since a certain day") as told:
        KPrototypes(2, categorical=categorical).fit(frame)
    assert "categor" not in str(told.value)
