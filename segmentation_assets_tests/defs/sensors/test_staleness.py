"""The sensor asks for what a change made stale: exactly that, once, and what it asks for mends it."""

from datetime import date

import pytest
from dagster import AssetKey, DagsterInstance, DefaultSensorStatus, SensorResult, SkipReason, build_sensor_context

from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.defs.sensors.staleness import SENSOR_NAME, Season
from segmentation_assets_tests.club import FEATURES, FIRST, SECOND, declare
from segmentation_assets_tests.conftest import Graph

SLOWER = {**FEATURES, "age": ("numeric", "CAST(age AS FLOAT64) + 1")}


@pytest.fixture
def instance():
    with DagsterInstance.ephemeral() as instance:
        yield instance


def look(graph: Graph, instance, cursor=None) -> SensorResult:
    definitions = build_definitions(graph.settings)
    context = build_sensor_context(
        instance=instance, cursor=cursor, repository_def=definitions.get_repository_def(),
        resources={"warehouse": graph.warehouse},
    )  # fmt: skip
    return definitions.resolve_sensor_def(SENSOR_NAME)(context)


def changed(graph: Graph, features=SLOWER) -> Graph:
    declare(graph.settings.data_dir, features)
    return graph


def test_it_is_stopped_until_somebody_starts_it(club):
    sensor = build_definitions(club.settings).resolve_sensor_def(SENSOR_NAME)
    assert sensor.default_status is DefaultSensorStatus.STOPPED


def test_nothing_stale_is_nothing_asked(club, instance):
    assert look(club, instance).run_requests == []


def test_a_change_is_asked_for_once_with_exactly_its_range_and_the_run_mends_it(club, instance):
    (asked,) = look(changed(club), instance).run_requests
    assert asked.tags["dagster/asset_partition_range_start"] == str(FIRST)
    assert asked.tags["dagster/asset_partition_range_end"] == str(SECOND)
    names = {key.path[-1] for key in asked.asset_selection}
    assert {"customer_features", "segment_models", "labelled_customers"} <= names
    assert not names & {"raw_customers", "customers", "retraining_requests"}
    again = look(club, instance, cursor="0 asked")
    assert [request.run_key for request in again.run_requests] == [asked.run_key]
    before = club.table("customer_features", FIRST)["age"]
    job = build_definitions(club.settings).resolve_job_def(JOB_NAME)
    assert job.execute_in_process(tags=asked.tags, asset_selection=list(asked.asset_selection)).success
    assert (club.table("customer_features", FIRST)["age"] - before).eq(1).all()
    rested = look(club, instance, cursor=again.cursor)
    assert (rested.run_requests, rested.cursor) == ([], "1")


def test_days_that_were_never_delivered_are_not_asked_for(club, instance):
    later = date(2025, 6, 4)
    club.run(later, asset_selection=[AssetKey("retraining_requests")])
    assert look(club, instance).run_requests == [], "missing tables are no change of code or schema"
    requests = look(changed(club), instance).run_requests
    assert {request.tags["dagster/asset_partition_range_end"] for request in requests} == {str(SECOND)}


def test_it_waits_for_the_run_that_is_going(club, instance):
    job = build_definitions(club.settings).resolve_job_def(JOB_NAME)
    run = instance.create_run_for_job(job)
    skipped = look(changed(club), instance)
    assert isinstance(skipped, SkipReason)
    assert run.run_id[:8] in skipped.skip_message


def test_a_season_ends_when_what_was_asked_for_is_done():
    first = Season.read(None)
    assert str(first.after_rest()) == "0"
    assert str(Season.read(str(first.after_asking())).after_rest()) == "1"
