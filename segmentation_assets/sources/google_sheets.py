"""Google Sheets as a source: each table a tab, read as it is today.

A sheet has no past: what it held yesterday is in yesterday's raw tables, and nowhere else.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain, islice

import pyarrow as pa

from segmentation_assets.days import today_in_london
from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import Portfolio, Sheet, TableSource
from segmentation_assets.sources.delivery import MALFORMED_ROW, Delivery
from segmentation_assets.sources.headers import match_headers
from segmentation_assets.sources.sheet_access import account, connect, refusal
from segmentation_assets.sources.sheet_client import PatientHTTPClient, Refused
from segmentation_assets.sources.sheet_grid import read_rows
from segmentation_assets.sources.sheet_header import SEARCHED_ROWS, find_header
from segmentation_assets.sources.sheet_lookup import Tab, find_spreadsheet, find_tab, revised_at
from segmentation_assets.sources.sheet_rows import SheetRows, as_columns
from segmentation_assets.tables import INPUT_TABLES

_TABLES = {t.name: t for t in INPUT_TABLES}
_READINGS = 3
"""Times that a sheet is read in the hope that nobody changes it meanwhile."""


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
            raise refusal(refused, table, source.sheet, account(http)) from None

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
            raise refusal(refused, table, source.sheet, account(http)) from None

    @cached_property
    def _http(self) -> PatientHTTPClient:
        return self.connect()

    def _source(self, table: str) -> TableSource | None:
        sources: dict[str, TableSource] = dict(self.portfolio.sources.items())
        return sources.get(table)

    def _read_unchanged(self, key: str, table: str, source: TableSource, sheet: Sheet) -> Delivery:
        """Read the tab until it was not changed meanwhile: blocks of two states would lose or double rows."""
        before = revised_at(self._http, key)
        for _ in range(_READINGS):
            tab = find_tab(self._http, key, table, sheet)
            delivery = self._read_tab(tab, table, source, before)
            after = revised_at(self._http, key)
            if after == before:
                return delivery
            before = after
        raise SourceError(
            f"{tab.origin} was changed each of the {_READINGS} times it was read, so its rows may be of two states. "
            "Nothing was changed. Start the run again when nobody is editing the spreadsheet."
        )

    def _read_tab(self, tab: Tab, table: str, source: TableSource, revised: str) -> Delivery:
        core = _TABLES[table]
        stream = read_rows(self._http, tab)
        first = list(islice(stream, SEARCHED_ROWS))
        header = find_header(first, tab, core, source)
        where = f"{tab.origin} (header in row {header.row})"
        matched = match_headers(where, header.names, core, source, header.cells)
        rows = SheetRows(tab, header, core, source, matched)
        for number, row in chain(first, stream):
            if number > header.row:
                rows.take(number, row)
        return _delivery(rows, table, revised)


def _delivery(rows: SheetRows, table: str, revised: str) -> Delivery:
    columns = [pa.array(column, pa.string()) for column in as_columns(rows)]
    blank = [""] * (rows.n_columns - len(rows.header.names))
    names = [*rows.header.names, *blank]
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
