import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.sources.csv.lines import MAX_LINES, _split_slowly, first_record, read_records, split_record


def rows(text, n_fields=4):
    return [record.fields if record.fault is None else record.fault for record in read_records(text, ",", n_fields)]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a,b", ["a", "b"]),
        ("a,", ["a", ""]),
        (",", ["", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"",c', ["", "c"]),
        ('"say ""hi""",c', ['say "hi"', "c"]),
        ("5'10\",c", ["5'10\"", "c"]),
        ('a,"b', "open"),
        ('"a"b,c', "broken"),
    ],
)
def test_a_record_splits_as_rfc_4180_says(text, fields):
    assert split_record(text, ",") == fields


@given(st.text(alphabet='ab," ', min_size=1, max_size=12))
@settings(deadline=None, max_examples=300)
def test_the_library_and_our_own_way_split_alike(text):
    assert split_record(text, ",") == _split_slowly(text, ",")


def test_a_field_may_be_longer_than_the_library_allows():
    assert split_record('1,"' + "x" * 200_000 + '"', ",") == ["1", "x" * 200_000]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(end):
    assert rows(end.join(["a,b,c,d", "", "e,f,g,h", ""])) == [["a", "b", "c", "d"], ["e", "f", "g", "h"]]


def test_short_and_long_rows_are_faults_and_shift_nothing():
    found = list(read_records("1,b,c,d\n2,b\n3,b,c,d,e\n4,b,c,d\n", ",", 4))
    assert [r.fault for r in found] == [None, "2 fields instead of 4", "5 fields instead of 4", None]
    assert [r.fields for r in found[1:3]] == [["2"], ["3"]]
    assert [r.line for r in found[1:3]] == ["2,b", "3,b,c,d,e"]


def test_a_quoted_field_may_hold_line_breaks():
    assert rows('1,b,c,"one\ntwo, three\r\n\nfour"\n2,b,c,d\n') == [
        ["1", "b", "c", "one\ntwo, three\r\n\nfour"],
        ["2", "b", "c", "d"],
    ]


def test_a_quoted_first_field_may_hold_line_breaks():
    assert rows('"one\ntwo",b,c,d\n2,b,c,d') == [["one\ntwo", "b", "c", "d"], ["2", "b", "c", "d"]]


@pytest.mark.parametrize("bad", ['2,"b,c,d', '2,b,c,"d', '2,b,c,"'])
def test_a_stray_quote_costs_its_own_row_alone(bad):
    text = f'1,b,c,d\n{bad}\n3,b,c,d\n4,b,"c",d\n5,b,c,d\n'
    assert rows(text) == [
        ["1", "b", "c", "d"],
        "a quote that is not closed",
        ["3", "b", "c", "d"],
        ["4", "b", "c", "d"],
        ["5", "b", "c", "d"],
    ]


def test_two_stray_quotes_do_not_swallow_the_rows_between():
    assert rows('1,b,c,"d\n2,b,c,d\n3,b,c,d"\n') == [
        "a quote that is not closed",
        ["2", "b", "c", "d"],
        ["3", "b", "c", 'd"'],
    ]


def test_text_after_a_closing_quote_is_a_fault():
    assert rows('1,"b"x,c,d\n2,b,c,d') == ["text after a closing quote", ["2", "b", "c", "d"]]


def test_a_file_of_open_quotes_ends():
    n = 20 * MAX_LINES
    assert rows('"x\n' * n, 2) == ["a quote that is not closed"] * n


def test_the_first_record_skips_blank_lines_and_spans_quotes():
    text = '\r\n  \n"a\nb",c\n1,2\n'
    record, end = first_record(text)
    assert record == '"a\nb",c'
    assert text[end:] == "1,2\n"
