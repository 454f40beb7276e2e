"""Dates: ISO 8601 first, then the portfolio's formats for the column, in order; then what the portfolio says of them.

What stands where no date is known differs from system to system. A date of zeros (0000-00-00, 0, and 1/0/1900, as Excel
shows its day 0) or of nines (9999-99-99) is none in any calendar, so it is NULL everywhere. 1900-01-01 is a date: the
portfolio says under `placeholder_dates` where it stands for none, and `ranges` turn away what else cannot be.
"""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.cleaning.reading import NULL_WORDS, Reading, shown, stands_for_null, trimmed
from segmentation_assets.portfolio import Range
from segmentation_assets.tables import Column

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ](?:[01][0-9]|2[0-4]):[0-5][0-9](?::[0-6][0-9](?:[.,][0-9]+)?)? ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_ZEROS = r"0[0 /.:TZ+-]*|0?1[/.-]00?[/.-]1900|00?[/.-]0?1[/.-]1900|1900-01-00"
_NO_DAY = rf"^({_ZEROS}|9999[/.-]?99[/.-]?99|99[/.-]99[/.-]9999)$"
_ENDLESS = {"infinity": date.max, "-infinity": date.min}
"""Dates that DuckDB and PostgreSQL have beyond all others."""


def read_dates(
    texts: pa.Array,
    column: Column,
    formats: Sequence[str],
    as_of: date,
    *,
    interval: Range | None = None,
    placeholders: Collection[date] = (),
    may_lie_ahead: bool = False,
) -> Reading:
    """Read distinct texts as dates.

    One that is among the placeholders is NULL. One that lies after the snapshot, unless the column's may, or outside
    the interval is at fault.

    A time of day is dropped and the date taken as written, whatever the offset. A date read by any but the first of
    the formats, ISO aside, is a fallback: where 5/4/2022 is May 4th, 14/04/2007 can only be a slip into another
    format, and someone may want to know how many there were.
    """
    trim = trimmed(texts)
    is_no_day = pc.match_substring_regex(trim, _NO_DAY).to_numpy(zero_copy_only=False)
    is_null = stands_for_null(trim, NULL_WORDS) | is_no_day
    days = np.zeros(len(texts), dtype="datetime64[D]")
    is_read, is_fallback = np.zeros(len(texts), dtype=bool), np.zeros(len(texts), dtype=bool)
    is_placeholder = is_no_day
    faults = {}
    for i, text in enumerate(trim.to_pylist()):
        if is_null[i]:
            continue
        day, nth = parse_date(text, formats)
        if day is None:
            tried = ", ".join(("YYYY-MM-DD", *formats))
            faults[i] = f"unparseable_date: {column.name} {shown(text)} fits none of the formats {tried}"
        elif day in placeholders:
            is_placeholder[i] = True
        elif day > as_of and not may_lie_ahead:
            faults[i] = f"future_date: {column.name} {day} is after the snapshot {as_of}"
        else:
            days[i], is_read[i], is_fallback[i] = day, True, nth > 0
    if interval is not None:
        is_outside = is_read & interval.is_outside(days)
        for outside in np.flatnonzero(is_outside):
            faults[int(outside)] = f"{column.name}_out_of_range: {days[outside]} not in {interval}"
        is_read &= ~is_outside
    values = pa.array(days, pa.date32(), mask=~is_read)
    return Reading(values, faults, is_repaired=is_placeholder, is_fallback=is_fallback & is_read)


def parse_date(text: str, formats: Sequence[str]) -> tuple[date | None, int]:
    """Return a trimmed text as a date, and the position of the format that read it (0 for ISO); None if none did.

    Examples
    --------
    >>> parse_date("2025-11-15T22:00:00Z", ["%m/%d/%Y", "%d/%m/%Y"])
    (datetime.date(2025, 11, 15), 0)
    >>> parse_date("14/04/2007", ["%m/%d/%Y", "%d/%m/%Y"])
    (datetime.date(2007, 4, 14), 1)
    """
    if match := _ISO.fullmatch(text):
        try:
            return date(int(match[1]), int(match[2]), int(match[3])), 0
        except ValueError:
            return None, 0
    if text.lower() in _ENDLESS:
        return _ENDLESS[text.lower()], 0
    for nth, pattern in enumerate(formats):
        try:
            return datetime.strptime(text, pattern).date(), nth  # noqa: DTZ007 - a calendar date has no zone
        except ValueError:
            continue
    return None, 0
