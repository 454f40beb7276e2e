"""The published insurer, segmented by kmodes, with every mart worked out a second time in pandas."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kmodes.kprototypes import KPrototypes

from segmentation_assets.tables import own_tables
from segmentation_assets_tests.insurers import CUSTOMERS, POLICIES, PRODUCTS
from segmentation_assets_tests.marts.warehouse import INSURANCE, Marts

LABELLED_CUSTOMERS = own_tables()["labelled_customers"]
SEGMENT_LABELS = own_tables()["segment_labels"]

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "insurance"
SNAPSHOT = pd.Timestamp("2025-11-15")
NAMES = ["Young Urban Starters", "Discerning Independents", "Loyal Family Households"]


@pytest.fixture(scope="session")
def delivered():
    """Customers, policies (with tenure and ratio) and products, under our column names."""
    if not DATA.is_dir():
        pytest.skip(f"the published insurance tables are not at {DATA}")
    customers, policies, products = (
        pd.read_csv(DATA / f"{name}.csv").rename(columns=str.lower) for name in ("customers", "sales", "products")
    )
    american, british = (
        pd.to_datetime(policies.purchase_date, format=form, errors="coerce") for form in ("%m/%d/%Y", "%d/%m/%Y")
    )
    policies["purchase_date"] = american.fillna(british)
    assert american.isna().sum() == 3
    return customers, policies, products


@pytest.fixture(scope="session")
def segments(delivered):
    """segment_id by customer_id: the published clustering, numbered by mean age."""
    customers, policies, _ = delivered
    held = policies.assign(
        tenure_years=((SNAPSHOT - policies.purchase_date).dt.days / 365).round(2),
        premium_to_coverage=policies.premium / policies.coverage * 100,
    ).groupby("customer_id")[["tenure_years", "premium_to_coverage"]]
    people = customers.set_index("customer_id")
    numbers = people[["age", "income"]].join(held.mean())
    scaled = (numbers - numbers.min()) / (numbers.max() - numbers.min())
    rows = scaled.assign(marital_status=people.marital_status).to_numpy()
    model = KPrototypes(3, init="Cao", max_iter=20, random_state=42).fit(rows, categorical=[4])
    by_age = people.age.groupby(model.labels_).mean().sort_values().index.to_list()
    return pd.Series([by_age.index(label) for label in model.labels_], index=people.index)


@pytest.fixture(scope="module")
def warehouse(delivered, segments, new_warehouse):
    customers, policies, products = delivered
    stamp = {"snapshot_date": SNAPSHOT}
    labelled = pd.DataFrame(
        {
            "customer_id": segments.index,
            "lens": "overall",
            "segment_id": segments.to_numpy(),
            "segment_name": [NAMES[s] for s in segments],
            "confidence": 0.5,
            "is_outlier": False,
            "unassigned_reason": None,
        }
    )
    labels = pd.DataFrame(
        {
            "lens": "overall",
            "model_id": "m",
            "segment_id": range(3),
            "segment_name": NAMES,
            "description": NAMES,
            "label_source": "rules",
            "profile_hash": "h",
        }
    )
    return Marts(
        new_warehouse(),
        customers=customers.assign(**stamp)[CUSTOMERS.column_names],
        policies=policies.assign(**stamp, lapse_date=pd.NaT)[POLICIES.column_names],
        products=products.assign(**stamp)[PRODUCTS.column_names],
        labelled_customers=labelled.assign(**stamp).reindex(columns=LABELLED_CUSTOMERS.column_names),
        segment_labels=labels.assign(**stamp).reindex(columns=SEGMENT_LABELS.column_names),
    )


@pytest.fixture(scope="module")
def book(delivered, segments):
    """One row per policy with all that is known of it, joined in pandas."""
    customers, policies, products = delivered
    joined = policies.merge(customers, on="customer_id", validate="m:1").merge(products, on="product_id")
    days = (SNAPSHOT - joined.purchase_date).dt.days
    return joined.assign(
        segment_name=joined.customer_id.map(segments).map(dict(enumerate(NAMES))),
        tenure_years=(days / 365).round(2),
        ratio=joined.premium / joined.coverage * 100,
        premium_to_date=joined.premium * (days / 365).round(2),
    )


def share(amounts):
    return 100 * amounts / amounts.sum()


def ranks(frame, *by):
    """Rank 1, 2, ... by the first column, highest first, then by the second."""
    order = frame.sort_values(list(by), ascending=[False, True]).index
    return pd.Series(range(1, len(order) + 1), index=order).reindex(frame.index)


def same(warehouse, mart, expected, *, key):
    """Assert that the expected columns of a mart are as expected, and that it has no other rows."""
    found = warehouse.frame(mart).set_index(key).sort_index()
    expected = expected.reset_index().set_index(key).sort_index()
    assert found.index.to_list() == expected.index.to_list()
    for name in expected.columns:
        if pd.api.types.is_numeric_dtype(expected[name]):
            # Money is rounded to 2 decimals, all else to 6.
            decimals = 6 if name.endswith(("_pct", "_years", "lift")) or name.startswith(("n_", "mean_")) else 2
            half = 0.5 * 10.0 ** -(2 if name == "mean_income" else decimals)
            assert found[name].isna().to_list() == expected[name].isna().to_list(), f"{mart}.{name}"
            gaps = np.abs(found[name].astype(float) - expected[name].astype(float))
            assert gaps.max() <= half * 1.001, f"{mart}.{name} is off by {gaps.max()}"
        else:
            assert found[name].to_list() == expected[name].to_list(), f"{mart}.{name}"


def test_the_published_segments(segments):
    assert segments.value_counts().sort_index().to_list() == [1129, 1267, 1050]


def test_published_figures(warehouse):
    warehouse = warehouse.telling(INSURANCE.min_group_size)
    assert INSURANCE.min_group_size == 20
    premium = warehouse.frame("premium_by_segment").set_index("segment_name")
    assert premium.premium_pct.loc[NAMES].round(3).to_list() == [13.344, 53.150, 33.506]
    assert premium.n_customers.loc[NAMES].to_list() == [1129, 1267, 1050]
    london = warehouse.frame("premium_by_city").set_index("city").loc["London"]
    assert round(london.premium_pct, 3) == 21.332
    assert london.premium_rank == 1
    overall = warehouse.frame("overall_stat").iloc[0]
    assert (overall.n_customers, overall.n_policies, overall.n_products, overall.n_cities) == (3446, 3464, 19, 20)
    assert overall.total_premium == 16_481_801.19
    # The cards of the published dashboard.
    assert round(overall.premium_per_policy) == 4758
    assert round(overall.coverage_per_policy, -2) == 527_700
    assert round(overall.mean_policy_premium_to_coverage_pct, 2) == 1.25
    products = warehouse.frame("product_popularity")
    assert products.sort_values("policies_rank").product_name.head(5).to_list() == [
        "OfficeProtect", "MotorShield", "SuperGold Life Family", "TruePromise Family", "LifeShield Family"
    ]  # fmt: skip
    assert products.groupby("product_type").n_policies.sum().to_dict() == {
        "Life": 1456, "Health": 943, "Property": 630, "Auto": 435
    }  # fmt: skip
    best = warehouse.frame("top_customers").sort_values("premium_to_date_rank").customer_id.head(10)
    assert best.to_list() == [
        "HL01566", "HL00545", "HL01150", "HL00347", "HL01207", "HL02593", "HL01930", "HL02187", "HL00846", "HL02673"
    ]  # fmt: skip


def test_overall_stat(warehouse, delivered, book):
    customers, policies, _ = delivered
    expected = pd.DataFrame(
        {
            "snapshot_date": [SNAPSHOT],
            "n_unclassified": 0,
            "n_segments": 3,
            "n_policyholders": policies.customer_id.nunique(),
            "n_products_sold": policies.product_id.nunique(),
            "total_coverage": policies.coverage.sum(),
            "premium_per_policyholder": policies.premium.sum() / policies.customer_id.nunique(),
            "mean_policy_tenure_years": book.tenure_years.mean(),
            "mean_age_years": customers.age.mean(),
            "mean_income": customers.income.mean(),
        }
    ).set_index("snapshot_date")
    same(warehouse, "overall_stat", expected, key="snapshot_date")
    found = warehouse.frame("overall_stat").iloc[0]
    assert pd.isna(found.n_policies_in_force)
    assert pd.isna(found.in_force_premium)


def test_portfolio_joined(warehouse, book):
    found = warehouse.frame("portfolio_joined")
    assert found.is_in_force.isna().all()
    columns = ["customer_id", "product_id", "segment_name", "purchase_date", "premium", "product_name", "product_type",
               "category", "age", "gender", "city", "marital_status", "occupation", "preferred_channel", "tenure_years",
               "premium_to_date"]  # fmt: skip
    same(warehouse, "portfolio_joined", book.set_index("policy_id")[columns], key="policy_id")


@pytest.mark.parametrize(
    ("mart", "group"),
    [("premium_by_segment", "segment_name"), ("premium_by_city", "city"), ("premium_by_age_group", "age_group")],
)
def test_premium_by(warehouse, book, delivered, segments, *, mart, group):
    customers, _, _ = delivered
    bands = {"right": False, "labels": ["<18", "18-30", "31-40", "41-50", "51-60", "61+"]}
    edges = [0, 18, 31, 41, 51, 61, 200]
    book = book.assign(age_group=pd.cut(book.age, edges, **bands).astype(str))
    people = customers.assign(
        age_group=pd.cut(customers.age, edges, **bands).astype(str),
        segment_name=customers.customer_id.map(segments).map(dict(enumerate(NAMES))),
    )
    by = book.groupby(group)
    expected = pd.DataFrame(
        {
            "n_customers": people[group].value_counts(),
            "customers_pct": share(people[group].value_counts()),
            "n_policies": by.size(),
            "total_premium": by.premium.sum(),
            "premium_pct": share(by.premium.sum()),
            "premium_per_policy": by.premium.mean(),
            "premium_per_customer": by.premium.sum() / people[group].value_counts(),
            "total_coverage": by.coverage.sum(),
            "mean_policy_premium_to_coverage_pct": by.ratio.mean(),
        }
    ).rename_axis(group)
    expected["premium_rank"] = expected.total_premium.rank(ascending=False).astype(int)
    same(warehouse, mart, expected, key=group)
    assert warehouse.frame(mart).in_force_premium.isna().all()


def test_tenure_groups(warehouse, book):
    bands = ["<1", "1-3", "3-5", "5-10", "10-15", "15-20", "20+"]
    by = book.groupby(pd.cut(book.tenure_years, [0, 1, 3, 5, 10, 15, 20, 99], right=False, labels=bands).astype(str))
    expected = pd.DataFrame(
        {
            "n_policies": by.size(),
            "policies_pct": share(by.size()),
            "n_customers": by.customer_id.nunique(),
            "total_premium": by.premium.sum(),
            "premium_pct": share(by.premium.sum()),
            "premium_per_policy": by.premium.mean(),
            "premium_to_date": by.premium_to_date.sum(),
        }
    ).rename_axis("tenure_group")
    assert expected.n_policies.to_dict() == {
        "1-3": 1252, "3-5": 1036, "5-10": 223, "10-15": 729, "15-20": 217, "20+": 7
    }  # fmt: skip
    same(warehouse, "tenure_groups", expected, key="tenure_group")


def test_product_popularity(warehouse, delivered, book):
    products = delivered[2].set_index("product_id")
    by = book.groupby("product_id")
    sold = pd.DataFrame(
        {
            "n_policies": by.size(),
            "policies_pct": share(by.size()),
            "n_customers": by.customer_id.nunique(),
            "penetration_pct": 100 * by.customer_id.nunique() / 3446,
            "total_premium": by.premium.sum(),
            "premium_pct": share(by.premium.sum()),
        }
    )
    assert len(products) - len(sold) == 2  # two products nobody bought; they are listed all the same
    expected = products.join(sold).fillna(0).join(by.premium.mean().rename("premium_per_policy")).reset_index()
    expected["policies_rank"] = ranks(expected, "n_policies", "product_id")
    expected["premium_rank"] = ranks(expected, "total_premium", "product_id")
    same(warehouse, "product_popularity", expected.set_index("product_id"), key="product_id")


def test_product_popularity_by_segment_and_top_products(warehouse, book):
    by = book.groupby(["segment_name", "product_id"])
    expected = by.agg(
        product_name=("product_name", "first"),
        n_policies=("policy_id", "size"),
        n_customers=("customer_id", "nunique"),
        total_premium=("premium", "sum"),
    ).reset_index()
    in_segment = expected.groupby("segment_name")
    expected["policies_pct"] = in_segment.n_policies.transform(share)
    expected["premium_pct"] = in_segment.total_premium.transform(share)
    expected["population_policies_pct"] = expected.product_id.map(share(book.product_id.value_counts()))
    expected["lift"] = expected.policies_pct / expected.population_policies_pct
    for rank, by_what in {"policies_rank": "n_policies", "premium_rank": "total_premium"}.items():
        ranked = [ranks(rows, by_what, "product_id") for _, rows in expected.groupby("segment_name")]
        expected[rank] = pd.concat(ranked)
    key = ["segment_name", "product_id"]
    same(warehouse, "product_popularity_by_segment", expected.set_index(key), key=key)

    key = ["segment_name", "premium_rank"]
    top = expected[expected.premium_rank <= 5].set_index(key)
    assert len(top) == 15
    columns = ["product_id", "product_name", "n_policies", "total_premium", "premium_pct"]
    same(warehouse, "top_products", top[columns], key=key)


def test_top_customers(warehouse, book):
    expected = (
        book.groupby("customer_id")
        .agg(
            segment_name=("segment_name", "first"),
            age=("age", "first"),
            income=("income", "first"),
            city=("city", "first"),
            n_policies=("policy_id", "size"),
            n_products=("product_id", "nunique"),
            total_premium=("premium", "sum"),
            total_coverage=("coverage", "sum"),
            tenure_years=("tenure_years", "mean"),
            premium_to_date=("premium_to_date", "sum"),
        )
        .reset_index()
    )
    expected["premium_pct"] = share(expected.total_premium)
    expected["premium_rank"] = ranks(expected, "total_premium", "customer_id")
    expected["premium_to_date_rank"] = ranks(expected, "premium_to_date", "customer_id")
    top = expected[(expected.premium_rank <= 100) | (expected.premium_to_date_rank <= 100)]
    same(warehouse, "top_customers", top.set_index("customer_id"), key="customer_id")


def test_preferences_by_segment(warehouse, delivered, segments):
    customers, _, _ = delivered
    melted = customers.melt(
        "customer_id", ["preferred_language", "preferred_channel", "preferred_time"], "preference", "choice"
    )
    melted["preference"] = melted.preference.str.removeprefix("preferred_")
    melted["segment_name"] = melted.customer_id.map(segments).map(dict(enumerate(NAMES)))
    key = ["segment_name", "preference", "choice"]
    expected = melted.groupby(key).size().rename("n_customers").reset_index()
    expected["customers_pct"] = (
        100 * expected.n_customers / expected.segment_name.map(dict(zip(NAMES, [1129, 1267, 1050], strict=True)))
    )
    everyone = melted.groupby(["preference", "choice"]).size() / 3446 * 100
    expected["population_pct"] = everyone.loc[pd.MultiIndex.from_frame(expected[["preference", "choice"]])].to_numpy()
    expected["lift"] = expected.customers_pct / expected.population_pct
    ranked = [ranks(rows, "n_customers", "choice") for _, rows in expected.groupby(["segment_name", "preference"])]
    expected["preference_rank"] = pd.concat(ranked)
    same(warehouse, "preferences_by_segment", expected.set_index(key), key=key)


def test_segment_overview(warehouse, delivered, book, segments):
    customers, _, _ = delivered
    held = book.groupby("customer_id")[["tenure_years", "ratio"]].mean()
    people = customers.set_index("customer_id").join(held)
    people["segment_name"] = segments.map(dict(enumerate(NAMES)))
    by, sold = people.groupby("segment_name"), book.groupby("segment_name")
    expected = pd.DataFrame(
        {
            "n_customers": by.size(),
            "customers_pct": share(by.size()),
            "n_policies": sold.size(),
            "total_premium": sold.premium.sum(),
            "premium_pct": share(sold.premium.sum()),
            "premium_per_customer": sold.premium.sum() / by.size(),
            "total_coverage": sold.coverage.sum(),
            "premium_to_date": sold.premium_to_date.sum(),
            "mean_age_years": by.age.mean(),
            "mean_income": by.income.mean(),
            "mean_tenure_years": by.tenure_years.mean(),
            "mean_premium_to_coverage_pct": by.ratio.mean(),
            "most_common_marital_status": by.marital_status.agg(lambda values: values.mode()[0]),
            "most_common_city": by.city.agg(lambda values: values.mode()[0]),
            "top_product_type": sold.apply(
                lambda rows: rows.groupby("product_type").premium.sum().idxmax(), include_groups=False
            ),
        }
    )
    same(warehouse, "segment_overview", expected, key="segment_name")


def test_one_snapshot_has_no_migration(warehouse):
    assert warehouse.frame("migration_matrix").empty


def test_churn_is_unknown_where_no_lapse_was_delivered(warehouse, book):
    held = book.groupby("customer_id").agg(n_products=("product_id", "nunique"), city=("city", "first"))
    expected = held.groupby(["n_products", "city"]).size().rename("n_customers").to_frame()
    same(warehouse, "churn_by_products_and_city", expected, key=["n_products", "city"])
    found = warehouse.frame("churn_by_products_and_city")
    assert found[["n_lapsed", "churn_pct", "churn_ci_low_pct", "churn_ci_high_pct"]].isna().all().all()
