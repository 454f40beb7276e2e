"""What is planted in a synthetic history is what the tables tell: who moved and when, and what drifted."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from dagster import AssetKey, DagsterInstance, RunRequest, SkipReason, build_sensor_context

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.cli import main
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.defs.tables.made import build_made
from segmentation_assets.history.calendar import open_calendar
from segmentation_assets.history.resolver import History
from segmentation_assets.insights.migration import count_ways, pair_up
from segmentation_assets.moves import migration_between
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.reporting import NothingToShowError
from segmentation_assets.segments.workers import Workers
from segmentation_assets.sources.synthetic import SyntheticInsurer
from segmentation_assets.warehouse import Query
from segmentation_assets_tests.conftest import Graph, graph_on

pytestmark = pytest.mark.long

QUARTERS = [date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1)]
DRIFTED = date(2024, 7, 2)
N_CUSTOMERS = 1_500
LEFT_OUT = {
    "micro_segments", "customer_projection", "labelled_customers",
}  # fmt: skip


@pytest.fixture(scope="module")
def six(one_lens, tmp_path_factory) -> str:
    """The portfolio of one lens with as many segments as were planted, and a drift after the last quarter."""
    text = Path(one_lens).read_text(encoding="utf-8").replace("n_clusters: 3", "n_clusters: 6")
    text = text.replace("candidates: [3, 3]", "candidates: [6, 6]").replace("dirty_share: 0.005", "dirty_share: 0")
    drift = f"drift: {{feature: income, from_date: {DRIFTED}, shift_sd: 0.5}}"
    text = text.replace("customers: 4000", f"customers: {N_CUSTOMERS}\n  {drift}")
    path = tmp_path_factory.mktemp("portfolio") / "six.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def story(six, tmp_path_factory) -> Graph:
    graph = graph_on(None, tmp_path_factory.mktemp("story"), six)
    blueprint = draw_blueprint(load_portfolio(six))
    made = [AssetKey(t.name) for t in blueprint.tables.values() if t.stage != "marts" and t.name not in LEFT_OUT]
    for day in [*QUARTERS, DRIFTED]:
        assert graph.run(day, asset_selection=made).success
    return graph


@pytest.fixture(scope="module")
def moves(story) -> pd.DataFrame:
    return story.warehouse.query(Query("SELECT * FROM customer_moves")).to_pandas(date_as_object=False)


def planted() -> pd.DataFrame:
    """Return the planted moves, each on the first quarter that shows it."""
    found = SyntheticInsurer(N_CUSTOMERS).migrations(QUARTERS[-1], since=QUARTERS[0])
    later = pd.Series(pd.to_datetime(QUARTERS))
    return found.assign(day=[later[later >= moved].iloc[0] for moved in found["migrated_on"]])


def test_who_moved_and_when_is_who_was_planted(story, moves):
    moved = planted()
    there = {day: set(story.table("customer_segments", day.date())["customer_id"]) for day in pd.to_datetime(QUARTERS)}
    before = dict(zip(pd.to_datetime(QUARTERS[1:]), pd.to_datetime(QUARTERS[:-1]), strict=True))
    true = {(c, d) for c, d in zip(moved["customer_id"], moved["day"], strict=True) if c in there[before[d]] & there[d]}
    certain = moves[moves["is_certain"] & (moves["snapshot_date"] <= pd.Timestamp(QUARTERS[-1]))]
    told = set(zip(certain["customer_id"], certain["snapshot_date"], strict=True))
    assert len(true) > 30
    assert len(told & true) / len(told) >= 0.95
    assert len(told & true) / len(true) >= 0.95


def test_every_planted_route_leads_between_the_same_two_segments(moves):
    merged = moves[moves["is_certain"]].merge(
        planted(), left_on=["customer_id", "snapshot_date"], right_on=["customer_id", "day"]
    )
    ways = merged.groupby(["from_segment", "to_segment", "from_segment_id", "to_segment_id"]).size()
    assert ways.groupby(["from_segment", "to_segment"]).max().sum() / ways.sum() > 0.95


def test_segments_keep_their_numbers_through_three_models(story):
    for day in QUARTERS[1:]:
        lineage = story.table("segment_lineage", day)
        assert lineage["segment_id"].tolist() == [1, 2, 3, 4, 5, 6]
        assert set(lineage["event"]) == {"survived"}
        assert set(lineage["trained_on"].dt.date) == {day}
        assert (lineage["jaccard"] > 0.9).all()


def test_the_table_of_migrations_counts_what_the_customers_did(story):
    rows = story.table("segment_migration", QUARTERS[2])
    assert rows["from_snapshot"].dt.date.drop_duplicates().tolist() == [QUARTERS[1]]
    expected = count_ways(pair_up(*(story.table("customer_segments", day) for day in QUARTERS[1:3])))
    pd.testing.assert_frame_equal(rows[expected.columns], expected, check_dtype=False)
    assert story.table("segment_migration", QUARTERS[0]).empty
    since = story.table("segment_migration", DRIFTED)["from_snapshot"].dt.date.drop_duplicates().tolist()
    assert since == [QUARTERS[1], QUARTERS[2]]  # a quarter before, and the day before


def test_any_two_days_can_be_compared(story):
    portfolio = load_portfolio(story.settings.portfolio)
    found = pd.DataFrame(migration_between(story.warehouse, portfolio, QUARTERS[0], QUARTERS[2]))
    expected = count_ways(pair_up(*(story.table("customer_segments", day) for day in (QUARTERS[0], QUARTERS[2]))))
    assert found["n_customers"].sum() == expected["n_customers"].sum()
    assert found["n_certain"].sum() == expected["n_certain"].sum()
    stayed = expected.query("movement == 'stayed' and from_segment_id == 2")["share"].item()
    assert found.query("from_segment_id == 2 and to_segment_id == 2")["share"].item() == pytest.approx(stayed)
    with pytest.raises(NothingToShowError, match="2024-04-01 is not before 2024-01-01"):
        migration_between(story.warehouse, portfolio, QUARTERS[1], QUARTERS[0])
    with pytest.raises(NothingToShowError, match="no segments for 2024-05-05; the nearest days are: 2024-04-01"):
        migration_between(story.warehouse, portfolio, QUARTERS[0], date(2024, 5, 5))
    with pytest.raises(NothingToShowError, match="Did you mean 'overall'"):
        migration_between(story.warehouse, portfolio, QUARTERS[0], QUARTERS[1], "overal")


def test_planted_drift_is_an_alarm_on_its_day_and_the_quarters_before_have_none(story):
    for day in QUARTERS:
        assert not story.table("feature_drift", day)["is_alarm"].any()
    found = story.table("feature_drift", DRIFTED)
    alarms = found[found["is_alarm"] & (found["scope"] == "population")]
    assert alarms["feature"].tolist() == ["income"]
    assert set(found["reference_snapshot"].dt.date) == {QUARTERS[2]}


def test_a_day_is_the_same_where_nothing_earlier_was_made(story, six, tmp_path):
    """What migrations and drift are told against, from raw snapshots alone."""
    blueprint = draw_blueprint(load_portfolio(six))
    alone = graph_on(None, tmp_path, six)
    for name, table in blueprint.tables.items():
        if name.startswith("raw_"):
            rows = story.warehouse.read(table, QUARTERS[0], DRIFTED)
            for day in [*QUARTERS, DRIFTED]:
                own = rows.filter([value.as_py() == day for value in rows["snapshot_date"]])
                alone.warehouse.replace(table, own, day, day)
    made, raw_only = (History(blueprint, graph.warehouse, Workers()) for graph in (story, alone))
    pd.testing.assert_frame_equal(*(one.rows("customer_segments", QUARTERS[1]) for one in (raw_only, made)))
    pd.testing.assert_frame_equal(*(one.rows("customer_features", DRIFTED) for one in (raw_only, made)))


def evaluated(graph: Graph, instance: DagsterInstance) -> RunRequest | SkipReason:
    definitions = build_definitions(graph.settings)
    sensor = definitions.resolve_sensor_def("drift_past_its_alarm")
    context = build_sensor_context(
        instance=instance,
        repository_def=definitions.get_repository_def(),
        resources={"warehouse": graph.warehouse},
    )
    return sensor(context)


def test_the_sensor_asks_once_for_a_model_and_the_day_still_says_why(story):
    with DagsterInstance.ephemeral() as instance:
        asked = evaluated(story, instance)
        assert evaluated(story, instance).run_key == asked.run_key
        assert asked.partition_key == str(DRIFTED)
        remade = {key.path[-1] for key in asked.asset_selection}
        assert {"retraining_requests", "segment_models", "feature_drift", "customer_moves"} <= remade
        assert not {"raw_customers", "customers", "customer_features"} & remade
        job = build_definitions(story.settings).resolve_job_def(JOB_NAME)
        result = job.execute_in_process(
            partition_key=asked.partition_key,
            run_config=asked.run_config,
            asset_selection=[key for key in asked.asset_selection if key.path[-1] not in LEFT_OUT | views(story)],
        )
        assert result.success
        (request,) = story.table("retraining_requests", DRIFTED).to_dict("records")
        assert request["lens"] == "overall"
        assert request["reason"].startswith("drift past its alarm: income (PSI ")
        assert request["requested_by"] == "drift_past_its_alarm"
        assert set(story.table("segment_models", DRIFTED)["trained_on"].dt.date) == {DRIFTED}
        drift = story.table("feature_drift", DRIFTED)
        assert drift.query("is_alarm and scope == 'population'")["feature"].tolist() == ["income"]
        assert isinstance(evaluated(story, instance), SkipReason)


def views(graph: Graph) -> set[str]:
    return {
        t.name for t in draw_blueprint(load_portfolio(graph.settings.portfolio)).tables.values() if t.stage == "marts"
    }


def test_a_wish_is_written_down_once_and_told_what_follows(six, tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMENTATION_PORTFOLIO", six)
    monkeypatch.setenv("SEGMENTATION_DUCKDB_PATH", str(tmp_path / "warehouse.duckdb"))
    graph = graph_on(None, tmp_path, six)
    command = ["retrain", "--date", "2024-02-01", "--reason", "new products", "--by", "Ada"]
    for further in ([], ["--lens", "overall"], []):
        done = CliRunner().invoke(main, [*command, *further])
        assert done.exit_code == 0, done.output
    rows = graph.table("retraining_requests", date(2024, 2, 1))
    assert rows.values.tolist() == [["all", "new products", "Ada"], ["overall", "new products", "Ada"]]
    unknown = CliRunner().invoke(main, [*command, "--lens", "overal"])
    assert unknown.exit_code == 1
    assert "Did you mean 'overall'?" in unknown.output
    assert CliRunner().invoke(main, ["retrain", "--reason", " "]).exit_code == 2
    blueprint = draw_blueprint(load_portfolio(six))
    calendar = open_calendar(blueprint, graph.warehouse)()
    assert calendar("training_snapshots", date(2024, 2, 1)) == [date(2024, 2, 1)]


def test_insights_depend_on_what_they_read():
    blueprint = draw_blueprint(load_portfolio("insurance"))
    upstream = {
        key.path[-1]: {upstream.path[-1] for upstream in made.asset_deps[key]}
        for made in build_made(blueprint)
        for key in made.keys
        if blueprint.tables[key.path[-1]].stage == "insights"
    }
    assert upstream == {
        "segment_migration": {"customer_segments"},
        "customer_moves": {"customer_segments"},
        "feature_drift": {"customer_features", "segment_models", "segment_prototypes"},
    }
