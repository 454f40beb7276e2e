"""At 22:00 in London the same day's partition is asked for, and it exists."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from dagster import DagsterInstance, Definitions, build_schedule_context

from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.defs.tables.asset_specs import daily_partitions
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings

WINTER = datetime(2025, 11, 15, 22, 0, tzinfo=UTC)
SUMMER = datetime(2025, 7, 15, 21, 0, tzinfo=UTC)  # 22:00 British summer time


@pytest.fixture(scope="module")
def defs() -> Definitions:
    return build_definitions(read_settings())


@pytest.mark.parametrize(("tick", "day"), [(WINTER, "2025-11-15"), (SUMMER, "2025-07-15")])
def test_the_run_of_the_evening_is_for_the_day_itself(defs, tick, day):
    schedule = defs.resolve_schedule_def("nightly_at_22")
    assert schedule.cron_schedule == "0 22 * * *"
    assert schedule.execution_timezone == "Europe/London"
    with DagsterInstance.ephemeral() as instance:
        context = build_schedule_context(
            instance=instance, scheduled_execution_time=tick, repository_def=defs.get_repository_def()
        )
        requested = schedule.evaluate_tick(context).run_requests
    assert [request.partition_key for request in requested] == [day]


@pytest.mark.parametrize("tick", [WINTER, SUMMER])
def test_todays_partition_exists_while_today_lasts(tick):
    partitions = daily_partitions(load_portfolio("insurance"))
    local = tick.astimezone(ZoneInfo("Europe/London"))
    assert partitions.get_partition_keys(current_time=local)[-1] == local.date().isoformat()


def test_the_job_makes_every_table(defs):
    job = defs.resolve_job_def(JOB_NAME)
    assert {key.path[-1] for key in job.asset_layer.executable_asset_keys} >= {"raw_customers", "segment_overview"}
