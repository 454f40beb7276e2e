"""Dates: ISO 8601 first, then the portfolio's formats for the column, in order."""

import re
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from segmentation_assets.cleaning.reading import NULL_WORDS, Reading, shown, stands_for_null, trimmed
from segmentation_assets.tables import Column

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ](?:[01][0-9]|2[0-4]):[0-5][0-9](?::[0-6][0-9](?:[.,][0-9]+)?)? ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_EPOCH = date(1970, 1, 1)


def read_dates(texts: pa.Array, column: Column, formats: Sequence[str], as_of: date) -> Reading:
    """Read distinct texts as dates that are not after the snapshot.

    A time of day is dropped and the date taken as written, whatever the offset. A date read by any but the first of
    the formats, ISO aside, is a fallback: where 5/4/2022 is May 4th, 14/04/2007 can only be a slip into another
    format, and someone may want to know how many there were.
    """
    trim = trimmed(texts)
    is_null = stands_for_null(trim, NULL_WORDS)
    days = np.zeros(len(texts), dtype=np.int32)
    is_read = np.zeros(len(texts), dtype=bool)
    is_fallback = np.zeros(len(texts), dtype=bool)
    faults = {}
    for i, text in enumerate(trim.to_pylist()):
        if is_null[i]:
            continue
        day, nth = parse_date(text, formats)
        if day is None:
            tried = ", ".join(("YYYY-MM-DD", *formats))
            faults[i] = f"unparseable_date: {column.name} {shown(text)} fits none of the formats {tried}"
        elif day > as_of:
            faults[i] = f"future_date: {column.name} {day} is after the snapshot {as_of}"
        else:
            days[i], is_read[i], is_fallback[i] = (day - _EPOCH).days, True, nth > 0
    return Reading(pa.array(days, pa.int32(), mask=~is_read).cast(pa.date32()), faults, is_fallback=is_fallback)


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
    for nth, pattern in enumerate(formats):
        try:
            return datetime.strptime(text, pattern).date(), nth  # noqa: DTZ007 - a calendar date has no zone
        except ValueError:
            continue
    return None, 0
