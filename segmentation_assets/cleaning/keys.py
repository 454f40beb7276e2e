"""Keys: one spelling for one key, and the key that a reference means where it is spelled otherwise.

007 and 7 may be two customers, so a key is its text. But a warehouse makes 16.0 of 16, a spreadsheet 123 of 00123, and
what was copied from a page brings marks that nobody sees: a reference that is no key as it stands is the one key that
it can mean, written as in the table referred to, and where it may be two or none its row is rejected.
"""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.characters import EDGES, MARKS_AND_JOINERS, ODD_BLANKS, unseen
from segmentation_assets.cleaning.numbers.texts import flags, matches
from segmentation_assets.cleaning.reading import Reading, shown
from segmentation_assets.cleaning.words import read_keys
from segmentation_assets.tables import Column

_INSIDE = f"{MARKS_AND_JOINERS}|{ODD_BLANKS}"
_ROUNDED = r"^-?[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}$"
_WITH_POINT = r"^([0-9]+)(?:\.0+|,0{1,2})$"
"""A whole number that was one with decimals in between; 16,000 may be sixteen thousand."""
_FRACTION = r"^[0-9]+[.,][0-9]*[1-9][0-9]*$"
_OF_A_FLOAT = r"^[0-9]{16,}\.0$"
_EXACT_IN_A_FLOAT = 2**53
_MAY_BE = 3
"""Keys that a reason lists."""


def read_own_keys(texts: pa.Array, column: Column) -> Reading:
    """Read distinct texts as keys of their own table, or of one that is not provided: nothing can tell what they mean.

    A key that ends in .0 loses it where no key has other decimals, since then it was a whole number once.
    """
    reading = _read(texts, column)
    keys = reading.values
    for i in np.flatnonzero(matches(keys, f"{_INSIDE}|^'")):
        reading.faults[int(i)] = _hidden(column, keys[int(i)].as_py())
    if matches(keys, _WITH_POINT).any() and not matches(keys, _FRACTION).any():
        keys = pc.replace_substring_regex(keys, _WITH_POINT, r"\1")
    return _as_read(texts, _without(keys, reading.faults), reading.faults)


def read_references(texts: pa.Array, column: Column, table: str, known: pa.Array, rejected: frozenset[str]) -> Reading:
    """Read distinct texts as keys of another table, each in that table's spelling.

    Parameters
    ----------
    table : the table referred to, for reasons.
    known : its keys.
    rejected : the keys of its rows that were rejected.
    """
    reading = _read(texts, column)
    known = known.cast(texts.type)
    keys = reading.values
    is_unknown = flags(pc.is_valid(keys)) & ~flags(pc.is_in(keys, value_set=known))
    if not is_unknown.any():
        return reading
    unknown = keys.filter(pa.array(is_unknown))
    plain = _plain(unknown)
    whole = pc.replace_substring_regex(plain, _WITH_POINT, r"\1")
    numbers, same = _same_numbers(whole, known)
    meant = [same.get(number, []) for number in numbers.to_pylist()]
    found = pc.coalesce(
        _those_in(known, plain),
        _those_in(known, whole),
        pa.array([keys_of[0] if len(keys_of) == 1 else None for keys_of in meant], texts.type),
    )
    at = np.flatnonzero(is_unknown)
    for i in np.flatnonzero(pc.is_null(found).to_numpy(zero_copy_only=False)).tolist():
        spellings = [unknown[i].as_py(), plain[i].as_py(), whole[i].as_py()]
        reading.faults[int(at[i])] = _unknown(column, spellings, table, meant[i], rejected)
    return _as_read(texts, pc.replace_with_mask(keys, pa.array(is_unknown), found), reading.faults)


def _read(texts: pa.Array, column: Column) -> Reading:
    """Read texts as keys without what does not show at their ends; a rounded number is no key."""
    reading = read_keys(pc.utf8_trim(texts, characters=EDGES))
    for i in np.flatnonzero(matches(reading.values, _ROUNDED)):
        reading.faults[int(i)] = (
            f"key_lost_digits: {column.name} is {shown(texts[int(i)].as_py())}, a key that a spreadsheet made a number "
            "and rounded; format the column as text and deliver the key again"
        )
    for i in np.flatnonzero(matches(reading.values, _OF_A_FLOAT)):
        if float(reading.values[int(i)].as_py()) >= _EXACT_IN_A_FLOAT:
            reading.faults[int(i)] = (
                f"key_lost_digits: {column.name} is {shown(texts[int(i)].as_py())}, and a number with decimals holds "
                "15 digits for sure; keep such keys as text or as whole numbers"
            )
    return _as_read(texts, _without(reading.values, reading.faults), reading.faults)


def _as_read(texts: pa.Array, values: pa.Array, faults: dict[int, str]) -> Reading:
    is_changed = flags(pc.not_equal(values, texts))  # NULL is not
    return Reading(values, faults, is_repaired=is_changed)


def _without(keys: pa.Array, faults: Collection[int]) -> pa.Array:
    mask = np.zeros(len(keys), dtype=bool)
    mask[list(faults)] = True
    return pc.if_else(pa.array(mask), pa.scalar(None, keys.type), keys)


def _plain(keys: pa.Array) -> pa.Array:
    """Return keys without marks that do not show, every blank a space, no apostrophe before them."""
    seen = pc.replace_substring_regex(pc.replace_substring_regex(keys, MARKS_AND_JOINERS, ""), f"{ODD_BLANKS}+", " ")
    return pc.replace_substring_regex(seen, "^'", "")


def _those_in(known: pa.Array, keys: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_in(keys, value_set=known), keys, pa.scalar(None, keys.type))


def _same_numbers(wanted: pa.Array, known: pa.Array) -> tuple[pa.Array, dict[str, list[str]]]:
    """Return wanted keys as numbers without zeros in front, NULL where they are none, and the known keys by number."""
    is_number = pa.array(matches(wanted, "^[0-9]+$"))
    numbers = pc.if_else(is_number, pc.utf8_ltrim(wanted, characters="0"), pa.scalar(None, wanted.type))
    same: dict[str, list[str]] = {}
    if not pc.any(is_number).as_py():
        return numbers, same
    digits = known.filter(pa.array(matches(known, f"^[0-9]+$|{_WITH_POINT}")))
    stripped = pc.utf8_ltrim(pc.replace_substring_regex(digits, _WITH_POINT, r"\1"), characters="0")
    is_wanted = pc.is_in(stripped, value_set=numbers.drop_null())
    for number, key in zip(stripped.filter(is_wanted).to_pylist(), digits.filter(is_wanted).to_pylist(), strict=True):
        same.setdefault(number, []).append(key)
    return numbers, same


def _hidden(column: Column, key: str) -> str:
    what = ", ".join(unseen(key)) or "an apostrophe before it"
    return f"invisible_character: {column.name} is {shown(key)} with {what}, which does not show; type the key again"


def _unknown(column: Column, spellings: list[str], table: str, meant: list[str], rejected: frozenset[str]) -> str:
    """Return why a key of another table is none; `spellings` are the key's, the least mended one first."""
    key = spellings[0]
    if meant:
        may_be = " or ".join(sorted(meant)[:_MAY_BE])
        return f"ambiguous_{column.name}: {key} may be {may_be} in {table}; write the key as it stands there"
    if not rejected.isdisjoint(spellings):
        return f"unknown_{column.name}: {key}'s own row in {table} was rejected"
    hidden = unseen(key)
    without = f", nor is it without {', '.join(hidden)}, which does not show" if hidden else ""
    return f"unknown_{column.name}: {shown(key) if hidden else key} is not in {table}{without}"
