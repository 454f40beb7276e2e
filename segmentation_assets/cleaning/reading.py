"""What reading a column gives: a typed value for each distinct text, and what was wrong or mended with it.

A column of a million rows holds few distinct texts (dates, cities, ages), so each is judged once and the rows point at
the judgements.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.characters import BLANKS

NULL_TEXTS = frozenset({"", "null", "<null>", "\\n", "nan", "<na>", "n/a"})
"""What stands for "no value" in any column, in lower case."""

NULL_WORDS = NULL_TEXTS | {"na", "none", "-", "--", "?", "unknown"}
"""What stands for "no value" where a number, a date, a flag or a listed category is expected.

In free text these may be meant: a company may have its seat in the city of Na.
"""

SHOWN = 60
"""Characters of a delivered value that a reason repeats."""


@dataclass(frozen=True)
class Coded:
    """A column as its distinct texts and, for each row, the position of its text."""

    texts: pa.Array
    codes: np.ndarray


@dataclass
class Reading:
    """One typed value a distinct text: its value or NULL, its fault, and how it was read.

    `faults` maps the position of a text to the reason its rows are rejected for; `is_repaired` marks values that are
    written otherwise than delivered, `is_fallback` dates read by another than the first format, `is_unlisted` words
    that an open list of categories does not have.
    """

    values: pa.Array
    faults: dict[int, str] = field(default_factory=dict)
    is_repaired: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    is_fallback: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    is_unlisted: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __post_init__(self) -> None:
        """Mark nothing as repaired, unlisted or read by a fallback where the reader did not say."""
        n = len(self.values)
        self.is_unlisted = self.is_unlisted if self.is_unlisted.size else np.zeros(n, dtype=bool)
        self.is_repaired = self.is_repaired if self.is_repaired.size else np.zeros(n, dtype=bool)
        self.is_fallback = self.is_fallback if self.is_fallback.size else np.zeros(n, dtype=bool)

    @property
    def is_null(self) -> np.ndarray:
        """Texts without a value, those at fault included."""
        return self.values.is_null().to_numpy(zero_copy_only=False)


def code(column: pa.ChunkedArray) -> Coded:
    """Return a raw column as distinct texts and codes; NULL is read as blank."""
    texts = column.cast(pa.large_string())
    encoded = (pc.fill_null(texts, "") if texts.null_count else texts).dictionary_encode().combine_chunks()
    return Coded(encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False))


def trimmed(texts: pa.Array) -> pa.Array:
    """Return texts without blanks at their ends."""
    return pc.utf8_trim(texts, characters=BLANKS)


def stands_for_null(texts: pa.Array, words: frozenset[str]) -> np.ndarray:
    """Tell which trimmed texts stand for no value."""
    return pc.is_in(pc.utf8_lower(texts), value_set=pa.array(sorted(words), texts.type)).to_numpy(zero_copy_only=False)


def shown(text: str) -> str:
    """Return a delivered value as a reason repeats it: quoted, and cut where it is long."""
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 3] + "...")


def listed(allowed: Sequence[str]) -> str:
    """Return allowed values as a reason lists them."""
    return f"[{', '.join(allowed)}]"
