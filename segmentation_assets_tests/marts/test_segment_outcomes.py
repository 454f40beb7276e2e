"""`segment_outcomes` beside statsmodels and pandas, on either engine, and what it withholds."""

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from segmentation_assets.checking.queries import mart_query
from segmentation_assets.portfolio.schema import Outcome, Value
from segmentation_assets.tables import own_tables
from segmentation_assets.tables.features import customer_features
from segmentation_assets_tests.marts.warehouse import INSURANCE, Marts

SEGMENT_LABELS = own_tables()["segment_labels"]
CUSTOMER_SEGMENTS = own_tables()["customer_segments"]

FEATURES = customer_features(INSURANCE.feature_columns())
DAYS = ("2025-06-01", "2025-06-02")
TOLD = ["total_value", "value_pct", "mean_value", "n_outcomes", "outcome_pct", "outcome_ci_low_pct",
        "outcome_ci_high_pct", "others_outcome_pct", "difference_pct", "difference_ci_low_pct",
        "difference_ci_high_pct", "is_different"]  # fmt: skip


def of_columns(table, frame):
    whole = frame.reindex(columns=table.column_names).astype(object)
    return whole.where(whole.notna(), None)


def people(sizes, seed=0):
    """Return customers of two days and two lenses; segment -1 is none, and some have no value or no status."""
    rng = np.random.default_rng(seed)
    n = sum(sizes.values())
    one_day = pd.DataFrame(
        {
            "customer_id": [f"c{i:05}" for i in range(n)],
            "small": np.repeat(list(sizes), list(sizes.values())),
            "wide": rng.integers(1, 3, n),
            "total_premium": np.where(rng.random(n) < 0.05, np.nan, rng.gamma(2, 700, n).round(2)),
        }
    )
    risk = 0.05 + 0.15 * (one_day["small"] == 1) + 0.1 * (one_day["wide"] == 2)
    one_day["policy_status"] = np.where(rng.random(n) < risk, "lapsed", "active")
    one_day.loc[rng.random(n) < 0.04, "policy_status"] = None
    return pd.concat([one_day.assign(snapshot_date=pd.Timestamp(day)) for day in DAYS], ignore_index=True)


def marts_of(warehouse, frame, min_group_size=20):
    lenses = ["small", "wide"]
    placed = frame.melt(["snapshot_date", "customer_id"], lenses, "lens", "segment_id").assign(model_id="m")
    placed["segment_id"] = placed["segment_id"].where(placed["segment_id"] >= 0)
    names = placed[["snapshot_date", "lens", "segment_id"]].dropna().drop_duplicates()
    names = names[names["lens"] == "small"].assign(
        model_id="m", label_source="rules", profile_hash="h", description="Some."
    )
    names["segment_name"] = names["segment_id"].map(lambda s: f"Name {int(s)}")
    return Marts(
        warehouse,
        min_group_size=min_group_size,
        customer_segments=of_columns(CUSTOMER_SEGMENTS, placed),
        customer_features=of_columns(FEATURES, frame.drop(columns=lenses)),
        segment_labels=of_columns(SEGMENT_LABELS, names),
    )


def expected(frame, lens, segment):
    """Work a row out by pandas and statsmodels."""
    own, others = frame[frame[lens] == segment], frame[frame[lens] != segment]
    known, rest = own["policy_status"].dropna(), others["policy_status"].dropna()
    m, n, k, r = (known == "lapsed").sum(), len(known), (rest == "lapsed").sum(), len(rest)
    low, high = proportion_confint(m, n, method="wilson")
    lower, upper = confint_proportions_2indep(m, n, k, r, compare="diff", method="newcomb")
    worth = own["total_premium"].sum()
    shares = [low, high, k / r, m / n - k / r, lower, upper]
    return [worth, 100 * worth / frame["total_premium"].sum(), own["total_premium"].mean(), m, 100 * m / n,
            *(100 * share for share in shares), lower > 0 or upper < 0]  # fmt: skip


@pytest.fixture(scope="module")
def frame():
    return people({1: 180, 2: 240, 3: 95, -1: 40})


@pytest.fixture(scope="module")
def mart(frame, new_warehouse):
    return marts_of(new_warehouse(), frame)


def test_every_figure_is_that_of_statsmodels_and_pandas(frame, mart):
    found = mart.frame("segment_outcomes")
    assert len(found) == len(DAYS) * 6
    one_day = frame[frame["snapshot_date"] == DAYS[0]]
    for row in found.to_dict("records"):
        segment = -1 if pd.isna(row["segment_id"]) else row["segment_id"]
        own = one_day[one_day[row["lens"]] == segment]
        counted = own.count()
        assert row["n_customers"] == len(own)
        assert row["n_valued"] == counted["total_premium"]
        assert row["n_known"] == counted["policy_status"]
        wanted = expected(one_day, row["lens"], segment)
        assert [row[name] for name in TOLD] == pytest.approx(wanted, abs=0.0051, rel=1e-9)
        assert [row[name] for name in TOLD[4:11]] == pytest.approx(wanted[4:11], abs=1e-6)
        assert not row["is_small"]
    assert found["is_different"].nunique() == 2


def test_segments_of_every_lens_are_named_and_shares_are_of_the_whole(mart):
    found = mart.frame("segment_outcomes")
    names = found[found["snapshot_date"] == DAYS[0]].groupby("lens")["segment_name"].agg(set)
    assert names["small"] == {"Name 1", "Name 2", "Name 3", "Unclassified"}
    assert names["wide"] == {"Segment 1", "Segment 2"}
    sums = found.groupby(["snapshot_date", "lens"])[["customers_pct", "value_pct"]].sum()
    assert sums.to_numpy() == pytest.approx(np.full(sums.shape, 100.0), abs=1e-4)


@pytest.mark.parametrize("few", [1, 19])
def test_what_a_few_are_worth_and_met_is_told_neither_by_their_row_nor_by_the_others(few, new_duckdb):
    found = marts_of(new_duckdb(), people({1: 100, 2: 60, 3: few}, seed=few)).frame("segment_outcomes")
    small = found[found["lens"] == "small"]
    withheld = small[small["is_small"]]
    assert set(withheld["segment_id"]) == {3, 2}  # the few, and the next smallest, or they would follow from the whole
    assert withheld[TOLD].isna().all(axis=None)
    assert small[~small["is_small"]][TOLD].notna().all(axis=None)
    assert small["n_customers"].notna().all()


def test_few_of_whom_an_outcome_is_known_or_who_are_worth_anything_are_withheld(new_duckdb):
    frame = people({1: 100, 2: 100, 3: 100})
    third = frame["small"] == 3
    hidden = frame.assign(policy_status=frame["policy_status"].where(~third | (frame["customer_id"] < "c00210")))
    worthless = frame.assign(
        total_premium=frame["total_premium"].where(~third | (frame["customer_id"] < "c00210"), 0.0)
    )
    for changed in (hidden, worthless):
        found = marts_of(new_duckdb(), changed).frame("segment_outcomes")
        assert found[(found["lens"] == "small") & found["is_small"]]["segment_id"].nunique() == 2


def test_where_none_or_all_met_it_the_interval_ends_there(new_duckdb):
    frame = people({1: 50, 2: 50}).assign(policy_status=lambda f: np.where(f["small"] == 1, "lapsed", "active"))
    found = marts_of(new_duckdb(), frame).frame("segment_outcomes").query("lens == 'small'").set_index("segment_id")
    assert found.loc[1, "outcome_ci_high_pct"].unique() == [100]
    assert found.loc[2, "outcome_ci_low_pct"].unique() == [0]
    assert found.loc[1, "is_different"].all()


def test_a_portfolio_without_an_outcome_is_told_values_alone(frame, new_duckdb):
    marts = marts_of(new_duckdb(), frame)
    marts.portfolio = marts.portfolio.model_copy(update={"outcome": None})
    found = marts.frame("segment_outcomes")
    assert found[TOLD[3:]].isna().all(axis=None)
    assert found["total_value"].notna().all()
    assert (found["n_known"] == 0).all()


def test_category_and_feature_of_any_text_are_written_out_as_they_are():
    portfolio = INSURANCE.model_copy(
        update={
            "value": Value(feature="income", label="income", unit="EUR"),
            "outcome": Outcome(feature="city", category="L'Aquila \\ @value", label="left"),
        }
    )
    sql = mart_query("segment_outcomes", portfolio).sql
    assert "CAST(`income` AS FLOAT64)" in sql
    assert "`city` = 'L\\'Aquila \\\\ @value'" in sql
    assert math.isclose(1.959963984540054**2, 3.841458820694124)
