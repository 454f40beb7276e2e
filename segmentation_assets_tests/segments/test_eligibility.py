import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.portfolio import Lens
from segmentation_assets.segments.eligibility import lacking_inputs, missing_reasons, turned_away, undelivered_inputs
from segmentation_assets_tests.segments.conftest import FEATURES, LENS, customers

BOOK = Lens(title="Book", features=["age", "premium", "tenure"])


def reasons(rows: pd.DataFrame, lens: Lens = BOOK) -> list[str]:
    return missing_reasons(rows, lens, FEATURES).tolist()


def test_reasons_by_hand():
    rows = customers(age=[30, None, 40, None, 50], premium=[1, 2, None, None, 3], tenure=[1, 2, None, None, None])
    assert reasons(rows) == [
        "",
        "missing_feature: age",
        "no_policy: premium, tenure cannot be known",
        "missing_feature: age, premium, tenure",
        "no_policy: tenure cannot be known",
    ]


def test_an_input_that_nobody_has_was_not_provided():
    rows = customers(age=[30, None], visits=[None, None], product=[None, None])
    lens = Lens(title="L", features=["age", "visits", "product"])
    assert reasons(rows, lens) == ["not_provided: interactions, policies, products"] * 2
    assert undelivered_inputs(rows[lens.features].isna(), FEATURES) == ["interactions", "policies", "products"]


def test_a_feature_of_the_customers_themselves_that_nobody_has_is_missing():
    assert reasons(customers(age=[None, None], city=["Bath", None]), LENS) == [
        "missing_feature: age",
        "missing_feature: age, city",
    ]


def test_only_the_features_of_the_lens_count():
    assert reasons(customers(age=[30], city=["Bath"], premium=[None]), LENS) == [""]


def test_nobody_has_no_reason():
    found = missing_reasons(customers(age=[], city=[]), LENS, FEATURES)
    assert (len(found), found.dtype) == (0, "string[pyarrow]")


def test_the_index_is_kept():
    rows = customers(age=[30, None], city=["Bath", "Bath"]).set_index(pd.Index([7, 7]))
    found = missing_reasons(rows, LENS, FEATURES)
    assert found.index.tolist() == [7, 7]
    assert found.dtype == "string[pyarrow]"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.booleans()] * 4), min_size=1), st.randoms(use_true_random=False))
def test_a_reason_depends_on_its_row_alone(patterns, random):
    lens = Lens(title="L", features=["age", "city", "premium", "tenure"])
    patterns = [(False,) * 4, *patterns]  # one whole row, so that every input was provided

    def rows(order: list[tuple[bool, ...]]) -> pd.DataFrame:
        given = {"age": 1.0, "city": "Bath", "premium": 1.0, "tenure": 1.0}
        return customers(**{n: [None if p[i] else v for p in order] for i, (n, v) in enumerate(given.items())})

    alone = {p: reasons(rows([(False,) * 4, p]), lens)[1] for p in set(patterns)}
    shuffled = random.sample(patterns, len(patterns))
    assert reasons(rows(shuffled), lens) == [alone[p] for p in shuffled]


@pytest.mark.parametrize("n_features", [1, 40])
def test_a_million_customers_take_a_moment(n_features):
    n = 1_000_000 // n_features
    rng = np.random.default_rng(0)
    names = [f"f{i}" for i in range(n_features)]
    features = dict.fromkeys(names, FEATURES["age"])
    rows = pd.DataFrame({name: np.where(rng.random(n) < 0.01, np.nan, 1.0) for name in names})
    started = time.process_time()
    found = missing_reasons(rows, Lens(title="Wide", features=names), features)
    assert time.process_time() - started < 2.0  # a loop over the rows takes many times that
    assert (found == "").sum() == rows.notna().all(axis=1).sum()


def refused(*rows: tuple[str, int, str | None, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["table_name", "source_row", "customer_id", "reason"])


def with_ids(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(customer_id=pd.array([f"C{n}" for n in range(len(rows))], dtype="string[pyarrow]"))


def test_one_whose_policies_were_rejected_is_not_said_to_have_none():
    rows = with_ids(customers(age=[30, 31, 32, None, 34], premium=[1, None, None, None, None], tenure=[1] + [None] * 4))
    turned = turned_away(
        refused(
            ("policies", 8, "C1", "future_date: 2030; premium_out_of_range: -1"),
            ("policies", 3, "C1", "premium_out_of_range: -1 not in [0, 10]"),
            ("policies", 4, "C3", "future_date: 2030"),  # and an age is missing too, which no policy gives
            ("policies", 5, "C0", "future_date: 2030"),  # another policy of theirs was good
            ("policies", 6, None, "missing_key: customer_id is blank"),
            ("claims", 1, "C4", "missing_key: claim_id is blank"),  # explains nothing of what is missing
        ),
        {"policies": 1, "claims": 20},
    )
    assert missing_reasons(rows, BOOK, FEATURES, turned).tolist() == [
        "",
        "policies_rejected: premium, tenure cannot be known (premium_out_of_range)",
        "no_policy: premium, tenure cannot be known",
        "missing_feature: age, premium, tenure",
        "no_policy: premium, tenure cannot be known",
    ]


def test_one_who_buys_a_policy_later_has_none_yet():
    rows = with_ids(customers(age=[30, 31], premium=[None, 1], tenure=[None, 1]))
    later = turned_away(refused(("policies", 1, "C0", "future_date: 2030")), {"policies": 5})
    assert missing_reasons(rows, BOOK, FEATURES, later).tolist() == ["no_policy: premium, tenure cannot be known", ""]


def test_a_table_that_was_wholly_rejected_is_not_said_to_be_not_provided():
    rows = with_ids(customers(age=[30, None], visits=[None, None], product=[None, None]))
    lens = Lens(title="L", features=["age", "visits", "product"])
    codes = ["future_date: a", "unknown_product_id: b", "unknown_product_id: c"]
    turned = turned_away(refused(*[("policies", n, "C0", code) for n, code in enumerate(codes)]), {})
    expected = "policies_rejected: all 3 rows (unknown_product_id); not_provided: interactions"
    assert missing_reasons(rows, lens, FEATURES, turned).tolist() == [expected] * 2
    assert lacking_inputs(rows, lens, FEATURES, turned) == expected
    partly = turned_away(refused(("policies", 1, "C0", "future_date: a")), {"policies": 5})
    assert lacking_inputs(rows, lens, FEATURES, partly) == "not_provided: interactions, policies, products"
