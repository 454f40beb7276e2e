"""The calendar of models: which snapshot the model in force on a day was trained on."""

from collections.abc import Iterable
from datetime import date

_MONTHS = {"monthly": 1, "quarterly": 3}


def training_date(as_of: date, snapshots: Iterable[date], cadence: str) -> date:
    """Return the retraining date in force on a day: the first snapshot of the day's period.

    A period is a calendar day, month or quarter by the portfolio's `retrain`. It depends on which snapshots exist and
    on nothing else, so a backfill in any order finds the same model. The very first snapshot is a retraining date.

    Parameters
    ----------
    snapshots : days that have a raw snapshot; `as_of` counts as one whether it is named or not.
    """
    period = _period(as_of, cadence)
    return min(day for day in {*snapshots, as_of} if _period(day, cadence) == period)


def _period(day: date, cadence: str) -> tuple[int, ...]:
    if cadence == "daily":
        return (day.year, day.month, day.day)
    return (day.year, (day.month - 1) // _MONTHS[cadence])
