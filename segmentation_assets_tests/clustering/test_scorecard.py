"""The scorecard of candidate numbers of clusters: scores against their oracles, the rule, the plot."""

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib import _pylab_helpers
from numpy.testing import assert_allclose
from scipy.stats import f_oneway
from sklearn.exceptions import ConvergenceWarning

from segmentation_assets.clustering import gower_silhouette_score, k_scorecard, plot_scorecard
from segmentation_assets.clustering.evaluation.scorecard import recommend, value_separation

COLUMNS = [
    "n_clusters", "cost", "silhouette", "mean_ari", "min_jaccard", "min_share", "value_separation", "is_recommended",
]  # fmt: skip


@pytest.fixture(scope="module")
def groups():
    """Four clear groups of rows, and a value that differs between them."""
    rng = np.random.default_rng(0)
    group = np.arange(400) % 4
    X = pd.DataFrame(rng.normal(0, 0.05, (400, 2)) + group[:, None], columns=["x", "y"])
    return X.assign(c=np.array(list("abcd"))[group]), group * 10.0 + rng.normal(0, 1, 400)


@pytest.fixture(scope="module")
def scorecard(groups):
    X, value = groups
    return k_scorecard(X, range(2, 7), value=value)


def scores(**columns):
    return pd.DataFrame({"min_share": 0.2, "min_jaccard": 0.9} | columns)


# --- the scores ---------------------------------------------------------------------------------------


def test_each_score_is_what_it_says(scorecard, groups):
    X, _ = groups
    assert scorecard.table.columns.tolist() == COLUMNS
    assert scorecard.table["n_clusters"].tolist() == [2, 3, 4, 5, 6]
    for line in scorecard.table.itertuples():
        labels = scorecard.labels[line.n_clusters]
        assert line.silhouette == gower_silhouette_score(X, labels)
        assert line.min_share == labels.value_counts().min() / 400
        assert line.cost == scorecard.models[line.n_clusters].cost_
        assert line.min_jaccard == scorecard.stabilities[line.n_clusters].min_jaccard


def test_the_groups_that_are_there_are_recommended(scorecard):
    assert scorecard.recommended == 4
    assert scorecard.table["is_recommended"].sum() == 1
    best = scorecard.table.set_index("n_clusters").loc[4]
    assert best["min_jaccard"] == 1.0
    assert best["min_share"] == 0.25
    assert best["value_separation"] > 0.98


def test_costs_fall_as_clusters_are_added(scorecard):
    assert scorecard.table["cost"].is_monotonic_decreasing


def test_value_separation_by_hand():
    # Means 1 and 4 around 2.5: 2.25 between; (6.25 + 0.25 + 0.25 + 6.25) / 4 = 3.25 in all.
    value = np.array([0.0, 2.0, 3.0, 5.0])
    assert value_separation(value, np.array([0, 0, 1, 1])) == pytest.approx(2.25 / 3.25)
    assert value_separation(np.ones(4), np.array([0, 0, 1, 1])) == 0.0


def test_value_separation_equals_that_of_an_analysis_of_variance():
    rng = np.random.default_rng(0)
    labels, value = rng.integers(0, 3, 200), rng.normal(size=200)
    value += labels
    statistic = f_oneway(*(value[labels == k] for k in range(3))).statistic
    assert value_separation(value, labels) == pytest.approx(2 * statistic / (2 * statistic + 197), rel=1e-9)


def test_rows_without_a_value_are_left_out(groups):
    _, value = groups
    labels = np.arange(400) % 3
    holed = np.where(np.arange(400) < 50, np.nan, value)
    assert value_separation(holed, labels) == pytest.approx(value_separation(value[50:], labels[50:]), rel=1e-12)


def test_published_costs_and_silhouettes(published_customers):
    table = k_scorecard(published_customers, [2, 3, 4], n_bootstraps=0).table
    assert_allclose(table["cost"], [525.001, 308.194, 255.126], atol=1e-3)
    assert table["silhouette"].round(4).tolist() == [0.3699, 0.4343, 0.4326]
    assert table["mean_ari"].isna().all()
    assert table["value_separation"].isna().all()


def test_row_order_leaves_the_same_scorecard(groups, scorecard):
    X, value = groups
    order = np.random.default_rng(1).permutation(400)
    again = k_scorecard(X.iloc[order], range(2, 7), value=value[order], n_jobs=2)
    pd.testing.assert_frame_equal(again.table, scorecard.table, check_exact=True)


# --- the rule -----------------------------------------------------------------------------------------


def test_the_smallest_k_near_the_best_silhouette_wins():
    assert recommend(scores(n_clusters=[2, 3, 4, 5], silhouette=[0.30, 0.49, 0.50, 0.505])) == 3


def test_an_unstable_or_tiny_cluster_rules_a_candidate_out():
    table = scores(n_clusters=[2, 3, 4], silhouette=[0.3, 0.6, 0.7], min_jaccard=[0.9, 0.9, 0.5])
    assert recommend(table) == 3
    assert recommend(table.assign(min_share=[0.4, 0.01, 0.2])) == 2


def test_where_none_passes_stability_comes_before_size():
    table = scores(n_clusters=[2, 3], silhouette=[0.5, 0.6], min_jaccard=[0.8, 0.3], min_share=[0.01, 0.4])
    assert recommend(table) == 2
    assert recommend(table.assign(min_jaccard=0.3)) == 3


def test_a_stability_that_was_not_measured_is_not_demanded():
    assert recommend(scores(n_clusters=[2, 3], silhouette=[0.5, 0.6], min_jaccard=np.nan)) == 3


# --- the plot -----------------------------------------------------------------------------------------


def test_the_plot_shows_every_score_and_leaves_no_global_state(scorecard):
    figure = plot_scorecard(scorecard)
    assert [len(axis.get_lines()) for axis in figure.axes] == [2, 2, 6, 4]
    assert figure.get_suptitle() == "4 clusters recommended"
    target = io.BytesIO()
    figure.savefig(target, format="png")
    assert target.getvalue().startswith(b"\x89PNG")
    assert not _pylab_helpers.Gcf.figs


def test_a_score_that_was_not_measured_is_said_to_be_missing(groups):
    figure = plot_scorecard(k_scorecard(groups[0], [2, 3], n_bootstraps=0).table)
    assert "not measured" in [text.get_text() for text in figure.axes[2].texts]


# --- refusals -----------------------------------------------------------------------------------------


def test_a_table_of_equal_rows_has_no_clusters_to_compare():
    with pytest.warns(ConvergenceWarning), pytest.raises(ValueError, match="Number of labels is 1"):
        k_scorecard(np.ones((10, 2)), [2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k_range": [1, 2]}, "k_range holds 1"),
        ({"k_range": [400]}, "from 2 to 399"),
        ({"k_range": [2.5]}, "k_range holds 2.5"),
        ({"k_range": []}, "k_range is empty"),
        ({"n_bootstraps": -1}, "n_bootstraps must be a whole number"),
        ({"value": np.ones(3)}, r"value has shape \(3,\)"),
        ({"value": np.full(400, np.inf)}, "value contains 400 infinity"),
    ],
)
def test_bad_input_is_named(groups, arguments, message):
    with pytest.raises(ValueError, match=message):
        k_scorecard(groups[0], **arguments)
