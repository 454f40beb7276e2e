"""Portfolios from strangers: whatever they hold, they are read in bounded time, or refused by a sentence of ours."""

import subprocess
import sys
from pathlib import Path

import pytest

from segmentation_assets.characters import control_in
from segmentation_assets.enclosed_files import fault_of_name
from segmentation_assets.errors import PortfolioError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets_tests.portfolio.conftest import SMALL, line_of
from segmentation_assets_tests.portfolio.mutations import mutated

INSURANCE = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
CODE = str(Path(__file__).parents[2])


def outcome(data: bytes) -> str:
    """Load a portfolio; only a PortfolioError may come of it, a sentence a line, and nothing that a terminal obeys."""
    Path("mine.yaml").write_bytes(data)
    try:
        return load_portfolio("mine.yaml").name
    except PortfolioError as error:
        said = str(error)
    assert all(line.startswith("mine.yaml") for line in said.splitlines()), said
    assert control_in(said) is None
    return "refused"


@pytest.mark.parametrize(("base", "n"), [(SMALL, 170), (INSURANCE, 45)], ids=["small", "insurance"])
@pytest.mark.usefixtures("at")
def test_a_mutated_portfolio_loads_or_is_refused_by_sentences(base, n):
    outcomes = {outcome(mutated(base, seed)) for seed in range(n)}
    assert len(outcomes) > 1  # some of them harm nothing, or the mutations prove nothing


@pytest.mark.long
@pytest.mark.parametrize("base", [SMALL, INSURANCE], ids=["small", "insurance"])
@pytest.mark.usefixtures("at")
def test_two_thousand_mutated_portfolios(base):
    for seed in range(200, 200 + 2_000):
        outcome(mutated(base, seed))


BOMBS = {
    "aliases": "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)),
    "lists": "a: " + "[" * 100_000,
    "closed lists": "a: " + "[" * 50_000 + "]" * 50_000,
    "maps": "{a: " * 50_000,
    "dashes": "- " * 100_000,
    "questions": "? " * 100_000,
    "a long number": "min_group_size: " + "9" * 200_000,
    "a long hex number": "min_group_size: 0x" + "f" * 200_000,
    "a number of minutes": "min_group_size: 1" + ":59" * 60_000,
    "quotes": "'" * 240_001,
    "colons": ":" * 240_000,
    "keys": "".join(f"key{i}: 1\n" for i in range(19_000)),
    "entries": "protected_attributes: [" + "a," * 100_000 + "]",
    "unknown features": INSURANCE + "\nscenarios: {x: {description: y, factors: {" + "a: 1, " * 9_000 + "}}}",
    "a text": "title: " + "x " * 100_000,
}

MEASURED = """
import resource, sys
from segmentation_assets.errors import PortfolioError
from segmentation_assets.portfolio import load_portfolio
load_portfolio("insurance")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
for path in sys.argv[1:]:
    try:
        load_portfolio(path)
    except PortfolioError:
        continue
    raise SystemExit(f"{path} was taken")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_what_grows_when_it_is_read_is_refused_in_little_memory(at):
    paths = []
    for i, text in enumerate(BOMBS.values()):
        paths.append(f"{i}.yaml")
        (at / paths[-1]).write_text(text, encoding="utf-8")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", MEASURED, *paths], env={"PYTHONPATH": CODE}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100, "megabytes"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a: &words {b: 1}\nc: 2\n",
            ":1: has the anchor &words, which a portfolio may not use. Write out what is meant.",
        ),
        ("a: 1\nc: *words\n", ":2: has the alias *words, which a portfolio may not use. Write out what is meant."),
        ("a: &again [1, *again]", ":1: has the anchor &again, which a portfolio may not use. Write out what is meant."),
        ("a: 1\nb: " + "[" * 17, ":2: nests deeper than the 16 levels that a portfolio may have."),
        ("a: [" + "1, " * 20_000, ":1: goes beyond the 20,000 keys and values that a portfolio may have."),
        ("a" * 250_001, " is longer than the 250,000 bytes that a portfolio may have. Shorten it."),
    ],
)
def test_what_is_not_bounded_is_told_with_its_line(faults, text, said):
    assert faults(raw=text.encode()) == [f"mine.yaml{said}"]


@pytest.mark.parametrize("parser", ["libyaml", "PyYAML"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name: "\\Uffffffff"', "is not YAML: "),
        ("%YAML 1." + "9" * 5_000 + "\n---\nname: x", "is not YAML: "),
        ("!!python/object:os.system x: 1", "has the tag tag:yaml.org,2002:python/object:os.system"),
        ("2024-02-30: 1", "2024-02-30 is 2024-02-30, which YAML cannot read."),
        ("=: 1", "= is =, which YAML cannot read."),
        ("name: !!timestamp x", "name has the tag tag:yaml.org,2002:timestamp"),
        ("name: !!binary aGk=", "name has the tag tag:yaml.org,2002:binary"),
        ('name: "a\\0b"', "name holds the character U+0000, which does not show. Remove it."),
        ('name: "\\ud800"', "name holds the character U+D800, which does not show. Remove it."),
        ('"a\\e[2Jb": 1', "holds the character U+001B, which does not show. Remove it."),
        ("title: a\u202eb", "title holds the character U+202E, which does not show. Remove it."),
        (
            "min_group_size: " + "9" * 65,
            "min_group_size is a number of more than 64 characters. Shorten it, or quote it.",
        ),
    ],
)
def test_what_only_one_of_the_two_parsers_would_catch(faults, monkeypatch, parser, text, said):
    if parser == "PyYAML":
        monkeypatch.delattr("yaml.CSafeLoader", raising=False)
    told = faults(raw=text.encode("utf-8"))
    assert any(said in line for line in told), told


def test_of_a_thousand_faults_the_first_hundred_are_told(faults):
    told = faults("scenarios:\n", "protected: 1\n" + "".join(f"other{i}: 1\n" for i in range(1_000)) + "scenarios:\n")
    assert len(told) == 101
    assert told[-1] == "mine.yaml: there are more faults, which are told when these are mended."


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b", "\x1b[2J", "..", "/dev/stdin"])
@pytest.mark.usefixtures("at")
def test_no_name_of_a_portfolio_is_more_than_not_found(name):
    with pytest.raises(PortfolioError, match=r"There is no portfolio|is a folder"):
        load_portfolio(name)


NO_NAMES = [
    "../customers.csv", "..", ".", "/etc/passwd", "/proc/self/environ", "a/b.csv", "..\\customers.csv",
    "C:customers.csv",
    "customers.csv.", " customers.csv", "x" * 300 + ".csv", "customers\u202evsc.exe", "\ud800.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_csv_file_is_a_bare_name(faults, name):
    assert fault_of_name(name)
    if name.isprintable():
        (said,) = faults("csv: customers.csv", f"csv: '{name}'")
        assert said.startswith(f"mine.yaml:{line_of('csv: customers.csv')}: sources.customers.csv is {name!r}, which ")
        assert said.endswith("give the bare name of a file in the data folder.")


@pytest.mark.parametrize(
    "name", ["customers.csv", "Kunden 2025 (neu).CSV", "клиенты.csv", ".hidden", "a..b", "x" * 255]
)
def test_whatever_else_a_file_may_be_called_is_taken(name):
    assert fault_of_name(name) is None


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("spreadsheet: Book", "sources.policies.sheet.spreadsheet is 'Book', a title, which anybody could give"),
        ("spreadsheet: Book, owner: GMail.com", "sources.policies.sheet.owner is GMail.com, where anybody can have an"),
    ],
)
def test_a_spreadsheet_named_by_its_title_needs_an_owner_that_not_everybody_is(faults, sheet, said):
    (told,) = faults("csv: sales.csv", f"sheet: {{{sheet}}}")
    assert said in told


CATALOGUES = [
    "information_schema.tables", "INFORMATION_SCHEMA.JOBS", "crm.INFORMATION_SCHEMA.TABLES", "pg_catalog.pg_settings",
    "main.duckdb_databases", "main.sqlite_master", "main.SQLite_Schema", "crm.__TABLES__", "main.pragma_database_list",
]  # fmt: skip


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_table_in_which_the_warehouse_tells_of_itself_is_refused(faults, name):
    (said,) = faults("csv: sales.csv", f"table: {name}")
    assert f"sources.policies.table is {name!r}, in which the warehouse tells of itself" in said


@pytest.mark.parametrize("name", ["/srv/x.csv", "crm.cust*", "a.b(c)", "'a'.b", "gs://x.csv", 'crm."customers"'])
def test_a_table_is_no_path_and_no_pattern(faults, name):
    (said,) = faults("csv: sales.csv", f"table: {name!r}")
    assert "name it as dataset.table" in said


@pytest.mark.parametrize("name", ["crm.pg_customers", "my-project.crm.kunden", "sqlite_export.sales", "temp.duck"])
def test_other_tables_are_taken(at, name):
    (at / "mine.yaml").write_text(SMALL.replace("csv: sales.csv", f"table: {name}"), encoding="utf-8")
    assert load_portfolio("mine.yaml").sources["policies"].table == name


@pytest.mark.parametrize("encoding", ["idna", "punycode", "unicode_escape", "Raw-Unicode-Escape", "undefined", "U7"])
def test_an_encoding_is_a_set_of_characters(faults, encoding):
    (said,) = faults("csv: sales.csv", f"csv: sales.csv\n    encoding: {encoding}")
    assert "which Python does not know" in said
