"""The calendar of models: which snapshots the models of a lens were trained on, up to the one in force on a day."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date

_MONTHS = {"monthly": 1, "quarterly": 3}


def retraining_dates(
    as_of: date, snapshots: Iterable[date], cadence: str, requested: Iterable[date] = ()
) -> list[date]:
    """Return the retraining dates of a lens up to a day, ascending; the last one's model is in force on it.

    They are the first snapshots of periods. A period is a calendar day, month or quarter by the portfolio's
    `retrain`, and a requested day opens one within it, which lasts to the end of the calendar's or to the next
    request. All depends on which snapshots and requests there are and on nothing else, so a backfill in any order
    finds the same models. The very first snapshot is a retraining date.

    Parameters
    ----------
    snapshots : days that have a raw snapshot; `as_of` counts as one whether it is named or not.
    requested : days from which a further model was asked for, see `retraining_requests`.
    """
    openings = sorted(set(requested))
    firsts: dict[tuple[int, ...], date] = {}
    for day in sorted({*snapshots, as_of}):
        if day <= as_of:
            firsts.setdefault((*_period(day, cadence), bisect_right(openings, day)), day)
    return list(firsts.values())


def training_date(as_of: date, snapshots: Iterable[date], cadence: str, requested: Iterable[date] = ()) -> date:
    """Return the retraining date in force on a day: the latest one at or before it."""
    return retraining_dates(as_of, snapshots, cadence, requested)[-1]


def chain_hashes(configuration: str, dates: Sequence[date]) -> list[str]:
    """Return for each retraining date of a lens 12 hex digits for its configuration and the dates so far.

    A model's segments carry on the numbers of the model before, and so on to the first, so a model written down may
    stand in for its whole chain where these agree.
    """
    digest, hashes = hashlib.sha256(configuration.encode()), []
    for day in dates:
        digest.update(day.isoformat().encode())
        hashes.append(digest.hexdigest()[:12])
    return hashes


def _period(day: date, cadence: str) -> tuple[int, ...]:
    if cadence == "daily":
        return (day.year, day.month, day.day)
    return (day.year, (day.month - 1) // _MONTHS[cadence])
