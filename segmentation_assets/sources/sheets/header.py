"""The header of a tab: the row among the first ones that names the most columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from segmentation_assets.characters import folded, seen
from segmentation_assets.errors import SourceError, choices
from segmentation_assets.portfolio import TableSource
from segmentation_assets.sources.headers import delivered_columns
from segmentation_assets.sources.sheets.grid import EMPTY, Row, cell_name
from segmentation_assets.sources.sheets.lookup import Tab
from segmentation_assets.sources.sheets.values import plain_text
from segmentation_assets.tables import Table

SEARCHED_ROWS = 50
"""Rows from the top that may be the header; a title, notes and a logo stand above it in fewer."""

_LEAST = 2
"""Columns that a row must name to be a header: one name alone may be a word in a title."""


@dataclass(frozen=True)
class Header:
    """The header row: its number, and its texts from column A to the last one that is not blank."""

    row: int
    names: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The name of the cell of each text."""
        return tuple(cell_name(self.row, i) for i in range(1, len(self.names) + 1))


def find_header(rows: Sequence[tuple[int, Row]], tab: Tab, table: Table, source: TableSource) -> Header:
    """Return the first of the rows that name the most columns of a table.

    Parameters
    ----------
    rows : the first rows of the tab with their numbers.

    Raises
    ------
    SourceError
        If the tab is empty, or no row names two columns. What stands there is not repeated: where there is no header
        it is a customer.
    """
    filled = [(number, row) for number, row in rows if any(not cell.is_blank for cell in row)]
    if not filled:
        raise SourceError(
            f"{tab.origin} is empty: not even a header. Put a row that names the columns on top, such as "
            f"{choices(_wanted(table, source))}, or name another tab at sources.{table.name}.sheet.tab."
        )
    names = {folded(name) for name in _wanted(table, source)} | {folded(c) for c in delivered_columns(table)}
    texts = dict(rows)
    best, most = filled[0][0], 0
    for number, _ in filled:
        found = len({folded(text) for text in _texts(number, texts, tab)} & names)
        if found > most:
            best, most = number, found
    if most < _LEAST:
        first, last = filled[0][0], filled[-1][0]
        raise SourceError(
            f"{tab.origin} has no header in rows {first} to {last}: none of them names two of the columns "
            f"{choices(_wanted(table, source))}. Put a row that names them above the first {table.unit_of_row}, or say "
            f"in the portfolio what the columns are called, at sources.{table.name}.columns."
        )
    header = _texts(best, texts, tab)
    while not header[-1]:
        header.pop()
    return Header(best, tuple(header))


def _wanted(table: Table, source: TableSource) -> list[str]:
    return [source.columns.get(column, column) for column in delivered_columns(table)]


def _texts(number: int, rows: dict[int, Row], tab: Tab) -> list[str]:
    """Return the texts of a row; a cell merged with others above it shows what the uppermost holds."""
    texts = [_text(rows[number], column) for column in range(len(rows[number]))]
    for merge in tab.merges:
        if merge.top + 1 < number <= merge.bottom and merge.top + 1 in rows:
            texts += [""] * (merge.left + 1 - len(texts))
            texts[merge.left] = _text(rows[merge.top + 1], merge.left)
    return texts


def _text(row: Row, column: int) -> str:
    cell = row[column] if column < len(row) else EMPTY
    return seen(cell.error or plain_text(cell))
