"""Words that mean something whatever the other customers are like, and from what number on they are true.

Customers of 49 are not young among customers of 60, and customers who owe 900 are not rich among those who owe 700. An
adjective or noun with such a word therefore needs a bound in the feature's own unit: the portfolio's `beyond`, or for
ages and durations the one below. Comparatives (Younger, Lower-Income) and words of degree before a feature's name
(High-Balance) speak of the others and need none.
"""

import re
from typing import Literal

Side = Literal["low", "high"]

_YEARS = {
    "low": {
        "young": 35, "youthful": 35, "youth": 35, "youngster": 35, "starter": 35, "teenage": 19, "teen": 19,
        "new": 2, "newcomer": 2, "newbie": 2, "recent": 2, "fresh": 2, "joiner": 2,
    },
    "high": {
        "mature": 45, "middle-aged": 45, "old": 60, "elderly": 70, "senior": 60, "pensioner": 65,
        "retired": 65, "retiree": 65, "loyal": 5, "loyalist": 5, "loyalty": 5, "faithful": 5, "established": 5,
        "long-standing": 5, "longstanding": 5, "long-term": 5, "veteran": 5,
    },
}  # fmt: skip
_NO_USUAL_BOUND = frozenset({
    "rich", "wealthy", "affluent", "prosperous", "well-off", "well-to-do", "well-paid", "millionaire", "moneyed",
    "high-earner", "top-earner", "big-spender", "spender", "luxury", "poor", "needy", "broke", "penniless", "frugal",
    "thrifty", "modest", "indebted", "frequent", "often", "rarely", "seldom", "never", "always", "punctual", "prompt",
    "late-paying", "late-payer",
})  # fmt: skip
_OF_PERSONS = frozenset({
    "young", "youthful", "mature", "elderly", "senior", "rich", "wealthy", "affluent", "prosperous", "well-off", "poor",
    "loyal",
})  # fmt: skip
_COMPARING = frozenset({"more", "less", "longer", "shorter", "higher", "lower", "better", "rather"})
_PER_YEAR = {"year": 1.0, "month": 12.0, "week": 365.25 / 7, "day": 365.25}
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def usual_bound(text: str, side: Side, unit: str) -> float | None:
    """Return the mean beyond which a word that measures years is true, in the feature's unit; None for other words.

    A feature without a unit counts years.

    >>> usual_bound("Young", "low", "years"), usual_bound("Loyalists", "high", "months")
    (35.0, 60.0)
    """
    factor = _PER_YEAR.get(unit.partition(" ")[0].casefold().removesuffix("s")) if unit else 1.0
    years = [_YEARS[side][word] for word in _words(text) if word in _YEARS[side]]
    if factor is None or not years:
        return None
    return factor * (min(years) if side == "low" else max(years))


def is_absolute(text: str) -> bool:
    """Tell whether a word of a name needs a bound.

    >>> [is_absolute(word) for word in ("Young", "Younger", "Big Spenders", "More-Punctual", "Well-Off")]
    [True, False, True, False, True]
    """
    measured = _YEARS["low"].keys() | _YEARS["high"].keys() | _NO_USUAL_BOUND
    return any(word in measured for word in _words(text))


def judges(phrase: str) -> bool:
    """Tell whether a phrase calls people by such a word; many others are harmless inside of one.

    >>> judges("who are young (about {number})"), judges("{number} years old with new policies")
    (True, False)
    """
    return any(word in _OF_PERSONS for word in _words(phrase))


def _words(text: str) -> list[str]:
    """Return the words of a text and the parts of compounds, in the singular and in lower case."""
    found: list[str] = []
    words = _WORD.findall(text.casefold())
    if words and words[0].split("-")[0] in _COMPARING:
        return []
    for word in words:
        found += [word, *word.split("-")] if "-" in word else [word]
    return [word if word == "always" else word.removesuffix("s") for word in found]
