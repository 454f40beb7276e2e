"""Numbers as people and spreadsheets write them, read only where there is one way to read them.

A plain number (``-12.5``, ``.5``, ``1e3``) is read as it stands, with the point as its decimal sign. Otherwise:

- a currency sign or code before or after the number is dropped;
- groups of three digits parted by commas, points, spaces or apostrophes are joined where the text shows that they
  are groups: two or more of them, or one beside another sign for the decimals (``1,234.50``, ``1.234,50``,
  ``1 234,50``, ``1,234,567``);
- a single comma that can only be a decimal sign is one (``12,5``, ``1234,567``, ``0,125``);
- a single comma before exactly three digits (``1,234``) is 1234 to one reader and 1.234 to the next. It is read as
  1234 in a column of whole numbers and beside a pound or dollar sign; elsewhere the row is rejected as
  `ambiguous_number` rather than misread;
- infinities, and numbers too large for the column, are no numbers.
"""

import re
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.cleaning.reading import NULL_WORDS, Reading, shown, stands_for_null, trimmed
from segmentation_assets.portfolio import Range
from segmentation_assets.tables import Column

_CURRENCY = r"[£$€¥₹]|GBP|USD|EUR|JPY|CHF|INR"
_COMMA_GROUPS_THOUSANDS = frozenset({"£", "$", "GBP", "USD"})
_NUMBER = re.compile(
    rf"(?P<sign>[+\-\u2212]?) ?(?P<before>{_CURRENCY})? ?(?P<inner>[+\-\u2212]?)(?P<digits>[0-9.,' ]*[0-9][.]?)"
    rf"(?P<exponent>[eE][+-]?[0-9]{{1,3}})? ?(?P<after>{_CURRENCY})?",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")

_PLAIN = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_ONE_COMMA_GROUP = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+")
_GROUPED = tuple(
    (re.compile(pattern), group, decimal)
    for pattern, group, decimal in (
        (r"[1-9][0-9]{0,2}(,[0-9]{3})+\.[0-9]+", ",", "."),
        (r"[1-9][0-9]{0,2}(,[0-9]{3}){2,}", ",", "."),
        (r"[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]+", ".", ","),
        (r"[1-9][0-9]{0,2}(\.[0-9]{3}){2,}", ".", ","),
        (r"[1-9][0-9]{0,2}( [0-9]{3})+(\.[0-9]+)?", " ", "."),
        (r"[1-9][0-9]{0,2}( [0-9]{3})+,[0-9]+", " ", ","),
        (r"[1-9][0-9]{0,2}('[0-9]{3})+(\.[0-9]+)?", "'", "."),
    )
)

# What Arrow may convert on its own; longer ones go the exact way.
_PLAIN_FLOAT = r"^-?[0-9]{1,17}(\.[0-9]{1,17})?$"
_PLAIN_INTEGER = r"^-?[0-9]{1,18}$"


class NotANumber(ValueError):  # noqa: N818 - it is a finding about a value, and named in reasons as such
    """A text that is not to be read as a number; the message is the reason's code and words."""


def read_numbers(texts: pa.Array, column: Column, interval: Range | None) -> Reading:
    """Read distinct texts as the numbers of a column and check them against its allowed interval."""
    is_whole = column.type == "INT64"
    trim = trimmed(texts)
    is_null = stands_for_null(trim, NULL_WORDS)
    pattern = _PLAIN_INTEGER if is_whole else _PLAIN_FLOAT
    is_plain = pc.match_substring_regex(trim, pattern).to_numpy(zero_copy_only=False)
    kind = pa.int64() if is_whole else pa.float64()
    numbers = np.zeros(len(texts), dtype=np.int64 if is_whole else np.float64)
    numbers[is_plain] = trim.filter(pa.array(is_plain)).cast(kind).to_numpy()
    faults = {}
    for i in np.flatnonzero(~is_plain & ~is_null):
        try:
            numbers[i] = _whole(trim[i].as_py()) if is_whole else _decimal(trim[i].as_py())
        except NotANumber as reason:
            faults[int(i)] = str(reason).format(column=column.name)
    is_read = ~is_null
    is_read[list(faults)] = False
    if interval is not None:
        for i in np.flatnonzero(is_read & interval.is_outside(numbers)):
            faults[int(i)] = f"{column.name}_out_of_range: {_written(numbers[i])} not in {interval}"
    is_delivered_so = pc.equal(trim, texts).to_numpy(zero_copy_only=False)
    return Reading(
        pa.array(numbers + 0, kind, mask=~is_read),  # + 0 turns -0.0 into 0.0
        faults,
        is_repaired=is_read & ~(is_plain & is_delivered_so),
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
    match = _NUMBER.fullmatch(_SPACES.sub(" ", text.replace("\u2019", "'")))
    if match is None or (match["sign"] and match["inner"]) or (match["before"] and match["after"]):
        raise NotANumber(f"not_a_number: {{column}} is {_braced(text)}")
    digits, exponent = match["digits"], match["exponent"] or ""
    sign = "-" if (match["sign"] or match["inner"]) in {"-", "\u2212"} else ""
    if _PLAIN.fullmatch(digits):
        return sign + digits + exponent
    if exponent:
        raise NotANumber(f"not_a_number: {{column}} is {_braced(text)}")
    for pattern, group, decimal in _GROUPED:
        if pattern.fullmatch(digits):
            return sign + digits.replace(group, "").replace(decimal, ".")
    if _ONE_COMMA_GROUP.fullmatch(digits):
        currency = (match["before"] or match["after"] or "").upper()
        if is_whole or currency in _COMMA_GROUPS_THOUSANDS:
            return sign + digits.replace(",", "")
        either = f"{digits.replace(',', '')} or {digits.replace(',', '.')}"
        raise NotANumber(
            f"ambiguous_number: {{column}} is {_braced(text)}, which may be {either}; write it without the comma"
        )
    if _DECIMAL_COMMA.fullmatch(digits):
        return sign + digits.replace(",", ".")
    raise NotANumber(f"not_a_number: {{column}} is {_braced(text)}")


def _decimal(text: str) -> float:
    number = float(plain_number(text, is_whole=False))
    if not np.isfinite(number):
        raise NotANumber(f"number_too_large: {{column}} is {_braced(text)}")
    return number


def _whole(text: str) -> int:
    number = Decimal(plain_number(text, is_whole=True))
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
