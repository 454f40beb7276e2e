"""The insurer's feature SQL against rows worked out by hand, on both engines."""

from datetime import date

import pandas as pd
import pytest

from segmentation_assets.tables.frames import to_arrow
from segmentation_assets.warehouse.sql.queries import load_query
from segmentation_assets_tests.engines import lay_out
from segmentation_assets_tests.insurers import INPUT_TABLES

JUNE, JULY = date(2025, 6, 30), date(2025, 7, 31)
WHO = ("Female", "Leeds", "Single", "Doctorate", "Nurse")
WISH = ("English", "Email", "Morning")

# a has all there is; b let every policy lapse; c holds none; d holds a product of unknown type.
CUSTOMERS = [("a", 30, *WHO, 40_000.0, *WISH), ("b", None, *WHO, None, *WISH), ("c", 50, *WHO, 1.0, *WISH),
             ("d", 60, *WHO, 2.0, *WISH)]  # fmt: skip
# policy, customer, product, bought, premium, coverage, lapse; behind each the days to June 30th and days / 365
POLICIES = [
    ("p1", "a", "X", date(2024, 7, 1), 100.0, 1_000.0, None),  # 364: 1.00; 10 %
    ("p2", "a", "Y", date(2022, 6, 30), 300.0, 6_000.0, JUNE),  # 1096: 3.00; 5 %; lapsed on the day
    ("p3", "b", "X", JUNE, 50.0, 400.0, date(2025, 6, 1)),  # 0: 0.00; 12.5 %
    ("p4", "b", "Z", date(2015, 6, 30), 50.0, 500.0, JUNE),  # 3653: 10.01; 10 %
    ("p5", "d", "W", date(2025, 6, 29), 70.0, 700.0, JULY),  # 1: 0.00; 10 %; lapses later
]
PRODUCTS = [("X", "LifeOne", "Life", "Family"), ("Y", "DriveOne", "Auto", "Family"),
            ("Z", "DriveTwo", "Auto", "Family"), ("W", "Odd", None, "Family")]  # fmt: skip
CLAIMS = [
    ("k1", "p1", "a", date(2024, 6, 30), 10.0, "paid"),  # a year ago to the day: no longer counted
    ("k2", "p1", "a", date(2024, 7, 1), 10.0, "paid"),
    ("k3", "p1", "a", JUNE, 10.0, "open"),
]
INTERACTIONS = [
    ("i1", "a", date(2025, 1, 1), "visit", "Branch", None, None),
    ("i2", "a", date(2024, 6, 30), "visit", "Branch", None, None),  # a year ago
    ("i3", "a", date(2025, 1, 1), "call", "Phone", None, None),
    ("i4", "a", date(2025, 1, 1), "email", "Email", None, None),
    ("i5", "a", date(2025, 1, 1), "complaint", "Phone", None, None),
    ("i6", "a", date(2025, 1, 1), "payment", None, 9.0, 3),
    ("i7", "a", date(2025, 1, 1), "payment", None, 9.0, 0),
    ("i8", "a", date(2025, 1, 1), "payment", None, 9.0, None),
    ("i9", "b", date(2025, 1, 1), "text", "Phone", None, None),
]
SURVEY_RESPONSES = [
    ("r1", "a", date(2025, 1, 1), "risk_appetite", 2, None),
    ("r2", "a", date(2025, 2, 1), "risk_appetite", 4, None),
    ("r3", "a", date(2025, 2, 1), "risk_appetite", 5, None),  # of two on one day the later key
    ("r4", "a", date(2025, 3, 1), "price_sensitivity", None, None),  # no answer
    ("r5", "a", date(2024, 1, 1), "price_sensitivity", 1, None),
    ("r6", "b", date(2025, 1, 1), "brand_loyalty", 3, None),
    ("r7", "b", date(2025, 1, 1), "another_question", 3, None),
]
GIVEN = {"customers": CUSTOMERS, "policies": POLICIES, "products": PRODUCTS, "claims": CLAIMS,
         "interactions": INTERACTIONS, "survey_responses": SURVEY_RESPONSES}  # fmt: skip
LATER = {"customers": CUSTOMERS[:1], "policies": POLICIES[:1], "products": PRODUCTS}  # neither lapses nor the rest


@pytest.fixture(scope="module")
def features(new_warehouse):
    """Rows of `customer_features` by snapshot and customer."""
    warehouse = new_warehouse()
    for table in INPUT_TABLES[:-1]:  # outreach makes no feature
        rows = [(JUNE, *r) for r in GIVEN.get(table.name, [])] + [(JULY, *r) for r in LATER.get(table.name, [])]
        frame = pd.DataFrame(rows, columns=table.column_names, dtype=object)
        frame = frame.assign(**{c.name: pd.to_datetime(frame[c.name]) for c in table.columns if c.type == "DATE"})
        lay_out(warehouse, table, to_arrow(frame, table))
    query = load_query("features/insurance/customer_features.sql", first_snapshot=JUNE, last_snapshot=JULY)
    rows = warehouse.query(query).to_pylist()
    return {(row.pop("snapshot_date"), row.pop("customer_id")): row for row in rows}


def test_one_row_a_customer_and_snapshot(features):
    assert sorted(features) == [(JUNE, "a"), (JUNE, "b"), (JUNE, "c"), (JUNE, "d"), (JULY, "a")]


def test_a_customer_of_whom_all_is_known(features):
    assert features[JUNE, "a"] == {
        "age": 30.0, "income": 40_000.0, "gender": "Female", "city": "Leeds", "marital_status": "Single",
        "education": "Doctorate", "occupation": "Nurse", "preferred_channel": "Email",
        "tenure_years": 2.0,  # (1 + 3) / 2
        "premium_to_coverage": 7.5,  # (10 + 5) / 2
        "n_policies": 2.0, "total_premium": 400.0, "total_coverage": 7_000.0, "main_product_type": "Auto",
        "products_bought": "Auto + Life", "second_product_type": "Life",  # Auto in 2022, Life in 2024
        "policy_status": "active", "claims_per_year": 2.0, "visits_per_year": 1.0, "calls_per_year": 3.0,
        "late_payment_share": 1 / 3,
        "risk_appetite": 5.0, "price_sensitivity": 1.0, "digital_affinity": None, "brand_loyalty": None,
    }  # fmt: skip


def test_one_whose_every_policy_has_lapsed(features):
    assert features[JUNE, "b"] == features[JUNE, "a"] | {
        "age": None, "income": None,
        "tenure_years": 10.01 / 2, "premium_to_coverage": 11.25, "n_policies": 2.0, "total_premium": 100.0,
        "total_coverage": 900.0, "main_product_type": "Auto",  # 50 either way: the first by name
        "policy_status": "lapsed", "claims_per_year": 0.0, "visits_per_year": 0.0, "calls_per_year": 1.0,
        "late_payment_share": 0.0,
        "risk_appetite": None, "price_sensitivity": None, "brand_loyalty": 3.0,
    }  # fmt: skip


def test_one_who_holds_no_policy(features):
    unknown = ("tenure_years", "premium_to_coverage", "main_product_type", "policy_status", "brand_loyalty")
    none = ("n_policies", "total_premium", "total_coverage", "claims_per_year", "calls_per_year")
    row = features[JUNE, "c"]
    assert {name: row[name] for name in (*unknown, *none)} == dict.fromkeys(unknown) | dict.fromkeys(none, 0.0)


def test_a_lapse_to_come_is_none_yet_and_a_product_without_type_is_no_main_one(features):
    row = features[JUNE, "d"]
    shown = ("tenure_years", "premium_to_coverage", "main_product_type", "products_bought", "policy_status")
    assert [row[name] for name in shown] == [0.0, 10.0, None, None, "active"]


def test_one_kind_of_product_has_no_second(features):
    row = features[JULY, "a"]
    assert (row["products_bought"], row["second_product_type"]) == ("Life", None)


def test_what_was_not_delivered_is_null_and_not_zero(features):
    row = features[JULY, "a"]
    assert row["tenure_years"] == 1.08  # 395 days
    nulls = {name for name, value in row.items() if value is None}
    assert nulls == {
        "second_product_type",  # there is one kind
        "policy_status", "claims_per_year", "visits_per_year", "calls_per_year", "late_payment_share",
        "risk_appetite", "price_sensitivity", "digital_affinity", "brand_loyalty",
    }  # fmt: skip
