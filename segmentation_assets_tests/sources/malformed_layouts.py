"""Sheets whose cells are right and whose layout is not: headers, blanks, merges, totals, remarks."""

from segmentation_assets_tests.sources.malformed_sheets import (
    CUSTOMERS,
    Malformed,
    below,
    both,
    column,
    headers,
    insert,
    nothing,
    put,
)
from segmentation_assets_tests.standins.cells import error, formula

_SUM = formula(108675.368, "=SUM(H2:H4)")


def _is_not_there(grid):
    grid.clear()


def _without_header(grid):
    del grid[0]


def _header_alone(grid):
    del grid[1:]


def _short_rows(grid):
    grid[2] = grid[2][:9]


def _other_order(grid):
    for row in grid:
        row.reverse()


LAYOUTS = {
    # Headers.
    "title and notes above": Malformed(insert(1, ["Customers of the north"], ["As of November"], [])),
    "header in row 13": Malformed(insert(1, *([["Note", i] for i in range(12)]))),
    "a column's name in the title": Malformed(insert(1, ["Income", "by hand"], [])),
    "table starts at column C": Malformed(both(column(0, None, *[None] * 3), column(0, None, *[None] * 3))),
    "headers in other case": Malformed(headers(lambda h: f" {h.upper().replace('_', ' ')} ")),
    "headers over two lines": Malformed(headers(lambda h: h.replace("_", "\n"))),
    "headers with blanks that do not show": Malformed(headers(lambda h: "\u200b" + h.replace("_", "\xa0"))),
    "columns in another order": Malformed(_other_order),
    "headers of another language": Malformed(
        both(put("A1", "Kundennummer"), put("H1", "Einkommen")),
        columns={"customer_id": "Kundennummer", "income": "Einkommen"},
    ),
    "header merged with the title's row": Malformed(
        both(insert(1, ["Customer_ID", "Everything else"]), put("A2", None)), merges=("A1:A2",)
    ),
    "header merged over a blank column": Malformed(
        column(8, None, None, None, None), merges=("H1:I1",)
    ),
    "header merged over two filled columns": Malformed(
        column(8, None, "x", "y", "z"), merges=("H1:I1",), refused="'Income' in H1 merged over several columns, and I2 "
    ),
    "wanted header twice": Malformed(
        column(11, "income", 1, 2, 3), refused="for income: 'Income' (H1) and 'income' (L1)"
    ),
    "wanted header twice, under a title": Malformed(
        both(column(2, "age", 1, 2, 3), insert(1, ["Customers"])), refused="for age: 'Age' (B2) and 'age' (C2)"
    ),
    "unwanted header twice": Malformed(both(column(11, "Note", "a", "b", "c"), column(12, "Note", "d", "e", "f"))),
    "values without a header": Malformed(column(11, None, "a", "b", "c")),
    "header of a number": Malformed(column(4, 2024, 1, 2, 3)),
    "header that is an error": Malformed(
        put("H1", error("#REF!")), refused="(header in row 1) lacks the column income"
    ),
    "column missing": Malformed(put("H1", "Salary"), refused="(header in row 1) lacks the column income"),
    "no header": Malformed(_without_header, refused="has no header in rows 1 to 3"),
    "only a header": Malformed(_header_alone, refused="has a header and no rows"),
    "empty tab": Malformed(_is_not_there, refused="is empty", size=(1000, 26)),
    "tab of blanks": Malformed(both(_is_not_there, below(["\xa0", ""], [None, " "])), refused="is empty"),
    "header twice, one below the other": Malformed(
        insert(2, list(CUSTOMERS[0])), rejected=("Customer_ID",), named=("repeated_header", "(cell A2)")
    ),
    "header again at a page break": Malformed(
        insert(4, [], list(CUSTOMERS[0])), rejected=("Customer_ID",), named=("repeated_header", "(cell A5)")
    ),
    # Blank cells and rows.
    "blank rows amid the data": Malformed(both(insert(3, [], []), insert(2, [None] * 11))),
    "rows of formulas that show nothing": Malformed(below([formula("", '=IF(TRUE,"",1)')] * 11)),
    "rows of blanks that do not show": Malformed(insert(3, ["\xa0", "\u200b", " "])),
    "a thousand rows and ten columns to spare": Malformed(nothing, size=(1000, 26)),
    "short rows": Malformed(_short_rows, becomes={"C2": {"preferred_channel": None, "preferred_time": None}}),
    "a cell beyond the last header": Malformed(put("N3", "look at this")),
    "hidden columns, hidden and protected rows": Malformed(
        nothing, more={"hidden": True, "gridProperties": {"rowCount": 4, "columnCount": 11, "frozenRowCount": 1}}
    ),
    "a title with quotes": Malformed(nothing, tab="Bob's 'new' tab!A1"),
    # Rows that are none of the table's.
    "a line of totals": Malformed(
        below(["Total", None, None, None, None, None, None, _SUM]), rejected=("Total",),
        named=("total_row: customer_id is 'Total'", "(cell A5)")
    ),
    "a line of totals after a blank row": Malformed(
        below([], ["Grand total:", *[None] * 6, _SUM]),
        rejected=("Grand total:",), named=("total_row", "(cell A6)")
    ),
    "a line of totals that counts the keys": Malformed(
        below([formula(3, "=COUNTA(A2:A4)"), None, None, None, None, None, None, _SUM]), rejected=("3",), named=("A5 ",)
    ),
    "a line of totals without a label": Malformed(
        below([None, None, None, None, None, None, None, _SUM, "sum"]), rejected=("",), named=("(cell A5)",)
    ),
    "subtotals": Malformed(
        insert(3, ["Subtotal", 41, None, None, None, None, None, 18719.316]), rejected=("Subtotal",),
        named=("total_row", "(cell A3)")
    ),
    "a remark below the table": Malformed(
        below(["Source: the register of last week"]), rejected=("Source: the register of last week",),
        named=("lone_text", "(cell A5)"),
    ),
    "a heading amid the table": Malformed(
        insert(3, ["South", *[None] * 10]), merges=("A3:K3",), rejected=("South",), named=("A3:K3 are merged",)
    ),
    # Merged cells.
    "a value merged over three rows": Malformed(
        both(put("D3", None), put("D4", None)),
        merges=("D2:D4",),
        becomes={"C2": {"city": "Leeds"}, "C3": {"city": "Leeds"}},
    ),
    "a key merged over two rows": Malformed(
        put("A3", None), merges=("A2:A3",), rejected=("C1",), gone=("C2",), named=("duplicate_key: C1", "(cell A3)")
    ),
    "cells of one row merged": Malformed(
        put("C3", None), merges=("B3:C3",), rejected=("C2",), named=("B3:C3 are merged over several columns",)
    ),
    "a block of cells merged": Malformed(
        both(put("E2", None), put("D3", None), put("E3", None)),
        merges=("D2:E3",),
        rejected=("C1", "C2"),
        named=("D2:E3", "D2:E3"),
    ),
}  # fmt: skip
