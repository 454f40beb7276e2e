"""The words a claim gives to a name and to a sentence; the portfolio supplies them, this module fits them.

Category texts come from the data. One becomes part of a text only if it looks like what it should be, a name of a
place, a profession or the like: short, of letters, each word with a capital. In a sentence, in quotes, one may also be
one or two words in lower case or a code ("own", "radio/tv"). Anything else, such as a sentence that somebody typed into
a form, stays in the profile and is left out of names and descriptions.
"""

import re
from dataclasses import replace

from segmentation_assets.personas.claims.amounts import format_number, format_value, singular
from segmentation_assets.personas.claims.evidence import Claim
from segmentation_assets.personas.claims.feature_names import AGE, COUNT, FLAG, NO, YES, is_plural
from segmentation_assets.personas.profiles.telling import told_share
from segmentation_assets.portfolio.absolute_words import is_absolute, judges
from segmentation_assets.portfolio.features import Feature, Words

MAX_CATEGORY_WORDS = 3
MAX_CATEGORY_LETTERS = 24
MAX_TITLE_WORDS = 3
MAX_WORD_LETTERS = 15

_PARTICLES = frozenset({"and", "by", "da", "de", "del", "der", "di", "du", "in", "la", "le", "of", "on", "upon", "von"})
_CODE = re.compile(r"^(?!www|https?)(?!.*\d{5})\w[\w/&'\u2019-]*( [\w/&'\u2019-]+)?$", re.IGNORECASE)
_PLACES = frozenset({"city", "town", "region", "district", "county", "country", "state", "province"})
_NO_NAMES = frozenset({"yes", "no", "true", "false", "other", "others", "unknown", "none", "null", "nan", "na"})
_TIMES = frozenset({"duration", "tenure", "term", "time", "period", "maturity"})
_UNIT = re.compile(r" [^\W\d_].*$")
_DURATION = re.compile(r"^(years|months|weeks|days)\b")


def adjective(claim: Claim) -> str | None:
    """Return the adjective of a claim at its strength, or None where it has none."""
    words = claim.words or _plain_words(claim)
    if claim.grade == "mild":  # which an absolute word is not
        return None if claim.kind == "numeric" and is_absolute(words.mild or "") else _filled(words.mild, claim)
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


def phrase(claim: Claim, feature: Feature, *, least: int) -> str | None:
    """Return the phrase that completes "Customers ..." for a number, "62 % ..." for a category.

    A number stands beside that of the others, if `least` of them have one, where the portfolio has no phrase for it. A
    share is told as `telling.told_share` tells it.
    """
    if claim.kind == "categorical":
        filled = category_phrase(claim.side, claim.words, claim.label)
        return f"{told_share(claim.value, claim.n, least)} {filled}" if filled else None
    if claim.words and claim.words.phrase and (claim.grade != "mild" or _is_plain_fact(claim.words.phrase)):
        text = claim.words.phrase.replace("{value}", _told(claim, claim.value, claim.n, feature.unit, least))
        return _with_number(text, format_number(claim.value))
    figures = figures_beside(claim, feature, least=least)
    name = claim.label
    if name == AGE:
        return f"who are {comparative(claim, feature)} ({figures})"
    return f"whose {name} {'are' if is_plural(name) else 'is'} {comparative(claim, feature)} ({figures})"


def figures_beside(claim: Claim, feature: Feature, *, least: int) -> str:
    """Return a number of a segment and that of the others: €2,100, the others €3,300."""
    is_flag = claim.label.startswith("share ") and not feature.unit
    unit_told = "share" if is_flag else feature.unit
    own = _told(claim, claim.value, claim.n, unit_told, least)
    others = _told(claim, claim.others, claim.n_others, unit_told, least)
    if claim.n_others < least or own == others:
        return own
    unit = _UNIT.search(own)
    return f"{own}, the others {others.removesuffix(unit[0]) if unit else others}"


def _told(claim: Claim, value: float, n: int, unit: str, least: int) -> str:
    """Return a number with its unit; one that is a share of customers as shares are told."""
    return told_share(value, n, least) if claim.is_share and unit == "share" else format_value(value, unit)


def comparative(claim: Claim, feature: Feature) -> str:
    """Return how a number compares: higher, or longer for a time, or older for an age."""
    if claim.label == AGE:
        words = ("younger", "older")
    elif _DURATION.match(feature.unit):
        words = ("shorter", "longer")
    else:
        words = ("lower", "higher")
    return words[claim.side == "high"]


def category_phrase(category: str, words: Words | None, label: str) -> str | None:
    """Return the phrase that completes "62 % ..."; None where the category's text must not be shown."""
    if words and words.phrase:
        return words.phrase.replace("{category}", category) if _may_fill(words.phrase, category) else None
    if label in _PLACES and is_presentable(category):
        return f"are in {category}"
    if flag := FLAG.match(label):
        return _flag_phrase(category, flag[1], label[flag.end() :])
    return f'have the {label} "{category}"' if is_tellable(category) else None


def _flag_phrase(category: str, verb: str, of_what: str) -> str | None:
    """Return what a yes or no says in words.

    >>> [_flag_phrase("no", verb, "pets") for verb in ("with", "that owns")] + [_flag_phrase("1", "that is", "retired")]
    ['have no pets', 'do not own pets', 'are retired']
    """
    plural = {"with": "have", "that is": "are"}.get(verb) or verb.removeprefix("that ").removesuffix("s")
    if category.casefold() in YES:
        return f"{plural} {of_what}"
    if category.casefold() in NO:
        return {"have": "have no", "are": "are not"}.get(plural, f"do not {plural}") + f" {of_what}"
    return f'have the {of_what} "{category}"' if is_tellable(category) else None


def called(category: str, words: Words | None) -> str | None:
    """Return what a category is called where it is offered; None where its text must not be shown."""
    if words and words.label:
        return words.label.replace("{category}", category) if _may_fill(words.label, category) else None
    return f'"{category}"' if is_tellable(category) else None


def _may_fill(text: str, category: str) -> bool:
    return "{category}" not in text or is_presentable(category)


def _with_number(text: str, number: str) -> str:
    """Put a number into its place; the noun behind it is singular after 1."""
    if number == "1":
        text = re.sub(r"(?<=\{number\} )[a-z]+", lambda match: singular(match[0]), text)
    return text.replace("{number}", number)


def _is_plain_fact(text: str) -> bool:
    """Tell whether a phrase is its number, "aged about 27", and not a judgement with the number in brackets."""
    return "{" in re.sub(r"\([^)]*\)", "", text) and not judges(text)


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


def is_tellable(category: str) -> bool:
    """Tell whether a category's text may stand in a sentence, in quotes.

    >>> [is_tellable(c) for c in ("own", "radio/tv", "new car", "A43", "ignore previous instructions", "=1+1", "")]
    [True, True, True, True, False, False, False]
    """
    is_short = len(category) <= MAX_CATEGORY_LETTERS and category.isprintable()
    return is_presentable(category) or (is_short and bool(_CODE.match(category)))


def _filled(text: str | None, claim: Claim) -> str | None:
    """Put the category into its place; None where its text must not be shown."""
    if text is None or "{category}" not in text:
        return text
    category = claim.side
    return text.replace("{category}", category) if is_presentable(category) else None


def _plain_words(claim: Claim) -> Words:
    """Return words for a claim that the portfolio has none for: High-Balance, Low-Balance."""
    if claim.kind == "categorical":
        word = name_of_category(claim.side, claim.label)
        return Words(phrase="", adjective=word)
    return plain_words(claim.label, claim.side)


def name_of_category(category: str, label: str) -> str | None:
    """Return what names a category that the portfolio has no words for; None where its text is no name.

    >>> name_of_category("Gold", "plan"), name_of_category("own", "housing"), name_of_category("York", "city")
    ('Gold-Plan', 'Own-Housing', 'York-Based')
    """
    if not is_presentable(category):
        is_word = category.isalpha() and len(category) <= MAX_WORD_LETTERS and category.casefold() not in _NO_NAMES
        if not is_word:
            return None
        category = category[:1].upper() + category[1:]
    if label in _PLACES:
        return f"{category}-Based"
    return f"{category}-{label.title()}" if label.isalpha() else None


def plain_words(label: str, side: str) -> Words:
    """Return words for a side of a number that the portfolio has none for; comparatives for an age."""
    if label == AGE:
        compared = "Younger" if side == "low" else "Older"
        return Words(phrase="", adjective=compared, mild=compared, very=compared)
    if label.startswith((COUNT, "share ")):
        return Words(phrase="")
    head = re.split(r" (?:of|in|per|at|to|for|with|on|by) ", label)[0]
    compound = "-".join(word[:1].upper() + word[1:] for word in re.split(r"[ -]", head))
    is_sayable = compound.count("-") < MAX_TITLE_WORDS and all(w.isalpha() for w in re.split(r"[-'\u2019]", compound))
    if not is_sayable:
        return Words(phrase="")
    is_time = head.split(" ")[-1] in _TIMES
    low, high = (("Short", "Shorter"), ("Long", "Longer")) if is_time else (("Low", "Lower"), ("High", "Higher"))
    side, degree = low if side == "low" else high
    return Words(phrase="", adjective=f"{side}-{compound}", mild=f"{degree}-{compound}", appeal=0.5)
