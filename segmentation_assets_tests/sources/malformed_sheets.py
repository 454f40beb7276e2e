"""Small sheets that are right, and the ways in which people get sheets wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gspread.utils import a1_to_rowcol

from segmentation_assets_tests.standins.cells import day

Grid = list[list[object]]

CUSTOMERS: Grid = [
    ["Customer_ID", "Age", "Gender", "City", "Marital_Status", "Education", "Occupation", "Income",
     "Preferred_Language", "Preferred_Channel", "Preferred_Time"],
    ["C1", 41, "Male", "Leeds", "Single", "Doctorate", "Lawyer", 18719.316, "French", "Email", "Morning"],
    ["C2", 50, "Female", "York", "Married", "Doctorate", "Nurse", 59456.052, "English", "Email", "Evening"],
    ["C3", 29, "Female", "Bath", "Single", "Doctorate", "Cook", 30500, "English", "Text", "Anytime"],
]  # fmt: skip
POLICIES: Grid = [
    ["Policy_ID", "Customer_ID", "Product_ID", "Purchase_Date", "Premium", "Coverage"],
    ["P1", "C1", "R1", day("2022-05-04"), 861.8327997, 97928.79],
    ["P2", "C2", "R1", day("2022-03-17"), 1294.14, 100724.49],
    ["P3", "C3", "R1", day("2023-11-02"), 500, 50000],
]
OUTREACH: Grid = [
    ["outreach_id", "campaign_id", "customer_id", "outreach_date", "channel", "is_control", "has_responded",
     "has_converted"],
    ["O1", "CMP1", "C1", day("2022-05-04"), "Email", True, False, False],
    ["O2", "CMP1", "C2", day("2022-05-04"), "Email", False, True, False],
]  # fmt: skip
SHEETS = {"customers": CUSTOMERS, "policies": POLICIES, "outreach": OUTREACH}


@dataclass(frozen=True)
class Malformed:
    """A sheet with something wrong, and what must become of it.

    Unless it says otherwise all rows are read as those of the right sheet are. `becomes` holds what differs, by key
    and column; `rejected` the keys of the rows that are turned away, `gone` the rows missing from the right ones where
    those are others, and `named` what the reasons must name, cells for the most part; `refused` a part of the error
    where the sheet is refused whole.
    """

    change: Callable[[Grid], None]
    table: str = "customers"
    becomes: dict[str, dict[str, object]] = field(default_factory=dict)
    rejected: tuple[str, ...] = ()
    gone: tuple[str, ...] | None = None
    named: tuple[str, ...] = ()
    refused: str = ""
    locale: str = "en_GB"
    merges: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ("%m/%d/%Y", "%d/%m/%Y")
    size: tuple[int, int] | None = None
    more: dict = field(default_factory=dict)
    tab: str = "Tab 1"


def put(cell: str, value: object) -> Callable[[Grid], None]:
    """Put a value into a cell such as H2."""
    row, column = a1_to_rowcol(cell)

    def change(grid: Grid) -> None:
        cells = grid[row - 1]
        cells += [None] * (column - len(cells))
        cells[column - 1] = value

    return change


def insert(row: int, *rows: list[object]) -> Callable[[Grid], None]:
    """Put rows in before a row, counted from 1."""

    def change(grid: Grid) -> None:
        grid[row - 1 : row - 1] = [list(r) for r in rows]

    return change


def below(*rows: list[object]) -> Callable[[Grid], None]:
    """Put rows at the end."""

    def change(grid: Grid) -> None:
        grid.extend(list(r) for r in rows)

    return change


def both(*changes: Callable[[Grid], None]) -> Callable[[Grid], None]:
    """Make several changes, one after the other."""

    def change(grid: Grid) -> None:
        for one in changes:
            one(grid)

    return change


def column(index: int, header: object, *values: object) -> Callable[[Grid], None]:
    """Put a column in at a position from 0."""

    def change(grid: Grid) -> None:
        for row, value in zip(grid, (header, *values), strict=True):
            row.insert(index, value)

    return change


def headers(rewrite: Callable[[str], object]) -> Callable[[Grid], None]:
    """Rewrite each header."""

    def change(grid: Grid) -> None:
        grid[0] = [rewrite(header) for header in grid[0]]

    return change


def nothing(grid: Grid) -> None:
    """Leave the cells as they are."""
