"""A run's records are Dagster's own, written through files that stay open."""

import sqlite3

import pytest
from dagster import AssetKey, DagsterEventType, DagsterInstance, Definitions, asset, in_process_executor, job, op
from dagster._core.storage.event_log import SqliteEventLogStorage

from segmentation_assets.defs.runs.records import KeptOpen, records


@asset
def visits() -> int:
    return 1


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def _run(instance: DagsterInstance) -> str:
    defs = Definitions(assets=[visits], executor=in_process_executor)
    return defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance).run_id


@pytest.mark.usefixtures("home")
def test_what_a_run_wrote_is_what_dagsters_own_store_reads_and_writes():
    with records(has_home=True) as instance:
        assert isinstance(instance.event_log_storage, KeptOpen)
        through_open_files = _run(instance)
    with DagsterInstance.get() as plain:
        assert type(plain.event_log_storage) is SqliteEventLogStorage
        by_dagster = _run(plain)
        kinds = [
            [record.event_log_entry.dagster_event_type for record in plain.get_records_for_run(run).records]
            for run in (through_open_files, by_dagster)
        ]
        assert plain.get_run_by_id(through_open_files).is_success
        assert plain.get_latest_materialization_event(AssetKey("visits")).run_id == by_dagster
    assert kinds[0] == kinds[1]
    assert DagsterEventType.ASSET_MATERIALIZATION in kinds[0]


@pytest.mark.usefixtures("home")
def test_records_are_there_for_others_while_the_run_goes_on():
    seen = []

    @op
    def look():
        with DagsterInstance.get() as other:
            seen.append(other.get_runs()[0].status.value)

    @job(executor_def=in_process_executor)
    def looked():
        look()

    with records(has_home=True) as instance:
        looked.execute_in_process(instance=instance)
    assert seen == ["STARTED"]


def test_files_are_closed_and_whole_afterwards(home):
    with records(has_home=True) as instance:
        run_id = _run(instance)
        kept = instance.event_log_storage
    assert kept._kept == {}
    with sqlite3.connect(home / "history" / "runs" / f"{run_id}.db") as stored:
        assert stored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    stored.close()


def test_without_a_home_a_run_is_recorded_in_memory(monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with records(has_home=False) as instance:
        assert instance.is_ephemeral


def test_a_home_without_settings_of_its_own_sends_no_telemetry(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with records(has_home=True) as instance:
        assert not instance.telemetry_enabled
        assert _run(instance)
    with DagsterInstance.get() as plain:  # what it wrote is where Dagster looks for it
        assert len(plain.get_runs()) == 1


def test_a_home_with_settings_keeps_them(tmp_path, monkeypatch):
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with records(has_home=True) as instance:
        assert instance.telemetry_enabled
