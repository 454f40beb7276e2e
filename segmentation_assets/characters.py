"""Characters that show nothing: what of a delivered text a person sees, and what two spellings have in common."""

import re
import unicodedata
from collections.abc import Iterable

BLANKS = (
    " \t\n\r\x0b\x0c\x00\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""Characters that carry nothing at either end of a value, the zero-width ones that exports leave behind included."""

_NO_WIDTH_RANGES = (
    (0x01, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x115F, 0x1160),
    (0x17B4, 0x17B5), (0x180B, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
    (0x3164, 0x3164), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB),
)  # fmt: skip
_JOINER_RANGES = ((0x34F, 0x34F), (0x200C, 0x200D), (0xFE00, 0xFE0F))


def _class(ranges: Iterable[tuple[int, int]]) -> str:
    """Return a class of characters as RE2 writes it."""
    return "[" + "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in ranges) + "]"


MARKS = _class(_NO_WIDTH_RANGES)
"""RE2's class of characters without width: marks of direction, soft hyphens, joiners of words, control characters."""

MARKS_AND_JOINERS = _class(_NO_WIDTH_RANGES + _JOINER_RANGES)
"""Those, and what shapes the letters beside it, as in Persian and in emoji: part of a text, and of no key or number."""

ODD_BLANKS = _class((ord(c), ord(c)) for c in BLANKS if c != " ")
"""RE2's class of blanks other than the space."""

_CODES = [c for first, last in _NO_WIDTH_RANGES + _JOINER_RANGES for c in range(first, last + 1)]
EDGES = BLANKS + "".join(map(chr, _CODES))
"""All that shows nothing at either end of a value."""

_WITHOUT = dict.fromkeys(_CODES)
_IGNORED = re.compile(r"[\s_\-]+")


def unseen(text: str) -> list[str]:
    r"""Return the characters of a text that do not show, as code points in their order.

    >>> unseen("K\u200e0 1\xa0")
    ['U+200E', 'U+00A0']
    """
    found = [c for c in text if c in EDGES and c != " "]
    return list(dict.fromkeys(f"U+{ord(c):04X}" for c in found))


def seen(text: str) -> str:
    r"""Return a text without what has no width, and without blanks at its ends.

    >>> seen("\ufeff K\u200e01\xa0")
    'K01'
    """
    return text.translate(_WITHOUT).strip(BLANKS)


def folded(header: str) -> str:
    r"""Return what two headers have in common that are to be taken for the same.

    >>> folded("Customer_ID") == folded("customer id") == folded("\u200eCUSTOMER-ID")
    True
    """
    return _IGNORED.sub("", unicodedata.normalize("NFKC", header).translate(_WITHOUT).casefold())


POINT = "\ue02e"
"""Stands for a point within a name of SQL, where `a.b` in backticks would be read as b of a; no script has it."""

_SPOOFING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Marks and overrides of direction: they make a text show in another order than it is read in."""

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufff9-\uffff\U000e0000-\U000e007f"
"""What commands a terminal or ends a line, and what no text can be saved with; not the tab and the line feed."""

_CONTROL = re.compile(f"[{_CONTROLS}\u202a-\u202e\u2066-\u2069]")
_UNSHOWN = re.compile(f"[{_CONTROLS}{_SPOOFING}\xad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff]")
_BREAKS = re.compile(r"(?:\r\n|[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029])+")


def control_in(text: str) -> str | None:
    r"""Return the first character that commands a terminal, turns the direction or cannot be saved, as a code point.

    >>> control_in("Caf\u00e9 \u200f"), control_in("a\x1b[2Jb"), control_in("a\nb")
    (None, 'U+001B', None)
    """
    found = _CONTROL.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def plain(text: str) -> str:
    r"""Return a text without what a terminal obeys and what does not show; its tabs and lines stay.

    Joiners of letters stay too, since emoji and Persian are spelled with them.

    >>> plain("Ann\x1b]8;;http://a\x07\u202e\u200b\nLee")
    'Ann]8;;http://a\nLee'
    """
    return _UNSHOWN.sub("", text)


def one_line(text: str) -> str:
    r"""Return a text as `plain` does, on one line: whoever wrote it must not begin a line of ours.

    >>> one_line("Leeds\nError: all is lost\r\n")
    'Leeds Error: all is lost'
    """
    return plain(_BREAKS.sub(" ", text)).strip()
