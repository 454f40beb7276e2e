"""Numbers as people and spreadsheets write them, read only where there is one way to read them.

A plain number (``-12.5``, ``.5``, ``1e3``) is read as it stands, with the point as its decimal sign. Otherwise:

- a currency mark before or after the number is taken off if it is the portfolio's; an amount in another currency is
  none of the column's (`another_currency`);
- groups of three digits parted by commas, points, spaces or apostrophes are joined where the text shows that they
  are groups: two or more of them, or one beside another sign for the decimals (``1,234.50``, ``1.234,50``,
  ``1 234,50``, ``1,234,567``);
- a single comma that can only be a decimal sign is one (``12,5``, ``1234,567``, ``0,125``);
- a single comma or point before exactly three digits (``1,234``, ``1.234``) is 1234 to one reader and 1.234 to the
  next: the column decides (`number_style`). Where nothing does, a point is a decimal sign in what was a number where it
  lies, a comma parts thousands in a column of whole numbers and beside a pound or dollar sign, and any other row is
  rejected as `ambiguous_number` rather than misread;
- infinities, and numbers too large for the column, are no numbers.
"""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.cleaning.numbers.style import NumberStyle
from segmentation_assets.cleaning.numbers.texts import FORMS, SURE, Parts, flags, matches, take_apart
from segmentation_assets.cleaning.reading import NULL_WORDS, Reading, shown, stands_for_null, trimmed
from segmentation_assets.currencies import currencies_of
from segmentation_assets.portfolio import Range
from segmentation_assets.tables import Column

_COMMA_GROUPS_THOUSANDS = frozenset({"£", "$", "GBP", "USD"})

# What Arrow may convert on its own; longer ones go the exact way.
_PLAIN_FLOAT = r"^-?[0-9]{1,17}(\.[0-9]{1,17})?$"
_PLAIN_INTEGER = r"^-?[0-9]{1,18}$"
_AS_TYPED = NumberStyle()


class NotANumber(ValueError):  # noqa: N818 - it is a finding about a value, and named in reasons as such
    """A text that is not to be read as a number; the message is the reason's code and words."""


def read_numbers(texts: pa.Array, column: Column, interval: Range | None, style: NumberStyle = _AS_TYPED) -> Reading:
    """Read distinct texts as the numbers of a column and check them against its allowed interval."""
    is_whole = column.type == "INT64"
    trim = trimmed(texts)
    is_null = stands_for_null(trim, NULL_WORDS)
    plain, faults = plain_texts(trim, is_whole=is_whole, style=style)
    faults = {i: reason.format(column=column.name) for i, reason in faults.items() if not is_null[i]}
    is_read = ~is_null
    is_read[list(faults)] = False
    pattern = _PLAIN_INTEGER if is_whole else _PLAIN_FLOAT
    is_plain = matches(plain, pattern) & is_read
    kind = pa.int64() if is_whole else pa.float64()
    numbers = np.zeros(len(texts), dtype=np.int64 if is_whole else np.float64)
    numbers[is_plain] = plain.filter(pa.array(is_plain)).cast(kind).to_numpy()
    for i in np.flatnonzero(~is_plain & is_read):
        try:
            numbers[i] = (_whole if is_whole else _decimal)(plain[i].as_py(), trim[i].as_py())
        except NotANumber as reason:
            faults[int(i)] = str(reason).format(column=column.name)
            is_read[i] = False
    if interval is not None:
        for i in np.flatnonzero(is_read & interval.is_outside(numbers)):
            faults[int(i)] = f"{column.name}_out_of_range: {_written(numbers[i])} not in {interval}"
    is_delivered_so = is_plain & flags(pc.equal(plain, texts))
    return Reading(
        pa.array(numbers + 0, kind, mask=~is_read),  # + 0 turns -0.0 into 0.0
        faults,
        is_repaired=is_read & ~is_delivered_so,
    )


def plain_number(text: str, *, is_whole: bool) -> str:
    """Return a trimmed text as a plain number that `float` and `Decimal` read.

    Raises
    ------
    NotANumber
        If it is none, or could be two.

    Examples
    --------
    >>> plain_number("£1,234.50", is_whole=False), plain_number("1 234,5 EUR", is_whole=False)
    ('1234.50', '1234.5')
    """
    plain, faults = plain_texts(pa.array([text], pa.large_string()), is_whole=is_whole, style=_AS_TYPED)
    if faults:
        raise NotANumber(faults[0])
    return str(plain[0].as_py())


def plain_texts(trim: pa.Array, *, is_whole: bool, style: NumberStyle) -> tuple[pa.Array, dict[int, str]]:
    """Return trimmed texts as plain numbers, and the reason at each position that has none.

    The reasons still go through `format` for the column's name.
    """
    reads_points = style.decimal == "." or (style.decimal is None and style.is_typed)
    is_odd = ~matches(trim, _PLAIN_FLOAT if reads_points else SURE)
    if not is_odd.any():
        return trim, {}
    odd = trim.filter(pa.array(is_odd))
    parts = take_apart(odd)
    is_comma = parts.is_undecided & matches(parts.digits, ",")
    is_group = _parts_thousands(parts, is_comma, style, is_whole=is_whole)
    digits = _without_groups(parts, is_group)
    is_read = flags(pc.is_valid(digits)) & ~parts.is_broken
    is_ambiguous = parts.is_undecided & ~is_group & ~_parts_decimals(parts, is_comma, style)
    is_foreign = _is_foreign(parts, style)
    minus, nothing = pa.scalar("-", odd.type), pa.scalar("", odd.type)
    sign = pc.if_else(pa.array(parts.is_negative), minus, nothing)
    joined = pc.binary_join_element_wise(sign, pc.fill_null(digits, ""), parts.exponent, nothing)
    faults: dict[int, str] = {}
    for at, i in zip(np.flatnonzero(is_odd), range(len(odd)), strict=True):
        if is_read[i] and not is_ambiguous[i] and not is_foreign[i]:
            continue
        text = _braced(odd[i].as_py())
        if not is_read[i]:
            faults[int(at)] = f"not_a_number: {{column}} is {text}"
        elif is_foreign[i]:
            faults[int(at)] = _foreign(text, parts.mark[i].as_py(), style)
        else:
            faults[int(at)] = _ambiguous(text, parts.digits[i].as_py())
    return pc.replace_with_mask(trim, pa.array(is_odd), joined), faults


def _without_groups(parts: Parts, is_group: np.ndarray) -> pa.Array:
    """Return the digits with a point before the decimals and nothing between groups; NULL where they are no number."""
    digits, found = parts.digits, pa.nulls(len(parts.digits), parts.digits.type)
    is_bare = flags(pc.equal(parts.exponent, ""))
    for pattern, group, _, decimal in FORMS:
        is_one = matches(digits, pattern)
        if group or decimal == ",":
            is_one &= is_bare
        if not is_one.any():
            continue
        joined = pc.replace_substring(digits, group, "") if group else digits
        found = pc.if_else(pa.array(is_one), pc.replace_substring(joined, decimal, "."), found)
    if is_group.any():
        found = pc.if_else(pa.array(is_group), pc.replace_substring_regex(digits, "[.,]", ""), found)
    return found


def _parts_thousands(parts: Parts, is_comma: np.ndarray, style: NumberStyle, *, is_whole: bool) -> np.ndarray:
    """Tell where the one separator before three digits parts thousands."""
    if style.decimal is not None:
        return parts.is_undecided & (is_comma == (style.decimal == "."))
    is_marked = flags(pc.is_in(parts.mark, value_set=pa.array(sorted(_COMMA_GROUPS_THOUSANDS), parts.mark.type)))
    return is_comma & (is_marked | is_whole)


def _parts_decimals(parts: Parts, is_comma: np.ndarray, style: NumberStyle) -> np.ndarray:
    """Tell where it parts decimals; amounts with a mark have no three of them."""
    if style.decimal is not None:
        return is_comma == (style.decimal == ",")
    return ~is_comma & style.is_typed & flags(pc.equal(parts.mark, ""))


def _is_foreign(parts: Parts, style: NumberStyle) -> np.ndarray:
    """Tell which amounts carry the mark of another currency."""
    marks = [mark for mark in pc.unique(parts.mark).to_pylist() if mark]
    foreign = [m for m in marks if style.is_mixed or (style.currency and style.currency not in currencies_of(m))]
    return flags(pc.is_in(parts.mark, value_set=pa.array(foreign, parts.mark.type)))


def _foreign(text: str, mark: str, style: NumberStyle) -> str:
    if style.is_mixed:
        return (
            f"mixed_currencies: {{column}} is {text}, and other rows are in other currencies; give the portfolio's "
            "currency as its code, such as EUR, and convert the others"
        )
    return (
        f"another_currency: {{column}} is {text}, which is {mark} where amounts are in {style.currency}; convert it, "
        "or take it out"
    )


def _ambiguous(text: str, digits: str) -> str:
    sign, word = (",", "comma") if "," in digits else (".", "point")
    either = f"{digits.replace(sign, '')} or {digits.replace(sign, '.')}"
    declare = "" if sign == "," else ", or say under decimal_sign in the portfolio which sign parts decimals"
    return f"ambiguous_number: {{column}} is {text}, which may be {either}; write it without the {word}{declare}"


def _decimal(plain: str, text: str) -> float:
    number = float(plain)
    if not np.isfinite(number):
        raise NotANumber(f"number_too_large: {{column}} is {_braced(text)}")
    return number


def _whole(plain: str, text: str) -> int:
    number = Decimal(plain)
    # The exponent first: 1e999 as an integer would fill the memory.
    if number.adjusted() > 18 or not -(2**63) <= number < 2**63:  # noqa: PLR2004 - what 64 bits hold
        raise NotANumber(f"number_too_large: {{column}} is {_braced(text)}")
    if number != number.to_integral_value():
        raise NotANumber(f"not_an_integer: {{column}} is {_braced(text)}, which is no whole number")
    return int(number)


def _written(number: np.number) -> str:
    """Return a number in a reason: 410 and not 410.0."""
    return str(number) if isinstance(number, np.integer) else f"{number:.15g}"


def _braced(text: str) -> str:
    """Return a delivered value for a reason that still goes through `format`."""
    return shown(text).replace("{", "{{").replace("}", "}}")
