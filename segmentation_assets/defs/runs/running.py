"""Run the nightly job of a day or of a range in this process, and say how it goes."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from dagster import AssetKey, DagsterEvent, DagsterEventType, Definitions, ExecuteInProcessResult
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from segmentation_assets import errors
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.defs.runs.killed_runs import process_tag, release_killed_runs
from segmentation_assets.defs.runs.progress import progress_logger

STARTED_BY = {"segmentation/started_by": "command line"}


class RunFailedError(errors.SegmentationError):
    """A run ended without success, for a reason that a person can mend."""


def run_day(
    definitions: Definitions, day: date, on_event: Callable[[DagsterEvent], None], *, has_home: bool
) -> ExecuteInProcessResult:
    """Run the day's partition of the nightly job; see `run_range`."""
    return run_range(definitions, day, day, on_event, has_home=has_home)


def run_range(
    definitions: Definitions,
    first: date,
    last: date,
    on_event: Callable[[DagsterEvent], None],
    *,
    tables: Sequence[str] | None = None,
    has_home: bool,
) -> ExecuteInProcessResult:
    """Run the nightly job, or its assets of some tables, for every day from `first` to `last` as one run.

    The run is recorded in the instance of DAGSTER_HOME where that is set, so that `make dev` shows it, and in memory
    otherwise.

    Raises
    ------
    RunFailedError
        With the sentence of the error, where a step failed for a reason outside the program or a check failed.
    """
    # Here and not above: what keeps records takes a second to import, and the range tags are wanted without it.
    from segmentation_assets.defs.runs.records import records  # noqa: PLC0415

    job = definitions.resolve_job_def(JOB_NAME)
    job = job.with_logger_defs({"progress": progress_logger(on_event)})
    with records(has_home=has_home) as instance:
        release_killed_runs(instance)
        result = job.execute_in_process(
            partition_key=first.isoformat() if first == last else None,
            asset_selection=[AssetKey(name) for name in tables] if tables is not None else None,
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"progress": {"config": {}}}},
            tags={**STARTED_BY, **process_tag(), **(range_tags(first, last) if first != last else {})},
        )
    if not result.success:
        raise RunFailedError(_reason(result))
    return result


def range_tags(first: date, last: date) -> dict[str, str]:
    """Return the run tags by which Dagster makes a range of days in one run."""
    return {ASSET_PARTITION_RANGE_START_TAG: first.isoformat(), ASSET_PARTITION_RANGE_END_TAG: last.isoformat()}


def _reason(result: ExecuteInProcessResult) -> str:
    """Return why a run failed: our own sentence where the error is one of ours, else all that Dagster knows."""
    reasons = []
    for event in result.all_events:
        if event.event_type is DagsterEventType.STEP_FAILURE and (error := event.step_failure_data.error):
            if error.cls_name == "DagsterAssetCheckFailedError":
                continue  # the check itself is told below, with what broke it
            reasons.append(_sentence(event.step_key or "", error))
        elif event.event_type is DagsterEventType.RUN_FAILURE and event.job_failure_data.error and not reasons:
            reasons.append(_sentence(event.job_name, event.job_failure_data.error))
        elif event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.blocking:
                reasons.append(f"{check.check_name} on {check.asset_key.to_user_string()}: {check.description}")
    return "\n".join(dict.fromkeys(reasons)) or "The run did not finish."


def _sentence(step: str, error: Any) -> str:
    """Return the innermost error of ours as its sentence; without one, the whole trace, since that is our defect."""
    ours = {cls.__name__ for cls in _all_subclasses(errors.SegmentationError)}
    cause = error
    while cause is not None:
        if cause.cls_name in ours:
            return cause.message.split(": ", 1)[-1].strip()
        cause = cause.cause
    return f"{step} failed unexpectedly; this is a defect, please report it with the lines below.\n{error.to_string()}"


def _all_subclasses(cls: type) -> set[type]:
    found: set[type] = {cls}
    child: type
    for child in cls.__subclasses__():
        found |= _all_subclasses(child)
    return found
