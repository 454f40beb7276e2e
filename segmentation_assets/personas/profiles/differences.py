"""Whether a segment differs clearly from the other customers: far enough to matter, and by more than chance.

Far enough is a standardised difference (Cohen's d, with the pooled standard deviation) or, for amounts that spread
widely, a ratio of means: credits two thirds as large are worth telling although d is small. More than chance is three
standard errors, since a lens looks at some twenty features at once.
"""

import math
from dataclasses import dataclass

_Z_95 = 1.96


@dataclass(frozen=True)
class Clearly:
    """How much is needed; ratios and d for numbers, gap and h for shares."""

    d: float = 0.3
    ratio: float = 1.25
    ratio_d: float = 0.15
    gap: float = 0.1
    h: float = 0.2
    standard_errors: float = 3.0


CLEARLY = Clearly()


@dataclass(frozen=True)
class Sample:
    """Size, mean and population standard deviation of a feature in a group; of a share p the latter is sqrt(p(1-p))."""

    n: int
    mean: float
    deviation: float

    @property
    def is_known(self) -> bool:
        """Whether there is anything to compare."""
        return self.n > 0 and math.isfinite(self.mean) and math.isfinite(self.deviation)


def means_differ(own: Sample, others: Sample, needed: Clearly = CLEARLY) -> bool:
    """Tell whether two means differ clearly."""
    if not (own.is_known and others.is_known) or own.mean == others.mean:
        return False
    gap = abs(own.mean - others.mean)
    own_variance, others_variance = own.deviation * own.deviation, others.deviation * others.deviation
    error = math.sqrt(own_variance / own.n + others_variance / others.n)
    if gap < needed.standard_errors * error:
        return False
    pooled = math.sqrt((own.n * own_variance + others.n * others_variance) / (own.n + others.n))
    low, high = sorted((own.mean, others.mean))
    is_multiple = low >= 0 and high >= needed.ratio * low
    return gap >= needed.d * pooled or (is_multiple and gap >= needed.ratio_d * pooled)


def share_exceeds(own: float, n: int, others: float, n_others: int, needed: Clearly = CLEARLY) -> bool:
    """Tell whether a share is clearly above another one."""
    if n < 1 or n_others < 1 or not own - others >= needed.gap or cohen_h(own, others) < needed.h:
        return False
    together = (own * n + others * n_others) / (n + n_others)
    error = math.sqrt(together * (1 - together) * (1 / n + 1 / n_others))
    return own - others >= needed.standard_errors * error


def rate_exceeds(own: float, n: int, others: float, n_others: int, *, ratio: float = 1.2) -> bool:
    """Tell whether a rate, small as it may be, is clearly above another one.

    It is where it is at least a fifth higher and the 95 % intervals of the two do not touch.
    """
    if n < 1 or n_others < 1 or math.isnan(own) or math.isnan(others) or own < ratio * others:
        return False
    return wilson_interval(own, n)[0] > wilson_interval(others, n_others)[1]


def wilson_interval(share: float, n: int, z: float = _Z_95) -> tuple[float, float]:
    """Return the score interval of a share among n (Wilson, J. Am. Stat. Assoc. 22, 1927).

    >>> [round(end, 3) for end in wilson_interval(0.1, 100)]
    [0.055, 0.174]
    """
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


def cohen_h(share: float, reference: float) -> float:
    """Return Cohen's effect size h between two shares, positive where the first is larger.

    >>> round(cohen_h(0.5, 0.25), 4)
    0.5236
    """
    own, other = min(max(share, 0.0), 1.0), min(max(reference, 0.0), 1.0)
    return 2 * math.asin(math.sqrt(own)) - 2 * math.asin(math.sqrt(other))
