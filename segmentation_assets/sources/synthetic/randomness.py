"""Random numbers that are looked up, not drawn in turn.

Each number is a pure function of (seed, purpose, customer, sub index): a
counter-based generator (Salmon et al., Parallel Random Numbers: As Easy as
1, 2, 3, 2011) with the finaliser of SplitMix64 (Steele, Lea and Flood, 2014)
as its bijection. A generator with a state would make a customer's income
depend on the block it was generated in, on the size of the population and on
the tables read before it; a looked-up number depends on none of these, so the
same customer is the same in each snapshot.
"""

import zlib

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_SUB = 0xD1B54A32D192ED03


def uniform(seed: int, purpose: str, numbers: ArrayLike, sub: ArrayLike | None = None) -> np.ndarray:
    """Uniform numbers on the open interval (0, 1), one for each counter.

    Parameters
    ----------
    seed : int
        Whose numbers they are; two seeds are two insurers.
    purpose : str
        What the number is for, such as "customers.income": two purposes are
        independent streams.
    numbers : integer array
        The customer (or row) the number belongs to.
    sub : integer array or int, optional
        A second counter that broadcasts against `numbers`, such as a policy's
        slot or a quarter.

    Returns
    -------
    float64 array of the broadcast shape.
    """
    key = _mix_int((seed & _MASK) ^ _mix_int(zlib.crc32(purpose.encode()) + _GOLDEN))
    bits = _mix(np.asarray(numbers).astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(key))
    if sub is not None:
        step = np.atleast_1d(np.asarray(sub)).astype(np.uint64) * np.uint64(_SUB)
        bits = _mix(bits ^ (step + np.uint64(_GOLDEN)))
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal(u: np.ndarray, *, bound: float = 2.5) -> np.ndarray:
    """Return standard normal scores of uniforms `u`, truncated at +-`bound`.

    The truncation keeps a population of millions within plausible ranges.
    """
    low = ndtr(-bound)
    return ndtri(low + u * (1.0 - 2.0 * low))


def exponential(u: np.ndarray, mean: float | np.ndarray) -> np.ndarray:
    """Return waiting times of the given mean (an array or a number)."""
    return -np.log1p(-u) * mean


def choose(u: np.ndarray, group: np.ndarray, cumulative: np.ndarray) -> np.ndarray:
    """Category codes: for each u the first category whose cumulative share passes it.

    Parameters
    ----------
    u : float array
        Uniforms in (0, 1).
    group : integer array of the shape of u
        The row of `cumulative` to use.
    cumulative : float array of shape (groups, categories)
        Rises to 1 along each row.

    Returns
    -------
    int16 array of the shape of u.
    """
    codes = np.empty(u.shape, dtype=np.int16)
    for row, shares in enumerate(cumulative):
        here = group == row
        codes[here] = np.searchsorted(shares[:-1], u[here], side="right")
    return codes


def _mix(bits: np.ndarray) -> np.ndarray:
    """Return the SplitMix64 finaliser on an array; arithmetic is modulo 2^64."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _mix_int(value: int) -> int:
    """Return the same on a Python integer (numpy scalars would warn of the overflow)."""
    value &= _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
