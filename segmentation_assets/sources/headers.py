"""Delivered headers are matched to the columns of a core table, whatever their case, spaces, underscores or order."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from segmentation_assets.errors import SourceError, choices, did_you_mean
from segmentation_assets.portfolio import TableSource
from segmentation_assets.tables import Table
from segmentation_assets.tables.core import OPTIONAL_COLUMNS

_IGNORED = re.compile(r"[\s_\-\ufeff\u200b]+")


@dataclass(frozen=True)
class MatchedHeaders:
    """Positions of the delivered columns: `known` by core column, `other` for those the core table does not know."""

    known: dict[str, int]
    other: tuple[int, ...]


def folded(header: str) -> str:
    """Return what two headers have in common that are to be taken for the same.

    >>> folded("Customer_ID") == folded("customer id") == folded("CUSTOMER-ID")
    True
    """
    return _IGNORED.sub("", unicodedata.normalize("NFKC", header).casefold())


def delivered_columns(table: Table) -> list[str]:
    """Return the columns of a core table that a delivery is to hold."""
    return [c.name for c in table.columns if c.name != "snapshot_date"]


def match_headers(origin: str, headers: Sequence[str], table: Table, source: TableSource) -> MatchedHeaders:
    """Match delivered headers to a core table's columns.

    A header that the portfolio names under `columns` wins over one that is called like the column. Columns a company
    may not have (`OPTIONAL_COLUMNS`) may be absent.

    Raises
    ------
    SourceError
        Naming the file, each column that no header or more than one header stands for, and the headers found.
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
        elif len(found) > 1:
            faults.append(_stands_twice(origin, headers, column, found))
        else:
            known[column] = found[0]
    optional = OPTIONAL_COLUMNS.get(table.name, frozenset())
    spare = [h for i, h in enumerate(headers) if i not in known.values()]
    missing = [c for c in missing if c not in optional or c in source.columns]
    if missing:
        key = f"sources.{table.name}.columns"
        faults.append(_lacks(origin, headers, spare, missing=missing, key=key, source=source))
    if faults:
        raise SourceError("\n".join(faults))
    return MatchedHeaders(known, tuple(i for i in range(len(headers)) if i not in known.values()))


def _stands_twice(origin: str, headers: Sequence[str], column: str, found: list[int]) -> str:
    names = " and ".join(f"{headers[i]!r} (column {i + 1})" for i in found)
    return f"{origin} has more than one header for {column}: {names}. Rename or remove all but one."


def _lacks(
    origin: str, headers: Sequence[str], spare: Sequence[str], *, missing: list[str], key: str, source: TableSource
) -> str:
    noun = "column" if len(missing) == 1 else "columns"
    wanted = choices(f"{c} (as {source.columns[c]!r})" if c in source.columns else c for c in missing)
    hints = "".join(_hint(c, spare) for c in missing)
    if len(headers) == 1:
        hints += " There is one header only: is the file delimited by a comma, a semicolon, a tab or a bar?"
    return (
        f"{origin} lacks the {noun} {wanted}. It has {choices(headers)}.{hints} Where a header is called otherwise, "
        f"name it in the portfolio, such as {key}.{missing[0]}: {_likely(missing[0], spare)}"
    )


def _hint(column: str, spare: Sequence[str]) -> str:
    likely = did_you_mean(column, spare)
    return likely.replace("Did you mean", f"For {column}, did you mean") if likely else ""


def _likely(column: str, spare: Sequence[str]) -> str:
    likely = did_you_mean(column, spare)
    return likely.removeprefix(" Did you mean ").removesuffix("?") if likely else "the header"
