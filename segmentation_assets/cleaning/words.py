"""Keys, categories, flags and other text: one spelling for what is one thing."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.characters import BLANKS
from segmentation_assets.cleaning.reading import (
    NULL_TEXTS,
    NULL_WORDS,
    Reading,
    listed,
    shown,
    stands_for_null,
    trimmed,
)
from segmentation_assets.tables import Column

_FLAGS = {"true": True, "yes": True, "y": True, "t": True, "1": True, "1.0": True,
          "false": False, "no": False, "n": False, "f": False, "0": False, "0.0": False}  # fmt: skip
_BLANK_RUN = "[" + "".join(rf"\x{{{ord(c):x}}}" for c in BLANKS) + "]+"


def read_keys(texts: pa.Array) -> Reading:
    """Read distinct texts as keys: trimmed and otherwise exact, since 007 and 7 may be two customers."""
    trim = trimmed(texts)
    return _text_reading(texts, trim, stands_for_null(trim, NULL_TEXTS))


def read_text(texts: pa.Array) -> Reading:
    """Read distinct texts as free text: trimmed, each run of blanks inside folded to one space."""
    fold = _blanks_folded(texts)
    return _text_reading(texts, fold, stands_for_null(fold, NULL_TEXTS))


def read_categories(texts: pa.Array, column: Column, allowed: Sequence[str]) -> Reading:
    """Read distinct texts as the allowed categories they differ from in case, blanks or apostrophes alone.

    A word that stands for no value elsewhere is a category where the list has it.
    """
    canonical = {same_word(category): category for category in reversed(allowed)}
    fold = _blanks_folded(texts)
    is_null = stands_for_null(fold, NULL_WORDS)
    values: list[str | None] = [None] * len(texts)
    faults = {}
    for i, text in enumerate(fold.to_pylist()):
        values[i] = canonical.get(same_word(text))
        if values[i] is None and not is_null[i]:
            faults[i] = f"category_not_allowed: {column.name} {shown(text)} not in {listed(allowed)}"
    found = pa.array(values, texts.type)
    is_repaired = pc.fill_null(pc.not_equal(found, texts), fill_value=False).to_numpy(zero_copy_only=False)
    return Reading(found, faults, is_repaired=is_repaired)


def read_flags(texts: pa.Array, column: Column) -> Reading:
    """Read distinct texts as true or false."""
    trim = pc.utf8_lower(trimmed(texts))
    is_null = stands_for_null(trim, NULL_WORDS)
    values = [_FLAGS.get(text) for text in trim.to_pylist()]
    faults = {
        i: f"not_a_flag: {column.name} {shown(texts[i].as_py())} is none of true, false, yes, no, 1, 0"
        for i, value in enumerate(values)
        if value is None and not is_null[i]
    }
    return Reading(pa.array(values, pa.bool_()), faults)


def same_word(text: str) -> str:
    """Return what two spellings of one word have in common.

    >>> same_word("bachelor\u2019s  DEGREE ") == same_word("Bachelor's Degree")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return " ".join(folded.split())


def one_spelling(texts: pa.Array, counts: np.ndarray) -> pa.Array:
    """Return each text in the most frequent spelling of its word, of equally frequent ones the smallest.

    Parameters
    ----------
    texts : distinct texts, NULL where there is none; two of them may be equal.
    counts : rows that hold each of them; spellings that no row holds have no say.
    """
    present = np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False) & (counts > 0))
    lower = pc.utf8_lower(texts.take(pa.array(present)))
    if pc.count_distinct(lower).as_py() == len(present) and _is_ascii(lower):
        return texts
    spellings = texts.take(pa.array(present)).to_pylist()
    words = [same_word(spelling) for spelling in spellings]
    tally: dict[str, Counter[str]] = {}
    for word, spelling, n in zip(words, spellings, counts[present].tolist(), strict=True):
        tally.setdefault(word, Counter())[spelling] += n
    chosen = {word: min(found, key=lambda s: (-found[s], s)) for word, found in tally.items()}
    values = texts.to_pylist()
    for i, word in zip(present, words, strict=True):
        values[i] = chosen[word]
    return pa.array(values, texts.type)


def _is_ascii(texts: pa.Array) -> bool:
    """Tell whether lower case is all that folding would do to these texts."""
    return bool(pc.all(pc.string_is_ascii(texts), min_count=0).as_py())


def _blanks_folded(texts: pa.Array) -> pa.Array:
    composed = pc.utf8_normalize(texts, form="NFC")
    return trimmed(pc.replace_substring_regex(composed, pattern=_BLANK_RUN, replacement=" "))


def _text_reading(delivered: pa.Array, read: pa.Array, is_null: np.ndarray) -> Reading:
    is_changed = pc.not_equal(read, delivered).to_numpy(zero_copy_only=False)
    values = pc.if_else(pa.array(is_null), pa.scalar(None, read.type), read)
    return Reading(values, is_repaired=is_changed & ~is_null)
