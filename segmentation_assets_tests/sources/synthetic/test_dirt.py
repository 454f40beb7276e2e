"""Dirt is planted where it is said to be, and nowhere else."""

from datetime import date, datetime

import pandas as pd
import pytest

from segmentation_assets.sources.synthetic import TABLES, SyntheticInsurer
from segmentation_assets.sources.synthetic.dirt import KINDS
from segmentation_assets_tests.sources.synthetic.conftest import AS_OF

LARGE_TABLES = [table for table in TABLES if table != "products"]


@pytest.fixture(scope="module")
def dirty():
    return SyntheticInsurer(n_customers=4000, dirty_share=0.10)


@pytest.mark.parametrize("table", TABLES)
def test_a_clean_insurer_has_no_dirt(insurer, table):
    assert insurer.dirty_rows(table, AS_OF).empty


@pytest.mark.parametrize("table", LARGE_TABLES)
def test_the_share_and_every_kind_are_as_asked(dirty, insurer, table):
    planted = dirty.dirty_rows(table, AS_OF)
    assert len(planted) / insurer.read(table, AS_OF).num_rows == pytest.approx(0.10, abs=0.015)
    assert set(planted["kind"]) == {kind.name for kind in KINDS[table]}
    assert planted["row_number"].is_unique


@pytest.mark.parametrize("table", TABLES)
def test_only_the_listed_values_differ_from_the_clean_table(dirty, insurer, table):
    delivered = dirty.read(table, AS_OF).to_pandas()
    clean = insurer.read(table, AS_OF).to_pandas()
    planted = dirty.dirty_rows(table, AS_OF)
    for row in planted.itertuples():
        assert delivered.loc[row.row_number, row.column] == row.delivered
    repeated = planted[planted["kind"] == "duplicate_key"]
    assert len(delivered) == len(clean) + len(repeated)
    restored = delivered.copy()
    for row in planted.itertuples():
        restored.loc[row.row_number, row.column] = row.original
    restored = restored.drop(index=repeated["row_number"])
    pd.testing.assert_frame_equal(restored.reset_index(drop=True), clean)


def test_repeated_rows_repeat_a_key(dirty):
    delivered = dirty.read("policies", AS_OF).to_pandas()["policy_id"]
    planted = dirty.dirty_rows("policies", AS_OF).query("kind == 'duplicate_key'")
    assert (delivered.loc[planted["row_number"]].to_numpy() == planted["key"]).all()
    assert delivered[delivered != ""].duplicated().sum() == len(planted)


def test_a_row_is_dirty_in_the_same_way_on_each_date(dirty):
    names = ["key", "kind", "column"]
    one, other = (dirty.dirty_rows("policies", day)[names] for day in (date(2024, 1, 1), AS_OF))
    both = one.merge(other, on="key")
    assert len(both) > 0.5 * len(one)
    assert (both["kind_x"] == both["kind_y"]).all()
    assert (both["column_x"] == both["column_y"]).all()


def test_a_larger_share_dirties_the_same_rows_and_more(dirty):
    few = SyntheticInsurer(n_customers=4000, dirty_share=0.02).dirty_rows("claims", AS_OF)
    many = dirty.dirty_rows("claims", AS_OF)
    assert set(few["key"]) < set(many["key"])


def test_truth_marks_dirty_customers(dirty):
    truth = dirty.truth(AS_OF)
    marked = set(truth.loc[truth["is_dirty"], "customer_id"])
    assert marked == set(dirty.dirty_rows("customers", AS_OF)["key"])


def test_other_date_formats_are_read_as_meant_month_first(dirty):
    planted = dirty.dirty_rows("policies", AS_OF).query("kind == 'other_date_format'")
    assert len(planted) > 20
    orders = set()
    for row in planted.itertuples():
        for order in ("%m/%d/%Y", "%d/%m/%Y"):
            try:
                read = datetime.strptime(row.delivered, order).date()  # noqa: DTZ007
            except ValueError:
                continue
            break
        orders.add(order)
        assert read.isoformat() == row.original
    assert orders == {"%m/%d/%Y", "%d/%m/%Y"}


@pytest.mark.parametrize(
    ("table", "kind", "text"),
    [
        ("customers", "age_410", "410"),
        ("policies", "coverage_0", "0"),
        ("policies", "impossible_date", "13/13/2022"),
        ("policies", "future_date", "2029-06-30"),
        ("policies", "unknown_product", "PR9999"),
        ("claims", "unknown_policy", "P999999999"),
        ("interactions", "unknown_customer", "C99999999"),
        ("survey_responses", "answer_9", "9"),
        ("outreach", "blank_key", ""),
    ],
)
def test_kinds_deliver_their_text(dirty, table, kind, text):
    planted = dirty.dirty_rows(table, AS_OF)
    planted = planted[planted["kind"] == kind]
    assert len(planted) > 0
    assert (planted["delivered"] == text).all()
    assert (planted["outcome"] == "rejected").all()


def test_repairable_kinds_say_the_same_value(dirty):
    policies = dirty.dirty_rows("policies", AS_OF)
    currency = policies.query("kind == 'currency_text'")
    assert currency["delivered"].str.match(r"^£[\d,]+\.\d\d$").all()
    assert (currency["delivered"].str.replace("[£,]", "", regex=True) == currency["original"]).all()
    thousandfold = policies.query("kind == 'premium_x1000'")
    ratio = thousandfold["delivered"].astype(float) / thousandfold["original"].astype(float)
    assert ratio.between(999.99, 1000.01).all()
    customers = dirty.dirty_rows("customers", AS_OF).query("kind in ['wrong_case', 'spaces']")
    assert (customers["delivered"].str.strip().str.lower() == customers["original"].str.lower()).all()
    assert (customers["delivered"] != customers["original"]).all()
    assert (customers["outcome"] == "repaired").all()
