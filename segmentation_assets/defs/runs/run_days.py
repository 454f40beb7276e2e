"""The days that a run or a check is about."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from dagster import AssetExecutionContext


def days_of(context: AssetExecutionContext) -> list[date]:
    """Return the days of the run's partitions, ascending."""
    return [date.fromisoformat(key) for key in sorted(context.partition_keys)]


def checked_days(run_tags: Mapping[str, str], list_snapshots: Callable[[], Sequence[date]]) -> tuple[date, date]:
    """Return the first and last day that a check is about: the run's, else the latest of the snapshots listed.

    Checks carry no partitions of their own, since Dagster calls that not ready for production; a check that is run by
    itself from the UI has no partition at all.
    """
    key = run_tags.get("dagster/partition")
    first = run_tags.get("dagster/asset_partition_range_start", key)
    last = run_tags.get("dagster/asset_partition_range_end", key)
    if first and last:
        return date.fromisoformat(first), date.fromisoformat(last)
    latest = max(list_snapshots(), default=date.min)
    return latest, latest
