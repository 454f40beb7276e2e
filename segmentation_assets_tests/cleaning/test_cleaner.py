"""Each rule on rows made by hand."""

import json

import pandas as pd
import pytest

from segmentation_assets.cleaning.rejected.rows import MALFORMED_ROW
from segmentation_assets.sources import delivery
from segmentation_assets.tables.core import REJECTED_ROWS
from segmentation_assets.tables.frames import conform
from segmentation_assets_tests.cleaning.conftest import (
    AS_OF,
    CUSTOMER,
    INTERACTION,
    OUTREACH,
    POLICY,
    PRODUCT,
    TABLES,
    clean_all,
    raw_rows,
)


@pytest.fixture
def clean(portfolio):
    """Clean lists of rows by table; a customer and a product stand by unless given."""

    def cleaned(**tables):
        rows = {"customers": [CUSTOMER], "products": [PRODUCT], **tables}
        return clean_all({name: raw_rows(name, *given) for name, given in rows.items()}, portfolio, AS_OF)

    return cleaned


def reasons(rejected, table):
    return dict(rejected[rejected["table_name"] == table][["source_row", "reason"]].itertuples(index=False))


def test_core_rows_are_typed_and_dated(clean):
    cleaned, rejected = clean(policies=[POLICY], outreach=[OUTREACH], interactions=[INTERACTION])
    assert rejected.empty
    for name, done in cleaned.items():
        conform(done.frame, TABLES[name])
    conform(rejected, REJECTED_ROWS)
    policy = cleaned["policies"].frame.iloc[0]
    assert policy["snapshot_date"] == pd.Timestamp(AS_OF)
    assert policy["purchase_date"] == pd.Timestamp("2022-05-04")
    assert policy["premium"] == 861.83
    assert policy["lapse_date"] is pd.NaT
    contact = cleaned["outreach"].frame.iloc[0]
    assert (contact["is_control"], contact["has_responded"], contact["has_converted"]) == (False, pd.NA, False)


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("age", "410", "age_out_of_range: 410 not in [0, 120]"),
        ("age", "-1", "age_out_of_range: -1 not in [0, 120]"),
        ("age", "41.5", "not_an_integer: age is '41.5', which is no whole number"),
        ("age", "abc", "not_a_number: age is 'abc'"),
        ("customer_id", " ", "missing_key: customer_id is blank"),
        ("customer_id", "NULL", "missing_key: customer_id is blank (NULL)"),
        ("gender", "xyz", "category_not_allowed: gender 'xyz' not in [Male, Female, Non-binary, Not stated]"),
    ],
)  # fmt: skip
def test_a_broken_customer_is_rejected_and_the_others_stay(clean, column, text, reason):
    cleaned, rejected = clean(customers=[{**CUSTOMER, "customer_id": "C0"}, {**CUSTOMER, column: text}])
    assert cleaned["customers"].frame["customer_id"].tolist() == ["C0"]
    assert reasons(rejected, "customers") == {2: reason}


@pytest.mark.parametrize("column", ["age", "income", "marital_status", "gender", "city"])
@pytest.mark.parametrize("text", ["", None, "N/A"])
def test_a_customer_with_a_blank_stays_with_null(clean, column, text):
    cleaned, rejected = clean(customers=[{**CUSTOMER, column: text}])
    assert rejected.empty
    assert cleaned["customers"].frame[column].isna().all()


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("premium", "", "missing_value: premium is blank"),
        ("premium", "861830", "premium_out_of_range: 861830 not in (0, "),
        ("coverage", "0", "coverage_out_of_range: 0 not in (0, "),
        ("purchase_date", "", "missing_value: purchase_date is blank"),
        ("purchase_date", "13/13/2022", "unparseable_date: purchase_date '13/13/2022' fits none of the formats "),
        ("purchase_date", "1/1/2029", "future_date: purchase_date 2029-01-01 is after the snapshot 2025-11-15"),
        ("customer_id", "C9", "unknown_customer_id: C9 is not in customers"),
        ("customer_id", "", "missing_key: customer_id is blank"),
        ("product_id", "R9", "unknown_product_id: R9 is not in products"),
        ("policy_id", "", "missing_key: policy_id is blank"),
    ],
)
def test_a_broken_policy_is_rejected_and_its_customer_stays(clean, column, text, reason):
    cleaned, rejected = clean(policies=[{**POLICY, column: text}, {**POLICY, "policy_id": "P2"}])
    assert cleaned["policies"].frame["policy_id"].tolist() == ["P2"]
    assert cleaned["customers"].frame["customer_id"].tolist() == ["C1"]
    assert reasons(rejected, "policies")[1].startswith(reason)


def test_the_policy_of_a_rejected_customer_says_so(clean):
    _, rejected = clean(customers=[{**CUSTOMER, "age": "410"}, {**CUSTOMER, "customer_id": "C2"}], policies=[POLICY])
    assert reasons(rejected, "policies") == {1: "unknown_customer_id: C1's own row in customers was rejected"}


def test_keys_are_not_looked_for_in_a_table_that_is_not_provided(clean):
    cleaned, rejected = clean(products=[], policies=[POLICY])
    assert rejected.empty
    assert len(cleaned["policies"].frame) == 1


def test_several_faults_make_one_reject_with_all_reasons_in_column_order(clean):
    _, rejected = clean(policies=[{**POLICY, "coverage": "0", "purchase_date": "soon", "customer_id": "C9"}])
    assert [r.split(":")[0] for r in rejected["reason"][0].split("; ")] == [
        "unknown_customer_id",
        "unparseable_date",
        "coverage_out_of_range",
    ]


def test_a_rejected_row_is_kept_whole(clean):
    row = {**PRODUCT, "product_id": " R2 ", "category": "Nobody", "other_columns": '{"Colour": "red"}'}
    _, rejected = clean(products=[PRODUCT, row])
    only = rejected.iloc[0]
    assert (only["table_name"], only["source_row"], only["row_key"]) == ("products", 2, "R2")
    assert json.loads(only["row_json"]) == {
        "product_id": " R2 ", "product_name": "Well", "product_type": "Health", "category": "Nobody", "Colour": "red"
    }  # fmt: skip


def test_a_malformed_row_is_rejected_for_that_alone(clean):
    torn = {"policy_id": "P2", "other_columns": json.dumps({MALFORMED_ROW: "2 fields instead of 6", "!line": "P2,C1"})}
    cleaned, rejected = clean(policies=[POLICY, torn])
    assert cleaned["policies"].frame["policy_id"].tolist() == ["P1"]
    only = rejected.iloc[0]
    assert (only["reason"], only["row_key"]) == ("malformed_row: 2 fields instead of 6", "P2")
    assert json.loads(only["row_json"])["!line"] == "P2,C1"


def test_the_mark_of_malformed_rows_is_the_one_that_sources_set():
    assert MALFORMED_ROW == delivery.MALFORMED_ROW


def test_of_duplicates_the_most_complete_stays_whatever_the_order(clean):
    full = {**CUSTOMER, "city": "York"}
    sparse = {**CUSTOMER, "age": "", "city": "Aberdeen"}
    for rows in ([full, sparse], [sparse, full]):
        cleaned, rejected = clean(customers=rows)
        assert cleaned["customers"].frame["city"].tolist() == ["York"]
        assert rejected["reason"].tolist() == ["duplicate_key: C1 stands 2 times; the most complete row was kept"]
        assert json.loads(rejected["row_json"][0])["city"] == "Aberdeen"


def test_of_equally_complete_duplicates_the_smallest_content_stays(clean):
    rows = [{**CUSTOMER, "city": city} for city in ("York", "Bath", "Leeds")]
    for order in (rows, rows[::-1]):
        cleaned, rejected = clean(customers=order)
        assert cleaned["customers"].frame["city"].tolist() == ["Bath"]
        assert len(rejected) == 2


def test_a_broken_row_never_ousts_a_whole_one_of_its_key(clean):
    sparse = {**CUSTOMER, "income": "", "city": ""}
    cleaned, rejected = clean(customers=[{**CUSTOMER, "age": "410"}, sparse])
    assert len(cleaned["customers"].frame) == 1
    assert reasons(rejected, "customers") == {1: "age_out_of_range: 410 not in [0, 120]"}


def test_keys_that_differ_in_blanks_are_duplicates(clean):
    cleaned, rejected = clean(customers=[CUSTOMER, {**CUSTOMER, "customer_id": " C1 "}])
    assert cleaned["customers"].frame["customer_id"].tolist() == ["C1"]
    assert rejected["reason"].str.startswith("duplicate_key: C1 stands 2 times").all()


def test_a_policy_may_name_a_customer_whose_duplicate_was_rejected(clean):
    cleaned, _ = clean(customers=[CUSTOMER, CUSTOMER], policies=[POLICY])
    assert len(cleaned["policies"].frame) == 1


def test_repairs_are_counted_and_leave_one_spelling(clean):
    towns = ["London", "London", "london ", "LONDON", "York"]
    rows = [{**CUSTOMER, "customer_id": f"C{i}", "city": town} for i, town in enumerate(towns)]
    rows[0].update(gender=" MALE", income="£18,719.32")
    cleaned, rejected = clean(customers=rows)
    assert rejected.empty
    frame = cleaned["customers"].frame
    assert frame["city"].tolist() == ["London"] * 4 + ["York"]
    assert frame["gender"].tolist() == ["Male"] * 5
    assert frame["income"][0] == 18719.32
    assert cleaned["customers"].repaired == {"gender": 1, "city": 2, "income": 1}


def test_a_rejected_row_has_no_say_in_spelling(clean):
    rows = [{**CUSTOMER, "customer_id": f"C{i}", "city": "LONDON", "age": "410"} for i in range(3)]
    cleaned, _ = clean(customers=[*rows, {**CUSTOMER, "city": "London"}])
    assert cleaned["customers"].frame["city"].tolist() == ["London"]


def test_core_rows_are_sorted_by_key(clean):
    cleaned, _ = clean(customers=[{**CUSTOMER, "customer_id": key} for key in ("C10", "C2", "B1")])
    assert cleaned["customers"].frame["customer_id"].tolist() == ["B1", "C10", "C2"]


def test_rejects_of_all_tables_come_in_one_frame(clean):
    _, rejected = clean(
        customers=[{**CUSTOMER, "age": "410"}], products=[PRODUCT, PRODUCT], policies=[POLICY], outreach=[OUTREACH]
    )
    assert rejected["table_name"].tolist() == ["customers", "products", "policies", "outreach"]
    conform(rejected, REJECTED_ROWS)


def test_tables_not_provided_are_empty_and_typed(portfolio):
    cleaned, rejected = clean_all({"customers": raw_rows("customers", CUSTOMER)}, portfolio, AS_OF)
    assert rejected.empty
    for name, done in cleaned.items():
        conform(done.frame, TABLES[name])
        assert len(done.frame) == (name == "customers")
