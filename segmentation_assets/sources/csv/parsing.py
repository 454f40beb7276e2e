"""UTF-8 text of a CSV file becomes an Arrow table of text: delimiter, header, rows.

Where every record is plainly one line with the right number of fields, Arrow reads it. Anything else (line breaks or
quotes inside quotes, a stray quote, a short or a long row) goes line by line through `csv_lines`, which loses no row.
Nothing is guessed about types: "NA" stays "NA".
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from segmentation_assets.characters import EDGES, folded
from segmentation_assets.errors import SourceError
from segmentation_assets.sources.csv.lines import Fields, Record, Width, first_record, read_records, split_record
from segmentation_assets.sources.delivery import MALFORMED_ROW, MALFORMED_TEXT, as_delivered

DELIMITERS = (",", ";", "\t", "|")
_QUOTE = ord('"')
_NO_BLANK = re.compile(rb"[^\s]")

MAX_HEADER_BYTES = 1_000_000
MAX_COLUMNS = 10_000
"""What a header may have; a column takes some kilobytes of memory, however few its rows."""


@dataclass(frozen=True)
class ParsedFile:
    """The rows of a file as text under the headers as delivered, and what parts their fields."""

    rows: pa.Table
    delimiter: str


@dataclass(frozen=True)
class _Header:
    names: list[str]
    delimiter: str
    body_start: int
    n_spare: int = 0
    """Blank fields with which lines end beyond the header."""
    needed: frozenset[str] | None = None
    """Headers, folded, without whose fields a row is none; None for all that are named."""

    @property
    def width(self) -> Width:
        n_needed = max((i for i, name in enumerate(self.names, start=1) if self._is_needed(name)), default=0)
        return Width(n_needed, len(self.names), len(self.names) + self.n_spare)

    def _is_needed(self, name: str) -> bool:
        return bool(name) if self.needed is None else folded(name) in self.needed


def parse(name: str, text: bytes, known_headers: Collection[str]) -> pa.Table:
    """Return the rows of a CSV file; see `parse_file`."""
    return parse_file(name, text, known_headers).rows


def parse_file(
    name: str, text: bytes, known_headers: Collection[str], needed_headers: Collection[str] | None = None
) -> ParsedFile:
    """Return the rows of a CSV file that are not blank as text under the headers as delivered.

    Spreadsheets end lines, and tables, with delimiters that have nothing behind them: those are no fields and no rows.
    And they leave delimiters out where the last fields of a line are blank.

    Parameters
    ----------
    name : the file's name, for errors.
    text : UTF-8 without a byte-order mark.
    known_headers : headers to be expected; the delimiter that finds most of them wins.
    needed_headers : headers whose fields every line must have; all if not given.

    Raises
    ------
    SourceError
        If the file holds nothing, or its header is not closed.
    """
    header = _read_header(name, text, known_headers)
    if needed_headers is not None:
        header = replace(header, needed=frozenset(map(folded, needed_headers)))
    rows = _plain_rows(text, header)
    if rows is None:
        body = text[header.body_start :].decode("utf-8")
        records = read_records(body, header.delimiter, len(header.names), header.width)
        # In batches, because millions of lists at once would keep the garbage collector busy for most of the time.
        batches = [_table(batch, len(header.names)) for batch in _batches(records)]
        rows = pa.concat_tables(batches, promote_options="default")
    rows = _without_blank_rows(rows)
    rows = rows.rename_columns([*header.names, MALFORMED_ROW, MALFORMED_TEXT][: rows.num_columns])
    return ParsedFile(rows, header.delimiter)


def _without_blank_rows(rows: pa.Table) -> pa.Table:
    """Leave out rows that show nothing, such as the lines of bare delimiters below a table."""
    is_blank = _is_blank(rows.column(0))
    if not is_blank.any():
        return rows
    likely = rows.filter(pa.array(is_blank))
    is_held = np.zeros(likely.num_rows, dtype=bool)
    for column in likely.columns[1:]:  # a row that could not be split has a fault there
        is_held |= ~_is_blank(column)
    is_blank[np.flatnonzero(is_blank)[is_held]] = False
    return rows.filter(pa.array(~is_blank))


def _is_blank(column: pa.ChunkedArray) -> np.ndarray:
    return pc.equal(pc.utf8_trim(pc.fill_null(column, ""), characters=EDGES), "").to_numpy()


def _read_header(name: str, text: bytes, known_headers: Collection[str]) -> _Header:
    begin = _first_line(text)
    start = _decoded(text, begin)
    line, end = first_record(start)
    declared = None
    if line.lower().startswith("sep=") and len(line) == len("sep=") + 1:
        declared = line[-1]
        line, length = first_record(start[end:])
        end += length
    if not line:
        raise SourceError(
            f"{name} is empty: not even a header. It should start with a line that names its columns, such as "
            f"{','.join(known_headers)}. Deliver it again, or take it away if there is nothing to deliver."
        )
    _refuse_long(name, line)
    delimiter = declared or _delimiter(line, known_headers)
    names = _header_names(name, line, delimiter)
    body_start = begin + len(start[:end].encode("utf-8"))
    first = split_record(first_record(_decoded(text, body_start))[0], delimiter)
    spare = first[len(names) :] if isinstance(first, list) else []
    n_spare = 0 if any(field.strip() for field in spare) else len(spare)
    return _Header([as_delivered(n.strip()) for n in names], delimiter, body_start, n_spare)


def _first_line(text: bytes) -> int:
    """Return where the first line that is not blank starts."""
    found = _NO_BLANK.search(text)
    if found is None:
        return 0
    return max(text.rfind(b"\n", 0, found.start()), text.rfind(b"\r", 0, found.start())) + 1


def _decoded(text: bytes, start: int) -> str:
    """Return as much of a file from a place on as a header may have: decoding all of it would cost seconds."""
    return text[start : start + 2 * MAX_HEADER_BYTES].decode("utf-8", errors="ignore")


def _refuse_long(name: str, line: str) -> None:
    if len(line.encode("utf-8")) > MAX_HEADER_BYTES:
        raise SourceError(
            f"{name} has a header of more than {MAX_HEADER_BYTES:,} bytes, which is the most that one may have. Is the "
            "file text, and are its lines ended? Deliver the columns that are needed."
        )


def _header_names(name: str, line: str, delimiter: str) -> list[str]:
    """Split a header. What it holds is not repeated: where a file has none, it is a customer."""
    names = split_record(line, delimiter)
    if not isinstance(names, list) or line.count('"') % 2:
        raise SourceError(f"{name} has a header with a quote that is not closed. Mend its first line.")
    if len(names) > MAX_COLUMNS:
        raise SourceError(
            f"{name} has a header of {len(names):,} columns, and {MAX_COLUMNS:,} are the most that a file may have. "
            "Deliver the columns that are needed."
        )
    return names


def _delimiter(header: str, known_headers: Collection[str]) -> str:
    """Return the delimiter that splits the header into most known names, then into most names, then the first."""
    known = {folded(h) for h in known_headers}

    def merit(delimiter: str) -> tuple[int, int, int]:
        fields = split_record(header, delimiter)
        if not isinstance(fields, list):
            return (-1, 0, 0)
        return (sum(folded(f) in known for f in fields[:MAX_COLUMNS]), len(fields), -DELIMITERS.index(delimiter))

    return max(DELIMITERS, key=merit)


def _plain_rows(text: bytes, header: _Header) -> pa.Table | None:
    """Return the rows as Arrow reads them, or None where a record may be more or less than one whole line."""
    body = memoryview(text)[header.body_start :]
    if b'"' in text and not _is_quoting_plain(np.frombuffer(body, dtype=np.uint8), header.delimiter):
        return None
    try:
        rows, ragged = _read_lines(body, header)
        if ragged:
            rows, ragged = _read_lines(body, header, is_numbered=True)
    except pa.ArrowInvalid:  # what it cannot read, such as no rows at all, is read the slow way
        return None
    spare = rows.columns[len(header.names) :]
    if any(not _is_blank(column).all() for column in spare):
        return None
    rows = rows.select(range(len(header.names)))
    return _with_ragged(rows, ragged, header) if ragged else rows


def _read_lines(
    body: memoryview, header: _Header, *, is_numbered: bool = False
) -> tuple[pa.Table, list[arrow_csv.InvalidRow]]:
    """Return the lines with the right number of fields, and the others; Arrow numbers those on one thread only."""
    names = _names(header.width.row)
    ragged: list[arrow_csv.InvalidRow] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    rows = arrow_csv.read_csv(
        pa.BufferReader(pa.py_buffer(body)),
        read_options=arrow_csv.ReadOptions(column_names=names, block_size=8 << 20, use_threads=not is_numbered),
        parse_options=arrow_csv.ParseOptions(delimiter=header.delimiter, invalid_row_handler=note),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    return rows, ragged


def _with_ragged(rows: pa.Table, ragged: list[arrow_csv.InvalidRow], header: _Header) -> pa.Table:
    """Put the ragged lines back where they stood among the others."""
    is_ragged = np.zeros(rows.num_rows + len(ragged), dtype=bool)
    is_ragged[[row.number - 1 for row in ragged]] = True
    found = [list(read_records(row.text, header.delimiter, len(header.names), header.width)) for row in ragged]
    torn = _table([record for records in found for record in records], len(header.names))
    place = np.empty(len(is_ragged), dtype=np.int64)
    place[~is_ragged] = np.arange(rows.num_rows)
    # A line of blanks alone is ragged to Arrow, and no row at all.
    lengths = np.array([len(records) for records in found])
    place[is_ragged] = np.where(lengths > 0, rows.num_rows + np.cumsum(lengths) - 1, -1)
    both = pa.concat_tables([rows, torn], promote_options="default")
    return both.take(pa.array(place[place >= 0]))


def _is_quoting_plain(data: np.ndarray, delimiter: str) -> bool:
    """Tell whether every quote opens or closes a whole field within one line.

    A stray quote makes a lenient reader swallow the rows up to the next one, so a file with anything but such pairs
    is not given to one.
    """
    quotes = np.flatnonzero(data == _QUOTE)
    if not quotes.size:
        return True
    if quotes.size % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    is_edge = np.zeros(256, dtype=bool)
    is_edge[[ord(delimiter), ord("\n"), ord("\r")]] = True
    # A doubled quote inside a field closes and opens again at once.
    is_doubled = closing[:-1] + 1 == opening[1:]
    before = is_edge[data[np.maximum(opening - 1, 0)]] | (opening == 0)
    before[1:] |= is_doubled
    after = is_edge[data[np.minimum(closing + 1, data.size - 1)]] | (closing == data.size - 1)
    after[:-1] |= is_doubled
    if not (before.all() and after.all()):
        return False
    breaks = np.flatnonzero((data == ord("\n")) | (data == ord("\r")))
    return bool((np.searchsorted(breaks, opening) == np.searchsorted(breaks, closing)).all())


def _table(records: list[Record], n_fields: int) -> pa.Table:
    """Return records as columns; a malformed one keeps its first field, which no fault can have shifted."""
    names = _names(n_fields)
    blank: Fields = [None] * (n_fields - 1)
    rows = [r.fields if r.fault is None else [r.fields[0], *blank] for r in records]
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)] if rows else []
    columns = columns or [pa.array([], pa.string())] * n_fields
    if all(r.fault is None for r in records):
        return pa.table(columns, names=names)
    faults = pa.array([r.fault for r in records], pa.string())
    lines = pa.array([r.line if r.fault else None for r in records], pa.string())
    return pa.table([*columns, faults, lines], names=[*names, MALFORMED_ROW, MALFORMED_TEXT])


def _batches(records: Iterator[Record], size: int = 1 << 16) -> Iterator[list[Record]]:
    """Yield records in lists; one empty list where there are none."""
    batch = list(islice(records, size))
    yield batch
    while batch := list(islice(records, size)):
        yield batch


def _names(n_fields: int) -> list[str]:
    """Return names for fields while they are read; delivered headers may be equal."""
    return [f"f{i}" for i in range(n_fields)]
