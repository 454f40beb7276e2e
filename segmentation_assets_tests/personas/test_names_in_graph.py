"""Names in the graph: the same tables in any order of days, no question twice, and what the asset's page says."""

import shutil
from datetime import date
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from dagster import AssetKey, AssetSelection
from pydantic import SecretStr

from segmentation_assets.commands.console.progress import Teller
from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.personas.gemini.client import Gemini
from segmentation_assets.personas.gemini.namer import NO_KEY, Namer, open_namer
from segmentation_assets.personas.gemini.prompt import PROMPT_VERSION
from segmentation_assets.settings import GEMINI_MODEL, Settings
from segmentation_assets_tests.conftest import Graph, events, graph_on
from segmentation_assets_tests.standins.gemini import failing, gemini_stand_in, grounded
from segmentation_assets_tests.standins.gemini_models import Catalogue

pytestmark = pytest.mark.long  # lives through many nights

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

    def __init__(self, unnamed: Graph, folder: Path, address: str, model: str = GEMINI_MODEL) -> None:
        shutil.copy(unnamed.settings.duckdb_path, folder / "warehouse.duckdb")
        self.graph = graph_on(None, folder, unnamed.settings.portfolio)
        self.address = address
        self.events, self.pages = [], []
        self.ask(model)

    def ask(self, model):
        """Let the labels be made by another model from now on."""
        gemini = Gemini(SecretStr(KEY), model, base_url=self.address, sleep=lambda _: None)
        self.job = build_definitions(self.graph.settings, {"namer": Namer(gemini, model)}).resolve_job_def(JOB_NAME)

    def run(self, *days):
        result = _run(self.job, days, [LABELS])
        self.events = result.all_events
        made = [e for e in events(result, "ASSET_MATERIALIZATION") if e.asset_key == LABELS]
        self.pages = [event.materialization.metadata for event in made]
        return self.pages[-1]

    def told(self):
        """Return what a terminal shows of the last run."""
        shown = StringIO()
        terminal = Terminal()
        terminal.file, terminal.width = shown, 80
        teller = Teller(terminal)
        for event in self.events:
            teller(event)
        teller.close()
        return shown.getvalue()

    def table(self, day=DAYS[0]):
        return self.graph.table("segment_labels", day)

    def labels(self):
        parts = [self.graph.table("segment_labels", day).assign(day=day) for day in DAYS]
        return pd.concat(parts, ignore_index=True)


def said(page):
    """Return what a page says of Gemini, by name."""
    lines = page["gemini"].value.splitlines() if "gemini" in page else []
    return dict(line.removeprefix("- ").replace("\\", "").split(": ", 1) for line in lines)


def test_any_order_of_days_gives_the_same_names_and_a_second_run_asks_nothing(unnamed, tmp_path_factory):
    with gemini_stand_in(grounded) as service:
        folders = [tmp_path_factory.mktemp(order) for order in ("ranged", "forward", "backward")]
        ranged, forward, backward = (Office(unnamed, folder, service.address) for folder in folders)
        ranged.run(*DAYS)
        first, n_first = [said(page) for page in ranged.pages], service.n_calls
        ranged.run(*DAYS)
        labels = ranged.labels()
        assert (n_first, service.n_calls - n_first) == (sum(int(told.get("questions", 0)) for told in first), 0)
        assert ["questions" in said(page) for page in ranged.pages] == [False] * 3
        for day in reversed(DAYS):
            backward.run(day)
        assert [said(forward.run(day)) for day in DAYS] == first
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
    assert n_calls == 4
    assert set(office.labels()["label_source"]) == {"rules"}
    assert said(told)["named_by_rules_because"] == "Gemini gave no answer: the quota is used up (HTTP 429)"
    assert told["label_sources"].value == "rules: 3"
    assert KEY not in str({name: value.value for name, value in told.items()})
    line = "Gemini gave no answer: the quota is used up (HTTP 429). What has no name by it is named by rules."
    assert told["gemini_notes"].value == line
    assert [shown for shown in office.told().splitlines() if "made" not in shown] == [f"Note: {line}", ""]


def test_each_day_of_a_range_says_why_it_has_no_names_by_gemini(unnamed, tmp_path_factory):
    ranged, alone = (tmp_path_factory.mktemp(name) for name in ("ranged", "alone"))
    with gemini_stand_in(lambda _: failing(403, "API key not valid")) as service:
        office, other = (Office(unnamed, folder, service.address) for folder in (ranged, alone))
        office.run(*DAYS)
        n_calls = service.n_calls
        pages = [dict(other.run(day)) for day in DAYS]
    assert n_calls == 1, "who may not ask does not ask again"
    for page, same in zip(office.pages, pages, strict=True):
        assert page["label_sources"] == same["label_sources"]
        assert page.get("gemini_notes") == same.get("gemini_notes")
        ours, theirs = ({**said(told), "questions": None} for told in (page, same))
        assert ours == theirs
    assert "gemini_notes" in office.pages[0]
    assert office.told().count("Note:") == 1
    assert f"{len(office.labels())} rows" in office.told()


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3.5-flash-lite", "gemini-9-hyper"])
def test_every_model_that_answers_gives_the_names(unnamed, tmp_path, model):
    with gemini_stand_in(Catalogue()) as service:
        office = Office(unnamed, tmp_path, service.address, f"models/{model}")
        told = said(office.run(DAYS[0]))
    labels = office.table()
    answered = "gemini-3.5-flash-lite" if model == "gemini-2.5-flash" else model
    assert set(labels["label_source"]) == {"gemini"}
    assert (set(labels["asked_of"]), set(labels["answered_by"])) == ({f"{model}/{PROMPT_VERSION}"}, {answered})
    assert (told["model"], told["answered_by"]) == (model, f"{answered} {told['answers']}")
    assert ("estimated_cost_usd" in told) == (answered == "gemini-3.5-flash-lite")
    assert ("asked_without_settings" in told) == (model != "gemini-3.5-flash-lite")
    routed = (
        "Note: Gemini was asked for gemini-2.5-flash, and gemini-3.5-flash-lite answered: the service routes what is "
        "retired. Set SEGMENTATION_GEMINI_MODEL to the model that is meant."
    )
    notes = [line for line in office.told().splitlines() if line.startswith("Note")]
    assert notes == ([routed] if model == "gemini-2.5-flash" else [])


def test_a_model_that_is_gone_is_one_clear_line(unnamed, tmp_path):
    with gemini_stand_in(Catalogue()) as service:
        office = Office(unnamed, tmp_path, service.address, "gemini-1.5-flash")
        office.run(DAYS[0])
    assert set(office.table()["label_source"]) == {"rules"}
    assert office.told().splitlines()[-2] == (
        "Note: Gemini gave no answer: it knows no model gemini-1.5-flash (HTTP 404): gone, renamed or misspelt; set "
        "SEGMENTATION_GEMINI_MODEL to one that there is, such as gemini-3.5-flash-lite. What has no name by it is "
        "named by rules."
    )


def test_another_model_makes_no_new_names_and_nothing_stale(unnamed, tmp_path):
    with gemini_stand_in(Catalogue()) as service:
        office = Office(unnamed, tmp_path, service.address, "gemini-2.5-flash-lite")
        office.run(DAYS[0])
        first, n_calls = office.table(), service.n_calls
        office.ask(GEMINI_MODEL)
        office.run(DAYS[0])
        assert service.n_calls == n_calls
    pd.testing.assert_frame_equal(office.table(), first)
    settings = office.graph.settings
    versions = [
        build_definitions(settings.model_copy(update={"gemini_model": model})).resolve_asset_graph()
        for model in ("gemini-2.5-flash", GEMINI_MODEL)
    ]
    before, after = ({key: graph.get(key).code_version for key in graph.get_all_asset_keys()} for graph in versions)
    assert before == after


def test_the_key_makes_the_namer_and_shows_nowhere(monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    settings = Settings()
    namer = open_namer(settings)
    assert namer.version == f"gemini-3.5-flash-lite/{PROMPT_VERSION}"
    resources = build_definitions(settings).resources
    assert KEY not in repr(namer) + str(vars(namer)) + repr(resources) + str(
        resources["namer"].config_schema.as_field()
    )
    assert open_namer(Settings(GEMINI_API_KEY=" "))._gemini is None
    in_project = open_namer(Settings(gemini_project="my-project", gemini_location="eu"))._gemini
    assert in_project.way == "in the project my-project at eu"  # whatever key there is
    assert KEY not in str(vars(in_project))
    assert NO_KEY.startswith("GEMINI_API_KEY")
