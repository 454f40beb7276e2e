"""Values given beside X, for each column or each row: matched by name, complete, or refused."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from segmentation_assets.clustering import (
    KPrototypes,
    MicroSegments,
    bootstrap_stability,
    gower_distances,
    gower_silhouette_samples,
    gower_silhouette_score,
    k_scorecard,
)

# Rows named by their customers, in no order.
PEOPLE = pd.DataFrame(
    {"age": [20.0, 22.0, 60.0, 64.0, 41.0], "city": ["York", "York", "Bath", "Bath", "York"]}, index=list("DBEAC")
)
LABELS = ["young", "young", "old", "old", "old"]


def turned(values):
    """The values as a Series by customer, in the order of the alphabet."""
    return pd.Series(values, index=PEOPLE.index).sort_index()


# --- weights of columns -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [dict, pd.Series])
def test_feature_weights_meet_their_columns_by_name(kind):
    weights = kind({"city": 3.0, "age": 1.0})
    # Of D and E: an age apart by 40 of 44 years, and another city: (1 * 40/44 + 3 * 1) / 4.
    assert gower_distances(PEOPLE, weights=weights)[0, 2] == pytest.approx((40 / 44 + 3) / 4)
    by_position = KPrototypes(2, feature_weights=[1.0, 3.0]).fit(PEOPLE)
    assert KPrototypes(2, feature_weights=weights).fit(PEOPLE).to_dict() == by_position.to_dict()
    table = k_scorecard(PEOPLE, [2, 3], feature_weights=weights, n_bootstraps=0).table
    pd.testing.assert_frame_equal(table, k_scorecard(PEOPLE, [2, 3], feature_weights=[1, 3], n_bootstraps=0).table)


def test_a_column_that_is_not_named_weighs_one_and_a_plain_series_goes_by_position():
    assert_array_equal(
        gower_distances(PEOPLE, weights=pd.Series({"city": 3.0})), gower_distances(PEOPLE, weights=[1, 3])
    )
    assert_array_equal(
        gower_distances(PEOPLE, weights=pd.Series([1.0, 3.0])), gower_distances(PEOPLE, weights=[1.0, 3.0])
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (pd.Series({"age": 1.0, "town": 2.0}), r"names 'town', which is no column of X.*\['age', 'city'\]"),
        (pd.Series({"age": 1.0, "citi": 2.0}), "Did you mean 'city'"),
        (pd.Series([1.0, 2.0], index=["city", "city"]), "gives the column 'city' twice"),
        (pd.Series([1.0, 2.0], index=[1, 0]), "names 1, which is no column"),
        (pd.Series({"age": 1.0, "city": None}, dtype=object), "weight"),
        (pd.Series({"age": "heavy"}), "must hold numbers"),
        ([1.0, 2.0, 3.0], r"shape \(3,\), but X has 2 columns"),
    ],
)
def test_weights_of_columns_that_are_wrong_are_named(weights, message):
    with pytest.raises(ValueError, match=message):
        gower_distances(PEOPLE, weights=weights)
    with pytest.raises(ValueError, match=message):
        KPrototypes(2, feature_weights=weights).fit(PEOPLE)


# --- values of rows -----------------------------------------------------------------------------------


def test_weights_of_rows_meet_their_rows_by_name():
    weights = [1.0, 2.0, 3.0, 0.0, 5.0]
    expected = KPrototypes(2).fit(PEOPLE, sample_weight=weights)
    for given in (turned(weights), turned(weights).astype("Float64"), turned([Decimal(int(one)) for one in weights])):
        found = KPrototypes(2).fit(PEOPLE, sample_weight=given)
        assert found.to_dict() == expected.to_dict()
        assert_array_equal(found.labels_, expected.labels_)
    runs = bootstrap_stability(expected, PEOPLE, sample_weight=weights, n_bootstraps=4).jaccard_runs
    assert_array_equal(
        bootstrap_stability(expected, PEOPLE, sample_weight=turned(weights), n_bootstraps=4).jaccard_runs, runs
    )


def test_labels_personas_and_values_meet_their_rows_by_name():
    assert_array_equal(gower_silhouette_samples(PEOPLE, turned(LABELS)), gower_silhouette_samples(PEOPLE, LABELS))
    cut, again = MicroSegments(4).fit(PEOPLE, LABELS), MicroSegments(4).fit(PEOPLE, turned(LABELS))
    assert_array_equal(again.labels_, cut.labels_)
    assert_array_equal(cut.predict(PEOPLE, turned(LABELS)), cut.predict(PEOPLE, LABELS))
    value = [1.0, 2.0, 50.0, np.nan, 30.0]
    scores = [k_scorecard(PEOPLE, [2], value=one, n_bootstraps=0).table for one in (value, turned(value))]
    pd.testing.assert_frame_equal(*scores)


def test_a_series_without_names_is_taken_in_its_order():
    plain = pd.Series([1.0, 2.0, 3.0, 1.0, 5.0])
    expected = KPrototypes(2).fit(PEOPLE, sample_weight=plain.tolist()).to_dict()
    assert KPrototypes(2).fit(PEOPLE, sample_weight=plain).to_dict() == expected
    table = PEOPLE.drop(columns="city")
    assert_array_equal(
        KPrototypes(2).fit(table.to_numpy(), sample_weight=turned(plain.tolist())).labels_,
        KPrototypes(2).fit(table.to_numpy(), sample_weight=turned(plain.tolist()).tolist()).labels_,
    )


@pytest.mark.parametrize("index", [list("ABCDX"), list("AABCD"), [5, 6, 7, 8, 9]])
def test_a_series_of_other_rows_is_refused(index):
    with pytest.raises(ValueError, match="sample_weight is a Series whose index does not hold the index of X"):
        KPrototypes(2).fit(PEOPLE, sample_weight=pd.Series(1.0, index=index))
    with pytest.raises(ValueError, match="labels is a Series whose index"):
        gower_silhouette_score(PEOPLE, pd.Series(LABELS, index=index))


@pytest.mark.parametrize("weights", [[1, 2, None, 4, 5], pd.array([1, 2, pd.NA, 4, 5]), ["a"] * 5, [[1.0]] * 5])
def test_weights_of_rows_that_are_no_numbers_are_refused(weights):
    with pytest.raises(ValueError, match="sample_weight"):
        KPrototypes(2).fit(PEOPLE, sample_weight=weights)


# --- labels -------------------------------------------------------------------------------------------

GAPS = {
    "list with None": ["young", "young", "old", "old", None],
    "list with NaN": ["young", "young", "old", "old", np.nan],
    "array of objects": np.array(["young", "young", "old", "old", None], dtype=object),
    "string": pd.array(["young", "young", "old", "old", pd.NA], dtype="string"),
    "category": pd.Categorical(["young", "young", "old", "old", None]),
    "Series of categories": turned(pd.Categorical(["young", "young", "old", "old", None])),
    "float": [0, 0, 1, 1, np.nan],
    "Int64": pd.array([0, 0, 1, 1, pd.NA], dtype="Int64"),
    "boolean": pd.array([True, True, False, False, pd.NA], dtype="boolean"),
    "NaT": [pd.Timestamp("2025-01-01")] * 4 + [pd.NaT],
}


@pytest.mark.parametrize("kind", GAPS)
def test_every_row_needs_a_cluster(kind):
    with pytest.raises(ValueError, match=r"labels contains 1 NaN.*every row needs a cluster"):
        gower_silhouette_score(PEOPLE, GAPS[kind])
    with pytest.raises(ValueError, match=r"personas contains 1 NaN.*every row needs a persona"):
        MicroSegments(4).fit(PEOPLE, GAPS[kind])


@pytest.mark.parametrize(
    "labels",
    [
        LABELS,
        np.array(LABELS),
        pd.Categorical(LABELS, categories=["old", "young", "nobody"]),
        [0.0, 0.0, 1.0, 1.0, 1.0],
        np.array([7, 7, -3, -3, -3]),
        pd.array([0, 0, 1, 1, 1], dtype="Int64"),
        [True, True, False, False, False],
        pd.cut(PEOPLE["age"], [0, 40, 120]),
        pd.array(LABELS, dtype="string[pyarrow]"),
    ],
)
def test_labels_of_any_kind_are_the_same_clusters(labels):
    # Among the ages 20, 22 | 60, 64, 41 and two cities: D is 1/2 * 2/44 from B, and of E, A and C
    # 1/2 * (40/44 + 1), 1/2 * (44/44 + 1) and 1/2 * 21/44, whose mean is b.
    own, other = 1 / 44, ((40 / 44 + 1) + (44 / 44 + 1) + 21 / 44) / 6
    assert gower_silhouette_samples(PEOPLE, labels)[0] == pytest.approx((other - own) / other)


def test_labels_without_an_order_are_refused():
    with pytest.raises(ValueError, match="'labels' mixes number and str"):
        gower_silhouette_score(PEOPLE, [0, 0, "old", "old", "old"])
    with pytest.raises(ValueError, match="'labels' holds values that cannot be compared"):
        gower_silhouette_score(PEOPLE, [[0], [0], [1], [1], [1]])
