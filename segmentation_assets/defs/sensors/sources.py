"""A sensor that sees a sheet or a folder of files change, and asks for today's partition."""

from collections.abc import Callable
from datetime import date

from dagster import (
    DefaultSensorStatus,
    ResourceParam,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.days import today_in_london
from segmentation_assets.defs.tables.deliveries import last_checksum
from segmentation_assets.errors import SourceError, choices
from segmentation_assets.sources import Source
from segmentation_assets.sources.watching import Look, look_again

SENSOR_NAME = "source_has_changed"
SECONDS_BETWEEN_LOOKS = 300


def build_source_sensor(
    blueprint: Blueprint, job: UnresolvedAssetJobDefinition, today: Callable[[], date] = today_in_london
) -> SensorDefinition:
    """Define the sensor; its cursor is the look before, and the content is part of the run key.

    What cannot be looked at is told as the reason for doing nothing, and looked at again next time.
    """

    @sensor(
        name=SENSOR_NAME,
        job=job,
        default_status=DefaultSensorStatus.STOPPED,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        description="Where a sheet or a CSV file has changed, makes today's partition from what is there now.",
    )
    def source_has_changed(
        context: SensorEvaluationContext, source: ResourceParam[Source]
    ) -> SensorResult | SkipReason:
        day = today()
        try:
            look = look_again(
                source,
                [table.name for table in blueprint.portfolio.input_tables],
                day,
                Look.read(context.cursor),
                lambda table: last_checksum(context.instance, f"raw_{table}"),
            )
        except SourceError as error:
            return SkipReason(str(error))
        if not look.seen:
            return SkipReason("No table lies in a sheet or in a CSV file, so there is nothing to watch.")
        if not look.changed:
            return SensorResult(skip_reason="Nothing has changed where the tables lie.", cursor=str(look))
        request = RunRequest(
            run_key=f"{day}-{look.fingerprint}",
            partition_key=day.isoformat(),
            tags={"segmentation/started_by": SENSOR_NAME, "segmentation/changed": choices(look.changed)},
        )
        return SensorResult(run_requests=[request], cursor=str(look))

    return source_has_changed
