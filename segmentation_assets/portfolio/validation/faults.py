"""Faults of a portfolio file, and the one error that tells them all."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from segmentation_assets.characters import one_line
from segmentation_assets.errors import PortfolioError

Place = tuple[str | int, ...]
"""The keys, and positions in lists, that lead to a value of the file."""

MOST_TOLD = 100
"""Faults that one error tells: nobody mends more at once, and each may name what was meant, which takes a while."""


class Fault(NamedTuple):
    """Something wrong: the place, and a sentence that starts after its name."""

    place: Place
    words: str


def portfolio_error(file: str, lines: Mapping[Place, int], faults: Iterable[Fault]) -> PortfolioError:
    """Join the faults into one error, a line each, in the order of the file.

    A place that the file does not hold, such as that of a missing key, is given the line of what would hold it.
    """
    placed = sorted((_line(lines, fault.place), written(fault.place), fault.words) for fault in faults)
    told = list(dict.fromkeys(one_line(f"{file}:{line}: {key} {words}") for line, key, words in placed))
    rest = [f"{file}: there are more faults, which are told when these are mended."] if len(told) > MOST_TOLD else []
    return PortfolioError("\n".join([*told[:MOST_TOLD], *rest]))


def _line(lines: Mapping[Place, int], place: Place) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def written(place: Place) -> str:
    """Return a place as one writes it.

    >>> written(("product_catalogue", 0, "ranges", "age"))
    'product_catalogue[0].ranges.age'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the file"
