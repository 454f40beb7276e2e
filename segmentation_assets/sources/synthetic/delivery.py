"""Typed arrays become the text that a company's CSV file would hold.

What is blank in the file is the empty string, as a CSV reader that guesses
nothing hands it over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Rows:
    """Rows of one delivered table.

    `codes` holds one integer a row that is unique in the table and the same in
    each snapshot: the row's identity, from which its key is written and its
    dirt is drawn. `columns` maps a column's name to its text.
    """

    codes: np.ndarray
    columns: dict[str, pa.Array]


def identifiers(prefix: str, numbers: ArrayLike, width: int) -> pa.Array:
    """Keys such as C00000042: a prefix and the number, zero-padded to `width`."""
    numbers = np.asarray(numbers, dtype=np.int64)
    head = len(prefix)
    text = np.empty((len(numbers), head + width), dtype=np.uint8)
    text[:, :head] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    rest = numbers
    for position in range(head + width - 1, head - 1, -1):
        rest, digit = np.divmod(rest, 10)
        text[:, position] = digit + ord("0")
    offsets = np.arange(len(numbers) + 1, dtype=np.int64) * (head + width)
    return pa.LargeStringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(text)).cast(pa.string())


def words(codes: np.ndarray, vocabulary: Sequence[str]) -> pa.Array:
    """Return the vocabulary's word for each code; -1 is blank."""
    return pa.array([*vocabulary, ""], type=pa.string()).take(pa.array(np.where(codes < 0, len(vocabulary), codes)))


def dates(days: ArrayLike, *, never: int | None = None) -> pa.Array:
    """ISO dates of days since 1970-01-01; `never` is blank."""
    days = np.asarray(days, dtype=np.int64)
    blank = np.zeros(len(days), dtype=bool) if never is None else days >= never
    if blank.all():
        return words(np.full(len(days), -1), [])
    first, last = days[~blank].min(), days[~blank].max()
    calendar = np.datetime_as_string(np.arange(first, last + 1).astype("datetime64[D]"))
    return words(np.where(blank, -1, days - first), calendar.tolist())


def amounts(values: np.ndarray, *, blank: np.ndarray | None = None) -> pa.Array:
    """Money with two decimals, rounded to the penny."""
    pence = np.rint(np.where(np.isfinite(values), values, 0.0) * 100.0).astype(np.int64)
    text = pc.binary_join_element_wise(
        pa.array(pence // 100).cast(pa.string()),
        words(pence % 100, [f"{penny:02d}" for penny in range(100)]),
        ".",
    )
    return text if blank is None else pc.if_else(pa.array(blank), "", text)


def integers(values: ArrayLike, *, blank: np.ndarray | None = None) -> pa.Array:
    """Whole numbers."""
    text = pa.array(np.asarray(values, dtype=np.int64)).cast(pa.string())
    return text if blank is None else pc.if_else(pa.array(blank), "", text)


def flags(values: ArrayLike) -> pa.Array:
    """Return the words true and false."""
    return words(np.asarray(values).astype(np.int8), ["false", "true"])
