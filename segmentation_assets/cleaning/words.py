"""Keys, categories, flags and other text: one spelling for what is one thing."""

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
from segmentation_assets.portfolio.spelling import same_category, same_word
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


def read_categories(texts: pa.Array, column: Column, allowed: Sequence[str], *, is_open: bool = False) -> Reading:
    """Read distinct texts as the allowed categories they differ from in case, blanks, hyphens or apostrophes only.

    A word that stands for no value elsewhere is a category where the list has it. Another word is at fault; where the
    list is open it is kept, as free text is, and marked.
    """
    canonical = {same_category(category): category for category in reversed(allowed)}
    fold = _blanks_folded(texts)
    is_null = stands_for_null(fold, NULL_TEXTS if is_open else NULL_WORDS)
    is_unlisted = np.zeros(len(texts), dtype=bool)
    values: list[str | None] = [None] * len(texts)
    faults = {}
    for i, (delivered, text) in enumerate(zip(trimmed(texts).to_pylist(), fold.to_pylist(), strict=True)):
        values[i] = canonical.get(same_category(delivered))
        if values[i] is not None or is_null[i]:
            continue
        if is_open:
            values[i], is_unlisted[i] = text, True
        else:
            faults[i] = f"category_not_allowed: {column.name} {shown(text)} not in {listed(allowed)}"
    found = pa.array(values, texts.type)
    is_repaired = pc.fill_null(pc.not_equal(found, texts), fill_value=False).to_numpy(zero_copy_only=False)
    return Reading(found, faults, is_repaired=is_repaired, is_unlisted=is_unlisted)


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
