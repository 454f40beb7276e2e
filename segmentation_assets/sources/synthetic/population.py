"""Who is a customer when: joining, leaving, ageing and moving between segments.

Customers are numbered from 1: first the founders, who are customers when the
history starts, then each year's joiners in order of joining. Nothing here
depends on a snapshot's date except what is asked for a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from segmentation_assets.sources.synthetic.personas import PERSONA_NAMES, column, spread
from segmentation_assets.sources.synthetic.randomness import choose, exponential, normal, uniform

Days = int | np.ndarray
"""A day, or an array of days: one a customer, or a row of them a customer."""

EPOCH = date(1970, 1, 1)
NEVER = 1_000_000
"""A day later than any snapshot (it falls in the year 4707)."""

ALWAYS = -NEVER
"""A day before every life: whoever asks for it sees people before any migration."""

YEAR = 365.25
BLOCK = 50_000
JOIN_RATE = 0.09
"""Joiners a year as a share of the founders; a little more than leave."""

ARCHIVE_AFTER = 365
"""Days that a customer without a policy in force stays in the file."""

LONGEST_PAST_LEAVE = 275
"""Founders who left, left at most this long before the history starts, so that
joiners are ahead of the archived from the first day and the file never holds
fewer customers than asked for."""


@dataclass(frozen=True)
class Route:
    """A way from one planted segment to another, with who may take it.

    Age and tenure do not jump when a life changes, so the windows admit only
    those whose age and tenure fit both ends: the move is then one of income,
    marital status, products and behaviour.
    """

    from_segment: str
    to_segment: str
    ages: tuple[float, float]
    tenures: tuple[float, float]


ROUTES = (
    Route("Young Urban Renters", "Affluent Professionals", (28, 40), (1.5, 8)),
    Route("Established Families", "Affluent Professionals", (34, 58), (2, 9)),
    Route("Established Families", "Business Owners", (38, 60), (7.5, 15)),
    Route("Affluent Professionals", "Established Families", (34, 49), (4, 11)),
    Route("Business Owners", "Mature Savers", (56, 80), (11, 25)),
)


@dataclass(frozen=True)
class People:
    """The lives of a block of customers; days are counted from 1970-01-01.

    `left` is the day the last policy lapses, `archived` the day the customer
    is no longer in the file, `moved` the day of the planted migration from
    segment `before` to segment `after`; each may be NEVER.
    """

    seed: int
    number: np.ndarray
    born: np.ndarray
    joined: np.ndarray
    left: np.ndarray
    archived: np.ndarray
    moved: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def __len__(self) -> int:
        return len(self.number)

    def uniform(self, purpose: str, sub: ArrayLike | None = None) -> np.ndarray:
        """Return the customers' own random numbers; with `sub`, of shape (customers, subs)."""
        if sub is None:
            return uniform(self.seed, purpose, self.number)
        return uniform(self.seed, purpose, self.number[:, None], np.atleast_2d(sub))

    def era(self, day: Days) -> np.ndarray:
        """0 before the migration and 1 from its day on, for a day or an array of days."""
        return (_column(self.moved, day) <= day).astype(np.int8)

    def persona(self, day: Days) -> np.ndarray:
        """Return the persona's code on a day, or on an array of days (a row a customer)."""
        return np.where(self.era(day) == 1, _column(self.after, day), _column(self.before, day)).astype(np.int8)

    def in_file(self, day: int) -> "People":
        """Those whom the customer file holds on a day."""
        return self.take((self.joined <= day) & (day < self.archived))

    def take(self, chosen: np.ndarray) -> "People":
        """Return the people of a mask, or those at positions, which may repeat."""
        names = ("number", "born", "joined", "left", "archived", "moved", "before", "after")
        return People(self.seed, **{name: getattr(self, name)[chosen] for name in names})


@dataclass(frozen=True)
class Population:
    """The whole of an insurer's customers, a block at a time."""

    n_customers: int
    seed: int
    starts_on: int
    migration_rate: float

    def blocks(self, day: int) -> Iterator[People]:
        """Return the people in the file on a day, in order of their number."""
        for people in self._lives(day):
            present = people.in_file(day)
            if len(present):
                yield present

    def _lives(self, day: int) -> Iterator[People]:
        first_number = 1
        for year, size in self._cohorts(day):
            for start in range(0, size, BLOCK):
                rank = np.arange(start, min(start + BLOCK, size))
                yield self._block(first_number + rank, rank, size, year)
            first_number += size

    def _cohorts(self, day: int) -> Iterator[tuple[int | None, int]]:
        """(year, size): the founders, who have no year, then each year's joiners."""
        yield None, self.n_customers
        for year in range(_year(self.starts_on), _year(day) + 1):
            opens, closes = self._joining_season(year)
            yield year, round(self.n_customers * JOIN_RATE * (closes - opens) / YEAR)

    def _joining_season(self, year: int) -> tuple[int, int]:
        """First day and day after the last on which the customers of a year join."""
        opens = max((date(year, 1, 1) - EPOCH).days, self.starts_on + 1)
        return opens, max((date(year + 1, 1, 1) - EPOCH).days, opens)

    def _block(self, number: np.ndarray, rank: np.ndarray, size: int, year: int | None) -> People:
        def draw(purpose: str) -> np.ndarray:
            return uniform(self.seed, purpose, number)

        cumulative = np.cumsum(column("share" if year is None else "join_share"))[None, :]
        before = choose(draw("persona"), np.zeros(len(number), np.int8), cumulative)
        if year is None:
            seen_on = np.full(len(number), self.starts_on)
        else:
            opens, closes = self._joining_season(year)
            seen_on = opens + (rank * (closes - opens)) // size
        age = _score(draw("age"), "age", before)
        joined = seen_on.copy()
        if year is None:
            tenure = np.clip(_score(draw("tenure"), "tenure", before), 0.3, age - 18.3)
            joined = seen_on - np.maximum(1, np.rint(tenure * YEAR)).astype(np.int64)
        age = np.maximum(age, 18.1)
        born = seen_on - np.rint(age * YEAR).astype(np.int64)
        waiting = exponential(draw("leave"), YEAR / column("leave_rate")[before])
        earliest = np.maximum(joined + 90, self.starts_on - LONGEST_PAST_LEAVE)
        left = np.minimum(earliest + waiting.astype(np.int64), NEVER)
        waiting = exponential(draw("move"), YEAR / max(self.migration_rate, 1e-12))
        moved = np.maximum(self.starts_on, joined) + 1 + np.minimum(waiting, NEVER).astype(np.int64)
        after = _destinations(draw("route"), before, (moved - born) / YEAR, (moved - joined) / YEAR)
        # Nobody moves just before leaving: a move must last to be seen.
        stays = (after == before) | (moved + 60 >= left)
        moved, after = np.where(stays, NEVER, moved), np.where(stays, before, after)
        return People(
            self.seed, number, born, joined, left,
            np.minimum(left + ARCHIVE_AFTER, NEVER), moved, before, after,
        )  # fmt: skip


def _destinations(preference: np.ndarray, before: np.ndarray, age: np.ndarray, tenure: np.ndarray) -> np.ndarray:
    """Return the persona that each customer would move to at an age and tenure; its own where no route is open.

    Of several open routes a customer takes the one that its preference, a
    uniform number, likes best.
    """
    best = np.zeros(len(before))
    after = before.copy()
    for position, route in enumerate(ROUTES):
        is_open = (
            (before == PERSONA_NAMES.index(route.from_segment))
            & (route.ages[0] <= age) & (age < route.ages[1])
            & (route.tenures[0] <= tenure) & (tenure < route.tenures[1])
        )  # fmt: skip
        liking = (preference * (7 + 2 * position)) % 1.0 + 1e-9
        is_taken = is_open & (liking > best)
        best[is_taken] = liking[is_taken]
        after[is_taken] = PERSONA_NAMES.index(route.to_segment)
    return after


def _year(day: int) -> int:
    return date.fromordinal(EPOCH.toordinal() + day).year


def _score(u: np.ndarray, name: str, persona: np.ndarray) -> np.ndarray:
    mean, deviation = spread(name)
    return mean[persona] + deviation[persona] * normal(u)


def _column(values: np.ndarray, day: Days) -> np.ndarray:
    """`values` shaped to broadcast against a day or a row of days a customer."""
    return values[:, None] if np.ndim(day) == 2 else values
