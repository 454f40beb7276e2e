"""A cell as the text that a CSV file would hold, or the reason why its value is not to be trusted.

Sheets changes what is typed: 00123 becomes 123, 1E5 becomes 100000, 1-2 becomes a date. Where a cell's value and its
format contradict what its column is declared to hold, the row is turned away with the cell's name, since any guess
would be a wrong value.
"""

import re
from collections.abc import Sequence
from typing import Literal

from segmentation_assets.characters import seen
from segmentation_assets.currencies import mark_at_an_end
from segmentation_assets.sources.sheets.grid import Cell
from segmentation_assets.sources.sheets.locale import (
    FIRST_SERIAL,
    YEAR_ONE,
    Ambiguous,
    date_text,
    number_text,
    serial_text,
)
from segmentation_assets.tables import Column, Table

Role = Literal["key", "date", "number", "text"]

_DATES = frozenset({"DATE", "TIME", "DATE_TIME"})
_PLAIN_FORMATS = frozenset({"", "NUMBER", "TEXT"})
_LIKELY_SERIALS = range(20_000, 73_051)
"""October 1954 to the end of 2099: numbers without a date format that are dates in a date column. A year is none."""

_MOST_DIGITS = 10**15
"""From here on a number's last digits are not the ones that were typed."""

_SPELLED = re.compile(r'"[^"]*[^" ][^"]*"|(?<![0-9.#,])00')
"""Number formats that add to the digits: words in quotes, and zeros in front."""

_ONE_GROUP = re.compile(r"-?[0-9]{1,3}\.[0-9]{3}")
_DIGITS_ONLY = re.compile(r"(%[A-Za-z])+")


class Untrusted(Exception):  # noqa: N818 - a finding about a cell, and told as such
    """A cell that is not to be read; the message completes a sentence that starts with the cell's name."""


def role_of(column: Column, table: Table) -> Role:
    """Return how the cells of a core column are to be read."""
    if column.name in table.key_columns:
        return "key"
    if column.type == "DATE":
        return "date"
    return "number" if column.type in {"INT64", "FLOAT64"} else "text"


def cell_text(cell: Cell, role: Role, locale: str, formats: Sequence[str] = ()) -> str:
    """Return what a cell holds as text; a date as ISO 8601, nothing as the empty text.

    Parameters
    ----------
    role : what its column is declared to hold.
    locale : the spreadsheet's, such as en_GB.
    formats : the portfolio's formats of a date column.

    Raises
    ------
    Untrusted
        If it holds an error, or a value that its column cannot hold without a guess.
    """
    if cell.error:
        raise Untrusted(f"holds the error {cell.error}")
    if cell.is_blank:
        return "" if cell.value is None else str(cell.value)
    try:
        if role == "key":
            return _key(cell)
        if role == "date":
            return _date(cell, locale, formats)
        if role == "number":
            return _number(cell, locale)
    except Ambiguous as either:
        raise Untrusted(str(either)) from None
    return plain_text(cell)


def plain_text(cell: Cell) -> str:
    """Return what a cell shows, but for numbers, which are written without the separators that they may show.

    >>> plain_text(Cell(1234.0, "1,234", "NUMBER", "#,##0")), plain_text(Cell(123, "00123", "NUMBER", "00000"))
    ('1234', '00123')
    """
    if isinstance(cell.value, bool):
        return "TRUE" if cell.value else "FALSE"
    if isinstance(cell.value, int | float):
        is_as_shown = cell.kind not in _PLAIN_FORMATS or _SPELLED.search(cell.pattern)
        return cell.shown if is_as_shown and cell.shown else _digits(cell.value)
    return cell.shown if cell.value is None else cell.value


def _digits(number: float) -> str:
    """Return a number as the shortest text that reads back as it; a whole one without a point."""
    return str(int(number)) if number == int(number) and abs(number) < _MOST_DIGITS else repr(float(number))


def _key(cell: Cell) -> str:
    if isinstance(cell.value, bool):
        raise Untrusted("holds a tick box where a key is expected")
    if isinstance(cell.value, int | float):
        if cell.kind not in _PLAIN_FORMATS:
            noun = "a date" if cell.kind in _DATES else "a number in another form"
            raise Untrusted(f"holds {noun} where a key is expected; format the column as plain text and type it again")
        if cell.value != int(cell.value) or abs(cell.value) >= _MOST_DIGITS:
            raise Untrusted(
                "holds a key that was made a number and lost digits by it; format the column as plain text and type "
                "it again"
            )
    return plain_text(cell)


def _date(cell: Cell, locale: str, formats: Sequence[str]) -> str:
    if isinstance(cell.value, str):
        return date_text(seen(cell.value), locale, formats)
    if cell.value is None or isinstance(cell.value, bool):
        return plain_text(cell)
    number = float(cell.value)
    is_serial = cell.kind in _DATES
    if cell.kind in _PLAIN_FORMATS and int(number) in _LIKELY_SERIALS:
        # Where dates are spelled in digits alone, such as 15112025, any number may be such a date.
        is_serial = not any(_DIGITS_ONLY.fullmatch(pattern) for pattern in formats)
    if not is_serial and cell.kind in _PLAIN_FORMATS:
        return _digits(number)
    # A cell that shows a day says which; whether 1900-01-01 is one or stands for none, the portfolio says.
    shows_a_day = cell.kind in {"DATE", "DATE_TIME"}
    text = serial_text(number, YEAR_ONE if shows_a_day else FIRST_SERIAL) if is_serial else None
    if text is None:
        raise Untrusted(
            "holds a number where a date is expected; format it as a date, and see that it is the day meant"
        )
    return text


def _number(cell: Cell, locale: str) -> str:
    if isinstance(cell.value, str):
        return number_text(seen(cell.value), locale)
    if cell.value is None or isinstance(cell.value, bool):
        return plain_text(cell)
    if cell.kind in _DATES:
        raise Untrusted("holds a date where a number is expected; type the number again and format it as a number")
    if cell.kind == "PERCENT":
        raise Untrusted("holds a percentage where a number is expected; type the number and format it as a number")
    mark = mark_at_an_end(cell.shown)
    digits = _digits(cell.value)
    # A mark beside digits makes them text, of which cleaning cannot see that a point parted decimals.
    return f"{mark} {digits}{'0' if _ONE_GROUP.fullmatch(digits) else ''}" if mark else digits
