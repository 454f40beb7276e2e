"""What was rejected, counted by table and first reason, and the refusal of a delivery of which too much was.

A mistake in a column (codes where words are expected, dates in another format) rejects nearly every row. What would be
made of the rest is worse than yesterday's tables, so these stay.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from segmentation_assets.cleaning.rejected.told_reasons import code_of, shared_words, told_reason
from segmentation_assets.errors import SegmentationError, choices
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.tables.core import OF_A_LATER_DAY
from segmentation_assets.tables.schema import CUSTOMERS

_UNLISTED = r"^category_not_allowed: (?P<column>\w+) (?P<word>.+?) not in \["
_SHOWN = 3
_WORDS_SHOWN = 5


class RejectionError(SegmentationError):
    """More rows of a delivery were rejected than the portfolio allows; nothing was made of it."""


@dataclass(frozen=True)
class Rejection:
    """The rows of a table whose first reason has one code, and the first of them as an example: its row, no value."""

    table: str
    code: str
    n_rows: int
    source_row: int
    words: str

    def said(self) -> str:
        """Return it as a line. The example is named by its row: a key is somebody's."""
        return f"{self.n_rows:,} {self.code}, such as row {self.source_row}{f': {self.words}' if self.words else ''}"


def count_rejections(rejected: pd.DataFrame, portfolio: Portfolio) -> list[Rejection]:
    """Return what was rejected, in the order of the input tables, of a table the most frequent reason first.

    Parameters
    ----------
    rejected : `table_name`, `source_row`, `reason` and `customer_id` of `rejected_rows`.
    portfolio : for what is allowed, and for how many customers must share a word for it to be told.
    """
    if rejected.empty:
        return []
    first = rejected.sort_values("source_row", kind="stable", ignore_index=True)
    first = first.assign(code=first["reason"].map(code_of).astype(object))
    found = []
    for (table, code), rows in first.groupby(["table_name", "code"], observed=True):
        example = rows.iloc[0]
        words = told_reason(str(table), str(example["reason"]), portfolio)
        if code == "category_not_allowed":
            words += _unlisted(str(table), rows, portfolio.min_group_size)
        found.append(Rejection(str(table), str(code), len(rows), int(example["source_row"]), words))
    order = {table.name: place for place, table in enumerate(portfolio.input_tables)}
    return sorted(found, key=lambda r: (order.get(r.table, len(order)), r.table, -r.n_rows, r.code))


def _unlisted(table: str, rows: pd.DataFrame, least: int) -> str:
    """Return what is in no list of categories of the first row's column, so that all can be listed at once."""
    found = rows["reason"].astype(object).str.extract(_UNLISTED)
    is_of_first = found["column"] == found["column"].iloc[0]
    words = shared_words(table, found.loc[is_of_first, "word"], rows["customer_id"], least)
    if not words:
        return ""
    more = f" and {len(words) - _WORDS_SHOWN} more" if len(words) > _WORDS_SHOWN else ""
    return f": {choices(f'{word} ({n:,})' for word, n in list(words.items())[:_WORDS_SHOWN])}{more}"


def tell_rejections(found: Sequence[Rejection], delivered: Mapping[str, int]) -> Iterator[tuple[str, list[str]]]:
    """Yield for each table with rejected rows how many of how many, and a line for each of its first reasons."""
    for table in dict.fromkeys(rejection.table for rejection in found):
        own = [rejection for rejection in found if rejection.table == table]
        n_rows = sum(rejection.n_rows for rejection in own)
        lines = [rejection.said() for rejection in own[:_SHOWN]]
        if len(own) > _SHOWN:
            others = own[_SHOWN:]
            reasons = f"{len(others)} other reason{'s' if len(others) > 1 else ''}"
            lines.append(f"{sum(r.n_rows for r in others):,} for {reasons}: {choices(r.code for r in others)}")
        yield f"{n_rows:,} of {delivered[table]:,} {table} ({_percent(n_rows / delivered[table])})", lines


@dataclass(frozen=True)
class Tally:
    """How many rows of each table were delivered for a day, and which of them were rejected."""

    delivered: Mapping[str, int]
    rejected: pd.DataFrame

    def n_rejected(self, table: str) -> int:
        """Return how many rows of a table were rejected."""
        return int((self.rejected["table_name"] == table).sum())

    def _n_of_later_days(self, table: str) -> int:
        """Count the rows that lie after the snapshot: a past day may be made from a file that knows later days.

        They are none of the day's rows, so the share is that of the others.
        """
        of_table = self.rejected.loc[self.rejected["table_name"] == table, "reason"]
        return int(of_table.str.contains(OF_A_LATER_DAY).sum())

    def refused(self, portfolio: Portfolio) -> dict[str, float]:
        """Return the tables of which too much was rejected, each with the share that is allowed."""
        sources: dict[str, TableSource] = dict(portfolio.sources.items())
        found = {}
        for table, n_delivered in self.delivered.items():
            source = sources.get(table)
            own = source.max_rejected_share if source else None
            allowed = portfolio.max_rejected_share if own is None else own
            is_needed = table == CUSTOMERS or bool(source and source.required)
            n, n_later = self.n_rejected(table), self._n_of_later_days(table)
            is_too_much = n > n_later and (n - n_later) / (n_delivered - n_later) > allowed
            if is_too_much or (n and is_needed and n == n_delivered):
                found[table] = allowed
        return found


def refuse_mass_rejection(portfolio: Portfolio, tallies: Mapping[date, Tally]) -> None:
    """Refuse days of which more was rejected than the portfolio allows.

    Raises
    ------
    RejectionError
        With the tables of the first such day, their most frequent reasons and what to do.
    """
    refused = {day: tables for day, tally in tallies.items() if (tables := tally.refused(portfolio))}
    if not refused:
        return
    day, tables = next(iter(refused.items()))
    tally = tallies[day]
    n_others = len(refused) - 1
    others = f", and so it is with {n_others} other day{'s' if n_others > 1 else ''} of the run" if n_others else ""
    lines = [f"Too many rows of {day} were rejected, so nothing was changed{others}:"]
    own = tally.rejected[tally.rejected["table_name"].isin(list(tables))]
    told = tell_rejections(count_rejections(own, portfolio), tally.delivered)
    for (table, allowed), (counted, reasons) in zip(_in_order(tables, portfolio), told, strict=True):
        lines.append(f"- {counted} where max_rejected_share allows {_percent(allowed)}{_emptied(table, tally)}")
        lines += [f"    {reason}" for reason in reasons]
    first = _in_order(tables, portfolio)[0][0]
    lines.append(
        f"Mend the delivery, or what the portfolio allows under sources.{first} (categories, ranges, date_formats, "
        "columns), and make that day again. If these rows are rightly rejected, raise max_rejected_share, or "
        f"sources.{first}.max_rejected_share for this table alone."
    )
    raise RejectionError("\n".join(lines))


def _in_order(tables: Mapping[str, float], portfolio: Portfolio) -> list[tuple[str, float]]:
    return [(table.name, tables[table.name]) for table in portfolio.input_tables if table.name in tables]


def _emptied(table: str, tally: Tally) -> str:
    return "; not one is left" if tally.n_rejected(table) == tally.delivered[table] else ""


def _percent(share: float) -> str:
    """Return a share as percent; what is not all is never shown as 100, nor what is not nothing as 0.

    >>> _percent(0.2), _percent(1), _percent(0.99999), _percent(0.00001)
    ('20 %', '100 %', '99.9 %', '0.1 %')
    """
    rounded = round(100 * share, 1)
    if 0 < share < 1:
        rounded = min(max(rounded, 0.1), 99.9)
    return f"{rounded:g} %"
