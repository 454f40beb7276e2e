"""Whatever is delivered: no row is lost, none is in two places, and the order does not matter."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.tables.frames import conform
from segmentation_assets_tests.cleaning.conftest import AS_OF, CUSTOMER, POLICY, PRODUCT, TABLES, clean_all, raw_rows

garbage = st.none() | st.text(max_size=6) | st.sampled_from(
    ["", " ", "NULL", "C1", "R1", "P1", " c1", "0", "-1", "410", "1,234", "1e400", "inf", "nan", "Single", "single ",
     "2022-05-04", "13/13/2022", "1/1/2029", "true", "maybe", "london", "London"]
)  # fmt: skip


def rows_of(table, plausible):
    columns = [c for c in TABLES[table].column_names if c != "snapshot_date"]
    noisy = st.fixed_dictionaries(dict.fromkeys(columns, garbage))
    mended = st.tuples(noisy, st.sets(st.sampled_from(columns))).map(
        lambda pair: {**pair[0], **{c: v for c, v in plausible.items() if c not in pair[1]}}
    )
    return st.lists(mended, max_size=6)


deliveries = st.fixed_dictionaries(
    {
        "customers": rows_of("customers", CUSTOMER),
        "products": rows_of("products", PRODUCT),
        "policies": rows_of("policies", POLICY),
        "claims": rows_of("claims", {"customer_id": "C1", "policy_id": "P1", "amount": "5"}),
        "interactions": rows_of("interactions", {"customer_id": "C1"}),
        "survey_responses": rows_of("survey_responses", {"customer_id": "C1", "answer": "3"}),
        "outreach": rows_of("outreach", {"customer_id": "C1", "is_control": "no"}),
    }
)


@given(deliveries)
@settings(deadline=None, max_examples=30)
def test_every_delivered_row_is_in_core_or_rejected_and_in_one_of_them(portfolio, rows):
    raw = {name: raw_rows(name, *given) for name, given in rows.items()}
    cleaned, rejected = clean_all(raw, portfolio, AS_OF)
    for name, done in cleaned.items():
        rejects = rejected[rejected["table_name"] == name]
        assert len(done.frame) + len(rejects) == len(raw[name])
        assert rejects["source_row"].is_unique
        assert rejects["reason"].str.match(r"[a-z_]+: .").all()
        assert done.frame[TABLES[name].key[0]].is_unique
        conform(done.frame, TABLES[name])


@given(deliveries, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_the_order_of_rows_does_not_matter(portfolio, rows, random):
    shuffled = {name: random.sample(given, len(given)) for name, given in rows.items()}
    first, first_rejected = clean_all({n: raw_rows(n, *r) for n, r in rows.items()}, portfolio, AS_OF)
    again, again_rejected = clean_all({n: raw_rows(n, *r) for n, r in shuffled.items()}, portfolio, AS_OF)
    for name in TABLES:
        pd.testing.assert_frame_equal(first[name].frame, again[name].frame)
        assert first[name].repaired == again[name].repaired
        assert first[name].date_fallbacks == again[name].date_fallbacks
    columns = ["table_name", "row_key", "reason", "row_json"]
    pd.testing.assert_frame_equal(
        first_rejected[columns].sort_values(columns, ignore_index=True),
        again_rejected[columns].sort_values(columns, ignore_index=True),
    )


@given(deliveries)
@settings(deadline=None, max_examples=20)
def test_cleaning_what_was_cleaned_changes_nothing(portfolio, rows):
    cleaned, _ = clean_all({name: raw_rows(name, *given) for name, given in rows.items()}, portfolio, AS_OF)
    again, rejected = clean_all({name: _as_delivered(name, done.frame) for name, done in cleaned.items()},
                                portfolio, AS_OF)  # fmt: skip
    assert rejected.empty
    for name, done in cleaned.items():
        pd.testing.assert_frame_equal(again[name].frame, done.frame)


def _as_delivered(table, frame):
    rows = frame.drop(columns="snapshot_date").astype(object).where(frame.notna(), None).to_dict("records")
    return raw_rows(table, *({c: None if v is None else _text(v) for c, v in row.items()} for row in rows))


def _text(value):
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)
