import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.portfolio import Lens
from segmentation_assets.segments.eligibility import missing_reasons, undelivered_inputs
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
