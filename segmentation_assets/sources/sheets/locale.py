"""What a spreadsheet's locale says of dates and numbers that are text.

A cell that holds a date or a number has no locale: its value is a number whatever it looks like. Text is another
matter. 03/04/2024 is 3 April in a spreadsheet of en_GB and 4 March in one of en_US, and 1,234 may be either number.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

_MONTH_FIRST = frozenset({"en_US", "en_PH", "es_US", "es_PR"})
_YEAR_FIRST = frozenset({"en_CA", "fr_CA", "ja", "ko", "zh", "hu", "lt", "mn", "eu"})
_POINT_DECIMALS = frozenset({"en", "ja", "ko", "zh", "th", "he", "hi", "bn", "ta", "ms", "fil"})

_DATE = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})(?:,?[T ]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?")
_DATE_YEAR_FIRST = re.compile(
    r"([0-9]{4})([/.-])([0-9]{1,2})\2([0-9]{1,2})(?:,?[T ]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?"
)
_ONE_GROUP = re.compile(r"([+-]?[1-9][0-9]{0,2})([.,])([0-9]{3})")

SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a serial number counts days on a wall, in no timezone
"""Day 0 of the serial numbers that stand for dates."""

FIRST_SERIAL = 61
"""1 March 1900. Before it Excel counts a day that never was, and times without a date stand at 0."""

YEAR_ONE = -693_593
"""1 January 0001, where the dates begin that a cell can show."""


_LAST_MILLISECOND = 2_958_466 * 86_400_000 - 1


class Ambiguous(Exception):  # noqa: N818 - a finding about a value, and told as such
    """A text that may be two dates or two numbers; the message says which, without the text."""


def is_day_first(locale: str) -> bool | None:
    """Tell whether the day stands before the month; None where the locale puts the year first, or is not known.

    >>> is_day_first("en_GB"), is_day_first("en_US"), is_day_first("ja_JP")
    (True, False, None)
    """
    language = locale.partition("_")[0]
    if not language or locale in _YEAR_FIRST or language in _YEAR_FIRST:
        return None
    return locale not in _MONTH_FIRST


def serial_text(serial: float, first: int = FIRST_SERIAL) -> str | None:
    """Return a serial number of days as ISO 8601, with the time where it has one; None where it is no likely date.

    `first` is the first that is likely.

    Rounded to the millisecond, so that a day that a formula missed by a hair is that day.

    >>> serial_text(45000), serial_text(45000.75), serial_text(2), serial_text(2, first=YEAR_ONE)
    ('2023-03-15', '2023-03-15T18:00:00', None, '1900-01-01')
    """
    if not first <= serial < 2_958_466:  # noqa: PLR2004 - the day after 31 December 9999
        return None
    moment = SERIAL_ZERO + timedelta(milliseconds=min(round(serial * 86_400_000), _LAST_MILLISECOND))
    return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat(timespec="seconds")


def date_text(text: str, locale: str, formats: Sequence[str]) -> str:
    """Return a text date as ISO 8601 where the locale says which it is, else the text as it stands.

    What only one order of day and month can read is that date in the end, whatever the locale: it stays as it is, for
    the portfolio's formats to read. Two-digit years stay as they are, too.

    Parameters
    ----------
    formats : the portfolio's strptime formats for the column. Where all of them have the other order than the locale,
        someone is wrong, and nothing says who.

    Raises
    ------
    Ambiguous
        If it may be two dates and nothing decides.

    Examples
    --------
    >>> date_text("03/04/2024", "en_GB", []), date_text("03/04/2024", "en_US", [])
    ('2024-04-03', '2024-03-04')
    >>> date_text("14/04/2024", "en_US", ["%m/%d/%Y", "%d/%m/%Y"])
    '14/04/2024'
    """
    trimmed = text.strip()
    if match := _DATE_YEAR_FIRST.fullmatch(trimmed):
        year, _, month, day, time = match.groups()
        return _iso(year, month, day, time) or text
    match = _DATE.fullmatch(trimmed)
    if match is None:
        return text
    first, _, second, year, time = match.groups()
    by_day, by_month = _iso(year, second, first, time), _iso(year, first, second, time)
    day_first = is_day_first(locale)
    if by_day == by_month:
        return by_day or text
    if by_day is None or by_month is None:
        return text if day_first is None else ((by_day if day_first else by_month) or text)
    orders = {f.index("%d") < f.index("%m") for f in formats if "%d" in f and "%m" in f and not f.startswith("%Y")}
    if len(orders) == 1 and day_first is not None and day_first not in orders:
        raise Ambiguous(
            f"is text with a date that is one day by the spreadsheet's locale {locale} and another by the portfolio's "
            "date_formats; format the column as a date"
        )
    if day_first is None and len(orders) != 1:
        raise Ambiguous(
            "is text with a date whose day may be its month, and the spreadsheet's locale "
            f"{locale or 'is not given and'} does not say; format the column as a date"
        )
    return by_day if (orders.pop() if day_first is None else day_first) else by_month


def _iso(year: str, month: str, day: str, time: str | None) -> str | None:
    try:
        found = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
    return f"{found}T{time.zfill(len('hh:mm') if time.count(':') == 1 else len('hh:mm:ss'))}" if time else found


def number_text(text: str, locale: str) -> str:
    """Return a text number with one separator and three digits after it as the locale means it.

    Anything else is for cleaning, which reads what can be read in one way only.

    Raises
    ------
    Ambiguous
        Where the locale has decimal commas: text was not typed there, since it would have become a number, so it may
        well come from elsewhere.

    Examples
    --------
    >>> number_text("1,234", "en_GB"), number_text("1,234.50", "en_GB")
    ('1234', '1,234.50')
    """
    match = _ONE_GROUP.fullmatch(text.strip())
    if match is None:
        return text
    language = locale.partition("_")[0]
    if language and language not in _POINT_DECIMALS:
        raise Ambiguous(
            "is text with a number that is one thousand times another where commas and points change places; make it "
            "a number, by Format > Number"
        )
    return f"{match[1]}{match[3]}" if match[2] == "," and language == "en" else text
