"""Days as the project counts them: calendar days in London. The one place that asks the clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

TIMEZONE = "Europe/London"


def london_day(moment: datetime) -> date:
    """Return the calendar day in London at a moment.

    Raises
    ------
    ValueError
        If the moment has no timezone: it would be taken for the machine's own, and the day depend on the machine.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} has no timezone; give it one, such as datetime.now(UTC).")
    return moment.astimezone(ZoneInfo(TIMEZONE)).date()


def today_in_london() -> date:
    """Return today's date in London."""
    return london_day(datetime.now(UTC))
