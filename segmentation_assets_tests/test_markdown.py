"""Markdown shows strangers' words as they are written, by a parser that nobody here wrote."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.characters import one_line
from segmentation_assets.markdown import as_code, as_list, as_picture, as_sentence, as_table, as_words, escaped
from segmentation_assets_tests.rendered import AUTOLINK, PARSER, kinds

HOSTILE = [
    "[click](http://a.example)", "![x](http://a.example/p.png)", "<img src=x onerror=alert(1)>",
    "<http://a.example>", "a | b | c",
    "**bold** _it_ `code` ~~no~~", "&lt;b&gt; &#91;", "# head", "- item", "1. item", "1) item", "+ x", "> quote",
    "=====", "---",
    "[x]: http://a.example", "[x][y]", "a\\", "\\[x](y)", "```", "    code", "a\n\n# b", "x\u202ey",
    "https://a.example/x?y=z#w",
    "www.a.example", "WWW.a.example", "me@a.example", "mailto:me@a.example", "javascript:alert(1)", "__init__",
    "a_b_c", "*", "_",
]  # fmt: skip
NOT_TEXT = {
    "link_open", "image", "html_inline", "html_block", "code_inline", "code_block", "fence", "strong_open", "em_open",
    "s_open", "heading_open", "hr", "blockquote_open",
}  # fmt: skip


def shown(text):
    """What a reader sees of one paragraph."""
    inline = next(token for token in PARSER.parse(text) if token.type == "inline")
    return "".join(child.content for child in inline.children).replace("\u200b", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_sentence_is_one_paragraph_of_text(text):
    said = as_sentence(text)
    assert set(kinds(said)) <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}, said
    assert shown(said) == one_line(text)
    assert not AUTOLINK.search(said)


@given(st.text(alphabet=st.sampled_from("ab1 *_`[]()<>!|&#;:/.@-+=~\\\n\"'w"), min_size=1, max_size=20))
@settings(deadline=None, max_examples=400)
def test_any_text_is_shown_as_it_is(text):
    said = escaped("x" + text + "x")
    assert set(kinds(said)) <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}, said
    assert shown(said) == one_line("x" + text + "x")


def test_a_table_has_the_cells_of_its_frame_and_no_more():
    frame = pd.DataFrame({"segment_name": HOSTILE, "n | m": range(len(HOSTILE)), "share": 0.25})
    said = as_table(frame)
    found = kinds(said)
    assert not NOT_TEXT.intersection(found)
    assert (found.count("tr_open"), found.count("td_open")) == (1 + len(HOSTILE), 3 * len(HOSTILE))
    assert not AUTOLINK.search(said)


def test_a_list_has_as_many_items_as_sentences():
    found = kinds(as_list(HOSTILE))
    assert found.count("list_item_open") == len(HOSTILE)
    assert not NOT_TEXT.intersection(found)


def test_counts_by_name_are_words():
    said = as_words(dict.fromkeys(HOSTILE, 2))
    assert not NOT_TEXT.intersection(kinds(said))
    deep = as_words({"a": dict.fromkeys(HOSTILE, 2), "b": HOSTILE})
    assert not NOT_TEXT.intersection(kinds(deep))
    assert kinds(deep).count("list_item_open") == 2


def test_names_that_are_sentences_stand_in_lines_of_their_own():
    assert as_words({"missing: income": 1, "no policy": 2}) == "- missing: income: 1\n- no policy: 2"


def test_what_is_nothing_is_left_out_of_words():
    assert as_words({"a": 0, "b": 1_000, "c": 0.25}) == "b: 1,000, c: 0.25"
    assert as_words({"a": {}, "b": {"x": 0, "y": 2}, "c": []}) == "- b: y 2"
    assert as_words({"a": 0}) == as_words({}) == ""


@pytest.mark.parametrize("text", ["SELECT 1", "a\n```\n<script>x</script>", "``` ````` ```"])
def test_code_stays_code(text):
    assert kinds(as_code(text, "sql")) == ["fence"]


def test_usual_words_and_numbers_stay_as_they_were():
    frame = pd.DataFrame(
        {"reason": ["age_out_of_range: 410 not in [0, 120]"], "name": ["Higher-Income Women"], "n": [3]}
    )
    assert as_table(frame).splitlines()[-1].split("|")[2:4] == [" Higher-Income Women ", " 3 "]
    assert escaped("Younger Renters (32 %)") == "Younger Renters (32 %)"


def test_a_picture_holds_its_own_data():
    assert as_picture("![plot](data:image/png;base64,aGk=)").startswith("![plot]")
    for other in ("![plot](http://a.example/p.png)", "![a](data:image/png;base64,aGk=) ![b](http://a)", "text"):
        with pytest.raises(ValueError, match="no picture that holds its own data"):
            as_picture(other)
