"""Google Sheets as a source: each table a tab, read as it is today.

A sheet has no past: what it held yesterday is in yesterday's raw tables, and nowhere else.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain, islice

import pyarrow as pa

from segmentation_assets.days import today_in_london
from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import Portfolio, Sheet, TableSource
from segmentation_assets.sources.delivery import MALFORMED_ROW, Delivery, as_delivered
from segmentation_assets.sources.headers import match_headers
from segmentation_assets.sources.sheets.access import connect, refusal
from segmentation_assets.sources.sheets.client import PatientHTTPClient, Refused
from segmentation_assets.sources.sheets.grid import Print, cell_name, is_one_block, read_rows
from segmentation_assets.sources.sheets.header import SEARCHED_ROWS, find_header
from segmentation_assets.sources.sheets.lookup import Tab, find_spreadsheet, find_tab, revised_at
from segmentation_assets.sources.sheets.rows import SheetRows, as_columns

_READINGS = 4
"""Times that a sheet is read in the hope that nobody changes it meanwhile and that its formulas come to an end."""
_LOADING_WAIT = 15
"""Seconds that formulas are given to load before the next reading."""


@dataclass(frozen=True)
class _Reading:
    """One reading of a tab: what was read, a print of every cell, and the wanted cells that are still loading."""

    tab: Tab
    print: str
    rows: SheetRows | None
    loading: tuple[str, ...]


@dataclass(frozen=True)
class GoogleSheets:
    """The tabs that a portfolio names, read with the credentials of the machine.

    `today` and `connect` say what day it is and how to reach Google.
    """

    portfolio: Portfolio
    today: Callable[[], date] = today_in_london
    connect: Callable[[], PatientHTTPClient] = connect

    def is_replayable(self, table: str) -> bool:
        """Tell that a past date cannot be read, unless there is nothing to read."""
        source = self._source(table)
        return source is None or source.sheet is None

    def read(self, table: str, as_of: date) -> Delivery | None:
        """Return the tab of a table as it is now; None where the portfolio names no sheet for it.

        Raises
        ------
        SourceError
            If `as_of` is another day than today, or the sheet cannot be found, read or understood.
        """
        source = self._source(table)
        if source is None or source.sheet is None:
            return None
        if as_of != (today := self.today()):
            raise SourceError(
                f"{table} lies in a Google sheet, which can only be read as it is today, {today}, and not as it was on "
                f"{as_of}. Nothing was changed. For a past day start from its raw tables, which keep what was read "
                f"then: leave raw_{table} out of the selection."
            )
        http = self._http
        try:
            key = find_spreadsheet(http, table, source.sheet)
            return self._read_unchanged(key, table, source, source.sheet)
        except Refused as refused:
            raise refusal(refused, table, source.sheet, http) from None

    def revision(self, table: str) -> str | None:
        """Return when the spreadsheet of a table was last changed; None where the portfolio names no sheet for it.

        Raises
        ------
        SourceError
            If it cannot be found or Google does not say.
        """
        source = self._source(table)
        if source is None or source.sheet is None:
            return None
        http = self._http
        try:
            return revised_at(http, find_spreadsheet(http, table, source.sheet))
        except Refused as refused:
            raise refusal(refused, table, source.sheet, http) from None

    @cached_property
    def _http(self) -> PatientHTTPClient:
        return self.connect()

    def _source(self, table: str) -> TableSource | None:
        sources: dict[str, TableSource] = dict(self.portfolio.sources.items())
        return sources.get(table)

    def _read_unchanged(self, key: str, table: str, source: TableSource, sheet: Sheet) -> Delivery:
        """Read the tab until it is at rest: blocks of two states would lose or double rows."""
        for reading, revised, is_at_rest in self._readings(key, table, source, sheet):
            if is_at_rest and reading.rows and not reading.loading:
                return _delivery(reading.rows, table, revised)
        raise SourceError(_restless(reading))

    def _readings(
        self, key: str, table: str, source: TableSource, sheet: Sheet
    ) -> Iterator[tuple[_Reading, str, bool]]:
        """Yield readings of a tab, each with when the spreadsheet was changed last, and whether nobody was at it.

        That is known by Drive's word, which may come minutes late. So the tab is also looked up again; and one that is
        read in several blocks must come out of two readings the same to the last cell.
        """
        before, last, is_loading = revised_at(self._http, key), None, False
        for _ in range(_READINGS):
            if is_loading:
                self._http.wait(_LOADING_WAIT)
            reading = self._read_tab(find_tab(self._http, key, table, sheet), table, source)
            after = revised_at(self._http, key)
            is_same = (reading.tab, reading.print) == last
            is_whole = is_one_block(reading.tab) and reading.tab == find_tab(self._http, key, table, sheet)
            yield reading, after, after == before and (is_same or is_whole)
            before, last, is_loading = after, (reading.tab, reading.print), bool(reading.loading)

    def _read_tab(self, tab: Tab, table: str, source: TableSource) -> _Reading:
        core, seen = self.portfolio.input_table(table), Print()
        stream = seen.of(read_rows(self._http, tab))
        first = list(islice(stream, SEARCHED_ROWS))
        on_top = tuple(cell_name(n, i) for n, row in first for i, cell in enumerate(row, start=1) if cell.is_loading)
        try:
            header = find_header(first, tab, core, source)
            where = f"{tab.origin} (header in row {header.row})"
            matched = match_headers(where, header.names, core, source, header.cells)
        except SourceError:
            if on_top:  # the header itself may be on its way
                return _Reading(tab, "", None, on_top)
            raise
        rows = SheetRows(tab, header, core, source, matched)
        for number, row in chain(first, stream):
            if number > header.row:
                rows.take(number, row)
        return _Reading(tab, str(seen), rows, tuple(rows.loading))


def _restless(reading: _Reading) -> str:
    """Say of the last reading why it is none to go by."""
    if not reading.loading:
        return (
            f"{reading.tab.origin} was changed each of the {_READINGS} times it was read, so its rows may be of two "
            "states. Nothing was changed. Start the run again when nobody is editing the spreadsheet; formulas that "
            "change by themselves, such as NOW or RAND, have no place in a tab of this size."
        )
    cells, n = reading.loading[0], len(reading.loading)
    more = f" and {n - 1:,} more" if n > 1 else ""
    return (
        f"{reading.tab.origin} holds formulas whose values are still loading ({cells}{more}), after {_READINGS} "
        "readings. Nothing was changed. Open the spreadsheet, wait until nothing shows Loading..., and start the run "
        "again; if it goes on, put values in the place of the formulas (Edit > Paste special > Values only)."
    )


def _delivery(rows: SheetRows, table: str, revised: str) -> Delivery:
    columns = [pa.array(column, pa.string()) for column in as_columns(rows)]
    blank = [""] * (rows.n_columns - len(rows.header.names))
    names = [*map(as_delivered, rows.header.names), *blank]
    if any(rows.faults):
        columns.append(pa.array([fault or None for fault in rows.faults], pa.string()))
        names.append(MALFORMED_ROW)
    skipped = rows.header.row - 1
    above = f"header in row {rows.header.row}, what stands above it left out"
    return Delivery(
        table,
        rows.tab.origin,
        pa.table(columns, names=names),
        _checksum(rows),
        notes=(above,) if skipped else (),
        revised_at=revised,
        row_numbers=pa.array(rows.numbers, pa.int64()),
        header_cells=(*rows.header.cells, *blank),
    )


def _checksum(rows: SheetRows) -> str:
    """Return the sha256 of all that was read, in which a mended fault shows as well."""
    digest = hashlib.sha256(json.dumps(rows.header.names).encode())
    for texts, fault in zip(rows.texts, rows.faults, strict=True):
        digest.update(json.dumps([texts, fault]).encode())
    return digest.hexdigest()
