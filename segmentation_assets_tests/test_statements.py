"""No statement that is sent reads more days of a table than it is about."""

import ast
import re
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from google.cloud import bigquery as google

from segmentation_assets import statements
from segmentation_assets.cli import main
from segmentation_assets.history import known_answers, model_registry
from segmentation_assets.personas.grounding.judgement import MAX_TEXT_LETTERS
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets.tables import build_tables
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.ledger import LEDGER
from segmentation_assets.warehouse.sql.bounds import Unbounded, unbounded_reads
from segmentation_assets_tests.club import FIRST, SECOND, found_club
from segmentation_assets_tests.conftest import Graph

PACKAGE = Path(statements.__file__).parent
INSURANCE = load_portfolio("insurance")
TABLES = build_tables(INSURANCE)
ELSEWHERE = {
    "checking/queries.py",  # features and views
    "checking/sql.py",  # bound to empty tables in memory
    "checking/warehouse_inputs.py",  # other people's tables, bounded by their own column where they have one
    "warehouse/sql/queries.py",  # the files
}
"""Modules whose queries are collected by the functions that make them, or read no table of ours."""

WHOLE = re.compile(rf"^SELECT \*( EXCEPT \(upstream\))? FROM `[^`]*{LEDGER.name}`$")
"""What is read whole: the ledger, where all that there is is asked about. Three years of it are some 33 MB."""


SHOWN = ("snapshot_date", "lens", "segment_id", "segment_name")
REQUESTED = ("snapshot_date", "lens", "reason", "requested_by")
"""What a view shows of labels, and all that a request is."""


def test_no_query_reads_a_day_that_it_is_not_about():
    assert list(statements.faults(INSURANCE)) == []
    assert statements.main() == 0


def test_every_query_that_is_built_is_among_those_that_are_looked_at():
    origins = {query.origin.split(".")[0] for query in statements.queries_of(INSURANCE)}
    building = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE).as_posix()
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id == "Query" and where not in ELSEWHERE:
                said = next(k.value for k in call.keywords if k.arg == "origin")
                words = said.values[0].value if isinstance(said, ast.JoinedStr) else said.value
                building.add(words)
    assert building
    for words in building:
        assert any(origin.startswith(words) for origin in origins), f"statements.queries_of lacks {words!r}"


def test_a_query_or_view_without_a_bound_is_told(monkeypatch, capsys):
    bad = Query("SELECT age FROM\ncustomers WHERE age > 3", origin="sql/x.sql")
    monkeypatch.setattr(statements, "queries_of", lambda _: [bad])
    monkeypatch.setattr(
        statements, "view_queries", lambda *_: {"v": Query("SELECT MAX(snapshot_date) AS snapshot_date FROM customers")}
    )
    assert statements.main() == 1
    told = capsys.readouterr().out
    assert "sql/x.sql:2: reads customers without a bound on its snapshot_date" in told
    assert "whoever asks v for a day reads every day of customers" in told


def widest(name: str, columns: Sequence[str], *, letters: int) -> int:
    """Return the bytes of a row's columns, as BigQuery counts them, with as many letters in every text."""
    return sum(2 + letters if TABLES[name].column(column).type == "STRING" else 8 for column in columns)


def test_what_is_read_whole_is_less_than_is_billed_at_least():
    days, lenses, segments = 1_095, 5, 5 * 8
    read = {
        "segment_labels": segments * widest("segment_labels", SHOWN, letters=40),
        "segment_models": lenses * widest("segment_models", model_registry._HEADERS, letters=64),
        "retraining_requests": lenses * widest("retraining_requests", REQUESTED, letters=40),
    }
    assert read.keys() == statements.A_FEW_ROWS_A_DAY
    for name, bytes_a_day in read.items():
        assert days * bytes_a_day < 10_000_000, name


def test_the_answers_of_three_years_are_a_few_times_what_is_billed_at_least():
    texts = [
        name for name in known_answers._ANSWER_COLUMNS if name in ("description", "motivation", "product_strategy")
    ]
    short = [name for name in known_answers._ANSWER_COLUMNS if name not in texts]
    row = widest("segment_labels", texts, letters=MAX_TEXT_LETTERS) + widest("segment_labels", short, letters=40)
    assert len(texts) == 3
    assert 1_095 * 5 * 8 * row < 50_000_000


def test_the_page_says_how_far_a_filter_on_each_view_gets():
    page = (PACKAGE.parent / "docs" / "bigquery.md").read_text(encoding="utf-8")
    for line in statements.reached_tables(INSURANCE):
        assert line in page.splitlines(), f"docs/bigquery.md lacks: {line}"


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    """The statements that BigQuery's own client sends from now on, but for those that are only planned."""
    told: list[str] = []
    for name in ("query", "query_and_wait"):
        real = getattr(google.Client, name)

        def listening(self, sql, *args, _real=real, **kwargs):
            if not kwargs["job_config"].dry_run:
                told.append(sql)
            return _real(self, sql, *args, **kwargs)

        monkeypatch.setattr(google.Client, name, listening)
    return told


def unbounded(sent: list[str], tables=TABLES) -> list[tuple[str, Unbounded]]:
    """Return what was sent without a bound, but for what is known to be read whole, and views but for `never`."""
    found = []
    for sql in dict.fromkeys(sent):
        if not sql.startswith("CREATE OR REPLACE VIEW") and not WHOLE.search(sql):
            found += [(sql, read) for read in unbounded_reads(sql, partial(statements.is_partitioned, tables))]
    return [(sql, read) for sql, read in found if read.table not in statements.A_FEW_ROWS_A_DAY]


def test_what_the_engine_sends_of_its_own_is_bounded(new_bigquery, sent):
    warehouse, table, day = new_bigquery(), TABLES["segment_stability"], date(2025, 11, 15)
    types = {"STRING": "x", "FLOAT64": 0.5, "INT64": 1, "BOOL": True, "DATE": day}
    rows = pa.table({c.name: pa.array([types[c.type]]) for c in table.columns})
    warehouse.replace(table, rows, day, day)
    selected = ", ".join(f"`{name}`" for name in table.column_names)
    again = Query(f"SELECT {selected} FROM {table.name} WHERE snapshot_date = @day", {"day": day}, origin="a test")
    assert warehouse.replace(table, again, day, day).n_rows == 1
    assert warehouse.read(table, day, day).num_rows == warehouse.count(table, day, day) == 1
    assert warehouse.row_counts([table]) == {table.name: {day: 1}}
    assert len(warehouse.ledger([table.name])) == len(warehouse.ledger()) == 1
    assert sum("MERGE" in sql for sql in sent) >= 2
    assert unbounded(sent) == []


@pytest.mark.long  # two nights in the emulator
def test_no_statement_of_two_nights_and_of_the_commands_is_unbounded(bigquery, tmp_path, monkeypatch, sent):
    club = found_club(tmp_path)
    told = {"warehouse": "bigquery", "bigquery_project": "scans-test", "dataset": "nights"}
    graph = Graph(
        read_settings(data_dir=tmp_path, portfolio=club, bigquery_emulator_host=bigquery.host, **told),
    )
    assert graph.run(FIRST).success
    environment = {
        "SEGMENTATION_WAREHOUSE": "bigquery",
        "SEGMENTATION_BIGQUERY_PROJECT": "scans-test",
        "SEGMENTATION_DATASET": "nights",
        "SEGMENTATION_DATA_DIR": str(tmp_path),
        "SEGMENTATION_PORTFOLIO": club,
        "BIGQUERY_EMULATOR_HOST": bigquery.host,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for command in (
        ("backfill", "--from", str(SECOND), "--to", str(SECOND)),
        ("plan",),
        ("segments", "--date", str(SECOND)),
        ("moves", "--from", str(FIRST), "--to", str(SECOND)),
    ):
        done = CliRunner().invoke(main, command, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    assert {"customer_moves", "segment_migration"} <= set(graph.warehouse.tables.relations())
    tables = build_tables(load_portfolio(club))
    assert len(sent) > 100
    assert unbounded(sent, tables) == []
