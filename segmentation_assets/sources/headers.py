"""Delivered headers are matched to the columns of a core table, whatever their case, spaces, underscores or order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from segmentation_assets.characters import folded
from segmentation_assets.errors import SourceError, choices, some_of
from segmentation_assets.portfolio import TableSource
from segmentation_assets.tables import Column, Table

_CLOSE = 0.6
_ONE_HEADER = " There is one header only: is the file delimited by a comma, a semicolon, a tab or a bar?"
_COMPARED = 200
"""Headers that are compared with the missing columns, and letters of one: a comparison takes their product."""


@dataclass(frozen=True)
class MatchedHeaders:
    """Positions of the delivered columns: `known` by core column, `other` for those the core table does not know."""

    known: dict[str, int]
    other: tuple[int, ...]


def delivered_columns(table: Table) -> list[str]:
    """Return the columns of a core table that a delivery is to hold."""
    return [c.name for c in table.columns if c.name != "snapshot_date"]


def match_headers(
    origin: str, headers: Sequence[str], table: Table, source: TableSource, cells: Sequence[str] = ()
) -> MatchedHeaders:
    """Match delivered headers to a core table's columns.

    A header that the portfolio names under `columns` wins over one that is called like the column. Columns a company
    may not have (`may_be_absent`, and the portfolio's `not_delivered`) may be absent. `cells` names where each
    header stands, in a sheet.

    Raises
    ------
    SourceError
        Naming the file, each column that no header or more than one header stands for, or one although the portfolio
        says that it is not delivered, and the headers found.
    """
    positions: dict[str, list[int]] = {}
    for position, header in enumerate(headers):
        positions.setdefault(folded(header), []).append(position)
    known: dict[str, int] = {}
    missing, faults = [], []
    for column in delivered_columns(table):
        found = positions.get(folded(source.columns.get(column, column))) or positions.get(folded(column))
        if found is None:
            missing.append(column)
        elif column in source.not_delivered:
            faults.append(
                f"{origin} has {column}, which sources.{table.name}.not_delivered says it does not. Remove it there."
            )
        elif len(found) > 1:
            faults.append(_stands_twice(origin, headers, column, found, cells))
        else:
            known[column] = found[0]
    optional = {column.name for column in table.columns if column.may_be_absent}.union(source.not_delivered)
    positions_known = set(known.values())
    spare = [h for i, h in enumerate(headers) if h and i not in positions_known]
    missing = [c for c in missing if c not in optional or c in source.columns]
    if missing:
        lacked = [table.column(c) for c in missing]
        if known or faults:
            faults.append(_lacks(origin, headers, spare, missing=lacked, table=table, source=source))
        else:
            faults.append(_lacks_all(origin, headers, missing=lacked, table=table, source=source))
    if faults:
        raise SourceError("\n".join(faults))
    return MatchedHeaders(known, tuple(i for i in range(len(headers)) if i not in positions_known))


def _stands_twice(origin: str, headers: Sequence[str], column: str, found: list[int], cells: Sequence[str]) -> str:
    names = " and ".join(f"{headers[i]!r} ({cells[i] if cells else f'column {i + 1}'})" for i in found)
    return f"{origin} has more than one header for {column}: {names}. Rename or remove all but one."


def _lacks(
    origin: str,
    headers: Sequence[str],
    spare: Sequence[str],
    *,
    missing: Sequence[Column],
    table: Table,
    source: TableSource,
) -> str:
    """Say which columns are missing, what was found instead, and what to do about it."""
    names = [c.name for c in missing]
    wanted = choices(f"{n} (as {source.columns[n]!r})" if n in source.columns else n for n in names)
    likely = _likely(names, spare)
    hints = "".join(f" For {n}, did you mean {likely[n]!r}?" for n in names if n in likely)
    if spare and not hints:
        hints = f" No column is matched to {some_of(spare)}."
    if len(headers) == 1:
        hints += _ONE_HEADER
    if needed := [c.name for c in missing if c.is_required and c.name not in likely]:
        hints += f" No row can do without {choices(needed)}."
    if others := [c.name for c in missing if not c.is_required and c.name not in likely]:
        hints += f" Where there is no data, say so: sources.{table.name}.not_delivered: [{choices(others)}]."
    noun = "column" if len(names) == 1 else "columns"
    found = some_of(h for h in headers if h)
    header = some_of([likely.get(names[0]) or (spare[0] if len(spare) == 1 else "the header")])
    return (
        f"{origin} lacks the {noun} {wanted}. It has {found}.{hints} Where a header is called otherwise, "
        f"name it in the portfolio, such as sources.{table.name}.columns.{names[0]}: {header}"
    )


def _lacks_all(
    origin: str, headers: Sequence[str], *, missing: Sequence[Column], table: Table, source: TableSource
) -> str:
    """Say that no column is there, without a word of what is: a file without a header begins with a customer."""
    wanted = choices(
        f"{c.name} (as {source.columns[c.name]!r})" if c.name in source.columns else c.name for c in missing
    )
    count = sum(1 for header in headers if header)
    columns = f"{count:,} column" if count == 1 else f"{count:,} columns"
    hint = _ONE_HEADER if len(headers) == 1 else ""
    return (
        f"{origin} lacks the columns {wanted}. It has {columns}, none of which is called like them; what it holds is "
        f"not repeated here, since a file without a header begins with a {table.unit_of_row}.{hint} Put the names of "
        f"the columns into the first line, or say in the portfolio what they are called, such as "
        f"sources.{table.name}.columns.{missing[0].name}: the header"
    )


def _likely(columns: Sequence[str], spare: Sequence[str]) -> dict[str, str]:
    """Return the header that was most likely meant for a column, where one is close; no header for two columns."""
    likened = [header for header in spare if len(header) <= _COMPARED][:_COMPARED]
    pairs = [(_likeness(c, h), c, h) for c in columns for h in likened]
    likely: dict[str, str] = {}
    for score, column, header in sorted(pairs, key=lambda pair: -pair[0]):
        if score >= _CLOSE and column not in likely and header not in likely.values():
            likely[column] = header
    return likely


def _likeness(column: str, header: str) -> float:
    """Return how alike two names are, from 0 to 1, whatever the order of their words.

    >>> _likeness("interaction_type", "Type Interaction"), _likeness("claim_date", "date")
    (1.0, 0.9)
    """
    words, delivered = sorted(column.split("_")), sorted(re.findall(r"[^\W_]+", header.casefold()))
    if words != delivered and delivered and set(delivered) < set(words):
        return 0.9  # a table of claims may well call its date the date
    alike = SequenceMatcher(None, folded(column), folded(header)).ratio()
    return max(alike, SequenceMatcher(None, " ".join(words), " ".join(delivered)).ratio())
