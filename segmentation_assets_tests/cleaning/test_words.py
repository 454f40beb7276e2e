import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation_assets.cleaning.words import one_spelling, read_categories, read_flags, read_keys, read_text
from segmentation_assets.tables.schema import boolean, string

STATUS = string("marital_status", "")
FLAG = boolean("is_control", "")
ALLOWED = ["Single", "Married", "In-Person Meeting", "Bachelor's Degree", "risk_appetite"]


def texts(*values):
    return pa.array(values, pa.large_string())


def category(text, allowed=ALLOWED):
    reading = read_categories(texts(text), STATUS, allowed)
    return reading.faults.get(0, reading.values[0].as_py())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Single", "Single"),
        ("SINGLE", "Single"),
        ("  married ", "Married"),
        ("in-person\u00a0  MEETING", "In-Person Meeting"),
        ("Bachelor\u2019s Degree", "Bachelor's Degree"),
        ("BACHELOR\u00b4S DEGREE", "Bachelor's Degree"),
        ("\uff33\uff49\uff4e\uff47\uff4c\uff45", "Single"),  # full-width
        ("S\u0130NGLE", "Single"),  # in capitals on a Turkish keyboard
        ("sin\u200bgle\u200e", "Single"),  # with what does not show
        ("in person meeting", "In-Person Meeting"),
        ("In\u2011Person_Meeting", "In-Person Meeting"),
        ("Risk Appetite", "risk_appetite"),
        ("RISK-APPETITE", "risk_appetite"),
        ("RiskAppetite", "risk_appetite"),
        ("", None),
        (" N/A ", None),
        ("none", None),
    ],
)
def test_categories_are_found_whatever_their_dress(text, value):
    assert category(text) == value


def test_another_category_is_a_fault_that_lists_the_allowed():
    assert category("xyz", ["Single", "Married"]) == (
        "category_not_allowed: marital_status 'xyz' not in [Single, Married]"
    )


def test_signs_at_the_ends_of_a_category_count():
    assert category("a-", ["A", "A-", "A+"]) == "A-"
    assert category("-1", ["1", "-1"]) == "-1"
    assert category("1_3", ["13", "1-3"]) == "1-3"


def test_an_open_list_keeps_other_words_and_marks_them():
    reading = read_categories(
        texts("VISIT", " visit", "Webinar", "webinar", "none", ""), STATUS, ["visit"], is_open=True
    )
    assert reading.values.to_pylist() == ["visit", "visit", "Webinar", "webinar", "none", None]
    assert reading.is_unlisted.tolist() == [False, False, True, True, True, False]
    assert not reading.faults


def test_a_word_for_nothing_is_a_category_where_the_list_has_it():
    assert category("none", ["None", "Some"]) == "None"


def test_a_long_value_is_cut_in_the_reason():
    assert len(category("x" * 500, ["A"])) < 130


def test_repaired_categories_are_marked():
    reading = read_categories(texts("Single", "single", " Single", "xyz", ""), STATUS, ALLOWED)
    assert reading.is_repaired.tolist() == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("YES", True), ("1", True), ("False ", False), ("n", False), ("0", False),
                        ("", None), ("NULL", None)]
)  # fmt: skip
def test_flags(text, value):
    assert read_flags(texts(text), FLAG).values[0].as_py() is value


def test_another_word_is_no_flag():
    assert read_flags(texts("Maybe"), FLAG).faults == {
        0: "not_a_flag: is_control 'Maybe' is none of true, false, yes, no, 1, 0"
    }


def test_keys_are_trimmed_and_otherwise_exact():
    reading = read_keys(texts(" 007 ", "7", "\ufeffc1", "C1", "", "NULL", "a  b"))
    assert reading.values.to_pylist() == ["007", "7", "c1", "C1", None, None, "a  b"]


def test_text_loses_blanks_at_its_ends_and_runs_of_them_inside():
    reading = read_text(texts("  New \t York ", "Na", "none", "n/a", "", "Cafe\u0301"))
    assert reading.values.to_pylist() == ["New York", "Na", "none", None, None, "Caf\u00e9"]


def test_the_most_frequent_spelling_wins_and_of_equal_ones_the_smallest():
    values = texts("london", "London", "LONDON", "york", "York", "Rome", None)
    found = one_spelling(values, np.array([2, 5, 1, 3, 3, 1, 9]))
    assert found.to_pylist() == ["London", "London", "London", "York", "York", "Rome", None]


def test_equal_texts_count_together():
    assert one_spelling(texts("a", "A", "a"), np.array([2, 3, 2])).to_pylist() == ["a", "a", "a"]


def test_spellings_that_no_row_holds_have_no_say():
    assert one_spelling(texts("a", "A"), np.array([0, 1])).to_pylist()[1] == "A"


@given(st.lists(st.text(max_size=4), unique=True, max_size=12), st.randoms(use_true_random=False))
def test_spelling_does_not_depend_on_order(values, random):
    counts = {value: random.randint(1, 3) for value in values}
    shuffled = random.sample(values, len(values))

    def spelled(order):
        found = one_spelling(texts(*order), np.array([counts[v] for v in order], dtype=int))
        return dict(zip(order, found.to_pylist(), strict=True))

    assert spelled(values) == spelled(shuffled)
