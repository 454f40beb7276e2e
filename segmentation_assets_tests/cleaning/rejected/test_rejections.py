"""Counting what was rejected, and when a delivery is refused for it."""

from datetime import date

import pandas as pd
import pytest

from segmentation_assets.cleaning import RejectionError, refuse_bad_deliveries, refuse_mass_rejection
from segmentation_assets.cleaning.rejected.rejections import Tally, count_rejections, tell_rejections
from segmentation_assets.cleaning.rejected.told_reasons import UNKNOWN_CODE, code_of, told_reason
from segmentation_assets.errors import SegmentationError
from segmentation_assets_tests.cleaning.conftest import AS_OF, CUSTOMER, POLICY, PRODUCT, clean_all, raw_rows, to_rows
from segmentation_assets_tests.insurers import INPUT_TABLES

DAYS = [date(2025, 11, day) for day in (14, 15, 16)]


def rejected(*rows: tuple[str, int, str, str]) -> pd.DataFrame:
    """Rows of rejected_rows; each is of the customer that its key names."""
    frame = pd.DataFrame(rows, columns=["table_name", "source_row", "row_key", "reason"])
    return frame.assign(customer_id=frame["row_key"])


SOME = rejected(
    ("policies", 9, "P9", "future_date: purchase_date 2030-01-01 is after the snapshot; not_a_number: premium 'a; b'"),
    ("policies", 4, "P4", "not_a_number: premium 'x: y' is no number"),
    ("policies", 2, "P2", "future_date: purchase_date 2031-01-01 is after the snapshot"),
    ("customers", 7, "", "missing_key: customer_id is blank"),
)


def test_first_reasons_are_counted_by_table_the_most_frequent_first_with_the_first_row_as_an_example(portfolio):
    found = [(r.table, r.code, r.n_rows, r.source_row, r.words) for r in count_rejections(SOME, portfolio)]
    assert found == [
        ("customers", "missing_key", 1, 7, "customer_id is blank"),
        ("policies", "future_date", 2, 2, "purchase_date is after the snapshot"),
        ("policies", "not_a_number", 1, 4, "premium is no number"),
    ]


def test_it_is_told_in_a_line_a_reason_and_names_nobody_and_no_value(portfolio):
    told = list(tell_rejections(count_rejections(SOME, portfolio), {"customers": 1_000, "policies": 12}))
    assert told == [
        ("1 of 1,000 customers (0.1 %)", ["1 missing_key, such as row 7: customer_id is blank"]),
        (
            "3 of 12 policies (25 %)",
            [
                "2 future_date, such as row 2: purchase_date is after the snapshot",
                "1 not_a_number, such as row 4: premium is no number",
            ],
        ),
    ]


def test_every_word_that_no_list_has_is_told_at_once_if_enough_customers_share_it(portfolio):
    few = portfolio.model_copy(update={"min_group_size": 2})

    def unlisted(column: str, *words: str):
        reasons = [f"category_not_allowed: {column} '{word}' not in [paid, open]" for word in words]
        return [("claims", n, f"C{n}", reason) for n, reason in enumerate(reasons, start=1)]

    allowed = f"status is not in [{', '.join(portfolio.sources['claims'].categories['status'])}]"
    rows = unlisted("status", "refusé", *["payé"] * 2, *["en cours"] * 3, "confié à Mme X")
    (found,) = count_rejections(rejected(*rows), few)
    assert found.words == f"{allowed}: 'en cours' (3), 'payé' (2)"
    (found,) = count_rejections(rejected(*unlisted("status", *"abcdefgh", *"bcdefgh")), few)
    assert found.words.endswith(": 'b' (2), 'c' (2), 'd' (2), 'e' (2), 'f' (2) and 2 more")
    (found,) = count_rejections(rejected(*[(*row[:2], "C1", row[3]) for row in rows]), few)
    assert found.words == allowed  # six rows of one customer


HOSTILE = ["Jane Doe 07700900123", "x'; age_out_of_range: 'y", "fits none of the formats Jane", "a\n(cell A1)",
           "{column}", "not in [Jane]", "customer_id Jane"]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_whatever_a_value_holds_it_is_in_no_words(value, portfolio):
    """Rows that break every rule of every input table with the same value, cleaned and told."""
    raw = {}
    for table in INPUT_TABLES:
        columns = [c for c in table.column_names if c != "snapshot_date"]
        wrong = [dict.fromkeys(columns, value) | {table.key[0]: f"K{n}"} for n in range(2)]
        one_by_one = [{table.key[0]: f"O{n}", column: value} for n, column in enumerate(columns)]
        raw[table.name] = raw_rows(table.name, *wrong, *one_by_one)
    _, rows = clean_all(raw, portfolio, AS_OF)
    assert len(rows) > 30
    assert rows["reason"].str.contains(value[:5], regex=False).any()
    told = str(list(tell_rejections(count_rejections(rows, portfolio), {t.name: 100 for t in INPUT_TABLES})))
    for part in ("Jane", "07700", "'y", "(cell", value):
        assert part not in told
    assert all(code_of(reason) != UNKNOWN_CODE for reason in rows["reason"])


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("age_out_of_range: 410 not in [0, 120]", "age is not in [0, 120]"),
        ("age_out_of_range: 410 not in [0, 120] (cell B12)", "age is not in [0, 120] (cell B12)"),
        ("shoe_size_out_of_range: 410 not in [0, 120]", ""),
        ("not_a_number: Jane is 'x'", "a column is no number"),
        ("Jane Doe: 0770", ""),
        ("duplicate_key: C1 stands 2 times; the most complete row was kept", "customer_id stands in several rows"),
        ("unknown_income: Jane is not in customers", "income is in no row of another table that was kept"),
    ],
)
def test_words_are_of_what_is_declared(reason, words, portfolio):
    assert told_reason("customers", reason, portfolio) == words


def test_many_reasons_are_three_lines_and_a_sum(portfolio):
    rows = rejected(*[("claims", n, f"C{n}", f"code_{n // 2}: words") for n in range(10)])
    ((counted, lines),) = tell_rejections(count_rejections(rows, portfolio), {"claims": 10})
    assert counted == "10 of 10 claims (100 %)"
    assert len(lines) == 4
    assert lines[-1] == "4 for 2 other reasons: code_3, code_4"


@pytest.mark.parametrize(("n_wrong", "is_refused"), [(2, False), (3, True), (10, True)])
def test_the_share_is_that_of_the_rows_of_the_day(portfolio, n_wrong, is_refused):
    later = [("claims", n, "K", "unknown_policy_id: P; future_date: claim_date 2030-01-01 is after") for n in range(90)]
    wrong = [("claims", n, "K", "category_not_allowed: status 'P' not in [paid]") for n in range(90, 90 + n_wrong)]
    tally = Tally({"claims": 100}, rejected(*later, *wrong))
    assert list(tally.refused(portfolio.model_copy(update={"max_rejected_share": 0.2}))) == ["claims"] * is_refused


def test_nothing_rejected_is_nothing_to_count(portfolio):
    assert count_rejections(rejected(), portfolio) == []


def refuse(portfolio, table: str, n_rejected: int, n_delivered: int, **given):
    rows = rejected(*[(table, n, "K", "age_out_of_range: 410 not in [0, 120]") for n in range(n_rejected)])
    refuse_mass_rejection(portfolio.model_copy(update=given), {AS_OF: Tally({table: n_delivered}, rows)})


@pytest.mark.parametrize(("n_rejected", "n_delivered"), [(2, 10), (20, 100), (29, 100), (0, 0), (1, 3447)])
def test_up_to_the_share_a_delivery_passes(portfolio, n_rejected, n_delivered):
    refuse(portfolio, "customers", n_rejected, n_delivered, max_rejected_share=0.29)


@pytest.mark.parametrize(("n_rejected", "n_delivered"), [(3, 10), (21, 100), (300, 300), (1, 4)])
def test_beyond_a_fifth_it_is_refused(portfolio, n_rejected, n_delivered):
    with pytest.raises(RejectionError, match="where max_rejected_share allows 20 %"):
        refuse(portfolio, "claims", n_rejected, n_delivered)


def test_of_a_table_that_is_needed_not_all_may_be_rejected_whatever_the_share(portfolio):
    refuse(portfolio, "products", 9, 10, max_rejected_share=1.0)
    refuse(portfolio, "claims", 10, 10, max_rejected_share=1.0)  # nothing needs them
    with pytest.raises(RejectionError, match=r"10 of 10 products .* not one is left"):
        refuse(portfolio, "products", 10, 10, max_rejected_share=1.0)


def test_a_table_may_have_a_share_of_its_own(portfolio):
    own = portfolio.sources["claims"].model_copy(update={"max_rejected_share": 0.5})
    sources = {**portfolio.sources, "claims": own}
    refuse(portfolio, "claims", 5, 10, sources=sources)
    with pytest.raises(RejectionError, match=r"6 of 10 claims \(60 %\) where max_rejected_share allows 50 %"):
        refuse(portfolio, "claims", 6, 10, sources=sources)
    with pytest.raises(RejectionError):
        refuse(portfolio, "customers", 5, 10, sources=sources)


def test_the_refusal_names_day_table_reason_example_and_what_to_do(portfolio):
    good = Tally({"customers": 10}, rejected())
    bad = Tally({"customers": 4, "policies": 10}, SOME)
    with pytest.raises(SegmentationError) as told:
        refuse_mass_rejection(portfolio, {DAYS[0]: good, DAYS[1]: bad, DAYS[2]: bad})
    lines = str(told.value).splitlines()
    assert lines[0] == (
        "Too many rows of 2025-11-15 were rejected, so nothing was changed, and so it is with 1 other day of the run:"
    )
    assert lines[1:][:2] == [
        "- 1 of 4 customers (25 %) where max_rejected_share allows 20 %",
        "    1 missing_key, such as row 7: customer_id is blank",
    ]
    assert "sources.customers.max_rejected_share" in lines[-1]


def test_a_delivery_is_judged_with_the_rows_that_fall_by_those_that_they_refer_to(portfolio):
    """4 of 10 customers have codes for a gender; so 4 of 10 policies belong to nobody who is known."""
    customers = [{**CUSTOMER, "customer_id": f"C{n}", "gender": "Male" if n > 3 else "M"} for n in range(10)]
    policies = [{**POLICY, "policy_id": f"P{n}", "customer_id": f"C{n}"} for n in range(10)]
    raw = {
        "customers": to_rows(raw_rows("customers", *customers)),
        "policies": to_rows(raw_rows("policies", *policies)),
        "products": to_rows(raw_rows("products", PRODUCT)),
    }
    with pytest.raises(RejectionError) as told:
        refuse_bad_deliveries(portfolio, [AS_OF], lambda name: {AS_OF: raw[name]} if name in raw else {})
    said = str(told.value)
    assert "- 4 of 10 customers (40 %)" in said
    assert "4 category_not_allowed, such as row 1: gender is not in [Male, Female" in said
    assert "- 4 of 10 policies (40 %)" in said
    assert "products" not in said
    refuse_bad_deliveries(portfolio, [AS_OF], lambda name: {AS_OF: raw[name]} if name == "products" else {})


def test_rejected_rows_know_whose_they_are(portfolio):
    raw = {
        "customers": raw_rows("customers", CUSTOMER, {**CUSTOMER, "customer_id": " C2 ", "age": "410"}),
        "products": raw_rows("products", PRODUCT, {**PRODUCT, "product_id": ""}),
        "policies": raw_rows(
            "policies",
            {**POLICY, "premium": "-1"},
            {**POLICY, "policy_id": "P2", "customer_id": "\u00a0C1"},
            {**POLICY, "policy_id": "P3", "customer_id": None},
            {**POLICY, "policy_id": "P4", "customer_id": "nobody"},
            {**POLICY, "policy_id": "P5", "customer_id": "C1 ", "coverage": "0"},
        ),
    }
    _, rows = clean_all(raw, portfolio, AS_OF)
    whose = {(r.table_name, r.source_row): r.customer_id for r in rows.itertuples()}
    assert {at: None if pd.isna(name) else name for at, name in whose.items()} == {
        ("customers", 2): "C2",
        ("products", 2): None,
        ("policies", 1): "C1",
        ("policies", 3): None,
        ("policies", 4): "nobody",
        ("policies", 5): "C1",
    }
