"""What two spellings of one word have in common, so that a person's `VISIT ` is the portfolio's `visit`."""

import re
import unicodedata

_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4\u2032"), "'")
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_JOINT_OF_LETTERS = re.compile(r"(?<=[^\W\d_])[\s_-]+(?=[^\W\d_])")
_JOINT = re.compile(r"(?<=[^\W_])[\s_-]+(?=[^\W_])")


def same_word(text: str) -> str:
    """Return what two spellings of one word have in common: case, blanks, apostrophes and what does not show aside.

    >>> same_word("bachelor\u2019s  DEGREE ") == same_word("Bachelor's Degree")
    True
    """
    # Apostrophes first: compatibility makes of the acute accent a blank and a mark.
    folded = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold()
    folded = folded.replace("i\u0307", "i")  # what becomes of the capital I of a Turkish keyboard
    if not folded.isascii():
        folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return " ".join(folded.split())


def same_category(text: str) -> str:
    """Return what two spellings of a listed word have in common, whatever joins its parts: blank, hyphen or nothing.

    Signs at either end count, since A- is another rating than A, and so does what stands between digits.

    >>> same_category("Risk Appetite") == same_category("risk_appetite") == same_category("RiskAppetite")
    True
    >>> same_category("A-") == same_category("A"), same_category("1-3") == same_category("13")
    (False, False)
    """
    return _JOINT.sub(" ", _JOINT_OF_LETTERS.sub("", same_word(text).translate(_HYPHENS)))
