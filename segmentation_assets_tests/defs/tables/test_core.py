"""What the core tables' metadata tell of the words that no list has."""

import pandas as pd

from segmentation_assets.cleaning import Cleaned
from segmentation_assets.defs.tables.core import MOST_WORDS, NOT_SHOWN, _findings
from segmentation_assets.tables.core import REJECTED_ROWS
from segmentation_assets.tables.frames import empty_frame
from segmentation_assets_tests.insurers import INTERACTIONS


def day(column, words):
    """A day on which each word was typed by so many customers."""
    rows = [{"customer_id": f"c{i}", column: word} for word, n in words.items() for i in range(n)]
    return Cleaned(pd.DataFrame(rows), empty_frame(REJECTED_ROWS), {}, {}, {column: words} if words else {})


def told(column, words, least=2):
    return _findings(INTERACTIONS, day(column, words), least)["unlisted_words"]


def test_unlisted_words_are_counted_most_frequent_first():
    found = told("interaction_type", {"webinar": 2, "fair": 3})
    assert list(found["interaction_type"].items()) == [("fair", 3), ("webinar", 2)]


def test_the_share_of_rejected_rows_is_of_those_delivered():
    rejects = pd.DataFrame([{"table_name": "interactions"}])
    found = _findings(INTERACTIONS, Cleaned(pd.DataFrame({"customer_id": ["a", "b", "c"]}), rejects, {}, {}, {}), 2)
    assert (found["rejected_rows"], found["rejected_share"]) == (1, 0.25)


def test_a_table_that_was_not_delivered_has_no_share_of_rejected_rows():
    assert "rejected_share" not in _findings(INTERACTIONS, day("channel", {}), 2)


def test_of_many_unlisted_words_the_most_frequent_are_told():
    words = {f"word {i:02}": 2 for i in range(MOST_WORDS + 5)}
    assert list(told("channel", words)["channel"].items()) == [
        *((word, 2) for word in list(words)[:MOST_WORDS]), (NOT_SHOWN, 10),
    ]  # fmt: skip


def test_words_of_few_customers_are_counted_and_not_told():
    assert told("channel", {"Anna": 1, "Bert": 2}, least=3) == {"channel": {NOT_SHOWN: 3}}
