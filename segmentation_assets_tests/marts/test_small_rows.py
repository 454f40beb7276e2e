"""What marts withhold of rows in which fewer than 20 customers stand, and that nothing told gives it away."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.tables.core import CUSTOMERS, POLICIES, PRODUCTS
from segmentation_assets.tables.personas import LABELLED_CUSTOMERS, SEGMENT_LABELS
from segmentation_assets_tests.marts.warehouse import Marts

DAY = "2025-11-15"
SNAPSHOT = pd.Timestamp(DAY)
LEAST = 20
COUNTS = {"n_customers", "customers_pct", "n_policies", "policies_pct", "policies_rank", "penetration_pct", "n_outliers"}
OF_WHOM = {
    "snapshot_date", "lens", "segment_id", "segment_name", "description", "city", "age_group", "from_age_years",
    "tenure_group", "from_tenure_years", "product_id", "product_name", "product_type", "category", "n_products",
    "population_policies_pct", "lift", "is_small",
}  # fmt: skip
AMOUNTS = [
    "premium_by_segment", "premium_by_city", "premium_by_age_group", "tenure_groups", "product_popularity",
    "product_popularity_by_segment", "churn_by_products_and_city",
]  # fmt: skip


def marts_of(warehouse, people: pd.DataFrame, sold: pd.DataFrame, products: list[str]) -> Marts:
    """Return marts of customers (customer_id, segment and what is known of them) and policies, at the real threshold."""
    stamp = {"snapshot_date": SNAPSHOT}
    names = people["segment"].map(lambda s: "Unclassified" if s is None else f"Segment {s}")
    labelled = people[["customer_id"]].assign(
        lens="overall", segment_id=people["segment"], segment_name=names, confidence=0.5, is_outlier=False
    )
    labels = pd.DataFrame({"segment_id": sorted({s for s in people["segment"] if s is not None})}).assign(
        lens="overall", model_id="m", label_source="rules", profile_hash="h", description="Some."
    )
    labels["segment_name"] = [f"Segment {s}" for s in labels["segment_id"]]
    policies = sold.assign(policy_id=[f"p{i}" for i in range(len(sold))], lapse_date=sold.get("lapse_date", pd.NaT))
    tables = {
        "customers": (people, CUSTOMERS),
        "policies": (policies, POLICIES),
        "products": (pd.DataFrame({"product_id": products, "product_name": products}), PRODUCTS),
        "labelled_customers": (labelled, LABELLED_CUSTOMERS),
        "segment_labels": (labels, SEGMENT_LABELS),
    }
    frames = {name: f.assign(**stamp).reindex(columns=table.column_names) for name, (f, table) in tables.items()}
    frames = {name: frame.astype(object).where(frame.notna(), None) for name, frame in frames.items()}
    return Marts(warehouse, min_group_size=LEAST, **frames)


SIZES = {"Ayr": 1, "Bath": 19, "Cork": 20, "Deal": 21, "Ely": 60}


@pytest.fixture(scope="module")
def towns(new_warehouse):
    """Towns of 1, 19, 20, 21 and 60 customers, each its own segment, age group, product and time of purchase."""
    ages, years = [17, 25, 35, 45, 55], [0, 2, 4, 7, 12]
    rows = [
        {
            "customer_id": f"{town}{i}", "segment": at, "city": town, "age": ages[at], "income": 10_000 * (at + 1),
            "marital_status": f"of {town}", "preferred_language": f"as in {town}", "preferred_channel": "Email",
            "product_id": town, "premium": 100.0 * (at + 1) + i, "coverage": 10_000.0,
            "purchase_date": SNAPSHOT - pd.Timedelta(days=365 * years[at] + 100),
            "lapse_date": pd.Timestamp("2025-11-01") if at == 4 and i < 30 else pd.NaT,
        }
        for at, (town, n) in enumerate(SIZES.items())
        for i in range(n)
    ]  # fmt: skip
    people = pd.DataFrame(rows)
    sold = people[["customer_id", "product_id", "premium", "coverage", "purchase_date", "lapse_date"]]
    return marts_of(new_warehouse(), people, sold, [*SIZES, "Unsold"])


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
    if mart == "premium_by_city":
        assert small == [20]  # those of 1 and 19 stand together as 20 under Other, and are enough
        return
    assert small == ([1, 19, 20] if mart != "churn_by_products_and_city" else [])


def test_a_town_of_few_stands_under_other(towns):
    for mart in ("premium_by_city", "churn_by_products_and_city"):
        assert {(r["city"], r["n_customers"]) for r in towns.arrow(mart).to_pylist()} == {
            ("Other", 20), ("Cork", 20), ("Deal", 21), ("Ely", 60),
        }  # fmt: skip
