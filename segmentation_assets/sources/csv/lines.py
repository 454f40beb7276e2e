"""CSV line by line, for files that are not plain: each fault costs its own row and no other.

A quoted field may run over line breaks. A quote that someone forgot to close would then swallow every row up to the
next quote, so a record may only span lines that are not rows themselves.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from segmentation_assets.characters import EDGES

Fields = list[str | None]

MAX_LINES = 200
"""Lines that one quoted record may span; without a limit, a file of stray quotes takes quadratic time."""

_BREAK = re.compile(r"(\r\n|\n|\r)")
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|$)")


class Width(NamedTuple):
    """How many fields a row has: those that it must have, those of the header, and those that whole rows have."""

    needed: int
    header: int
    row: int


class Record(NamedTuple):
    """One delivered row: its fields, or the fault that kept it from being split, and then its text."""

    fields: Fields
    fault: str | None = None
    line: str = ""


def split_record(text: str, delimiter: str) -> list[str] | Literal["open", "broken"]:
    """Split one record (RFC 4180) into its fields.

    Returns
    -------
    The fields; "open" where the text ends inside quotes; "broken" where a closing quote is followed by more than a
    delimiter.

    Examples
    --------
    >>> split_record('1,"Smith, John",x', ",")
    ['1', 'Smith, John', 'x']
    >>> split_record('1,"Smith', ",")
    'open'
    """
    if '"' not in text:
        return text.split(delimiter)
    fields = text[1:-1].split(f'"{delimiter}"')
    if text[0] == text[-1] == '"' and text.count('"') == 2 * len(fields):
        return fields  # every field is quoted and none holds a quote; building a reader takes ten times as long
    try:
        return next(csv.reader((text,), delimiter=delimiter, strict=True))
    except csv.Error:
        return _split_slowly(text, delimiter)  # which knows what is wrong, and no limit to a field's length


def _split_slowly(text: str, delimiter: str) -> list[str] | Literal["open", "broken"]:
    fields = []
    position = 0
    while True:
        if text.startswith('"', position):
            end = _closing_quote(text, position + 1)
            if end < 0:
                return "open"
            fields.append(text[position + 1 : end].replace('""', '"'))
            position = end + 1
            if position < len(text) and not text.startswith(delimiter, position):
                return "broken"
        else:
            end = text.find(delimiter, position)
            end = len(text) if end < 0 else end
            fields.append(text[position:end])
            position = end
        if position >= len(text):
            return fields
        position += 1


def first_record(text: str) -> tuple[str, int]:
    """Return the first line that is not blank, with the lines its quotes run over, and where the next one starts.

    It ends after `MAX_LINES` lines, if its quotes have not.
    """
    started, n_quotes, n_lines = -1, 0, 0
    for match in _LINE.finditer(text):
        is_last = match.end() >= len(text)
        if started < 0:
            if not match[1].strip():
                if is_last:
                    break
                continue
            started = match.start()
        n_quotes += match[1].count('"')
        n_lines += 1
        if n_quotes % 2 == 0 or is_last or n_lines == MAX_LINES:
            return text[started : match.end(1)], match.end()
    return "", len(text)


def read_records(text: str, delimiter: str, n_fields: int, width: Width | None = None) -> Iterator[Record]:
    """Yield every row of the text once, in order; a line with nothing but blanks and delimiters is no row.

    Parameters
    ----------
    n_fields : fields of the header.
    width : where lines may end in delimiters with nothing behind them.
    """
    width = width or Width(n_fields, n_fields, n_fields)
    lines = _Lines(text, delimiter, width)
    at = 0
    while at < len(lines):
        line = lines[at]
        n_lines = 1
        if '"' not in line and line.count(delimiter) == n_fields - 1 and line.strip():
            if line.strip(EDGES + delimiter):
                yield Record([*line.split(delimiter)])
        elif line.strip():
            record, n_lines = _record_at(lines, at, delimiter, width)
            if not _is_blank(record, delimiter):
                yield record
        at += n_lines


class _Lines:
    """The lines of a text, what stands between them, and where a quote that is open at the end of one may close."""

    def __init__(self, text: str, delimiter: str, width: Width) -> None:
        self._parts = _BREAK.split(text)
        self._delimiter = delimiter
        self._width = width
        self._open_until = 0
        """The line up to which, from the one asked for last, an open quote stays open."""

    def __len__(self) -> int:
        return (len(self._parts) + 1) // 2

    def __getitem__(self, at: int) -> str:
        return self._parts[2 * at]

    def first_end(self, at: int) -> int | None:
        """Return the first line after this one that a quote left open cannot simply run over; None if far away.

        Whether a quote is still open behind a line depends on that line alone, so each is looked at once, however many
        quotes before it are open.
        """
        stop = min(at + MAX_LINES, len(self))
        end = max(at + 1, self._open_until)
        while end < stop and not self.is_row(end) and _behind_quote(self[end], self._delimiter) == "open":
            end += 1
        self._open_until = end
        return end if end < stop else None

    def is_row(self, at: int) -> bool:
        """Tell whether a line, its quotes aside, has as many fields as a row."""
        n_fields = self[at].count(self._delimiter) + 1
        return self._width.needed <= n_fields <= self._width.row and n_fields > 1

    def joined(self, at: int, n_lines: int) -> str:
        """Return lines as they stand in the text, with the breaks between them."""
        return "".join(self._parts[2 * at : 2 * (at + n_lines) - 1])


def _behind_quote(line: str, delimiter: str) -> list[str] | Literal["open", "broken"]:
    """Split a line before which a quote is open."""
    return "open" if '"' not in line else split_record(f'"{line}', delimiter)


def _record_at(lines: _Lines, at: int, delimiter: str, width: Width) -> tuple[Record, int]:
    """Return the record that starts on a line, and how many lines it takes."""
    fields = split_record(lines[at], delimiter)
    if fields == "open":
        joined = _over_lines(lines, at, delimiter, width)
        if joined is not None:
            return joined
    return _checked(fields, lines[at], delimiter, width), 1


def _over_lines(lines: _Lines, at: int, delimiter: str, width: Width) -> tuple[Record, int] | None:
    """Return the record whose quotes run over line breaks; None where the quote is more likely a stray one."""
    end = lines.first_end(at)
    if end is None or not isinstance(_behind_quote(lines[end], delimiter), list):
        return None
    # A line with a row's number of fields is a row, not a part of someone's text. The line that closes a quoted first
    # field has that number too, and rightly.
    if lines.is_row(end) and not lines[at].startswith('"'):
        return None
    n_lines = end - at + 1
    fields = split_record(lines.joined(at, n_lines), delimiter)
    fitted = _fitted(fields, width) if isinstance(fields, list) else None
    return (Record(fitted), n_lines) if fitted else None


def _fitted(fields: Sequence[str], width: Width) -> Fields | None:
    """Return a row's fields, one to a header, where all that is too many or too few of them is blank; else None."""
    if len(fields) < width.needed or any(field.strip() for field in fields[width.header :]):
        return None
    return [*fields[: width.header], *[""] * (width.header - len(fields))]


def _is_blank(record: Record, delimiter: str) -> bool:
    if record.fault is not None:
        return not record.line.strip(EDGES + delimiter)
    return not any((field or "").strip(EDGES) for field in record.fields)


def _checked(fields: list[str] | str, line: str, delimiter: str, width: Width) -> Record:
    if isinstance(fields, list):
        fitted = _fitted(fields, width)
        if fitted is not None:
            return Record(fitted)
        noun = "field" if len(fields) == 1 else "fields"
        return Record([fields[0]], f"{len(fields)} {noun} instead of {width.header}", line)
    first = line.split(delimiter, maxsplit=1)[0].strip('"')
    return Record([first], "a quote that is not closed" if fields == "open" else "text after a closing quote", line)


def _closing_quote(text: str, position: int) -> int:
    """Return where the quote opened just before `position` closes, or -1; a doubled quote is text."""
    while True:
        end = text.find('"', position)
        if end < 0 or not text.startswith('"', end + 1):
            return end
        position = end + 2
