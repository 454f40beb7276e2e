"""The rows below a header, as text: blank ones left out, and with each the reason why it is not to be trusted."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import TableSource
from segmentation_assets.sources.headers import MatchedHeaders
from segmentation_assets.sources.sheets.grid import EMPTY, Cell, Row, cell_name
from segmentation_assets.sources.sheets.header import Header
from segmentation_assets.sources.sheets.lookup import Merge, Tab
from segmentation_assets.sources.sheets.values import Role, Untrusted, cell_text, plain_text, role_of
from segmentation_assets.tables import Table

_AGGREGATE = re.compile(r"=\s*(SUM|SUBTOTAL|COUNT|COUNTA|COUNTUNIQUE|AVERAGE|MIN|MAX)\b", re.IGNORECASE)


@dataclass
class SheetRows:
    """Takes the rows of a tab in order and keeps their texts.

    `numbers`, `texts` and `faults` have an entry a row that is not blank; a fault is empty where there is none.
    `loading` names the wanted cells whose formulas have no value yet.
    """

    tab: Tab
    header: Header
    table: Table
    source: TableSource
    matched: MatchedHeaders
    numbers: list[int] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    loading: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Sort the merges by the row they start in, and the columns by how they are read."""
        self._merges: dict[int, list[Merge]] = defaultdict(list)
        for merge in self.tab.merges:
            self._merges[merge.top + 1].append(merge)
        self._open: list[tuple[Merge, Cell]] = []
        self._roles: dict[int, Role] = {}
        self._formats: dict[int, Sequence[str]] = {}
        for column, position in self.matched.known.items():
            self._roles[position] = role_of(self.table.column(column), self.table)
            self._formats[position] = self.source.date_formats.get(column, ())
        self._over_header = [
            merge
            for merge in self.tab.merges
            if merge.top < self.header.row <= merge.bottom
            and merge.right - merge.left > 1
            and merge.left in self._roles
        ]
        self._key = self.matched.known[self.table.key[0]]
        self._n_columns = len(self.header.names)

    @property
    def n_columns(self) -> int:
        """Columns from A to the last one that holds anything."""
        return self._n_columns

    def take(self, number: int, row: Row) -> None:
        """Add a row below the header; one that shows nothing of its own adds nothing.

        Raises
        ------
        SourceError
            If a wanted header is merged over several columns that hold values.
        """
        cells, faults = self._unmerged(number, row)
        if all(cell.is_blank for cell in row):
            return
        while cells[-1].is_blank and len(cells) > len(self.header.names):
            cells.pop()
        cells += [EMPTY] * (len(self.header.names) - len(cells))
        self._check_header_merges(number, cells)
        faults += self._faults_of_row(number, cells)
        self.loading += [cell_name(number, i + 1) for i in sorted(self._roles) if cells[i].is_loading]
        texts = []
        for position, cell in enumerate(cells):
            try:
                texts.append(self._text(cell, position))
            except Untrusted as found:
                texts.append(cell.error or plain_text(cell))
                faults.append(f"{cell_name(number, position + 1)} {found}")
        self._n_columns = max(self._n_columns, len(texts))
        self.numbers.append(number)
        self.texts.append(texts)
        self.faults.append("; ".join(faults))

    def _text(self, cell: Cell, position: int) -> str:
        role = self._roles.get(position)
        if role is None:
            return cell.error or plain_text(cell)
        return cell_text(cell, role, self.tab.locale, self._formats[position])

    def _unmerged(self, number: int, row: Row) -> tuple[Row, list[str]]:
        """Return the row with what cells merged with others above them show, and what is wrong with such cells.

        A value that stands for several rows is each row's. One that runs over several columns is nobody's.
        """
        cells = list(row)
        faults = []
        for merge in self._merges.get(number, ()):
            self._open.append((merge, cells[merge.left] if merge.left < len(cells) else EMPTY))
        self._open = [(merge, cell) for merge, cell in self._open if number <= merge.bottom]
        for merge, cell in self._open:
            if merge.right - merge.left > 1:
                if any(merge.left <= position < merge.right for position in self._roles):
                    names = f"{cell_name(merge.top + 1, merge.left + 1)}:{cell_name(merge.bottom, merge.right)}"
                    faults.append(f"{names} are merged over several columns, so whose value it is cannot be told")
            elif number > merge.top + 1:
                cells += [EMPTY] * (merge.left + 1 - len(cells))
                cells[merge.left] = cell
        return cells, faults

    def _check_header_merges(self, number: int, cells: Row) -> None:
        """Refuse a wanted header that stands over two columns that both hold something."""
        for merge in self._over_header:
            beside = [c for c in range(merge.left + 1, merge.right) if c < len(cells) and not cells[c].is_blank]
            if beside:
                cell = cell_name(merge.top + 1, merge.left + 1)
                raise SourceError(
                    f"{self.tab.origin} has the header {self.header.names[merge.left]!r} in {cell} merged over several "
                    f"columns, and {cell_name(number, beside[0] + 1)} holds something as well. Unmerge the header, and "
                    "give each column its own."
                )

    def _faults_of_row(self, number: int, cells: Row) -> list[str]:
        """Return why a row is none of the table's though its texts might be: its key is computed of the others."""
        if _AGGREGATE.match(cells[self._key].formula):
            return [f"{cell_name(number, self._key + 1)} makes row {number} a line of totals"]
        return []


def as_columns(rows: SheetRows) -> list[list[str]]:
    """Return the texts by column, each as long as there are rows."""
    columns: list[list[str]] = [[] for _ in range(rows.n_columns)]
    for texts in rows.texts:
        for position, column in enumerate(columns):
            column.append(texts[position] if position < len(texts) else "")
    return columns
