"""How the numbers of a column are written: which sign parts the decimals, and in which currency amounts are.

`1.234` and `1,234` are one number to one reader and another to the next. Nothing in such a text says which, so the
column does, by its rows that can be read in one way (`12,5`, `1.234,50`, `0.125`, `52.1234`):

1. what the portfolio declares (`decimal_sign`);
2. the column, if at least four fifths of its deciding rows agree. Where they are fewer than the rows they would decide
   for, their numbers must be of the size that they would give the others, and one in twenty of all, so that one odd row
   turns nothing over; a row with four decimals or more was made by a machine and is no odd one;
3. the other columns of the table, if four fifths of their deciding rows agree;
4. a semicolon between the fields: where points part decimals, fields are parted by commas.

Nothing here depends on the order of the rows.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.characters import MARKS_AND_JOINERS
from segmentation_assets.cleaning.numbers.texts import FORMS, SURE, DecimalSign, Parts, matches, take_apart
from segmentation_assets.cleaning.origins import Origin
from segmentation_assets.cleaning.reading import Coded, trimmed
from segmentation_assets.currencies import CODES, currencies_of
from segmentation_assets.tables import Table

_AGREEMENT = 0.8
_LEAST_SHARE = 0.05
_SAME_SIZE = 1.5
"""Powers of ten that a typical number may be away and still be of one size: half of what a group of digits makes."""


@dataclass(frozen=True)
class NumberStyle:
    """How a column's numbers are written.

    `decimal` is the sign that parts the decimals, None where nothing says. `is_typed` where numbers were no text where
    they lie, so that a bare `1.234` is that. `currency` is the code that amounts are in, empty where none is known;
    `is_mixed` where marks of several currencies stand in the column and none is known to be meant.
    """

    decimal: DecimalSign | None = None
    is_typed: bool = True
    currency: str = ""
    is_mixed: bool = False


@dataclass(frozen=True)
class _Survey:
    """What the rows of a column show: how many decide for each sign and how many are open, with their typical sizes.

    `precise` are the signs that stand before four digits or more; `open_sizes` the sizes that each sign would give the
    open rows.
    """

    votes: Counter[str]
    n_open: int
    sizes: Mapping[str, float]
    precise: str
    open_sizes: Mapping[str, float]
    marks: Counter[str]


def number_styles(
    table: Table, columns: Mapping[str, Coded], declared: DecimalSign | None, origin: Origin, currency: str
) -> dict[str, NumberStyle]:
    """Return the style of each column of numbers of a table.

    Parameters
    ----------
    columns : the texts of the table's columns.
    declared : the decimal sign that the portfolio says.
    currency : the portfolio's; a word that is no currency's code is none.
    """
    own = currency.upper() if currency.upper() in CODES else ""
    names = [column.name for column in table.columns if column.type in {"INT64", "FLOAT64"}]
    surveys = {name: _survey(columns[name]) for name in names if origin.is_text(name) or not own}
    texts = {name: survey for name, survey in surveys.items() if origin.is_text(name)}
    hint: DecimalSign | None = "," if origin.delimiter == ";" else None
    found = {}
    for name in names:
        money, is_mixed = (own, False) if own else _common_currency(surveys[name].marks)
        decimal = None
        if name in texts:
            others = sum((s.votes for other, s in texts.items() if other != name), Counter[str]())
            decimal = declared or _decimal(texts[name], others, hint)
        found[name] = NumberStyle(decimal, is_typed=name not in texts, currency=money, is_mixed=is_mixed)
    return found


def _decimal(survey: _Survey, others: Counter[str], hint: DecimalSign | None) -> DecimalSign | None:
    if survey.votes and (agreed := _agreed(survey.votes)) is None:
        return None
    if survey.votes and agreed is not None and _is_enough(survey, agreed):
        return agreed
    return _agreed(others) if others else hint


def _agreed(votes: Counter[str]) -> DecimalSign | None:
    """Return the sign that most deciding rows show, None where they disagree."""
    sign: DecimalSign = "." if votes["."] >= votes[","] else ","
    return sign if votes[sign] >= _AGREEMENT * votes.total() else None


def _is_enough(survey: _Survey, sign: DecimalSign) -> bool:
    """Tell whether the rows that decide may speak for those that do not."""
    n = survey.votes[sign]
    if n >= survey.n_open:
        return True
    is_common = sign in survey.precise or n >= _LEAST_SHARE * (n + survey.n_open)
    return is_common and abs(survey.sizes[sign] - survey.open_sizes[sign]) < _SAME_SIZE


def _survey(coded: Coded) -> _Survey:
    """Count what the rows of a column show; only where something is open or marked does it take longer."""
    texts, counts = (
        trimmed(pc.replace_substring_regex(coded.texts, MARKS_AND_JOINERS, "")),
        np.bincount(coded.codes, minlength=len(coded.texts)),
    )
    is_sure = matches(texts, SURE)
    rest = pa.array(~is_sure)
    parts, of_rest = take_apart(texts.filter(rest)), counts[~is_sure]
    is_open = parts.is_undecided
    signs = np.full(len(of_rest), "", dtype="<U1")
    for pattern, _, shown, _ in FORMS:
        if shown:
            signs[matches(parts.digits, pattern) & ~is_open] = shown
    is_plain_point = matches(texts.filter(pa.array(is_sure)), r"\.")
    points = counts[is_sure] * is_plain_point
    votes = Counter({".": int(points.sum() + of_rest[signs == "."].sum()), ",": int(of_rest[signs == ","].sum())})
    return _Survey(
        votes=+votes,
        n_open=int(of_rest[is_open].sum()),
        sizes=_sizes(texts.filter(pa.array(is_sure)).filter(pa.array(is_plain_point)), parts, signs),
        precise="".join(s for s in ".," if matches(texts, rf"^[^.,]*[{s}][0-9]{{4,}}[^.,0-9]*$").any()),
        open_sizes=_open_sizes(parts.digits.filter(pa.array(is_open))),
        marks=_marks(parts, of_rest),
    )


def _sizes(plain: pa.Array, parts: Parts, signs: np.ndarray) -> dict[str, float]:
    point = pa.chunked_array([plain, parts.digits.filter(pa.array(signs == "."))]).combine_chunks()
    return {".": _size(point), ",": _size(parts.digits.filter(pa.array(signs == ",")))}


def _open_sizes(digits: pa.Array) -> dict[str, float]:
    """Return for each decimal sign how large it makes open numbers: where it parts none, three digits larger."""
    if not len(digits):
        return {".": 0.0, ",": 0.0}
    lengths, is_comma = _lengths(digits), matches(digits, ",")
    return {".": float(np.median(lengths + 3 * is_comma)), ",": float(np.median(lengths + 3 * ~is_comma))}


def _size(digits: pa.Array) -> float:
    """Return the typical number of digits before the decimals, taking the last separator for the decimal sign."""
    return float(np.median(_lengths(digits))) if len(digits) else 0.0


def _lengths(digits: pa.Array) -> np.ndarray:
    whole = pc.replace_substring_regex(digits, r"[.,][0-9]*$", "")
    lengths: np.ndarray = pc.utf8_length(pc.replace_substring_regex(whole, r"[^0-9]", "")).to_numpy(
        zero_copy_only=False
    )
    return lengths


def _marks(parts: Parts, counts: np.ndarray) -> Counter[str]:
    marked = pc.filter(parts.mark, pa.array(~parts.is_broken))
    tally: Counter[str] = Counter()
    for mark, n in zip(marked.to_pylist(), counts[~parts.is_broken].tolist(), strict=True):
        if mark:
            tally[mark] += n
    return tally


def _common_currency(marks: Counter[str]) -> tuple[str, bool]:
    """Return the currency that four fifths of the marked rows may be in, and whether there are others."""
    if not marks:
        return "", False
    rows = Counter({code: 0 for mark in marks for code in currencies_of(mark)})
    for mark, n in marks.items():
        for code in currencies_of(mark):
            rows[code] += n
    best = min(rows, key=lambda code: (-rows[code], code))
    if rows[best] >= _AGREEMENT * marks.total():
        return best, False
    return "", True
