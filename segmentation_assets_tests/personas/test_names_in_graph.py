"""Names in the graph: the same tables in any order of days, no question twice, and what the asset's page says."""

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from dagster import AssetKey, AssetSelection
from pydantic import SecretStr

from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.personas.gemini import Gemini
from segmentation_assets.personas.namer import NO_KEY, Namer, open_namer
from segmentation_assets.settings import Settings
from segmentation_assets_tests.conftest import Graph, events, graph_on
from segmentation_assets_tests.standins.gemini import failing, gemini_stand_in, grounded

DAYS = [date(2024, 3, 30), date(2024, 3, 31), date(2024, 4, 1)]  # the last one starts a quarter, so a model
LABELS = AssetKey("segment_labels")
KEY = "test-key-0000"


@pytest.fixture(scope="module")
def unnamed(one_lens, tmp_path_factory) -> Graph:
    """Three days of a small synthetic insurer, made up to the profiles."""
    text = Path(one_lens).read_text(encoding="utf-8").replace("customers: 4000", "customers: 1000")
    folder = tmp_path_factory.mktemp("unnamed")
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    graph = graph_on(None, folder, str(folder / "small.yaml"))
    definitions = build_definitions(graph.settings)
    made = AssetSelection.assets("segment_profiles").upstream().required_multi_asset_neighbors()
    keys = made.resolve(definitions.resolve_asset_graph())
    assert LABELS not in keys
    _run(definitions.resolve_job_def(JOB_NAME), DAYS, sorted(keys))
    return graph


def _run(job, days, selection):
    if len(days) == 1:
        return job.execute_in_process(partition_key=days[0].isoformat(), asset_selection=selection)
    ends = {"start": days[0], "end": days[-1]}
    tags = {f"dagster/asset_partition_range_{end}": day.isoformat() for end, day in ends.items()}
    return job.execute_in_process(tags=tags, asset_selection=selection)


class Office:
    """The labels asset on a copy of a warehouse, with a service to ask."""

    def __init__(self, unnamed: Graph, folder: Path, address: str) -> None:
        shutil.copy(unnamed.settings.duckdb_path, folder / "warehouse.duckdb")
        self.graph = graph_on(None, folder, unnamed.settings.portfolio)
        gemini = Gemini(SecretStr(KEY), "gemini-2.5-flash", base_url=address, sleep=lambda _: None)
        namer = Namer(gemini, "gemini-2.5-flash")
        self.job = build_definitions(self.graph.settings, {"namer": namer}).resolve_job_def(JOB_NAME)

    def run(self, *days):
        result = _run(self.job, days, [LABELS])
        made = [e for e in events(result, "ASSET_MATERIALIZATION") if e.asset_key == LABELS]
        return made[-1].materialization.metadata

    def labels(self):
        parts = [self.graph.table("segment_labels", day).assign(day=day) for day in DAYS]
        return pd.concat(parts, ignore_index=True)


def test_any_order_of_days_gives_the_same_names_and_a_second_run_asks_nothing(unnamed, tmp_path_factory):
    with gemini_stand_in(grounded) as service:
        folders = [tmp_path_factory.mktemp(order) for order in ("ranged", "forward", "backward")]
        ranged, forward, backward = (Office(unnamed, folder, service.address) for folder in folders)
        first = ranged.run(*DAYS)
        n_first = service.n_calls
        told, labels = ranged.run(*DAYS), ranged.labels()
        assert (n_first, service.n_calls - n_first) == (first["gemini"].value["questions"], 0)
        assert told["gemini"].value["questions"] == 0
        for day in reversed(DAYS):
            backward.run(day)
        for day in DAYS:
            forward.run(day)
        pd.testing.assert_frame_equal(forward.labels(), labels)
        pd.testing.assert_frame_equal(backward.labels(), labels)
        pd.testing.assert_frame_equal(ranged.labels(), labels)
    assert set(labels.loc[labels["day"] == DAYS[0], "label_source"]) == {"gemini"}
    assert set(labels.loc[labels["day"] == DAYS[1], "label_source"]) == {"carried"}
    assert set(labels["written_by"]) == {"gemini"}
    assert 0 < n_first <= 2


def test_a_new_model_of_the_same_customers_keeps_the_names(unnamed, tmp_path):
    with gemini_stand_in(grounded) as service:
        office = Office(unnamed, tmp_path, service.address)
        office.run(*DAYS)
    labels = office.labels().set_index(["day", "segment_id"])
    before, after = labels.loc[DAYS[1]], labels.loc[DAYS[2]]
    assert set(before["model_id"]).isdisjoint(after["model_id"])
    survived = [i for i in after.index if i in before.index]
    assert survived
    assert list(after.loc[survived, "segment_name"]) == list(before.loc[survived, "segment_name"])
    assert set(after.loc[survived, "written_for"].dt.date) == {DAYS[0]}


def test_a_name_pinned_in_the_portfolio_is_the_segments_from_then_on(unnamed, tmp_path):
    text = Path(unnamed.settings.portfolio).read_text(encoding="utf-8")
    pinned = text.replace("n_clusters: 3\n", 'n_clusters: 3\n    pinned_names: {"2": The Regulars}\n')
    (tmp_path / "pinned.yaml").write_text(pinned, encoding="utf-8")
    graph = graph_on(None, unnamed.settings.duckdb_path.parent, str(tmp_path / "pinned.yaml"))
    with gemini_stand_in(grounded) as service:
        office = Office(graph, tmp_path, service.address)
        office.run(DAYS[0])
    labels = office.graph.table("segment_labels", DAYS[0]).set_index("segment_id")
    assert list(labels["label_source"]) == ["gemini", "pinned", "gemini"]
    assert labels["segment_name"].loc[2] == "The Regulars"
    assert {s["segment_id"] for r in service.requests for s in r.question["segments"]} == {1, 3}


def test_without_gemini_the_run_goes_on_and_the_page_says_why(unnamed, tmp_path):
    with gemini_stand_in(lambda _: failing(429, f"Quota exceeded for {KEY}")) as service:
        office = Office(unnamed, tmp_path, service.address)
        told = office.run(DAYS[0])
        n_calls = service.n_calls
    assert n_calls == 3
    assert set(office.labels()["label_source"]) == {"rules"}
    assert told["gemini"].value["named_by_rules_because"] == ["Gemini gave no answer: the quota is used up (HTTP 429)"]
    assert told["label_sources"].value == {"rules": 3}
    assert KEY not in str({name: value.value for name, value in told.items()})


def test_the_key_makes_the_namer_and_shows_nowhere(monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    settings = Settings()
    namer = open_namer(settings)
    assert namer.version == "gemini-2.5-flash/3"
    resources = build_definitions(settings).resources
    assert KEY not in repr(namer) + str(vars(namer)) + repr(resources) + str(
        resources["namer"].config_schema.as_field()
    )
    assert open_namer(Settings(GEMINI_API_KEY=" "))._gemini is None
    assert NO_KEY.startswith("GEMINI_API_KEY")
