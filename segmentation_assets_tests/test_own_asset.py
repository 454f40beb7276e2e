"""A table is one file: `segment_notes`, of SQL and Python, put beside the package's own by this test alone."""

import sys
from pathlib import Path

import duckdb
import pytest
from dagster import AssetKey

import segmentation_assets.assets.insights as room
from segmentation_assets import tables
from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.survey import survey
from segmentation_assets.errors import TableError
from segmentation_assets.history.recipes import recipes_of
from segmentation_assets.pages.tables import render
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import own
from segmentation_assets.versions.fingerprint import _code
from segmentation_assets.versions.source_files import read_module
from segmentation_assets_tests.conftest import Graph, graph_on
from segmentation_assets_tests.versions.society import DAYS, found_society

SQL = """
-- Customers of every segment of the primary lens, and their mean income.
SELECT
  snapshot_date,
  segment_name,
  COUNT(*) AS n_customers,
  AVG(income) AS mean_income
FROM labelled_customers
WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot
GROUP BY snapshot_date, segment_name
"""

FILE = '''
"""`segment_notes`: a sentence on each segment."""

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.tables.asset import Asset, Check
from segmentation_assets.tables.schema import integer, string, table
from segmentation_assets.tables.shared_columns import CHECKED


def make(night: Night) -> pd.DataFrame:
    """Write a sentence on each segment, with the customers it had on the snapshot before."""
    rows = night.queried()
    before = [day for day in night.snapshots if day < night.day]
    known = night.earlier("segment_notes", before[-1]) if before else rows[:0]
    rows["n_before"] = rows["segment_name"].map(known.set_index("segment_name")["n_customers"])
    money = night.portfolio.currency
    rows["note"] = [f"{n} with {mean:,.0f} {money}" for n, mean in zip(rows["n_customers"], rows["mean_income"])]
    return rows.drop(columns="mean_income")


def show(night, rows):
    """Count the notes."""
    return {"notes": len(rows)}


def checks(portfolio):
    """A segment that has a note has customers."""
    return [Check("notes_are_of_somebody", "Every note is of somebody.",
                  f"SELECT snapshot_date, segment_name AS detail, COUNTIF(n_customers < 1) AS broken "
                  f"FROM segment_notes WHERE {CHECKED} GROUP BY 1, 2")]


SEGMENT_NOTES = Asset(
    table(
        "segment_notes",
        "insights",
        "A sentence on each segment.",
        string("segment_name", "The segment.", is_required=True),
        integer("n_customers", "Customers.", unit="customers", is_required=True),
        integer("n_before", "Customers on the snapshot before.", unit="customers"),
        string("note", "The sentence.", is_required=True),
        key=("segment_name",),
        unit_of_row="segment",
    ),
    sql="SQL_FILE",
    other_days=lambda blueprint: {"segment_notes": "earlier_snapshots_if_made"},
    asks_for=("segment_notes",),
    make=make,
    given=lambda portfolio: portfolio.currency,
    show=show,
    checks=checks,
)
'''


FORGET = "DELETE FROM segmentation.partition_ledger"


def forget() -> None:
    """Let the assets be looked for again."""
    for found in (own.own_names, own.own_assets, tables.own_tables, read_module, _code):
        found.cache_clear()
    sys.modules.pop(f"{room.__name__}.segment_notes", None)


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Put the file and its SQL on the path of the room, with changes."""
    folder = tmp_path / "insights"
    folder.mkdir()
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(folder)])

    def write(change: str = "", by: str = "", sql: str = SQL) -> Path:
        assert change in FILE
        (folder / "segment_notes.sql").write_text(sql)
        text = FILE.replace(change, by, 1) if change else FILE
        (folder / "segment_notes.py").write_text(text.replace("SQL_FILE", str(folder / "segment_notes.sql")))
        forget()
        return folder

    yield write
    monkeypatch.undo()
    forget()


@pytest.fixture
def graph(put, tmp_path) -> Graph:
    put()
    society = found_society(tmp_path / "society")
    return graph_on(society.parent, tmp_path, str(society))


def test_it_is_made_checked_shown_told_and_stale_like_any_other(graph, put):
    result = graph.run(*DAYS)
    assert result.success
    for day in DAYS:
        customers = graph.table("labelled_customers", day)
        notes = graph.table("segment_notes", day).set_index("segment_name")
        by_name = customers.groupby("segment_name")["income"]
        assert notes["n_customers"].to_dict() == by_name.size().to_dict()
        assert notes["note"].to_dict() == {name: f"{len(own)} with {own.mean():,.0f} EUR" for name, own in by_name}
    assert (
        notes["n_before"].to_dict()
        == graph.table("segment_notes", DAYS[0]).set_index("segment_name")["n_customers"].to_dict()
    )
    assert "notes_are_of_somebody" in {check.check_name for check in result.get_asset_check_evaluations()}
    blueprint = draw_blueprint(load_portfolio(graph.settings.portfolio))
    assert "\n### `segment_notes`\n\nA sentence on each segment." in render(blueprint.tables)
    recipe = recipes_of(blueprint)["segment_notes"]
    assert recipe.upstream == ("labelled_customers",)
    looked = survey(blueprint, build_definitions(graph.settings).resolve_asset_graph(), graph.warehouse)
    assert not looked.staleness
    assert looked.recipes["segment_notes"].code_version == recipe.code_version
    put(sql=SQL.replace("AVG(income)", "MAX(income)"))
    assert stale(graph) == {"segment_notes"}
    put("{n} with", "{n} of")
    assert stale(graph) == {"segment_notes"}
    put('return {"notes": len(rows)}', 'return {"notes": len(rows) + 1}')
    assert not stale(graph)


def stale(graph: Graph) -> set[str]:
    blueprint = draw_blueprint(load_portfolio(graph.settings.portfolio))
    return set(
        survey(blueprint, build_definitions(graph.settings).resolve_asset_graph(), graph.warehouse).staleness.partitions
    )


def test_a_day_alone_is_the_same_as_in_a_range(graph):
    assert graph.run(*DAYS).success
    of_range = graph.table("segment_notes", DAYS[1])
    assert graph.run(DAYS[1], asset_selection=[AssetKey("segment_notes")]).success
    assert graph.table("segment_notes", DAYS[1]).equals(of_range)


def test_another_day_s_rows_are_made_in_memory_where_none_are_stored(graph):
    """The day before was delivered and nothing more: its notes, and all behind them, come from its raw snapshot."""
    assert graph.run(*DAYS).success
    of_range = graph.table("segment_notes", DAYS[1])
    with duckdb.connect(str(graph.settings.duckdb_path)) as connection:
        for table in draw_blueprint(load_portfolio(graph.settings.portfolio)).tables.values():
            if not table.is_view and table.stage not in ("raw", "marts") and table.name != "retraining_requests":
                connection.execute(f'DELETE FROM segmentation."{table.name}" WHERE snapshot_date = ?', [DAYS[0]])
                connection.execute(f"{FORGET} WHERE table_name = ? AND snapshot_date = ?", [table.name, DAYS[0]])
    assert graph.run(DAYS[1]).success
    assert graph.table("segment_notes", DAYS[1]).equals(of_range)
    assert of_range["n_before"].notna().all()


@pytest.mark.parametrize(
    ("change", "by", "said"),
    [
        ("SEGMENT_NOTES =", "NOTES =", "declares no Asset called SEGMENT_NOTES"),
        ('        "segment_notes",\n', '        "notes",\n', "declares notes of the stage 'insights'"),
        ('        "insights",\n', '        "marts",\n', "lies in the folder of its stage"),
        ('    sql="SQL_FILE",', '    reads={"segment_notes": ()},', "is made from itself on the same day"),
        ('    sql="SQL_FILE",', '    reads={"no_such": ()},', "segment_notes is made from no_such; there are"),
        ('    sql="SQL_FILE",', '    made_by="segment_migration",', "must either say how it is made"),
        ('    sql="SQL_FILE",', '    reads={"customer_moves": ()}, makes_also=("segment_labels",),',
         "says that it makes segment_labels, which"),
        ('asks_for=("segment_notes",)', "asks_for=()", "its asks_for does not name"),
        ("rows = night.queried()", 'rows = night.rows("customers")', "its reads does not name"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_before_anything_is_made(put, tmp_path, change, by, said):
    put(change, by)
    society = found_society(tmp_path / "society")
    with pytest.raises(Exception, match=said) as refused:
        graph_on(society.parent, tmp_path, str(society)).run(*DAYS)
    assert isinstance(refused.value, TableError) or isinstance(refused.value.__cause__, TableError)


def test_sql_that_reads_what_is_not_there_is_refused(put, tmp_path):
    put(sql=SQL.replace("labelled_customers", "labeled_customers"))
    society = found_society(tmp_path / "society")
    with pytest.raises(TableError, match="reads labeled_customers; there are"):
        graph_on(society.parent, tmp_path, str(society)).run(*DAYS)
