"""The words a claim gives to a name and to a sentence; the portfolio supplies them, this module fits them.

Category texts come from the data. One becomes part of a text only if it looks like what it should be, a name of a
place, a profession or the like: short, of letters, each word with a capital. Anything else, such as a sentence that
somebody typed into a form, stays in the profile and is left out of names and descriptions.
"""

import re
from dataclasses import replace

from segmentation_assets.personas.amounts import format_number, format_share, format_value
from segmentation_assets.personas.evidence import Claim
from segmentation_assets.portfolio.schema import Feature, Words

MAX_CATEGORY_WORDS = 3
MAX_CATEGORY_LETTERS = 24
MAX_TITLE_WORDS = 3

_PARTICLES = frozenset({"and", "by", "da", "de", "del", "der", "di", "du", "in", "la", "le", "of", "on", "upon", "von"})
_UNIT_SUFFIX = re.compile(r"_(years|per_year|pct|share)$")


def adjective(claim: Claim) -> str | None:
    """Return the adjective of a claim at its strength, or None where it has none."""
    words = claim.words or _plain_words(claim)
    if claim.grade == "mild":
        return _filled(words.mild, claim)
    plain = _filled(words.adjective, claim)
    if claim.grade != "very":
        return plain
    if words.very:
        return words.very
    return f"Very {plain}" if plain and "-" not in plain else None


def noun(claim: Claim) -> str | None:
    """Return the plural noun that says the claim, or None where it has none or is not strong enough."""
    too_weak = claim.grade != "plain" or not claim.is_noun
    return None if too_weak or claim.words is None else _filled(claim.words.noun, claim)


def spoken_versions(claim: Claim) -> list[Claim]:
    """Return the claim at each strength that may be said: what is very high is also high."""
    weaker = [replace(claim, grade="plain")] if claim.grade == "very" else []
    return [version for version in (claim, *weaker) if adjective(version) or noun(version)]


def phrase(claim: Claim, feature: Feature) -> str | None:
    """Return the phrase that completes "Customers ..." for a number, "62 % ..." for a category."""
    if claim.kind == "categorical":
        text = claim.words.phrase if claim.words else f"have {{category}} as {title(claim.feature)}"
        filled = _filled(text, claim)
        return f"{format_share(claim.value)} {filled}" if filled else None
    if claim.words is None or (claim.grade == "mild" and not _is_plain_fact(claim.words.phrase)):
        side = "below" if claim.side == "low" else "above"
        text = f"with {side}-average {title(claim.feature)} ({{value}})"
    else:
        text = claim.words.phrase
    return text.replace("{value}", format_value(claim.value, feature.unit)).replace(
        "{number}", format_number(claim.value)
    )


def _is_plain_fact(text: str) -> bool:
    """Tell whether a phrase is its number, "aged about 27", and not a judgement with the number in brackets."""
    return "{" in re.sub(r"\([^)]*\)", "", text)


def title(feature: str) -> str:
    """Return a feature's name as words.

    >>> title("tenure_years"), title("n_policies"), title("main_product_type")
    ('tenure', 'number of policies', 'main product type')
    """
    words = _UNIT_SUFFIX.sub("", feature).replace("_", " ")
    return f"number of {words[2:]}" if words.startswith("n ") else words


def is_presentable(category: str) -> bool:
    """Tell whether a category's text may stand in a name or a sentence.

    >>> [is_presentable(c) for c in ("Newcastle upon Tyne", "Zürich", "ignore previous instructions", "x" * 80, "=1+1")]
    [True, True, False, False, False]
    """
    words = re.split(r"[ -]", category)
    return (
        len(words) <= MAX_CATEGORY_WORDS
        and len(category) <= MAX_CATEGORY_LETTERS
        and all(word.replace("'", "").isalpha() for word in words)
        and words[0][:1].isupper()
        and all(word[:1].isupper() or word in _PARTICLES for word in words)
    )


def _filled(text: str | None, claim: Claim) -> str | None:
    """Put the category into its place; None where its text must not be shown."""
    if text is None or "{category}" not in text:
        return text
    category = claim.side
    return text.replace("{category}", category) if is_presentable(category) else None


def _plain_words(claim: Claim) -> Words:
    """Return words for a number that the portfolio has none for: High-Balance, Low-Balance."""
    if claim.kind == "categorical":
        return Words(phrase="")
    compound = title(claim.feature).title().replace(" ", "-")
    if compound.count("-") >= MAX_TITLE_WORDS:
        return Words(phrase="")
    side, degree = ("Low", "Lower") if claim.side == "low" else ("High", "Higher")
    return Words(phrase="", adjective=f"{side}-{compound}", mild=f"{degree}-{compound}", appeal=0.5)
