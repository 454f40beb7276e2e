"""Days as people write them: ranges instead of lists."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby


def day_ranges(days: Iterable[date], calendar: Sequence[date]) -> list[tuple[date, date, int]]:
    """Return the ranges that days form: first, last, how many.

    Parameters
    ----------
    calendar : ascending; days that follow one another there are one range, so that where nothing is delivered at
        weekends, Friday and Monday are neighbours.

    Examples
    --------
    >>> friday, monday, tuesday = date(2025, 11, 14), date(2025, 11, 17), date(2025, 11, 18)
    >>> [(str(first), str(last), n) for first, last, n in day_ranges([monday, friday], [friday, monday, tuesday])]
    [('2025-11-14', '2025-11-17', 2)]
    """
    position = {day: number for number, day in enumerate(calendar)}
    ordered = sorted(days)
    runs = groupby(enumerate(ordered), key=lambda pair: position[pair[1]] - pair[0])
    found = [[day for _, day in run] for _, run in runs]
    return [(run[0], run[-1], len(run)) for run in found]


def in_words(ranges: Sequence[tuple[date, date, int]], most: int = 3) -> str:
    """Return ranges as words, the first few of them."""
    shown = [f"{first}" if first == last else f"{first} to {last}" for first, last, _ in ranges[:most]]
    return ", ".join(shown) + (f" and {len(ranges) - most} more" if len(ranges) > most else "")
