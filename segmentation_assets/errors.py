"""The errors a user can provoke, and the sentence shape they share.

Each says what is wrong, where, what is allowed and what to do. The command line prints them without a traceback;
anything else that escapes is a defect of ours and keeps its traceback.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from segmentation_assets.characters import one_line

_READABLE = 60
"""Characters of a header or a name that an error repeats."""


class SegmentationError(Exception):
    """Something outside the program is wrong and a person can mend it."""


class SettingsError(SegmentationError):
    """An environment variable holds a value that is not allowed."""


class PortfolioError(SegmentationError):
    """The portfolio file is not valid."""


class SourceError(SegmentationError):
    """An input table cannot be read as delivered."""


class NoDataError(SourceError):
    """No data is given, or what is given is none: the command was called wrongly, or the settings are."""


class TableError(SegmentationError):
    """A table is declared in a way that cannot be right."""


class WarehouseError(SegmentationError):
    """The warehouse refused, and nothing was changed."""


class ModelError(SegmentationError):
    """A lens cannot be trained or applied on the data of a snapshot."""


def choices(allowed: Iterable[object]) -> str:
    """Return the allowed values as a list for a sentence, empty where there are none.

    They may be headers, names of files and the like: what a terminal would obey is left out.
    """
    return ", ".join(one_line(str(value)) for value in allowed)


def some_of(found: Iterable[object], most: int = 30) -> str:
    """Return the first of what was found as a list for a sentence, each cut to what one can read, and how many more.

    >>> some_of(["a", "b" * 200, "c"], most=2) == f"a, {'b' * 59}… and 1 more"
    True
    """
    words = [one_line(str(one)) for one in found]
    shown = [word if len(word) <= _READABLE else f"{word[: _READABLE - 1]}…" for word in words[:most]]
    return ", ".join(shown) + (f" and {len(words) - most:,} more" if len(words) > most else "")


def closest(word: object, allowed: Iterable[object]) -> str | None:
    """Return the allowed word that is closest to a word, whatever its case; None where none is close.

    >>> closest("Incom", ["age", "income"]), closest("height", ["age", "income"])
    ('income', None)
    """
    by_lower = {str(a).lower(): str(a) for a in allowed}
    close = get_close_matches(str(word).lower(), by_lower, n=1)
    return by_lower[close[0]] if close else None


def did_you_mean(word: object, allowed: Iterable[object]) -> str:
    """Return ' Did you mean ...?' when one of the allowed words is close, else nothing.

    >>> did_you_mean("marital_state", ["marital_status", "gender"])
    " Did you mean 'marital_status'?"
    """
    meant = closest(word, allowed)
    return f" Did you mean {meant!r}?" if meant else ""
