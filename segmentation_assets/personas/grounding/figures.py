"""Numbers in a text, held against the figures of a profile.

A number must be one of the figures it can be about, to the precision it is written with: £22k is anything from 21.5k
to 22.5k, and a round £22,000 may be off by up to five per cent.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from segmentation_assets.personas.claims.amounts import CURRENCY_SIGNS
from segmentation_assets.personas.grounding.english import NUMBER_WORDS, PERCENT
from segmentation_assets.portfolio.features import Feature

_NUMBER = re.compile(r"^([£$€]?)(\d[\d,]*(?:\.\d+)?)\s?(%?)$")
_MULTIPLES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "mn": 1e6}
_ROUND = 0.05
_LEAST_ROUND = 100


def unmatched_numbers(
    clause: Sequence[str],
    spoken_of: Collection[str],
    profile: pd.DataFrame,
    features: Mapping[str, Feature],
    shares: Collection[float],
) -> Iterator[str]:
    """Yield the numbers of a clause that are no figure of the profile.

    Parameters
    ----------
    clause : words of a clause in lower case, as `english.clauses` gives them.
    spoken_of : numeric features that the clause mentions; the numbers must be theirs.
    shares : the shares that the clause's categories have, 0 to 1.
    """
    for i, token in enumerate(clause):
        if token in NUMBER_WORDS:
            number, sign, is_percent, tolerance = float(NUMBER_WORDS[token]), "", _is_percent(clause, i), 0.5
        elif token[0].isdigit() or token[0] in "£$€":
            parsed = _NUMBER.match(token.rstrip(".,"))
            if parsed is None:
                yield token
                continue
            scale = _MULTIPLES.get(clause[i + 1], 1.0) if i + 1 < len(clause) else 1.0
            sign, is_percent = parsed[1], bool(parsed[3]) or _is_percent(clause, i)
            number = float(parsed[2].replace(",", "")) * scale
            tolerance = _tolerance(parsed[2], scale)
        else:
            continue
        figures = _figures(profile, features, spoken_of, sign, is_percent=is_percent)
        figures += [100 * share for share in shares] if is_percent else []
        if not any(abs(number - figure) <= tolerance + 1e-9 for figure in figures):
            yield token


def _is_percent(clause: Sequence[str], i: int) -> bool:
    return any(word in PERCENT for word in clause[i + 1 : i + 3])


def _tolerance(written: str, scale: float) -> float:
    """Return half a unit of the last digit written, and for a round number up to five per cent of it."""
    whole, _, decimals = written.replace(",", "").partition(".")
    half_unit = 0.5 * scale * 10.0 ** -len(decimals)
    value = float(written.replace(",", "")) * scale
    if decimals or value < _LEAST_ROUND:
        return half_unit
    zeros = len(whole) - len(whole.rstrip("0"))
    return max(half_unit, min(0.5 * scale * 10.0**zeros, _ROUND * value))


def _figures(
    profile: pd.DataFrame, features: Mapping[str, Feature], spoken_of: Collection[str], sign: str, *, is_percent: bool
) -> list[float]:
    """Return the means and medians of the features spoken of that a number with that sign can be."""
    found = []
    for row in profile[profile["kind"] == "numeric"].to_dict("records"):
        feature = features.get(row["feature"])
        if feature is None or row["feature"] not in spoken_of:
            continue
        currency = CURRENCY_SIGNS.get(feature.unit.partition(" ")[0], "")
        kind = "%" if feature.unit in ("share", "%") else currency
        if kind == ("%" if is_percent else sign):
            factor = 100 if feature.unit == "share" else 1
            found += [factor * row["mean"], factor * row["median"]]
    return [figure for figure in found if not pd.isna(figure)]
