"""Dates and words as people have them: each book is read, cleaned, and asked by the packaged SQL on both engines."""

from collections import Counter
from datetime import date
from functools import partial
from types import SimpleNamespace

import pyarrow as pa
import pytest

from segmentation_assets.cleaning import clean_all
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.sources import CsvFolder, read_all
from segmentation_assets.tables import own_tables
from segmentation_assets.tables.frames import empty_frame, to_arrow
from segmentation_assets.warehouse.sql.queries import load_query
from segmentation_assets_tests.cleaning.conftest import CUSTOMER, INTERACTION, raw_rows, to_rows
from segmentation_assets_tests.conftest import SHARED
from segmentation_assets_tests.engines import lay_out
from segmentation_assets_tests.insurers import INPUT_TABLES

LABELLED_CUSTOMERS = own_tables()["labelled_customers"]
SEGMENT_LABELS = own_tables()["segment_labels"]

DAY = date(2025, 11, 15)
TABLES = {table.name: table for table in INPUT_TABLES}
PORTFOLIO = load_portfolio("insurance")


def delivered(case, day=DAY):
    """Return the raw tables of a folder of the field."""
    folder = SHARED / "field" / case
    if not folder.is_dir():
        pytest.skip(f"the inputs of the field are not beside the checkout ({case} in ../shared/data/field)")
    return read_all(CsvFolder(folder, PORTFOLIO), PORTFOLIO, TABLES, day)


@pytest.fixture
def book(new_duckdb):
    """A function that cleans raw tables and lays them out: the rejects, and what features and marts say."""
    return partial(laid_out, new_duckdb)


@pytest.fixture
def book_on_both(new_warehouse):
    """The same, once on each engine."""
    return partial(laid_out, new_warehouse)


def laid_out(new_warehouse, raw, day=DAY, portfolio=PORTFOLIO):
    tables, rejected = clean_all(raw, portfolio, day)
    warehouse = new_warehouse()
    for name, done in tables.items():
        lay_out(warehouse, TABLES[name], to_arrow(done.frame, TABLES[name]))
    for table in (LABELLED_CUSTOMERS, SEGMENT_LABELS):
        lay_out(warehouse, table, to_arrow(empty_frame(table), table))
    features = load_query("features/insurance/customer_features.sql", first_snapshot=day, last_snapshot=day)
    return SimpleNamespace(
        tables={name: done.frame for name, done in tables.items()},
        reasons=rejected["reason"].tolist(),
        unlisted={name: done.unlisted for name, done in tables.items() if done.unlisted},
        features=warehouse.query(features).to_pandas().set_index("customer_id"),
        mart=lambda name: warehouse.query(load_query(f"marts/insurance/{name}.sql", min_group_size=1)).to_pylist(),
    )


def with_column(raw, table, column, texts):
    """Return the raw tables with other texts in a column."""
    rows = raw[table]
    place = rows.column_names.index(column)
    return {**raw, table: rows.set_column(place, column, pa.array(texts, rows.schema.field(column).type))}


def without_rules(table, **changes):
    """Return the portfolio with other rules for a table."""
    source = PORTFOLIO.sources[table].model_copy(update=changes)
    return PORTFOLIO.model_copy(update={"sources": {**PORTFOLIO.sources, table: source}})


def codes(reasons):
    return Counter(reason.split(":")[0] for reason in reasons)


def test_06_interaction_types_in_capitals_count_as_any_others(book_on_both):
    found = book_on_both(delivered("06-capital-interaction-types"))
    assert found.reasons == []
    assert found.features["visits_per_year"].sum() == 276
    assert found.features["calls_per_year"].sum() == 499  # 239 calls and 260 emails
    assert set(found.tables["interactions"]["interaction_type"]) == {"visit", "call", "email", "payment"}


def test_words_that_sql_compares_are_known_in_any_dress_and_others_are_kept_and_reported(book):
    kinds = ["VISIT", " visit ", "Vi\u00adsit", "E-Mail", "Complaint", "webinar", "Webinar", "webinar", "Payment"]
    rows = [
        {**INTERACTION, "interaction_id": f"I{i}", "interaction_type": kind, "days_late": ""}
        for i, kind in enumerate(kinds)
    ]
    answers = [
        {"response_id": question, "customer_id": "C1", "survey_date": "2025-01-01", "question": question, "answer": "4"}
        for question in ("Risk Appetite", "NPS")
    ]
    raw = {"customers": [CUSTOMER], "interactions": rows, "survey_responses": answers}
    found = book({name: to_rows(raw_rows(name, *given)) for name, given in raw.items()})
    assert found.reasons == []
    assert found.features.loc["C1", ["visits_per_year", "calls_per_year", "risk_appetite"]].tolist() == [3, 2, 4]
    assert found.unlisted == {
        "interactions": {"interaction_type": {"webinar": 3}, "channel": {"app": 9}},
        "survey_responses": {"question": {"NPS": 1}},
    }


def test_15_a_placeholder_is_no_date_of_purchase(book):
    found = book(delivered("15-placeholder-dates"))
    reason = "purchase_date_out_of_range: 1900-01-01 not in [1920-01-01, inf)"
    assert found.reasons == [reason] * 38
    assert len(found.tables["policies"]) == 375 - 38
    assert found.features["tenure_years"].count() == 300 - 38  # each of them had no other policy
    assert (found.features["tenure_years"] < found.features["age"]).sum() == 300 - 38


@pytest.mark.parametrize("placeholder", ["0001-01-01", "1899-12-30", "1910-05-05", "1/1/1910"])
def test_15_nor_is_one_that_no_range_turns_away(book, placeholder):
    raw = delivered("15-placeholder-dates")
    texts = [placeholder if t == "1900-01-01" else t for t in raw["policies"]["purchase_date"].to_pylist()]
    portfolio = without_rules("policies", ranges={})
    found = book(with_column(raw, "policies", "purchase_date", texts), portfolio=portfolio)
    assert codes(found.reasons) == {"dates_out_of_order": 38}
    assert (found.features["tenure_years"] < found.features["age"]).sum() == 300 - 38


def test_20_a_payment_before_it_is_due_is_not_late(book_on_both):
    found = book_on_both(delivered("20-paid-early"))
    assert found.reasons == []
    assert found.features["late_payment_share"].tolist() == [0.25] * 300


def test_28_a_lapse_before_the_purchase_is_rejected_and_no_money_is_negative(book):
    found = book(delivered("28-lapse-before-purchase"))
    assert codes(found.reasons) == {"dates_out_of_order": 13}
    assert "dates_out_of_order: lapse_date 2001-01-01 is before purchase_date 2023-03-26" in found.reasons
    assert len(found.tables["policies"]) == 50 - 13
    for mart in ("portfolio_joined", "tenure_groups", "top_customers"):
        assert min(row["premium_to_date"] for row in found.mart(mart)) >= 0


def test_28_nor_is_money_negative_where_a_portfolio_declares_no_order(book_on_both):
    portfolio = without_rules("policies", date_order=[])
    found = book_on_both(delivered("28-lapse-before-purchase"), portfolio=portfolio)
    joined = found.mart("portfolio_joined")
    assert len(joined) == 50
    assert sorted(row["premium_to_date"] for row in joined)[:14] == [0.0] * 13 + [647.95]
    for mart in ("tenure_groups", "top_customers"):
        assert min(row["premium_to_date"] for row in found.mart(mart)) >= 0


ENDS = ["2026-08-01", "9999-12-31", "31/12/2999", "infinity", "2025-11-16", "", "0000-00-00", "1900-01-01"]


def test_a_policy_that_ends_later_or_never_is_in_force(book_on_both):
    raw = delivered("base")
    # Every tenth policy lapsed on the day: 38 of 375. The others end in one of eight ways that are still to come.
    texts = ["2025-11-15" if i % 10 == 0 else ENDS[i % 8] for i in range(375)]
    found = book_on_both(with_column(raw, "policies", "lapse_date", texts))
    assert found.reasons == []
    (whole,) = found.mart("overall_stat")
    assert (whole["n_policies"], whole["n_policies_in_force"]) == (375, 337)
    assert Counter(row["is_in_force"] for row in found.mart("portfolio_joined")) == {True: 337, False: 38}
    policies = raw["policies"].select(["customer_id"]).to_pandas().assign(lapsed=[i % 10 == 0 for i in range(375)])
    lapsed = policies.groupby("customer_id")["lapsed"].all()
    assert (found.features["policy_status"] == "lapsed").sum() == lapsed.sum() > 0
    assert (found.features["policy_status"] == "active").sum() == (~lapsed).sum()


def test_a_past_day_made_from_a_file_that_knows_later_lapses_has_none_of_them(book):
    raw, day = delivered("base"), date(2025, 6, 30)
    found = book(with_column(raw, "policies", "lapse_date", ["2025-11-15"] * 375), day)
    bought = raw["policies"]["purchase_date"].to_pylist()
    assert codes(found.reasons) == {"future_date": sum(text > "2025-06-30" for text in bought)}
    assert set(found.features["policy_status"].dropna()) == {"active"}
    (whole,) = found.mart("overall_stat")
    assert whole["n_policies_in_force"] == whole["n_policies"] == sum(text <= "2025-06-30" for text in bought)
