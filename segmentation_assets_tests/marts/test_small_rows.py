"""What marts withhold of rows in which fewer than 20 customers stand, and that nothing told gives it away."""

import pandas as pd
import pytest
from sqlglot import exp

from segmentation_assets.checking.queries import stored_mart_queries, view_queries
from segmentation_assets.tables import build_tables
from segmentation_assets.warehouse.sql.queries import parse
from segmentation_assets_tests.marts.placed import marts_of
from segmentation_assets_tests.marts.warehouse import Marts

DAY = "2025-11-15"
SNAPSHOT = pd.Timestamp(DAY)
COUNTS = {
    "n_customers",
    "customers_pct",
    "n_policies",
    "policies_pct",
    "policies_rank",
    "penetration_pct",
    "n_outliers",
}
OF_WHOM = {
    "snapshot_date", "lens", "segment_id", "segment_name", "description", "city", "age_group", "from_age_years",
    "tenure_group", "from_tenure_years", "product_id", "product_name", "product_type", "category", "n_products",
    "population_policies_pct", "lift", "is_small",
}  # fmt: skip
AMOUNTS = [
    "premium_by_segment", "premium_by_city", "premium_by_age_group", "tenure_groups", "product_popularity",
    "product_popularity_by_segment", "churn_by_products_and_city",
]  # fmt: skip


SIZES = {"Ayr": 1, "Bath": 19, "Cork": 20, "Deal": 21, "Ely": 60}


@pytest.fixture(scope="module")
def towns(new_warehouse):
    """Towns of 1, 19, 20, 21 and 60 customers, each its own segment, age group, product and time of purchase."""
    ages, years = [17, 25, 35, 45, 55], [0, 2, 4, 7, 12]
    rows = [
        {
            "snapshot_date": SNAPSHOT, "customer_id": f"{town}{i}", "segment": at, "city": town, "age": ages[at],
            "income": 10_000 * (at + 1),
            "marital_status": f"of {town}", "preferred_language": f"as in {town}", "preferred_channel": "Email",
            "product_id": town, "premium": 100.0 * (at + 1) + i, "coverage": 10_000.0,
            "purchase_date": SNAPSHOT - pd.Timedelta(days=365 * years[at] + 100),
            "lapse_date": pd.Timestamp("2025-11-01") if at == 4 and i < 30 else pd.NaT,
        }
        for at, (town, n) in enumerate(SIZES.items())
        for i in range(n)
    ]  # fmt: skip
    people = pd.DataFrame(rows)
    return marts_of(new_warehouse(), people, people)


def withheld(marts: Marts, mart: str) -> pd.DataFrame:
    """Return the small rows of a mart after asserting that no more than counts is told of them, and all of others."""
    frame = marts.frame(mart)
    amounts = [name for name in frame.columns if name not in COUNTS | OF_WHOM]
    assert len(amounts) >= 3
    few = frame[frame["is_small"]]
    assert few[amounts].isna().all().all(), mart
    assert frame[sorted(set(frame.columns) & COUNTS)].notna().all().all()
    rest = frame[~frame["is_small"] & (frame["n_customers"] > 0)]
    assert rest[amounts].notna().all().all(), mart
    for name in (name for name in frame.columns if name.endswith("premium_rank") and "segment_name" not in frame):
        told = frame[name].dropna().astype(int)
        assert sorted(told) == list(range(1, len(told) + 1))
    return few


@pytest.mark.parametrize("mart", AMOUNTS)
def test_few_are_counted_and_not_told_and_neither_is_what_would_give_them_away(mart, towns):
    small = sorted(withheld(towns, mart)["n_customers"])
    # By town, those of 1 and 19 stand together under Other, and are enough.
    assert small == ([] if mart in {"premium_by_city", "churn_by_products_and_city"} else [1, 19, 20])


def test_another_threshold_is_another_mart(towns):
    portfolios = [towns.telling(n).portfolio for n in (20, 30)]
    tables = build_tables(portfolios[0])
    queries = [view_queries(p, tables) | stored_mart_queries(p, tables) for p in portfolios]
    changed = {name for name, query in queries[0].items() if query.sql != queries[1][name].sql}
    assert changed == {*AMOUNTS, "top_products", "preferences_by_segment", "segment_overview", "segment_outcomes"}
    left = [node for query in queries[0].values() for node in parse(query.sql, query.origin).find_all(exp.Parameter)]
    assert not [node for node in left if node.name == "min_group_size"]  # but in comments


def test_a_town_of_few_stands_under_other(towns):
    for mart in ("premium_by_city", "churn_by_products_and_city"):
        assert {(r["city"], r["n_customers"]) for r in towns.arrow(mart).to_pylist()} == {
            ("Other", 20), ("Cork", 20), ("Deal", 21), ("Ely", 60),
        }  # fmt: skip


def test_a_segment_of_few_is_told_by_its_size_alone(towns):
    overview = towns.frame("segment_overview").set_index("segment_name")
    assert overview["n_customers"].to_list() == [1, 19, 20, 21, 60] or sorted(overview["n_customers"]) == [
        *SIZES.values()
    ]
    small = overview[overview["is_small"]]
    assert sorted(small["n_customers"]) == [1, 19, 20]
    amounts = [
        name
        for name in overview.columns
        if name.startswith(("mean_", "premium_", "total_")) or name == "top_product_type"
    ]
    assert small[amounts].isna().all().all()
    assert overview[~overview["is_small"]][amounts].notna().all().all()
    common = overview.set_index("n_customers")["most_common_city"].to_dict()
    assert common == {1: None, 19: None, 20: "Cork", 21: "Deal", 60: "Ely"}
    marital = overview.set_index("n_customers")["most_common_marital_status"].to_dict()
    assert marital == {1: None, 19: None, 20: "of Cork", 21: "of Deal", 60: "of Ely"}


def test_a_choice_of_few_stands_under_other(towns):
    rows = towns.rows("preferences_by_segment", DAY, "segment_name", "preference", "choice", "n_customers", "is_small")
    assert {row[1:] for row in rows if row[1] == "language"} == {
        ("language", "Other", 1, True), ("language", "Other", 19, True), ("language", "as in Cork", 20, False),
        ("language", "as in Deal", 21, False), ("language", "as in Ely", 60, False),
    }  # fmt: skip
    assert {row[2] for row in rows if row[1] == "channel"} == {"Email"}
    assert {row[2] for row in rows if row[1] == "time"} == {"Unknown"}


def test_the_best_products_are_those_that_are_told(towns):
    told = {row["product_id"] for row in towns.arrow("top_products").to_pylist()}
    assert told == {"Deal", "Ely"}
    assert set(towns.frame("top_products")["premium_rank"]) == {1}


@pytest.mark.parametrize(
    ("n_lapsed", "told"), [(0, True), (19, False), (20, True), (40, True), (41, False), (60, True)]
)
def test_what_lapsed_is_told_apart_where_neither_part_is_of_few(n_lapsed, told, new_duckdb):
    people = pd.DataFrame(
        {
            "snapshot_date": SNAPSHOT,
            "customer_id": [f"c{i:03}" for i in range(260)],
            "segment": [0] * 60 + [1] * 100 + [2] * 100,
            "product_id": "A",
            "premium": [100.0 + i for i in range(260)],
            "coverage": 1000.0,
            "purchase_date": pd.Timestamp("2020-01-01"),
            "lapse_date": [SNAPSHOT if i < n_lapsed or i % 2 else pd.NaT for i in range(260)],
        }
    )
    people.loc[people.index[n_lapsed:60], "lapse_date"] = pd.NaT
    found = marts_of(new_duckdb(), people, people).frame("premium_by_segment").set_index("segment_name")
    assert found["total_premium"].notna().all()
    assert found["in_force_premium"].notna().to_list().count(False) == (0 if told else 2)
    assert (found.loc["Segment 0", "in_force_premium"] >= 0) == told


def test_means_of_the_few_who_gave_an_age_or_an_income_are_not_told(new_duckdb):
    people = pd.DataFrame({"snapshot_date": SNAPSHOT, "customer_id": [f"c{i}" for i in range(100)], "segment": 0})
    people["age"] = [40] * 20 + [None] * 80
    people["income"] = [50_000] * 19 + [None] * 81
    sold = pd.DataFrame(columns=["snapshot_date", "product_id"])
    [found] = marts_of(new_duckdb(), people, sold).arrow("segment_overview").to_pylist()
    assert (found["is_small"], found["mean_age_years"], found["mean_income"]) == (False, 40.0, None)
