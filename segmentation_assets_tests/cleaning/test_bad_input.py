"""One bad row among the published data costs itself, and what hangs on it, and nothing else."""

import pandas as pd
import pytest

from segmentation_assets_tests.cleaning.conftest import AS_OF, TABLES, clean_all


@pytest.fixture(scope="module")
def whole(published, portfolio):
    return clean_all(published, portfolio, AS_OF)


def test_the_published_rows_are_all_kept_and_three_dates_fall_back(whole, published):
    cleaned, rejected = whole
    assert len(rejected) == 0
    assert {name: len(done.frame) for name, done in cleaned.items()} == {k: len(v) for k, v in published.items()}
    assert cleaned["policies"].date_fallbacks == {"purchase_date": 3, "lapse_date": 0}
    assert all(done.repaired == {} for done in cleaned.values())
    policies = cleaned["policies"].frame.set_index("policy_id")
    assert policies["premium"].sum() == pytest.approx(16_481_801.19, abs=0.005)
    assert [str(d.date()) for d in policies.loc[["P003457", "P003458", "P003459"], "purchase_date"]] == [
        "2007-04-14", "2022-01-22", "2021-09-16"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "column", "change", "code", "lost_policies"),
    [
        ("customers", "age", lambda _: "410", "age_out_of_range", 1),
        ("customers", "marital_status", lambda _: "xyz", "category_not_allowed", 1),
        ("customers", "customer_id", lambda _: "", "missing_key", 1),
        ("policies", "customer_id", lambda _: "HL99999", "unknown_customer_id", 1),
        ("policies", "product_id", lambda _: "POL999999", "unknown_product_id", 1),
        ("policies", "premium", lambda _: "", "missing_value", 1),
        ("policies", "premium", lambda text: str(float(text) * 1000), "premium_out_of_range", 1),
        ("policies", "coverage", lambda _: "0", "coverage_out_of_range", 1),
        ("policies", "purchase_date", lambda _: "", "missing_value", 1),
        ("policies", "purchase_date", lambda _: "13/13/2022", "unparseable_date", 1),
        ("policies", "purchase_date", lambda _: "6/30/2029", "future_date", 1),
    ],
)
def test_one_bad_row_costs_itself_alone(whole, published, portfolio, table, column, change, code, lost_policies):  # noqa: PLR0917
    raw = {**published, table: published[table].copy()}
    customer_id = raw[table]["customer_id"].iloc[0]
    raw[table].loc[0, column] = change(raw[table].loc[0, column])
    cleaned, rejected = clean_all(raw, portfolio, AS_OF)
    first = rejected.iloc[0]
    assert (first["table_name"], first["source_row"]) == (table, 1)
    assert first["reason"].startswith(code + ": ")
    before, after = whole[0], {name: done.frame for name, done in cleaned.items()}
    assert len(after["policies"]) == len(before["policies"].frame) - lost_policies
    assert len(after["customers"]) == len(before["customers"].frame) - (table == "customers")
    for name in ("customers", "policies"):
        others = before[name].frame
        others = others[others["customer_id"] != customer_id].reset_index(drop=True)
        kept = after[name][after[name]["customer_id"] != customer_id].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, others)


@pytest.mark.parametrize(
    ("table", "column", "change"),
    [
        ("customers", "gender", str.upper),
        ("customers", "marital_status", lambda text: f"  {text.lower()} "),
        ("customers", "city", lambda text: f" {text.lower()}"),
        ("customers", "income", lambda text: f"£{text}"),
        ("customers", "customer_id", lambda text: f" {text} "),
        ("policies", "premium", lambda text: f" {text} GBP"),
    ],
)
def test_what_can_be_mended_is_mended_to_the_same_tables(whole, published, portfolio, table, column, change):  # noqa: PLR0917
    raw = {**published, table: published[table].copy()}
    raw[table].loc[7, column] = change(raw[table].loc[7, column])
    cleaned, rejected = clean_all(raw, portfolio, AS_OF)
    assert rejected.empty
    assert cleaned[table].repaired == {column: 1}
    for name, done in cleaned.items():
        pd.testing.assert_frame_equal(done.frame, whole[0][name].frame)


def test_a_row_delivered_twice_stands_once(whole, published, portfolio):
    raw = dict(published)
    for table in ("customers", "policies", "products"):
        again = published[table].iloc[[3]].assign(source_row=len(published[table]) + 1)
        raw[table] = pd.concat([published[table], again], ignore_index=True)
    cleaned, rejected = clean_all(raw, portfolio, AS_OF)
    assert rejected["reason"].str.match(r"duplicate_key: \S+ stands 2 times; the most complete row was kept").all()
    assert len(rejected) == 3
    for name, done in cleaned.items():
        pd.testing.assert_frame_equal(done.frame, whole[0][name].frame)


def test_shuffled_rows_give_the_same_tables(whole, published, portfolio):
    raw = {name: published[name].sample(frac=1, random_state=3).reset_index(drop=True) for name in TABLES}
    cleaned, rejected = clean_all(raw, portfolio, AS_OF)
    assert rejected.empty
    for name, done in cleaned.items():
        pd.testing.assert_frame_equal(done.frame, whole[0][name].frame)
