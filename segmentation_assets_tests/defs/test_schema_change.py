"""A changed declaration, run through the real graph into a warehouse that was filled under the old one."""

from dataclasses import replace
from datetime import date

import duckdb
import pytest
from dagster import AssetKey, Failure

from segmentation_assets import blueprint as blueprints
from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.schema_check import SCHEMA_CHECK
from segmentation_assets.defs.survey import survey
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.club import FEATURES, FIRST, SECOND, declare
from segmentation_assets_tests.conftest import Graph, events

CITY = {"home": ("categorical", "COALESCE(city, 'unknown')")}


def change(graph: Graph, features, value: str = "income") -> Graph:
    """The graph under other features, with a folder of its own for the portfolio."""
    at = graph.settings.data_dir / f"release_{len(list(graph.settings.data_dir.iterdir()))}"
    at.mkdir()
    return Graph(graph.settings.model_copy(update={"portfolio": declare(at, features, value)}))


def make(graph: Graph, *days: date, table: str = "customer_features"):
    return graph.run(*days, asset_selection=[AssetKey(table)])


def stale(graph: Graph, table: str = "customer_features"):
    definitions = build_definitions(graph.settings)
    found = survey(
        draw_blueprint(load_portfolio(graph.settings.portfolio)), definitions.resolve_asset_graph(), graph.warehouse
    )
    return {day: [why.kind for why in whys] for day, whys in found.staleness.partitions.get(table, {}).items()}


def verdict(result, table: str = "customer_features"):
    (check,) = [
        event.asset_check_evaluation_data
        for event in events(result, "ASSET_CHECK_EVALUATION")
        if event.asset_check_evaluation_data.check_name == SCHEMA_CHECK
        and event.asset_check_evaluation_data.asset_key == AssetKey(table)
    ]
    return check.passed, check.description


def test_nothing_changed_is_nothing_stale_and_the_check_holds(club):
    assert stale(club) == {}
    assert verdict(make(club, SECOND))[0]


def test_an_added_column_is_null_in_old_partitions_until_they_are_backfilled(club):
    grown = change(club, {**FEATURES, **CITY})
    assert grown.table("customer_features", FIRST)["home"].isna().all(), "before any write too"
    result = make(grown, SECOND)
    assert grown.table("customer_features", SECOND)["home"].eq("unknown").all()
    assert grown.table("customer_features", FIRST)["home"].isna().all()
    assert stale(grown) == {FIRST: ["schema", "code"]}
    assert stale(grown, "labelled_customers")[SECOND][:2] == ["schema", "upstream"]
    passed, words = verdict(result)
    assert not passed
    assert "1 partitions, 2025-06-01 to 2025-06-01, were written under other columns" in words
    result = make(grown, FIRST, SECOND)
    assert grown.table("customer_features", FIRST)["home"].eq("unknown").all()
    assert stale(grown) == {}
    assert verdict(result)[0]


def test_a_removed_column_is_kept_as_stored_and_null_from_then_on(club):
    make(change(club, {**FEATURES, **CITY}), FIRST, SECOND)
    shrunk = change(club, FEATURES)
    assert list(stale(shrunk)) == [FIRST, SECOND]
    passed, words = verdict(make(shrunk, SECOND))
    assert "home" not in shrunk.table("customer_features", FIRST)
    kept = shrunk.query("SELECT snapshot_date, COUNT(home) AS n FROM customer_features GROUP BY 1 ORDER BY 1")
    assert kept["n"].tolist() == [200, 0]
    assert not passed
    assert "home is stored and no longer declared" in words


def test_a_renamed_column_is_one_added_and_one_kept(club):
    make(change(club, {**FEATURES, **CITY}), FIRST, SECOND)
    renamed = change(club, {**FEATURES, "town": CITY["home"]})
    make(renamed, SECOND)
    assert renamed.table("customer_features", SECOND)["town"].eq("unknown").all()
    assert renamed.table("customer_features", FIRST)["town"].isna().all()
    assert renamed.query("SELECT COUNT(home) AS n FROM customer_features")["n"].tolist() == [200]


def test_columns_in_another_order_change_no_value_and_no_schema(club):
    before = club.table("customer_features", FIRST)
    swapped = change(club, dict(reversed(FEATURES.items())))
    make(swapped, SECOND)
    after = swapped.table("customer_features", SECOND)
    assert list(after.columns) == ["customer_id", "income", "age"]
    assert after[before.columns].equals(before)
    assert stale(swapped) == {FIRST: ["code"]}, "the SQL gives them in another order"


def test_a_narrowed_column_is_refused_with_the_statement_to_run_and_nothing_is_lost(club):
    before = club.table("customer_features", SECOND)
    words = {**FEATURES, "income": ("categorical", "CAST(income AS STRING)")}
    narrow = change(club, words, value="age")
    with pytest.raises(Failure, match=r"stored as FLOAT64 and is declared STRING") as refused:
        make(narrow, SECOND)
    assert club.table("customer_features", SECOND).equals(before)
    assert stale(club) == {}
    statement = str(refused.value).split("run: ")[1].split(". Or declare")[0]
    with duckdb.connect(str(club.settings.duckdb_path)) as shell:
        shell.execute(statement)
    assert make(narrow, SECOND).success
    assert narrow.table("customer_features", FIRST)["income"].notna().all()


@pytest.fixture
def declared(monkeypatch):
    """A function that changes the declaration of income in `customer_features`, as a release could."""
    honest = blueprints.tables_of

    def declare_income(**changed):
        def build(portfolio):
            tables = honest(portfolio)
            table = tables["customer_features"]
            income = tuple(replace(c, **changed) if c.name == "income" else c for c in table.columns)
            return {**tables, "customer_features": replace(table, columns=income)}

        monkeypatch.setattr(blueprints, "tables_of", build)

    return declare_income


def test_a_widened_column_is_altered_in_place_and_keeps_its_values(club, declared):
    whole = {**FEATURES, "income": ("numeric", "CAST(income AS INT64)")}
    declared(type="INT64")
    with duckdb.connect(str(club.settings.duckdb_path)) as shell:
        shell.execute("DROP TABLE segmentation.customer_features")
    make(change(club, whole), FIRST, SECOND)
    before = club.query("SELECT SUM(income) AS s FROM customer_features WHERE snapshot_date = '2025-06-01'")["s"][0]
    declared(type="FLOAT64")
    wide = change(club, FEATURES)
    assert stale(wide)[FIRST] == ["schema", "code"]
    make(wide, SECOND)
    assert wide.warehouse.describe("customer_features")["income"] == "FLOAT64"
    assert wide.table("customer_features", FIRST)["income"].sum() == before


def test_whether_null_is_allowed_changes_nothing_that_is_stored(club, declared):
    declared(is_required=True)
    assert stale(club) == {}
    assert make(club, SECOND).success
    declared(is_required=False)
    assert stale(club) == {}
