"""The nightly graph from sheets: the same segments as from files, asked for by the sensor and not asked for twice."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from dagster import AssetKey, AssetSelection, DagsterInstance, DefaultSensorStatus, build_sensor_context

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME, build_job
from segmentation_assets.defs.sensors.sources import SENSOR_NAME, build_source_sensor
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets.sources import open_source
from segmentation_assets.sources.sheets.google_sheets import GoogleSheets
from segmentation_assets_tests.conftest import PUBLISHED_DAY, Graph, events, graph_on
from segmentation_assets_tests.standins.published_sheets import hold_published, placed_in_sheets
from segmentation_assets_tests.standins.sheets import sheets_standin

COMPARED = ["customers", "policies", "products", "customer_features", "customer_segments", "segment_prototypes",
            "segment_profiles", "labelled_customers"]  # fmt: skip
OF_RUNS = ["model_id", "trained_on"]
"""Columns that name the portfolio's choice of lenses, which is smaller here."""


class SheetsGraph(Graph):
    """The real graph on sheets of the stand-in, on the day of the published figures."""

    def __init__(self, folder: Path, portfolio: str, standin):
        super().__init__(graph_on(None, folder, portfolio).settings)
        sheets = GoogleSheets(load_portfolio(portfolio), lambda: PUBLISHED_DAY, standin.client)
        object.__setattr__(self, "resources", {"source": sheets})
        object.__setattr__(self, "definitions", build_definitions(self.settings, self.resources))

    def look(self, instance, cursor=None):
        """Let the sensor look once."""
        sensor = build_source_sensor(
            draw_blueprint(load_portfolio(self.settings.portfolio)), build_job(), lambda: PUBLISHED_DAY
        )
        repository = self.definitions.get_repository_def()
        with build_sensor_context(
            instance=instance, cursor=cursor, repository_def=repository, resources=self.resources
        ) as context:
            return sensor.evaluate_tick(context)


@pytest.fixture(scope="module")
def portfolio(one_lens, tmp_path_factory):
    path = tmp_path_factory.mktemp("portfolio") / "sheets.yaml"
    path.write_text(placed_in_sheets(Path(one_lens).read_text(encoding="utf-8")), encoding="utf-8")
    return str(path)


@pytest.mark.long  # four runs of the whole graph
def test_sheets_give_the_segments_of_the_files_and_only_a_change_is_asked_for(
    insurance, published, portfolio, tmp_path, monkeypatch
):
    monkeypatch.setattr("segmentation_assets.defs.tables.raw.today_in_london", lambda: PUBLISHED_DAY)
    with sheets_standin() as standin, DagsterInstance.ephemeral() as instance:
        key = hold_published(standin, insurance)
        graph = SheetsGraph(tmp_path / "sheets", portfolio, standin)

        # Nothing has been read yet, so the sensor asks for today.
        first = graph.look(instance)
        (request,) = first.run_requests
        assert request.partition_key == PUBLISHED_DAY.isoformat()
        assert request.run_key.startswith(f"{PUBLISHED_DAY}-")

        # The run that it asks for succeeds, and knows what it read.
        job = graph.definitions.resolve_job_def(JOB_NAME)
        result = job.execute_in_process(partition_key=request.partition_key, instance=instance, tags=request.tags)
        assert result.success
        metadata = materialised(result, "raw_policies")
        assert metadata["read_from"].value == (
            "sheet 'sales' of 'Insurance book' (header in row 3, what stands above it left out)"
        )
        assert metadata["revised_at"].value == "2025-11-15T09:30:00.000Z"
        assert len(metadata["checksum"].value) == 64
        assert metadata["is_unchanged"].value is False

        # Another look, with the cursor or without one, asks for nothing.
        assert not graph.look(instance, first.cursor).run_requests
        assert not graph.look(instance).run_requests
        # Nor does a revision without a change of what is read.
        standin.books[key].modified = "2025-11-15T10:00:00.000Z"
        second = graph.look(instance, first.cursor)
        assert not second.run_requests
        assert second.cursor != first.cursor
        # Read again, it is seen to be as it was.
        again = job.execute_in_process(
            partition_key=request.partition_key, instance=instance, asset_selection=[AssetKey("raw_policies")]
        )
        assert materialised(again, "raw_policies")["is_unchanged"].value is True
        # A changed cell is asked for, once.
        standin.books[key].modified = "2025-11-15T11:00:00.000Z"
        standin.books[key].tabs[2].rows[3][1] = "Another name"
        third = graph.look(instance, second.cursor)
        assert [r.tags["segmentation/changed"] for r in third.run_requests] == ["products"]
        assert third.run_requests[0].run_key != request.run_key
        assert not graph.look(instance, third.cursor).run_requests
        # An error of Google is a reason to look again later, with the cursor as it was.
        standin.books[key].is_shared = False
        failed = graph.look(instance, third.cursor)
        assert not failed.run_requests
        assert "is shared with" in failed.skip_message

    files, _ = published
    for name in COMPARED:
        ours, theirs = (g.table(name, PUBLISHED_DAY) for g in (graph, files))
        if "lens" in theirs:
            theirs = theirs[theirs["lens"] == "overall"].reset_index(drop=True)
        pd.testing.assert_frame_equal(
            ours.drop(columns=OF_RUNS, errors="ignore"), theirs.drop(columns=OF_RUNS, errors="ignore"), obj=name
        )
    assert rejects(graph) == rejects(files)


WRONG = {
    "customers": [
        ["HL90001", 410, "Male", "Leeds", "Single", "Doctorate", "Nurse", 20000, "English", "Email", "Morning"],
        ["HL90002", 41, "Male", "Leeds", "Merried", "Doctorate", "Nurse", -5, "English", "Email", "Morning"],
        ["", 41, "Male", "Leeds", "Single", "Doctorate", "Nurse", 20000, "English", "Email", "Morning"],
        ["HL00001", 41, "Male", "Leeds", "Single", "Doctorate", "Nurse", 20000, "English", "Email", "Morning"],
    ],
    "sales": [
        ["P900001", "HL00001", "POL200000", "soon", 100.5, 20000],
        ["P900002", "HL00001", "POL200000", "5/4/2999", 100.5, 20000],
        ["P900003", "HL99999", "POL999999", "5/4/2022", 0, 20000],
    ],
    "products": [["POL900000", "HomeCare", "Hme", "Family"]],
}
CODES = {
    "age_out_of_range", "category_not_allowed", "income_out_of_range", "missing_key", "duplicate_key",
    "unparseable_date", "future_date", "unknown_customer_id", "unknown_product_id", "premium_out_of_range",
}  # fmt: skip


def test_sheets_and_files_have_the_same_rows_rejected_for_the_same_reasons(
    insurance, portfolio, one_lens, tmp_path, monkeypatch
):
    monkeypatch.setattr("segmentation_assets.defs.tables.raw.today_in_london", lambda: PUBLISHED_DAY)
    lines = {name: (insurance / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()[:200] for name in WRONG}
    known = {line.split(",")[0] for line in lines["customers"][1:]}  # a book of which most is rejected is refused
    lines["sales"] = [lines["sales"][0], *(line for line in lines["sales"] if line.split(",")[1] in known)]
    for name, wrong in WRONG.items():
        right = lines[name]
        rows = [",".join(map(str, row)) for row in wrong]
        (tmp_path / f"{name}.csv").write_text("\n".join([*right, *rows]), encoding="utf-8")
    cleaned = AssetSelection.assets("rejected_rows").upstream().required_multi_asset_neighbors()
    files = graph_on(tmp_path, tmp_path / "files", one_lens)
    with sheets_standin() as standin:
        hold_published(standin, tmp_path)
        sheets = SheetsGraph(tmp_path / "sheets", portfolio, standin)
        for graph in (files, sheets):
            definitions = build_definitions(graph.settings, getattr(graph, "resources", None))
            keys = sorted(cleaned.resolve(definitions.resolve_asset_graph()))
            job = definitions.resolve_job_def(JOB_NAME)
            job.execute_in_process(partition_key=PUBLISHED_DAY.isoformat(), asset_selection=keys)
    assert rejects(sheets) == rejects(files)
    assert {code for _, _, codes in rejects(files) for code in codes} == CODES


def rejects(graph):
    """Return how many rows were turned away, by their table, key and the codes of their reasons."""
    rows = graph.table("rejected_rows", PUBLISHED_DAY)
    codes = rows["reason"].str.findall(r"(?:^|; )([a-z_]+):").map(tuple)
    return Counter(zip(rows["table_name"], rows["row_key"], codes, strict=True))


def materialised(result, asset):
    """Return what a run told of an asset."""
    (event,) = [e for e in events(result, "ASSET_MATERIALIZATION") if e.asset_key.path[-1] == asset]
    return event.step_materialization_data.materialization.metadata


def test_a_past_day_of_a_sheet_is_refused_and_nothing_changes(portfolio, tmp_path, insurance):
    with sheets_standin() as standin, DagsterInstance.ephemeral() as instance:
        hold_published(standin, insurance)
        graph = SheetsGraph(tmp_path / "sheets", portfolio, standin)
        job = graph.definitions.resolve_job_def(JOB_NAME)
        result = job.execute_in_process(partition_key="2025-11-14", instance=instance, raise_on_error=False)
        assert not result.success
        made = {event.asset_key.path[-1] for event in events(result, "ASSET_MATERIALIZATION")}
        assert made <= {"retraining_requests"}  # which reads no source
        assert standin.requests == []


def test_the_sensor_is_there_and_starts_stopped():
    sensor = build_definitions(read_settings()).resolve_sensor_def(SENSOR_NAME)
    assert sensor.default_status is DefaultSensorStatus.STOPPED
    assert sensor.job_name == JOB_NAME


def test_a_made_up_company_gives_nothing_to_watch(tmp_path):
    defs = build_definitions(read_settings())
    resources = {"source": open_source(graph_on(None, tmp_path).settings, load_portfolio("insurance"))}
    with (
        DagsterInstance.ephemeral() as instance,
        build_sensor_context(
            instance=instance, repository_def=defs.get_repository_def(), resources=resources
        ) as context,
    ):
        told = defs.resolve_sensor_def(SENSOR_NAME).evaluate_tick(context)
    assert told.skip_message == "No table lies in a sheet or in a CSV file, so there is nothing to watch."
