"""A sensor that sees a change of code or schema, and asks for the partitions that it made stale, and no others."""

import hashlib
from collections.abc import Iterable

from dagster import (
    AssetKey,
    DagsterRunStatus,
    DefaultSensorStatus,
    ResourceParam,
    RunRequest,
    RunsFilter,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)
from dagster import _check as check
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.runs.running import range_tags
from segmentation_assets.defs.survey import Survey, survey
from segmentation_assets.history.calendar import SNAPSHOTS
from segmentation_assets.planning import Run, choose_stale, run_for_views, runs_for, with_needs
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.ledger import days_between, partition_name, schema_version

SENSOR_NAME = "stale_after_a_change"
SECONDS_BETWEEN_LOOKS = 300

_CHANGES = {"code", "schema"}
_GOING = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def build_staleness_sensor(blueprint: Blueprint, job: UnresolvedAssetJobDefinition) -> SensorDefinition:
    """Define the sensor; it reads the ledger and asks for runs of `job` over the stale ranges."""

    @sensor(
        name=SENSOR_NAME,
        job=job,
        default_status=DefaultSensorStatus.STOPPED,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        description="After a change of code or schema, makes the partitions again that are stale by it.",
    )
    def stale_after_a_change(
        context: SensorEvaluationContext, warehouse: ResourceParam[Warehouse]
    ) -> SensorResult | SkipReason:
        # What a run has not come to yet looks missing; it must not be asked for a second time.
        if going := context.instance.get_runs(RunsFilter(job_name=job.name, statuses=_GOING), limit=1):
            return SkipReason(f"The run {going[0].run_id[:8]} is not done yet.")
        looked = survey(blueprint, check.not_none(context.repository_def).asset_graph, warehouse)
        season = Season.read(context.cursor)
        if not _has_changed(looked):
            return SensorResult(skip_reason="No code and no schema has changed.", cursor=str(season.after_rest()))
        return SensorResult(
            run_requests=[_request(looked, run, season) for run in stale_runs(looked)],
            cursor=str(season.after_asking()),
        )

    return stale_after_a_change


class Season:
    """How often all was at rest after something had been asked for, kept in the sensor's cursor.

    It is part of every run key. Within a season the same staleness is asked for once, also where its run fails; a
    change that is taken back and made again lies in another season, and is asked for again.
    """

    def __init__(self, number: int, *, has_asked: bool) -> None:
        self.number = number
        self.has_asked = has_asked

    @classmethod
    def read(cls, cursor: str | None) -> "Season":
        """Return what a cursor says; the first season where there is none."""
        number, _, asked = (cursor or "0").partition(" ")
        return cls(int(number), has_asked=bool(asked))

    def __str__(self) -> str:
        return f"{self.number} asked" if self.has_asked else str(self.number)

    def after_rest(self) -> "Season":
        """Return the season in which nothing is stale."""
        return Season(self.number + self.has_asked, has_asked=False)

    def after_asking(self) -> "Season":
        """Return the same season, in which something was asked for."""
        return Season(self.number, has_asked=True)


def stale_runs(looked: Survey) -> list[Run]:
    """Return the runs that make what is stale: no raw table, and no day that has no raw snapshot."""
    choice = with_needs(looked.recipes, looked.staleness, looked.calendar, choose_stale(looked.staleness))
    raw = [name for name, recipe in looked.recipes.items() if recipe.table.stage == "raw"]
    choice = choice.without({day for name in raw for day in looked.staleness.partitions.get(name, ())})
    runs = runs_for(looked.recipes, choice)
    if not runs and choice.views and (days := looked.holdings.rows.get(SNAPSHOTS)):
        return [run_for_views(looked.recipes, choice.views, max(days))]
    return runs


def _has_changed(looked: Survey) -> bool:
    return any(reason.kind in _CHANGES for reason in _reasons(looked))


def _reasons(looked: Survey) -> Iterable:
    for days in looked.staleness.partitions.values():
        for reasons in days.values():
            yield from reasons
    for reasons in looked.staleness.views.values():
        yield from reasons


def _request(looked: Survey, run: Run, season: Season) -> RunRequest:
    return RunRequest(
        run_key=f"{season.number}-{_fingerprint(looked, run)}",
        asset_selection=[AssetKey(name) for name in run.tables],
        tags={"segmentation/started_by": SENSOR_NAME, **range_tags(run.first, run.last)},
    )


def _fingerprint(looked: Survey, run: Run) -> str:
    """Hash what the run would make, by what code, and what stands in its place now."""
    told = []
    for name in run.tables:
        recipe = looked.recipes[name]
        told.append(f"{name} {recipe.code_version} {schema_version(recipe.table)}")
        for day in days_between(run.first, run.last):
            entry = looked.holdings.ledger.get(partition_name(name, day))
            told.append(f"{day} {entry and (entry.code_version, entry.schema_version, entry.data_version)}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
