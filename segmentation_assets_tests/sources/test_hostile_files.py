"""Files from strangers: those of the folder alone are read, and are rows or a sentence in bounded work."""

import os
import subprocess
import sys

import pytest

from segmentation_assets.characters import control_in
from segmentation_assets.errors import SourceError
from segmentation_assets.settings import read_settings
from segmentation_assets.sources import CsvFolder, refuse_unreadable, to_raw
from segmentation_assets.sources.csv import lines as csv_lines
from segmentation_assets.sources.csv.encoding import decode
from segmentation_assets.sources.csv.lines import MAX_LINES, read_records
from segmentation_assets.sources.csv.parsing import MAX_COLUMNS, MAX_HEADER_BYTES, parse_file
from segmentation_assets.sources.headers import delivered_columns
from segmentation_assets_tests.sources.conftest import AS_OF, CUSTOMERS, TABLES
from segmentation_assets_tests.sources.mutated_files import mutated

SECRET = "API_KEY=sk-41-do-not-tell"  # noqa: S105 - nobody's
HEADERS = delivered_columns(TABLES["customers"])


def naming(portfolio, name, **given):
    """The portfolio with customers in a file of that name, as if its text had not been looked at."""
    source = portfolio.sources["customers"].model_copy(update={"csv": name, **given})
    return portfolio.model_copy(update={"sources": {**portfolio.sources, "customers": source}})


def raw_rows(folder):
    delivery = folder.read("customers", AS_OF)
    return to_raw(delivery, TABLES["customers"], folder.portfolio.sources["customers"])


def refused(folder, portfolio):
    with pytest.raises(SourceError) as error:
        raw_rows(CsvFolder(folder, portfolio))
    assert "sk-41" not in str(error.value)
    return str(error.value)


@pytest.fixture
def outside(folder):
    """A folder of deliveries beside a secret."""
    delivered = folder / "delivered"
    delivered.mkdir()
    (folder / "secret").write_text(SECRET)
    (folder / "customers.csv").rename(folder / "elsewhere.csv")
    return delivered


@pytest.mark.parametrize(
    "name", ["../secret", "/proc/self/environ", "./../secret", "..\\secret", "a\0b", "..", "", "x" * 300]
)
def test_what_is_no_bare_name_is_not_opened(outside, portfolio, name):
    assert "Only files of the folder" in refused(outside, naming(portfolio, name))


def linked_out(delivered):
    (delivered / "customers.csv").symlink_to("../secret")


def linked_by_other_case(delivered):
    (delivered / "Customers.CSV").symlink_to(delivered.parent / "secret")


def linked_through_a_folder(delivered):
    (delivered / "up").symlink_to("..")
    (delivered / "customers.csv").symlink_to("up/secret")


def linked_to_a_process(delivered):
    (delivered / "customers.csv").symlink_to("/proc/self/environ")


def linked_to_itself(delivered):
    (delivered / "customers.csv").symlink_to("customers.csv")


def linked_to_nothing(delivered):
    (delivered / "customers.csv").symlink_to("nothing")


def piped(delivered):
    os.mkfifo(delivered / "customers.csv")


def linked_to_a_device(delivered):
    (delivered / "customers.csv").symlink_to("/dev/zero")


def a_folder(delivered):
    (delivered / "customers.csv").mkdir()


PLACES = [
    linked_out, linked_by_other_case, linked_through_a_folder, linked_to_a_process, linked_to_itself, linked_to_nothing,
    piped, linked_to_a_device, a_folder,
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_link_leads_out_of_the_folder_and_nothing_but_a_file_is_waited_for(outside, portfolio, place):
    place(outside)
    own = naming(portfolio, "customers.csv")
    assert "Only files of the folder" in refused(outside, own)
    with pytest.raises(SourceError, match="Only files of the folder"):
        CsvFolder(outside, own).revision("customers")
    with pytest.raises(SourceError, match="Only files of the folder"):
        refuse_unreadable(read_settings(data_dir=outside), own)


def test_a_link_within_the_folder_is_followed_and_the_folder_itself_may_be_one(folder, portfolio, tmp_path_factory):
    (folder / "..2025").mkdir()  # as a volume of Kubernetes lays out a ConfigMap
    (folder / "customers.csv").rename(folder / "..2025" / "customers.csv")
    (folder / "..data").symlink_to("..2025")
    (folder / "customers.csv").symlink_to("..data/customers.csv")
    beside = tmp_path_factory.mktemp("links") / "folder"
    beside.symlink_to(folder)
    delivery = CsvFolder(beside, portfolio).read("customers", AS_OF)
    assert (delivery.origin, delivery.n_rows) == ("customers.csv", 2)


@pytest.mark.parametrize(
    "content",
    [
        f"{SECRET}\nHOME=/root\n",
        f"root:x:0:0,{SECRET},more\n",
        f'a,b,"{SECRET}\n1,2,3\n',
        f"C7,41,Male,Leeds,Single,{SECRET},Lawyer,18719,French,Email,Morning\n",
        f"customer_id={SECRET}\n",
        f"<html><title>{SECRET}</title>\n",
    ],
)
def test_an_error_does_not_repeat_a_file_none_of_whose_headers_is_ours(folder, portfolio, content):
    (folder / "customers.csv").write_text(content)
    refused(folder, portfolio)


def test_an_error_counts_the_headers_that_it_does_not_repeat_and_shortens_those_that_it_does(folder, portfolio):
    (folder / "customers.csv").write_text("one;two;three\n1;2;3\n")
    said = refused(folder, portfolio)
    assert "customers.csv lacks the columns customer_id, age" in said
    assert "It has 3 columns, none of which is called like them" in said
    (folder / "customers.csv").write_text("age," + ",".join(f"{i}{'x' * 400}\x1b[2J" for i in range(500)) + "\n1\n")
    said = refused(folder, portfolio)
    assert "and 471 more" in said
    assert len(said) < 5_000
    assert said.isprintable()


@pytest.mark.parametrize("encoding", ["idna", "punycode", "unicode_escape", "utf-16-le", "utf-32", "cp500", "hz"])
def test_no_encoding_that_python_knows_ends_in_a_trace(folder, portfolio, encoding):
    (folder / "customers.csv").write_bytes(b"xn--\\ud800,\xff\n" * 40)
    refused(folder, naming(portfolio, "customers.csv", encoding=encoding))


def rows_or_sentence(data):
    try:
        file = decode("customers.csv", data)
        parsed = parse_file("customers.csv", file.text, HEADERS, HEADERS)
    except SourceError:
        return "refused"
    assert len(set(parsed.rows.column_names)) >= 1
    parsed.rows.validate(full=True)
    return "rows" if parsed.rows.num_rows else "none"


def test_a_mutated_file_is_rows_or_a_sentence():
    outcomes = {rows_or_sentence(mutated(seed)) for seed in range(400)}
    assert outcomes == {"rows", "none", "refused"}


@pytest.mark.long
def test_twenty_thousand_mutated_files(folder, portfolio):
    own, path = CsvFolder(folder, portfolio), folder / "customers.csv"
    outcomes = set()
    for seed in range(400, 400 + 20_000):
        path.write_bytes(mutated(seed))
        try:
            raw = raw_rows(own)
        except SourceError as error:
            outcomes.add(control_in(str(error)) or "refused")
            continue
        raw.validate(full=True)
        outcomes.add(raw.num_rows > 0)
    assert outcomes == {True, False, "refused"}


def work(data):
    """Count the calls and lines of ours that reading a file takes: the same on every machine, unlike seconds."""
    counted = 0

    def count(frame, event, _):
        nonlocal counted
        if "segmentation_assets" in frame.f_code.co_filename:
            counted += event == "line"
            return count
        return None

    sys.settrace(count)
    try:
        parse_file("customers.csv", data, HEADERS, HEADERS)
    except SourceError:
        pass
    finally:
        sys.settrace(None)
    return counted


HEADER = ",".join(HEADERS).encode() + b"\n"
PATTERNS = {
    "a quote that is not closed over lines": lambda n: b'a,b,"c\n' + b"1,2,3\n" * (n // 6),
    "a quote that is not closed in one line": lambda n: b'a,b,"c' + b",d" * (n // 2),
    "quotes": lambda n: b'"' * n,
    "columns": lambda n: b"a," * (n // 2) + b"\n1,2\n",
    "blank lines": lambda n: b"\n" * n + HEADER,
    "one name": lambda n: b"x" * n,
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_a_header_of_five_megabytes_takes_bounded_work(pattern):
    assert (
        work(pattern(5_000_000)) <= 1.5 * work(pattern(2_500_000)) + 1_000
    )  # either way all but a window is left alone


MEASURED = """
import resource
from segmentation_assets_tests.sources.test_hostile_files import PATTERNS, work
work(PATTERNS["columns"](1_000))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for pattern in PATTERNS.values():
    work(pattern(5_000_000))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_headers_of_five_megabytes_take_bounded_memory():
    done = subprocess.run([sys.executable, "-c", MEASURED], capture_output=True, text=True, check=True)  # noqa: S603
    assert int(done.stdout) < 300, "megabytes"


BODIES = {
    "fields that open again": lambda n: HEADER + b'b","c\n' * n,
    "open quotes": lambda n: HEADER + b'"a\n' * n,
    "an open quote before lines": lambda n: HEADER + (b'"a\n' + b"x\n" * 99) * (n // 100),
    "doubled quotes": lambda n: HEADER + (b'"a\n' + b'x""y\n' * 99) * (n // 100),
    "short rows": lambda n: HEADER + b"1\n" * n,
    "rows of delimiters": lambda n: HEADER + b",,\n" * n,
}


@pytest.mark.parametrize("pattern", BODIES.values(), ids=BODIES)
def test_a_body_takes_work_in_proportion_to_its_lines(pattern):
    assert work(pattern(1_600)) < 3 * work(pattern(800))


def test_a_quote_that_is_left_open_is_looked_behind_once_however_many_are(monkeypatch):
    joined = 0

    def count(_self, _at, n_lines):
        nonlocal joined
        joined += n_lines
        return ""

    monkeypatch.setattr(csv_lines._Lines, "joined", count)
    assert len(list(read_records('b","c\n' * 2_000, ",", 11))) == 2_000
    assert joined <= MAX_LINES


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            b"a," * MAX_COLUMNS + b"b\n1\n",
            "has a header of 10,001 columns, and 10,000 are the most that a file may have",
        ),
        (
            b"x" * (MAX_HEADER_BYTES + 1),
            "has a header of more than 1,000,000 bytes, which is the most that one may have",
        ),
    ],
)
def test_what_a_header_may_have_is_told(data, said):
    with pytest.raises(SourceError, match=said):
        parse_file("customers.csv", data, HEADERS)


def test_a_header_of_as_many_columns_as_may_be_is_read_whole():
    spare = [f"further_{i}" for i in range(MAX_COLUMNS - len(HEADERS))]
    first = CUSTOMERS.splitlines()[1]
    text = ",".join([*HEADERS, *spare]) + "\n" + first + ",x" * len(spare) + "\n"
    rows = parse_file("customers.csv", text.encode(), HEADERS, HEADERS).rows
    assert (rows.num_columns, rows.column(MAX_COLUMNS - 1).to_pylist()) == (MAX_COLUMNS, ["x"])


def test_a_table_below_a_megabyte_of_blank_lines_is_read():
    assert parse_file("a.csv", b" \n" * 1_000_000 + HEADER + b"1" * 12, HEADERS).rows.num_rows == 1
