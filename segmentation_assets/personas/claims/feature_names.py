"""What a feature is called in a text, which is never the key of its column.

It goes by its `label`, else the first of its `nouns`, else its description where that is a short name ("Duration of
the loan."), else the words of its key without the unit.
"""

import re

from segmentation_assets.personas.claims.amounts import singular
from segmentation_assets.portfolio.features import Feature

AGE, COUNT = "age", "number of "
MAX_LETTERS, MAX_WORDS = 40, 4

_UNITS = r"years|yrs|months|weeks|days|hours|eur|gbp|usd|chf|euros?|pounds|dollars|points|percent|pct|%"
_UNIT_SUFFIX = re.compile(rf"_({_UNITS}|per_year|per_month|share)$")
_COUNT_PREFIX = re.compile(r"^(n|nr|num|number|no|count) (of )?(?=\w)")
_FLAG_PREFIX = re.compile(r"^(has|is|uses|owns|holds) (?=\w)")
_TAIL = re.compile(rf"\s*[(\[][^)\]]*[)\]]|\s+in ({_UNITS})$|\s+at the snapshot$", re.IGNORECASE)
FLAG = re.compile(r"^share (with|that \w+) ")
"""How the label of a key such as has_card or is_active begins; of a number it is a share, of a category yes or no."""
YES, NO = frozenset({"yes", "true", "y", "1"}), frozenset({"no", "false", "n", "0"})
_ARTICLE = re.compile(r"^(the|a|an|this|our) ", re.IGNORECASE)
_NO_NAME = re.compile(
    r"^(whether|what|which|how|if|true|false|is|are|has|have|had|was|did|does|can|who|where|when|why|owns|holds|uses|"
    r"lives|pays|bought|see|one|number \d)\b|[^\w\s'\u2019/-]|_|\d",
    re.IGNORECASE,
)


def label(name: str, feature: Feature) -> str:
    """Return what a feature is called.

    >>> label("duration_months", Feature(kind="numeric", unit="months", description="Duration in months."))
    'duration'
    >>> label("tenure_years", Feature(kind="numeric", description="Mean time since the policies were bought."))
    'tenure'
    """
    return feature.label or next(iter(feature.nouns), None) or _short_name(feature) or title(name)


def _short_name(feature: Feature) -> str | None:
    """Return a description that is a short name, without its unit; None where it is a sentence."""
    plain = _ARTICLE.sub("", feature.description.strip().removesuffix("."))
    if feature.unit:
        plain = re.sub(rf" in {re.escape(feature.unit)}$", "", plain, flags=re.IGNORECASE)
    plain = _TAIL.sub("", plain).strip()
    if not plain or len(plain.split()) > MAX_WORDS or len(plain) > MAX_LETTERS or _NO_NAME.search(plain):
        return None
    first, *rest = plain.split()
    is_acronym = len(first) > 1 and first[1:] != first[1:].lower()
    return " ".join([first if is_acronym else first.lower(), *rest])


def title(name: str) -> str:
    """Return a feature's key as words.

    >>> title("tenure_years"), title("n_policies"), title("main_product_type"), title("has_card")
    ('tenure', 'number of policies', 'main product type', 'share with card')
    """
    words = (_UNIT_SUFFIX.sub("", name) or name).replace("_", " ").strip()
    if flag := _FLAG_PREFIX.match(words):
        return f"share with {words[flag.end() :]}" if flag[1] == "has" else f"share that {words}"
    return _COUNT_PREFIX.sub(COUNT, words)


def is_plural(name: str) -> bool:
    """Tell whether a label is a plural, by its first part in "number of policies".

    >>> is_plural("number of policies"), is_plural("earnings"), is_plural("business"), is_plural("loan status")
    (False, True, False, False)
    """
    head = re.split(r" (?:of|in|per|at|to|for|with|on|by|that)\b", name)[0].split(" ")[-1]
    return singular(head) != head
