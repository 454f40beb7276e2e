import csv
import io
from contextlib import suppress

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segmentation_assets.errors import SourceError
from segmentation_assets.sources.csv import parsing as csv_parsing
from segmentation_assets.sources.csv.encoding import decode
from segmentation_assets.sources.csv.lines import read_records
from segmentation_assets.sources.csv.parsing import parse, parse_file
from segmentation_assets.sources.delivery import MALFORMED_ROW, MALFORMED_TEXT

HEADERS = ["key", "city", "age"]


def parsed(text):
    return parse("a.csv", text.encode(), HEADERS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    table = parsed(f"key,city,age\n1,Bonn,41\n2,,{''}\n".replace(",", delimiter))
    assert table.to_pydict() == {"key": ["1", "2"], "city": ["Bonn", ""], "age": ["41", ""]}


def test_known_headers_decide_where_counts_mislead():
    table = parsed('key;city;"age (a,b,c,d)"\n1;Bonn;41\n')
    assert table.column_names == ["key", "city", "age (a,b,c,d)"]


def test_a_declared_delimiter_is_obeyed():
    assert parsed("sep=;\nkey;city;age\n1;Bonn;41\n").to_pydict() == {"key": ["1"], "city": ["Bonn"], "age": ["41"]}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "{end}", "{end}{end}{end}"])
def test_line_ends_and_blank_lines_at_the_end(end, last):
    table = parsed(end.join(["key,city,age", "1,Bonn,41", "2,Rome,50"]) + last.format(end=end))
    assert table.to_pydict() == {"key": ["1", "2"], "city": ["Bonn", "Rome"], "age": ["41", "50"]}


def test_nothing_is_guessed_about_types():
    table = parsed("key,city,age\n007,NA,1e3\nnull,true, 5 \n")
    assert table.to_pydict() == {"key": ["007", "null"], "city": ["NA", "true"], "age": ["1e3", " 5 "]}


def test_quoted_and_plain_files_read_alike():
    assert parsed('"key","city","age"\n"1","Bonn","41"\n') == parsed("key,city,age\n1,Bonn,41\n")


def test_plain_files_do_not_take_the_slow_way(monkeypatch):
    monkeypatch.setattr(csv_parsing, "read_records", None)
    assert parsed('key,city,age\n"1","Bonn",41\n2,"Rome, Italy",50\n').num_rows == 2


def test_a_ragged_row_keeps_its_place_and_its_text():
    table = parsed("key,city,age\n1,Bonn,41\n2,Rome\n3,Oslo,50\n")
    assert table.to_pydict() == {
        "key": ["1", "2", "3"],
        "city": ["Bonn", None, "Oslo"],
        "age": ["41", None, "50"],
        MALFORMED_ROW: [None, "2 fields instead of 3", None],
        MALFORMED_TEXT: [None, "2,Rome", None],
    }


def test_a_header_alone_is_no_rows():
    for text in ("key,city,age", "key,city,age\n", "key,city,age\r\n\r\n"):
        table = parsed(text)
        assert (table.num_rows, table.column_names) == (0, HEADERS)


@pytest.mark.parametrize("text", ["", "\n\n", "  \r\n"])
def test_an_empty_file_is_an_error_that_says_what_belongs_there(text):
    with pytest.raises(SourceError, match=r"a\.csv is empty: not even a header\..* such as key,city,age\."):
        parsed(text)


def test_an_open_quote_in_the_header_is_an_error():
    with pytest.raises(SourceError, match="header with a quote that is not closed"):
        parsed('key,"city,age\n1,2,3\n')


# The writer leaves a carriage return unquoted, which then is a line's end.
values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)


@given(
    rows=st.lists(st.tuples(st.integers(0, 10**6).map(str), values, values), max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(deadline=None, max_examples=150)
def test_what_a_csv_writer_writes_is_what_is_read(rows, delimiter, quoting, end):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([HEADERS, *rows])
    table = parsed(file.getvalue())
    if MALFORMED_ROW not in table.column_names:  # text may look like rows of its own; then it is kept, line by line
        assert [tuple(row.values()) for row in table.to_pylist()] == rows
    else:
        assert table.num_rows >= len(rows)


fields = st.sampled_from(["a", "1", "", " ", '"b"', '""', '"x,y"', '"p""q"', '"', 'c"', '"r\ns"', ";"])
lines = st.lists(fields, min_size=2, max_size=4).map(",".join)
bodies = st.tuples(st.lists(lines, max_size=6), st.sampled_from(["\n", "\r\n", "\r"])).map(lambda p: p[1].join(p[0]))


@given(bodies | st.text(alphabet='ab1,"\n\r ;', max_size=60))
@settings(deadline=None, max_examples=400)
def test_the_fast_way_reads_what_the_slow_way_reads(body):
    text = "key,city,age\n" + body
    width = csv_parsing._read_header("a.csv", text.encode(), HEADERS).width
    slow = [r.fields if r.fault is None else r.fault for r in read_records(body, ",", 3, width)]
    table = parsed(text)
    fast = [row.get(MALFORMED_ROW) or [row[name] for name in HEADERS] for row in table.to_pylist()]
    assert fast == slow


@example(b"!malformed_row")
@example(b"a,!line\n1")
@given(st.binary(max_size=80))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_rows_of_text_or_an_error_of_ours(data):
    with suppress(SourceError):
        rows = parse("a.csv", decode("a.csv", data).text, HEADERS)
        types = rows.drop_columns([name for name in (MALFORMED_ROW,) if name in rows.column_names]).schema.types
        assert set(types) == {pa.string()}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "text",
    [
        "key,city,age,,\n1,Bonn,41,,\n2,Rome,,,\n",  # header and rows
        "key,city,age\n1,Bonn,41,\n2,Rome,,\n",  # rows alone
        "key,city,age,,\n1,Bonn,41\n2,Rome,\n",  # the header alone
        "key,city,age\n1,Bonn,41,,,\n2,Rome,\n",  # some rows, and not as many
        "key,city,age\n1,Bonn,41\n2,Rome,, , \n",
        'key,city,age\n"1","Bonn","41",\n"2","Rome","",\n',
        "key,city,age\n1,Bonn,41,\n,,,\n\xa0,,\n2,Rome,,\n,,\n,,,,,,\n",  # rows of nothing
    ],
)
def test_delimiters_with_nothing_behind_them_are_no_fields_and_no_rows(text, delimiter):
    table = parsed(text.replace(",", delimiter))
    rows = [[row[name] for name in HEADERS] for row in table.to_pylist()]
    assert rows == [["1", "Bonn", "41"], ["2", "Rome", ""]]
    assert MALFORMED_ROW not in table.column_names


def test_a_value_beyond_the_header_is_a_fault_even_where_lines_end_in_delimiters():
    table = parsed("key,city,age\n1,Bonn,41,\n2,Rome, Italy,50,\n3,Oslo,50,\n4,York\n")
    assert table["key"].to_pylist() == ["1", "2", "3", "4"]
    assert table[MALFORMED_ROW].to_pylist() == [None, "5 fields instead of 3", None, "2 fields instead of 3"]
    assert table["age"].to_pylist() == ["41", None, "50", None]


def test_a_long_file_whose_lines_end_in_a_delimiter_does_not_take_the_slow_way(monkeypatch):
    monkeypatch.setattr(csv_parsing, "read_records", None)
    assert parsed("key,city,age\n" + "1,Bonn,41,\n" * 50).column_names == HEADERS


def test_headers_may_hold_marks_that_do_not_show():
    table = parsed("\u200ekey\u200e;ci\u00adty;\ufeffage\n1;Bonn;41\n")
    assert table.num_columns == 3


SHORT = """id,name,lapsed,note
1,Ann
2,Bea,2025-01-02,"left, then
came back"
3,Cy,2025-01-03
4
5,Dee,,,
"""


def test_blank_fields_may_be_left_out_at_the_end_where_nobody_needs_them():
    rows = parse_file("x.csv", SHORT.encode(), ["id", "name", "lapsed"], ["ID", "Name"]).rows.to_pylist()
    assert [(r["id"], r["name"], r["lapsed"], r["note"]) for r in rows] == [
        ("1", "Ann", "", ""),
        ("2", "Bea", "2025-01-02", "left, then\ncame back"),
        ("3", "Cy", "2025-01-03", ""),
        ("4", None, None, None),
        ("5", "Dee", "", ""),
    ]
    assert [r["!malformed_row"] for r in rows] == [None, None, None, "1 field instead of 4", None]


def test_where_all_are_needed_none_may_be_left_out():
    faults = parse_file("x.csv", SHORT.encode(), ["id"]).rows["!malformed_row"].to_pylist()
    assert faults == ["2 fields instead of 4", None, "3 fields instead of 4", "1 field instead of 4", None]


def test_an_open_quote_swallows_no_row_that_lacks_blank_fields():
    text = b'id,name,note\n1,"Ann\n2,Bea\n3,"Cy"\n'
    rows = parse_file("x.csv", text, ["id"], ["id", "name"]).rows.to_pylist()
    assert [(r["id"], r["name"]) for r in rows] == [("1", None), ("2", "Bea"), ("3", "Cy")]
