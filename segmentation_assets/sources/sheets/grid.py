"""The cells of a tab as Google hands them out: in blocks of rows, each with its value, its look and its format."""

import hashlib
import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from gspread.urls import SPREADSHEET_URL
from gspread.utils import absolute_range_name, rowcol_to_a1

from segmentation_assets.characters import seen
from segmentation_assets.sources.sheets.client import PatientHTTPClient, Refused
from segmentation_assets.sources.sheets.lookup import Tab

CELLS_A_BLOCK = 40_000
"""Cells asked for at once: a few megabytes of answer, and a sheet of ten million cells in 250 requests."""

LOADING = "LOADING"
"""Sheets' type of error of a formula whose value is still on its way, such as that of another spreadsheet."""

_FIELDS = (
    "sheets(data(startRow,startColumn,rowData(values(effectiveValue,formattedValue,"
    "effectiveFormat(numberFormat),userEnteredValue(formulaValue)))))"
)


class Cell(NamedTuple):
    """One cell.

    `value` is what it holds, None if nothing; `shown` what a person sees; `kind` and `pattern` its number format, such
    as DATE and dd/mm/yyyy, empty where it has none; `formula` what it is computed by; `error` as shown, such as #REF!.
    `is_loading` is True where the formula has no value yet, which shows as an error too.
    """

    value: str | float | bool | None = None
    shown: str = ""
    kind: str = ""
    pattern: str = ""
    formula: str = ""
    error: str = ""
    is_loading: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether a person sees nothing in it."""
        if self.error:
            return False
        return self.value is None or (isinstance(self.value, str) and not seen(self.value))


Row = list[Cell]
EMPTY = Cell()


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell, its row and column counted from 1.

    >>> cell_name(12, 2)
    'B12'
    """
    return rowcol_to_a1(row, column)


class Print:
    """The fingerprint of rows as they pass by: equal where every cell is, in value, look, format and formula."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def of(self, rows: Iterable[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
        """Yield the rows, and take their print."""
        for number, row in rows:
            if any(cell != EMPTY for cell in row):
                self._digest.update(repr((number, [tuple(cell) for cell in row])).encode())
            yield number, row

    def __str__(self) -> str:
        """Return the print of what has passed."""
        return self._digest.hexdigest()


def is_one_block(tab: Tab) -> bool:
    """Tell whether a tab is read by one request, whose answer is of one state."""
    return tab.n_rows <= _rows_a_block(tab)


def _rows_a_block(tab: Tab) -> int:
    return max(1, CELLS_A_BLOCK // max(1, tab.n_columns))


def read_rows(http: PatientHTTPClient, tab: Tab) -> Iterator[tuple[int, Row]]:
    """Yield each row of a tab with its number from 1; trailing blank cells of a row may be left out.

    Raises
    ------
    Refused
        If Google does not give a block, or gives another than was asked for.
    """
    n_rows = _rows_a_block(tab)
    for first in range(1, tab.n_rows + 1, n_rows):
        last = min(first + n_rows - 1, tab.n_rows)
        block = absolute_range_name(tab.title, f"A{first}:{cell_name(last, tab.n_columns)}")
        answer = http.get_json(SPREADSHEET_URL % tab.spreadsheet_id, {"ranges": block, "fields": _FIELDS})
        try:
            rows = _block(answer, first - 1)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            raise Refused("refused", "an answer of another shape") from None
        yield from enumerate(rows[: last - first + 1], start=first)


def _block(answer: dict[str, Any], first: int) -> list[Row]:
    (sheet,) = answer["sheets"]
    (data,) = sheet["data"]
    if data.get("startRow", 0) != first or data.get("startColumn", 0) != 0:
        raise ValueError("rows other than those asked for")
    return [[_cell(cell) for cell in row.get("values", ())] for row in data.get("rowData", ())]


def _cell(found: dict[str, Any]) -> Cell:
    held = found.get("effectiveValue")
    if not held:
        return EMPTY
    shown = str(found.get("formattedValue", ""))
    if "errorValue" in held:
        kind = str(held["errorValue"]["type"])
        return Cell(None, shown, error=shown or f"#{kind}", is_loading=kind == LOADING)
    look = found.get("effectiveFormat", {}).get("numberFormat", {})
    formula = str(found.get("userEnteredValue", {}).get("formulaValue", ""))
    return Cell(_value(held), shown, str(look.get("type", "")), str(look.get("pattern", "")), formula)


def _value(held: dict[str, Any]) -> str | float | bool:
    if "stringValue" in held:
        return str(held["stringValue"])
    if "boolValue" in held:
        return bool(held["boolValue"])
    number = held["numberValue"]
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise ValueError("a number that is none")
    return number
