"""Reasons as they may be told outside of the warehouse: what is wrong with which column, never with which value.

`rejected_rows.reason` repeats what was delivered, which may be anybody's name or number, so it stays where it is marked
as personal. What is logged, shown in Dagster or printed is put together here from what is known beforehand: the code,
a column of the table, a cell, and what the portfolio allows. Nothing is cut out of the reason itself, since a value may
hold whatever a pattern would look for.

A word that is in no list of categories is told where `min_group_size` customers share it (`shared_words`).
"""

import re
from collections.abc import Collection

import pandas as pd

from segmentation_assets.cleaning.reading import listed
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.tables import Table
from segmentation_assets.tables.schema import CUSTOMERS

UNKNOWN_CODE = "other"

_CODE = re.compile(r"[a-z][a-z0-9_]{0,60}")
_WORD = re.compile(r"\w+")
_CELL = re.compile(r" \(cell [A-Z]{1,3}[0-9]{1,8}\)$")

_OF_A_COLUMN = (
    (re.compile(r"(?P<column>\w+)_out_of_range"), "{column} is not in {allowed}"),
    (re.compile(r"unknown_(?P<column>\w+)"), "{column} is in no row of {table} that was kept"),
    (re.compile(r"ambiguous_(?P<column>\w+)"), "{column} may be several keys of {table}"),
)
_OF_A_CODE = {
    "ambiguous_number": "{column} may be two numbers",
    "another_currency": "{column} is in another currency than the portfolio's",
    "category_not_allowed": "{column} is not in {allowed}",
    "conflicting_key": "{column} stands in several rows that differ in what they refer to",
    "dates_out_of_order": "{column} is out of order with another date",
    "duplicate_key": "{column} stands in several rows",
    "error_value": "{column} holds an error of a spreadsheet",
    "future_date": "{column} is after the snapshot",
    "invisible_character": "{column} holds a character that does not show",
    "key_lost_digits": "{column} is a key that a spreadsheet made a number",
    "lone_text": "the row holds nothing but one text",
    "malformed_row": "the row cannot be split into its fields",
    "missing_key": "{column} is blank",
    "missing_value": "{column} is blank",
    "mixed_currencies": "{column} is in another currency than other rows",
    "not_a_flag": "{column} is none of true, false, yes, no, 1, 0",
    "not_a_number": "{column} is no number",
    "not_an_integer": "{column} is no whole number",
    "number_too_large": "{column} is too large a number",
    "repeated_header": "the row says the names of the columns once more",
    "total_row": "the row is a line of totals",
    "unparseable_date": "{column} fits none of the formats {allowed}",
}
_OF_THE_KEY = {"conflicting_key", "duplicate_key"}


def code_of(reason: str) -> str:
    """Return the code of a row's first reason."""
    code = reason.partition(":")[0]
    return code if _CODE.fullmatch(code) else UNKNOWN_CODE


def told_reason(table: str, reason: str, portfolio: Portfolio) -> str:
    """Return what a row's first reason says, without a value; empty where nothing is known of its code.

    Parameters
    ----------
    table : the core table the row was meant for.
    reason : as `rejected_rows` holds it.
    """
    code = code_of(reason)
    declared = next((one for one in portfolio.input_tables if one.name == table), None)
    words, column = _words(declared, code, reason)
    sources: dict[str, TableSource] = dict(portfolio.sources.items())
    source = sources.get(table)
    said = words.format(
        column=column or "a column",
        table=(declared.references if declared else {}).get(column, "another table"),
        allowed=_allowed(code, column, source),
    )
    cell = _CELL.search(reason)
    return f"{said}{cell[0] if cell and said else ''}"


def _words(table: Table | None, code: str, reason: str) -> tuple[str, str]:
    """Return the words for a code and the column that it is about, empty where that is not told."""
    columns = table.column_names if table else []
    if code not in _OF_A_CODE:
        for pattern, words in _OF_A_COLUMN:
            if (found := pattern.fullmatch(code)) and found["column"] in columns:
                return words, found["column"]
        return "", ""
    named = _WORD.match(reason.partition(":")[2].strip())
    if named and named[0] in columns:
        return _OF_A_CODE[code], named[0]
    return _OF_A_CODE[code], " and ".join(table.key) if table and code in _OF_THE_KEY else ""


def _allowed(code: str, column: str, source: TableSource | None) -> str:
    """Return what the portfolio allows in a column."""
    if source is not None and code.endswith("_out_of_range") and column in source.ranges:
        return str(source.ranges[column])
    if source is not None and code == "category_not_allowed" and column in source.categories:
        return listed(source.categories[column])
    if code == "unparseable_date":
        formats = source.date_formats.get(column, []) if source is not None else []
        return ", ".join(("YYYY-MM-DD", *formats))
    return "what the portfolio allows"


def shared_words(table: str, words: "pd.Series[str]", customers: "pd.Series[str] | None", least: int) -> dict[str, int]:
    """Return the words that at least `least` customers share, with their rows, the most frequent first.

    Parameters
    ----------
    table : a core table; a row of customers is a customer.
    words, customers : row by row; None where the rows name no customer.
    """
    if table != CUSTOMERS and customers is None:
        return {}
    n_rows = words.value_counts()
    n_customers = n_rows if customers is None or table == CUSTOMERS else customers.groupby(words).nunique()
    rows_of, customers_of = n_rows.to_dict(), n_customers.to_dict()
    shared = {str(word): int(rows_of[word]) for word, n in customers_of.items() if n >= least}
    return dict(sorted(shared.items(), key=lambda found: (-found[1], found[0])))


def words_shared_in(
    table: Table, frame: pd.DataFrame, column: str, words: Collection[str], least: int
) -> dict[str, int]:
    """Return which of these words of a column of a day's core table may be told, with their rows."""
    if table.column(column).is_personal:
        return {}
    own = frame[frame[column].isin(list(words))]
    customers = own.get(table.customer_column) if table.customer_column else None
    found = shared_words(table.name, own[column], customers, least)
    return dict(sorted(found.items(), key=lambda word: (-word[1], word[0])))
