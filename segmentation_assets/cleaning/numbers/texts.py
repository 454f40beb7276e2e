"""A written number taken apart: sign, currency mark, digits with their separators, exponent; whole columns in Arrow."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.currencies import MARK

DecimalSign = Literal[".", ","]

_NUMBER = (
    rf"^(?P<sign>[+\-\x{{2212}}]?) ?(?P<before>(?:{MARK})?) ?(?P<inner>[+\-\x{{2212}}]?)"
    r"(?P<digits>[0-9.,' ]*[0-9]\.?)"
    rf"(?P<exponent>(?:e[+-]?[0-9]{{1,3}})?) ?(?P<after>(?:{MARK})?)$"
)
_BARE = r"^-?[0-9][0-9.,' ]*$"
_PARTS = ("sign", "before", "inner", "digits", "exponent", "after")
_SPACES = r"[\s\x{a0}\x{2007}\x{2009}\x{202f}]+"
_APOSTROPHES = r"[\x{2019}\x{2bc}\x{b4}`]"
_NO_CENTS = r"([0-9][.,])[-\x{2013}\x{2014}]{1,2}([^0-9]|$)"
"""An amount without cents as Germans and Swiss write it, such as 45.000,- or 1'234.-"""

UNDECIDED = r"^[1-9][0-9]{0,2}[.,][0-9]{3}$"
"""Digits with one point or comma that may part thousands or decimals."""

SURE = r"^-?[0-9]{1,17}(\.([0-9]{1,2}|[0-9]{4,17}))?$|^-?(0[0-9]*|[0-9]{4,17})\.[0-9]{3}$"
"""Plain numbers that can be read in one way, and that Arrow converts; longer ones go the exact way."""

FORMS: tuple[tuple[str, str, DecimalSign | None, DecimalSign], ...] = (
    # Digits, what parts their groups, which decimal sign they show, and the one that they have.
    (r"^[1-9][0-9]{0,2}(,[0-9]{3})+\.[0-9]+$", ",", ".", "."),
    (r"^[1-9][0-9]{0,2}(,[0-9]{3}){2,}$", ",", ".", "."),
    (r"^[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]+$", ".", ",", ","),
    (r"^[1-9][0-9]{0,2}(\.[0-9]{3}){2,}$", ".", ",", ","),
    (r"^[1-9][0-9]{0,2}( [0-9]{3})+\.[0-9]+$", " ", ".", "."),
    (r"^[1-9][0-9]{0,2}( [0-9]{3})+,[0-9]+$", " ", ",", ","),
    (r"^[1-9][0-9]{0,2}( [0-9]{3})+$", " ", None, "."),
    (r"^[1-9][0-9]{0,2}('[0-9]{3})+\.[0-9]+$", "'", ".", "."),
    (r"^[1-9][0-9]{0,2}('[0-9]{3})+,[0-9]+$", "'", ",", ","),
    (r"^[1-9][0-9]{0,2}('[0-9]{3})+$", "'", None, "."),
    (r"^[0-9]+$|^[0-9]+\.$", "", None, "."),
    (r"^[0-9]*\.[0-9]+$", "", ".", "."),
    (r"^[0-9]+,[0-9]+$", "", ",", ","),
)
"""The ways in which digits are grouped, the undecided ones apart; a text has at most one of them."""


@dataclass(frozen=True)
class Parts:
    """Texts taken apart.

    `exponent` is as written, `mark` the currency mark in upper case; `is_broken` tells what is no number.
    """

    digits: pa.Array
    exponent: pa.Array
    mark: pa.Array
    is_negative: np.ndarray
    is_broken: np.ndarray

    @property
    def is_undecided(self) -> np.ndarray:
        """Numbers with one separator that may part thousands or decimals."""
        return matches(self.digits, UNDECIDED) & flags(pc.equal(self.exponent, "")) & ~self.is_broken


def take_apart(texts: pa.Array) -> Parts:
    """Return the parts of texts without blanks around them."""
    spaced = pc.replace_substring_regex(texts, _SPACES, " ")
    straight = pc.replace_substring_regex(pc.utf8_lower(spaced), _APOSTROPHES, "'")
    whole = pc.replace_substring_regex(straight, _NO_CENTS, r"\100\2")
    is_bare = matches(whole, _BARE)
    if is_bare.all():  # most are, and taking marks off takes ten times as long
        nothing = pa.repeat(pa.scalar("", texts.type), len(texts))
        is_negative = flags(pc.starts_with(whole, "-"))
        return Parts(
            pc.utf8_ltrim(whole, characters="-"), nothing, nothing, is_negative, np.zeros(len(texts), dtype=bool)
        )
    if is_bare.any():
        return _joined(
            take_apart(whole.filter(pa.array(is_bare))), take_apart(whole.filter(pa.array(~is_bare))), is_bare
        )
    return _marked(whole)


def _marked(texts: pa.Array) -> Parts:
    found = pc.extract_regex(texts, _NUMBER)
    sign, before, inner, digits, exponent, after = (pc.fill_null(pc.struct_field(found, p), "") for p in _PARTS)
    before, after = pc.utf8_upper(before), pc.utf8_upper(after)
    minus = pa.array(["-", "\u2212"], texts.type)
    is_before, is_after = flags(pc.not_equal(before, "")), flags(pc.not_equal(after, ""))
    is_signed_twice = flags(pc.not_equal(sign, "")) & flags(pc.not_equal(inner, ""))
    is_marked_twice = is_before & is_after & flags(pc.not_equal(before, after))
    return Parts(
        digits=digits,
        exponent=exponent,
        mark=pc.if_else(pa.array(is_before), before, after),
        is_negative=flags(pc.is_in(sign, value_set=minus)) | flags(pc.is_in(inner, value_set=minus)),
        is_broken=flags(pc.is_null(found)) | is_signed_twice | is_marked_twice,
    )


def _joined(first: Parts, second: Parts, is_first: np.ndarray) -> Parts:
    """Return the parts of texts that were taken apart in two lots, in their own order."""
    place = np.empty(len(is_first), dtype=np.int64)
    place[is_first] = np.arange(is_first.sum())
    place[~is_first] = is_first.sum() + np.arange((~is_first).sum())

    def texts(one: pa.Array, other: pa.Array) -> pa.Array:
        return pa.concat_arrays([one, other]).take(pa.array(place))

    return Parts(
        digits=texts(first.digits, second.digits),
        exponent=texts(first.exponent, second.exponent),
        mark=texts(first.mark, second.mark),
        is_negative=np.concatenate([first.is_negative, second.is_negative])[place],
        is_broken=np.concatenate([first.is_broken, second.is_broken])[place],
    )


def matches(texts: pa.Array, pattern: str) -> np.ndarray:
    """Tell which texts a regular expression finds something in."""
    return flags(pc.match_substring_regex(texts, pattern))


def flags(values: pa.Array) -> np.ndarray:
    """Return Arrow's booleans as NumPy's, NULL as false."""
    return pc.fill_null(values, fill_value=False).to_numpy(zero_copy_only=False)
