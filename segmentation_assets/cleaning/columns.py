"""One column of a raw table is read by the rules of its type, its place in keys and the portfolio's words on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.characters import MARKS, MARKS_AND_JOINERS, seen
from segmentation_assets.cleaning.dates import read_dates
from segmentation_assets.cleaning.keys import read_own_keys, read_references
from segmentation_assets.cleaning.leftovers import error_texts
from segmentation_assets.cleaning.numbers.style import NumberStyle
from segmentation_assets.cleaning.numbers.texts import flags
from segmentation_assets.cleaning.numbers.values import read_numbers
from segmentation_assets.cleaning.reading import Coded, Reading
from segmentation_assets.cleaning.words import one_spelling, read_categories, read_flags, read_text
from segmentation_assets.portfolio import TableSource
from segmentation_assets.tables import Column, Table


@dataclass(frozen=True)
class Keys:
    """Keys of a table that others refer to: those in the core table, and those whose own row was rejected.

    Customers have beside each known key the earliest day of birth that their age allows (`births`, date32).
    """

    known: pa.Array
    rejected: frozenset[str] = frozenset()
    births: pa.Array | None = None


@dataclass(frozen=True)
class ColumnRead:
    """A column of a table: the distinct texts of its rows, and what each was read as."""

    column: Column
    coded: Coded
    reading: Reading
    is_free_text: bool = False

    def values(self, rows: np.ndarray) -> pa.Array:
        """Return the values of these rows."""
        return self.reading.values.take(pa.array(self.coded.codes[rows]))

    def delivered(self, rows: np.ndarray) -> pa.Array:
        """Return the texts of these rows as delivered."""
        return self.coded.texts.take(pa.array(self.coded.codes[rows]))

    def distinct(self, rows: np.ndarray) -> np.ndarray:
        """Return a number for each of these rows, equal where their values are."""
        codes = self.coded.codes
        if self.reading.is_repaired.any():  # two texts may then have become one value
            encoded = self.reading.values.dictionary_encode(null_encoding="encode")
            codes = encoded.indices.to_numpy(zero_copy_only=False)[codes]
        return codes[rows]

    def faults(self) -> Iterator[tuple[int, str]]:
        """Yield each row at fault with its reason."""
        is_fault = np.zeros(len(self.coded.texts), dtype=bool)
        is_fault[list(self.reading.faults)] = True
        for row in np.flatnonzero(is_fault[self.coded.codes]):
            yield int(row), self.reading.faults[int(self.coded.codes[row])]

    def with_one_spelling(self, rows: np.ndarray) -> "ColumnRead":
        """Return free text with the spelling most of these rows use; any other column as it is."""
        if not self.is_free_text:
            return self
        counts = np.bincount(self.coded.codes[rows], minlength=len(self.coded.texts))
        values = one_spelling(self.reading.values, counts)
        is_changed = pc.fill_null(pc.not_equal(values, self.coded.texts), fill_value=False)
        is_repaired = is_changed.to_numpy(zero_copy_only=False)
        return replace(self, reading=replace(self.reading, values=values, is_repaired=is_repaired))

    def n_fallbacks(self, rows: np.ndarray) -> int:
        """Count the dates of these rows that another than the first format read."""
        return int(self.reading.is_fallback[self.coded.codes[rows]].sum())

    def n_repaired(self, rows: np.ndarray) -> int:
        """Count the values of these rows that are written otherwise than delivered."""
        return int(self.reading.is_repaired[self.coded.codes[rows]].sum())

    def unlisted(self, rows: np.ndarray) -> dict[str, int]:
        """Count, by word, the values of these rows that an open list of categories does not have."""
        if not self.reading.is_unlisted.any():
            return {}
        counts = np.bincount(self.coded.codes[rows], minlength=len(self.coded.texts))
        words: dict[str, int] = {}
        for i in np.flatnonzero(self.reading.is_unlisted & (counts > 0)):
            word = self.reading.values[int(i)].as_py()
            words[word] = words.get(word, 0) + int(counts[i])
        return words


def read_column(
    column: Column,
    delivered: Coded,
    table: Table,
    source: TableSource,
    *,
    as_of: date,
    keys: Mapping[str, Keys],
    styles: Mapping[str, NumberStyle],
) -> ColumnRead:
    """Read one raw column; `keys` holds the tables that are provided and may be referred to."""
    name = column.name
    refers_to = column.references or None
    is_key = name in table.key or refers_to is not None
    is_open = name in source.open_categories or name not in source.categories
    is_free_text = column.type == "STRING" and not is_key and is_open
    coded, errors = legible(delivered, column, is_key=is_key, is_free_text=is_free_text)
    if column.type == "DATE":
        reading = read_dates(
            coded.texts,
            column,
            source.date_formats.get(name, []),
            as_of,
            interval=source.ranges.get(name),
            placeholders=source.placeholder_dates.get(name, ()),
            may_lie_ahead=name in source.may_lie_ahead,
        )
    elif column.type == "BOOL":
        reading = read_flags(coded.texts, column)
    elif column.type != "STRING":
        reading = read_numbers(coded.texts, column, source.ranges.get(name), styles[name])
    elif refers_to is not None and refers_to in keys:
        reading = read_references(coded.texts, column, refers_to, keys[refers_to].known, keys[refers_to].rejected)
    elif is_key:
        reading = read_own_keys(coded.texts, column)
    elif name in source.categories:
        reading = read_categories(coded.texts, column, source.categories[name], is_open=is_open)
    else:
        reading = read_text(coded.texts)
    reading.is_repaired |= flags(pc.not_equal(coded.texts, delivered.texts)) & ~reading.is_null
    reading.faults.update(errors)
    if column.is_required:
        _require(column, coded, reading, is_key=is_key)
    return ColumnRead(column, delivered, reading, is_free_text)


def _require(column: Column, coded: Coded, reading: Reading, *, is_key: bool) -> None:
    """Find fault with blanks."""
    kind = "missing_key" if is_key else "missing_value"
    for i in np.flatnonzero(reading.is_null):
        if int(i) in reading.faults:
            continue
        text = coded.texts[int(i)].as_py().strip()
        reading.faults[int(i)] = f"{kind}: {column.name} is blank" + (f" ({text})" if text else "")


def legible(delivered: Coded, column: Column, *, is_key: bool, is_free_text: bool) -> tuple[Coded, dict[int, str]]:
    """Return a column as a person sees it, blank where a spreadsheet's error stands, and the reasons for those.

    What does not show is taken out of all but keys, which are looked for as they stand first; in text the characters
    stay that shape the letters beside them.
    """
    texts = delivered.texts
    if not is_key:
        texts = pc.replace_substring_regex(texts, MARKS if is_free_text else MARKS_AND_JOINERS, "")
    is_error = error_texts(texts)
    if not is_error.any():
        return replace(delivered, texts=texts), {}
    reasons = {
        int(i): f"error_value: {column.name} holds the error {seen(texts[int(i)].as_py())}"
        for i in np.flatnonzero(is_error)
    }
    return replace(delivered, texts=pc.if_else(pa.array(is_error), pa.scalar("", texts.type), texts)), reasons
