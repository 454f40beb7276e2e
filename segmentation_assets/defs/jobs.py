"""The nightly job and its schedule."""

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    define_asset_job,
    schedule,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from segmentation_assets.days import TIMEZONE, london_day

JOB_NAME = "daily_segmentation"


def build_job() -> UnresolvedAssetJobDefinition:
    """Define the job that makes every table of a day, checks included."""
    return define_asset_job(
        JOB_NAME,
        selection=AssetSelection.all(),
        description="Every table of one day, from the delivered files to the marts, with their checks.",
        tags={"dagster/max_retries": "2"},
    )


def build_schedule(job: UnresolvedAssetJobDefinition) -> ScheduleDefinition:
    """Define the run at 22:00 London time, for the partition of that same day."""

    @schedule(
        name="nightly_at_22",
        job=job,
        cron_schedule="0 22 * * *",
        execution_timezone=TIMEZONE,
        default_status=DefaultScheduleStatus.STOPPED,
        description="At 22:00 in London, the partition of the same day.",
    )
    def nightly_at_22(context: ScheduleEvaluationContext) -> RunRequest:
        day = london_day(context.scheduled_execution_time).isoformat()
        return RunRequest(run_key=day, partition_key=day)

    return nightly_at_22
