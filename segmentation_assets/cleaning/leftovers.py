"""What spreadsheets leave in a table that is none of its rows or values: totals, remarks, headers, errors.

The same for every source: a sheet is exported to a file, and a file is loaded into a warehouse, with all of it.
"""

import json
import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.characters import EDGES, folded, seen
from segmentation_assets.cleaning.numbers.texts import flags, matches
from segmentation_assets.cleaning.reading import NULL_WORDS, Coded, shown, trimmed
from segmentation_assets.cleaning.spreadsheet_words import ERRORS, TOTALS
from segmentation_assets.portfolio import TableSource
from segmentation_assets.tables import Table

_PUNCTUATION = EDGES + ".:;,=-\u2013\u2014_*#()[]/|'"
_ANY_TOTAL = "|".join(map(re.escape, sorted(TOTALS)))
_TOTAL_OF = re.compile(rf"(?:{_ANY_TOTAL})\W.*|.*\W(?:{_ANY_TOTAL})")
"""A total of something in lower case: `total 2024`, `average income`, `leeds total`."""

_IN_ERRORS = r"[\s\x{a0}\x{202f}!?¡¿]"
"""What some programs leave out of errors, and others put in: `#REF`, `#NOM ?`."""

_BARE_ERRORS = {re.sub(r"[\s!?¡¿]", "", error) for error in ERRORS}
_TOO_NARROW = "^#{3,}$"
"""What a column shows that is too narrow for its numbers or dates, and what is then exported of them."""

_LONE = 4
"""Columns from which on a row with a single value may be a remark and no row of the table."""

_GAPS = 2
"""Blank columns of text from which on a row of numbers may be a line of totals."""


def error_texts(texts: pa.Array) -> np.ndarray:
    """Tell which distinct texts are errors of a spreadsheet."""
    is_likely = matches(texts, "#|(?i:err:|loading)")
    if not is_likely.any():
        return is_likely
    likely = pc.utf8_upper(pc.replace_substring_regex(texts.filter(pa.array(is_likely)), _IN_ERRORS, ""))
    is_error = pc.is_in(likely, value_set=pa.array(sorted(_BARE_ERRORS), likely.type))
    is_likely[is_likely] = flags(is_error) | matches(likely, _TOO_NARROW)
    return is_likely


def stray_rows(
    table: Table, source: TableSource, columns: Mapping[str, Coded], other_columns: pa.ChunkedArray
) -> dict[int, str]:
    """Return the rows that are none of the table's, each with its reason: totals, the header again, a remark.

    A line of totals has a word such as Total for its key and gaps beside it, or no key and such a word elsewhere, or
    such a word for its only text; or any word for its only text and its key, where the other keys are no words. A
    customer who is called Total in a whole row is a customer.

    Parameters
    ----------
    columns : the delivered columns of the table; those without any value may be left out.
    other_columns : the columns that the table does not know, as JSON.
    """
    strays = _Strays(table, source, columns)
    if strays.key not in columns:
        return {}
    return strays.remarks(other_columns) | strays.summaries() | strays.totals() | strays.headers()


class _Strays:
    """Looks for rows that are none of the table's; one text is judged once, and then only rows that hold it."""

    def __init__(self, table: Table, source: TableSource, columns: Mapping[str, Coded]) -> None:
        self.table, self.source, self.columns = table, source, columns
        (self.key,) = table.key
        self._is_number = {c.name: c.type in {"INT64", "FLOAT64"} for c in table.columns}

    def totals(self) -> dict[int, str]:
        """Return the lines of totals and averages."""
        found: dict[int, str] = {}
        key = self.columns[self.key]
        for name, coded in self.columns.items():
            is_word = ~matches(coded.texts, "[0-9]")  # as no such word has, and most keys have
            bare = _bare(coded.texts.filter(pa.array(is_word)))
            is_word[is_word] = flags(pc.is_in(bare, value_set=pa.array(sorted(TOTALS), bare.type)))
            for row in np.flatnonzero(is_word[coded.codes]).tolist():
                if row not in found and self._is_total(row, name):
                    found[row] = self._total(row, name)
        is_phrase = np.zeros(len(key.texts), dtype=bool)
        for i in np.flatnonzero(~matches(key.texts, r"^[\w\-]*$")):
            is_phrase[i] = _TOTAL_OF.fullmatch(_bare_text(key.texts[int(i)].as_py())) is not None
        for row in np.flatnonzero(is_phrase[key.codes]).tolist():
            if row not in found and self._n_gaps(row, self.key) == len(self._others(self.key)):
                found[row] = self._total(row, self.key)
        return found

    def _is_total(self, row: int, name: str) -> bool:
        """Tell whether a row with a word such as Total in a column is a line of totals."""
        n_others, n_gaps = len(self._others(name)), self._n_gaps(row, name)
        if name == self.key:
            return n_gaps > 0 or n_others == 0
        if not self._is_filled(self.key, row):
            return n_gaps > 0
        has_number = any(self._is_filled(n, row) for n in self.columns if self._is_number[n] and n != name)
        return n_gaps == n_others > 1 and has_number

    def _others(self, name: str) -> list[str]:
        return [n for n in self.columns if n not in {name, self.key} and not self._is_number[n]]

    def _n_gaps(self, row: int, name: str) -> int:
        return sum(not self._is_filled(other, row) for other in self._others(name))

    def _total(self, row: int, name: str) -> str:
        blank = "" if name == self.key or self._is_filled(self.key, row) else f"{self.key} is blank and "
        return f"total_row: {blank}{name} is {shown(self._text(name, row))}, a line of totals and no {self._unit}"

    def headers(self) -> dict[int, str]:
        """Return the rows that say the names of the columns."""
        coded = self.columns[self.key]
        names = self._names(self.key)
        found = {}
        likely = "|".join(r"[\W_]*".join(map(re.escape, name)) for name in sorted(names))
        is_likely = matches(coded.texts, rf"(?i)^\W*(?:{likely})\W*$")
        own = [i for i in np.flatnonzero(is_likely) if folded(coded.texts[int(i)].as_py()) in names]
        for row in np.flatnonzero(np.isin(coded.codes, own)).tolist():
            if all(folded(self._text(name, row)) in self._names(name) for name in self.columns):
                found[row] = "repeated_header: the row says the names of the columns once more"
        return found

    def remarks(self, other_columns: pa.ChunkedArray) -> dict[int, str]:
        """Return the rows that hold one text alone where a key would stand, unlike the keys of the others."""
        if len(self.columns) < _LONE:
            return {}
        n_filled = np.zeros(len(self.columns[self.key].codes), dtype=np.int16)
        for name in self.columns:
            n_filled += self._is_written(name)
        is_lone = n_filled == 1
        lone = [
            r for r in np.flatnonzero(is_lone).tolist() if self._is_filled(self.key, r) and not _holds(other_columns[r])
        ]
        return {
            row: f"lone_text: the row holds nothing but {shown(text)}, so it is a remark and no {self._unit}"
            for row, text in self._unlike_others(lone, is_lone)
        }

    def summaries(self) -> dict[int, str]:
        """Return the rows of numbers whose only text is a word for a key, unlike the keys of the others."""
        others = self._others(self.key)
        numbers = [name for name in self.columns if self._is_number[name]]
        if len(others) < _GAPS or not numbers:
            return {}
        is_bare = np.any([self._is_written(name) for name in numbers], axis=0)
        for name in others:
            is_bare &= ~self._is_written(name)
        bare = [
            row
            for row in np.flatnonzero(is_bare).tolist()
            if self._is_filled(self.key, row) and re.fullmatch(r"\D+", self._text(self.key, row))
        ]
        what = f"beside nothing but numbers, a line of totals and no {self._unit}"
        return {
            row: f"total_row: {self.key} is {shown(text)} {what}" for row, text in self._unlike_others(bare, is_bare)
        }

    def _unlike_others(self, rows: list[int], is_odd: np.ndarray) -> list[tuple[int, str]]:
        """Return those of the rows, with their keys, whose keys are unlike every key of the rows that are not odd."""
        key = self.columns[self.key]
        if not rows or is_odd.all():
            return []
        usual = set(pc.unique(_shapes(key.texts.take(pa.array(np.unique(key.codes[~is_odd]))))).to_pylist())
        texts = [self._text(self.key, row) for row in rows]
        shapes = _shapes(pa.array(texts, pa.large_string())).to_pylist()
        return [(row, text) for row, text, shape in zip(rows, texts, shapes, strict=True) if shape not in usual]

    def _is_written(self, name: str) -> np.ndarray:
        coded = self.columns[name]
        written: np.ndarray = flags(pc.not_equal(trimmed(coded.texts), ""))[coded.codes]
        return written

    @property
    def _unit(self) -> str:
        return self.table.unit_of_row

    def _names(self, column: str) -> set[str]:
        return {folded(column), folded(self.source.columns.get(column, column))}

    def _text(self, name: str, row: int) -> str:
        coded = self.columns[name]
        return seen(coded.texts[int(coded.codes[row])].as_py())

    def _is_filled(self, name: str, row: int) -> bool:
        return self._text(name, row).lower() not in NULL_WORDS


def _bare(texts: pa.Array) -> pa.Array:
    return pc.utf8_lower(pc.utf8_trim(texts, characters=_PUNCTUATION))


def _bare_text(text: str) -> str:
    return text.strip(_PUNCTUATION).lower()


def _shapes(texts: pa.Array) -> pa.Array:
    """Return what kinds of characters follow one another in texts, such as a9 for K00301."""
    return pc.replace_substring_regex(pc.replace_substring_regex(trimmed(texts), r"\pL+", "a"), "[0-9]+", "9")


def _holds(other: pa.Scalar) -> bool:
    """Tell whether a row holds anything in the columns that the table does not know."""
    return any(str(value or "").strip() for value in json.loads(other.as_py() or "{}").values())
