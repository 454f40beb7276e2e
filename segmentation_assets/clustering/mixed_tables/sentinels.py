"""Numbers that stand for "not known", such as 999999999999 among incomes, found by their look and how far off they lie.

A column's few largest magnitudes are told where they are several times all others. How many times depends on how they
look: 3 for four or more nines (9999, 99999.99), five or more of another digit (88888), and the limits of a type (32767,
2147483647); 8 for 999, and for 99 where it stands at least twice; 1,000 for a power of ten from a million on; 10,000
for any other number, if at least twenty others differ from zero. Negative numbers that look so (-99, -999, -32768)
are told in whatever size where all others are zero and above.

Honest columns keep quiet: of numbers with a Pareto tail of index a, the largest is F times the next with probability
F^-a (one in a million at a = 1.5 and F = 10,000), and has such a look with one far below a thousandth.
"""

import warnings
from dataclasses import dataclass

import numpy as np

# Distinct sentinels that a column may hold side by side, such as 9997, 9998 and 9999.
MOST = 5
# They lie this close together.
NEAR = 0.8
# Fewer other values have no order of magnitude to be dwarfed by.
FEWEST_OTHERS, FEWEST_NONZERO = 3, 20
DWARFED, DWARFED_BY_ROUND, DWARFED_BY_999, DWARFED_BY_9999 = 1e4, 1e3, 8.0, 3.0
LIMITS = {float(2**bits + one) for bits in (15, 16, 31, 32, 63, 64) for one in (-1, 0)}
LOOKED_AT = 4_096
# Where squared differences in float32 begin to lose what sets prototypes apart, in ranges of the fit.
FAR = 4_096.0


class SentinelWarning(UserWarning):
    """A column holds a number that stands far off all others and looks like one that is written for "not known"."""


@dataclass(frozen=True)
class Sentinels:
    """Numbers of a column that look like "not known", in how many of its n rows, and between what the others lie."""

    values: list
    n_found: int
    n: int
    low: float
    high: float

    def __str__(self):
        told = " and ".join(f"{one:,.15g}" for one in self.values)
        return (
            f"holds {told} in {self.n_found:,} of {self.n:,} rows, while the others lie between {self.low:,.15g} and "
            f"{self.high:,.15g}"
        )


def warn_of_sentinels(columns, stacklevel):
    """Issue a `SentinelWarning` for each numeric column that holds sentinels; see `find_sentinels`.

    Parameters
    ----------
    columns : list of Column
    stacklevel : int, as for `warnings.warn` where it stands in the caller's place
    """
    for column in columns:
        found = None if column.is_categorical else find_sentinels(column.values)
        if found:
            warnings.warn(
                f"Column {column.name!r} {found}. If it stands for 'not known', make it NaN before anything is learned "
                "from it, since means, scales and distances follow it. If it is true, ignore SentinelWarning.",
                SentinelWarning,
                stacklevel + 1,
            )


def warn_of_far_rows(encoding, rows, stacklevel):
    """Issue a `SentinelWarning` for each column of new rows with a number so far off that 24 bits tell no place apart.

    Parameters
    ----------
    encoding : Encoding of the fit, whose numbers lie within 1 of 0
    rows : Rows
    stacklevel : int, as for `warnings.warn` where it stands in the caller's place
    """
    for name, values, centre, factor in zip(
        encoding.numeric_names, rows.num, encoding.centres, encoding.factors, strict=True
    ):
        if max(np.fmax.reduce(values), -np.fmin.reduce(values)) > FAR:
            far = values[np.argmax(np.nan_to_num(np.abs(values)))] / factor + centre
            warnings.warn(
                f"Column {name!r} holds numbers as far off as {far:,.6g}, thousands of times the range that fit saw: "
                "beside it no prototype is nearer than another. If it stands for 'not known', make it NaN.",
                SentinelWarning,
                stacklevel + 1,
            )


def find_sentinels(values):
    """Return the `Sentinels` of a column of numbers, None for nearly every column.

    The rule is that of the module. It does not depend on the rows' order.

    Parameters
    ----------
    values : array of numbers of shape (n,); NaN is missing, and no number is infinite
    """
    numbers = np.asarray(values)
    low, high = float(np.fmin.reduce(numbers)), float(np.fmax.reduce(numbers))
    if not low < high or not (_is_below_zero(low) or _may_dwarf(numbers, low, high)):
        return None
    seen = np.asarray(numbers, np.float64)
    seen = seen[~np.isnan(seen)]
    found = _below_zero(seen)
    while more := _far_off(seen[~np.isin(seen, found)] if found else seen):
        found += more
    if not found:
        return None
    others = seen[~np.isin(seen, found)]
    found = sorted(found, key=lambda one: (-abs(one), one))
    return Sentinels(found, len(seen) - len(others), len(numbers), float(others.min()), float(others.max()))


def _is_below_zero(low):
    return low < 0 and _look(low) > 0


def _may_dwarf(numbers, low, high):
    """Whether the largest magnitude may dwarf the rest; nearly always told by a few thousand values."""
    most, has_look = max(-low, high), _look(low) or _look(high)
    if not has_look and numbers.dtype.kind != "f" and most < DWARFED:
        return False  # no whole number is that much smaller, but for zero
    bound = most / (DWARFED_BY_9999 if has_look else DWARFED)
    some = np.abs(numbers[:: max(1, len(numbers) // LOOKED_AT)])
    if len(np.unique(some[some > bound])) > MOST:
        return False
    return bool(has_look) or _nonzero_below(np.abs(numbers), bound) >= FEWEST_NONZERO


def _nonzero_below(sizes, bound):
    return int(np.count_nonzero((sizes > 0) & (sizes <= bound)))


def _below_zero(numbers):
    """Return the negative sentinels of a column that else knows no number below zero."""
    below = largest(-numbers[numbers < 0], MOST + 1)
    others = largest(numbers[numbers >= 0], FEWEST_OTHERS)
    if not 0 < len(below) <= MOST or len(others) < FEWEST_OTHERS or below[-1] < NEAR * below[0]:
        return []
    return [-one for one in below] if any(map(_look, below)) else []


def _far_off(numbers):
    """Return the sentinels among the largest magnitudes, those that lie farthest off; none mostly."""
    sizes = np.abs(numbers)
    tops = largest(sizes, MOST + FEWEST_OTHERS)
    for count in range(1, min(MOST, len(tops) - FEWEST_OTHERS) + 1):
        group, rest = tops[:count], tops[count]
        if group[-1] < NEAR * group[0]:
            break
        if group[-1] >= _times(group, rest, sizes) * rest:
            return sorted({float(one) for one in numbers[sizes >= group[-1]]})
    return []


def _times(group, rest, sizes):
    """Return how many times all others a group of numbers must be to be told."""
    best = max(_look(one) for one in group)
    repeated = np.count_nonzero(sizes >= group[-1]) > 1
    if best >= 4:
        return DWARFED_BY_9999
    if best == 3 or (best == 2 and repeated):
        return DWARFED_BY_999
    if best == 1:
        return DWARFED_BY_ROUND
    return DWARFED if _nonzero_below(sizes, rest) >= FEWEST_NONZERO else np.inf


def largest(values, count):
    """Return the `count` largest distinct values, in falling order."""
    some = np.unique(values[:: max(1, len(values) // LOOKED_AT)])
    if len(values) > len(some) >= count:
        values = values[values >= some[-count]]  # none of the largest is below
    found = []
    while len(values) and len(found) < count:
        found.append(float(values.max()))
        values = values[values < found[-1]]
    return found


def _look(value):
    """Say how much a number looks like "not known": its nines (at least 2), 5 for another of the kind, 1 if round."""
    size = abs(value)
    if size in LIMITS:
        return 5
    text = f"{size:.15g}"
    digits = text.replace(".", "")
    if size >= 99 and set(digits) == {"9"}:
        return len(digits)
    if len(digits) >= 5 and len(set(digits)) == 1:
        return 5
    return int(size >= 1e6 and np.log10(size).is_integer())
