"""What the core tables' metadata tell of the words that no list has."""

from segmentation_assets.cleaning import Cleaned
from segmentation_assets.defs.core import MOST_WORDS, _findings
from segmentation_assets.tables.core import CUSTOMERS, INTERACTIONS, REJECTED_ROWS
from segmentation_assets.tables.frames import empty_frame


def metadata(table, *unlisted):
    parts = [Cleaned(empty_frame(table), empty_frame(REJECTED_ROWS), {}, {}, words) for words in unlisted]
    return _findings(table, parts)["unlisted_words"].data


def test_unlisted_words_are_counted_over_the_days_of_a_run_most_frequent_first():
    days = {"interaction_type": {"webinar": 2, "fair": 3}}, {"interaction_type": {"webinar": 2}}, {}
    assert list(metadata(INTERACTIONS, *days)["interaction_type"].items()) == [("webinar", 4), ("fair", 3)]


def test_of_many_unlisted_words_the_most_frequent_are_told():
    words = {f"word {i:02}": 1 for i in range(MOST_WORDS + 5)}
    assert list(metadata(INTERACTIONS, {"channel": words})["channel"]) == list(words)[:MOST_WORDS]


def test_words_of_a_personal_column_are_counted_and_not_told():
    assert metadata(CUSTOMERS, {"gender": {"Anna": 1, "Bert": 2}}) == {"gender": {"(personal)": 3}}
