"""How far two samples of one feature lie apart: four measures, each on its own formula."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import kolmogorov

BINS = 10
FEWEST_EXPECTED = 5
"""Least expected count of a category in either sample; rarer ones are taken together (Cochran 1954)."""


@dataclass(frozen=True)
class Divergence:
    """What sets two samples apart; a measure that does not exist for the kind of feature is NaN."""

    psi: float
    js: float
    p_value: float
    ks: float = float("nan")
    chi2: float = float("nan")


def numeric_divergence(expected: np.ndarray, actual: np.ndarray) -> Divergence:
    """Compare two samples of a number, float arrays of shape (n,) and (m,) without NaN, neither empty.

    The p-value is that of the two-sample Kolmogorov-Smirnov test by its limiting distribution, which is the larger for
    ties and for few customers.
    """
    counts, ks = bin_counts(expected, actual), ks_distance(expected, actual)
    root = np.sqrt(len(expected) * len(actual) / (len(expected) + len(actual)))
    return Divergence(psi(*counts), js_distance(*counts), float(kolmogorov(root * ks)), ks=ks)


def categorical_divergence(expected: pd.Series, actual: pd.Series) -> Divergence:
    """Compare two samples of a category without missing values, neither empty; the p-value is Pearson's chi-square."""
    counts = category_counts(expected, actual)
    test = stats.chi2_contingency(np.vstack(counts), correction=False)
    return Divergence(psi(*counts), js_distance(*counts), float(test.pvalue), chi2=float(test.statistic))


def psi(expected: np.ndarray, actual: np.ndarray) -> float:
    """Return the population stability index of two samples counted over the same bins.

    PSI = sum over bins of (a - e) * ln(a / e), with shares `e` and `a`; 0 means the same distribution, 0.1 a shift
    worth a look and 0.25 a large one (Siddiqi, Credit Risk Scorecards, 2006). A bin that is empty in one sample counts
    half a customer there, since the logarithm of nothing has no value.

    >>> round(psi(np.array([50, 50]), np.array([25, 75])), 6)  # 0.25 ln 2 + 0.25 ln 1.5
    0.274653
    """
    e, a = (np.where(counts > 0, counts, 0.5) / counts.sum() for counts in (expected, actual))
    return float(np.sum((a - e) * np.log(a / e)))


def ks_distance(expected: np.ndarray, actual: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance: the greatest difference between the shares of two samples up to any value."""
    one, other = np.sort(expected), np.sort(actual)
    everywhere = np.concatenate([one, other])
    shares = (np.searchsorted(values, everywhere, side="right") / len(values) for values in (one, other))
    return float(np.abs(np.subtract(*shares)).max())


def js_distance(expected: np.ndarray, actual: np.ndarray) -> float:
    """Jensen-Shannon distance of two samples counted over the same bins: 0 for alike, 1 for nothing in common.

    The square root of the mean divergence, in bits, of either from their mixture (Lin 1991; Endres and Schindelin
    2003).
    """
    return float(jensenshannon(expected, actual, base=2))


def bin_counts(expected: np.ndarray, actual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count both samples over the deciles of the first; deciles that fall together, as of a count, are one."""
    inner = np.unique(np.quantile(expected, np.linspace(0, 1, BINS + 1)[1:-1]))
    # A value on an edge belongs below it, so that the many who share one value are not parted from it.
    counts = [np.bincount(np.searchsorted(inner, values), minlength=len(inner) + 1) for values in (expected, actual)]
    filled = (counts[0] + counts[1]) > 0
    return counts[0][filled].astype(float), counts[1][filled].astype(float)


def category_counts(expected: pd.Series, actual: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Count both samples by category, those too rare to be judged by themselves taken together."""
    counts = pd.concat([sample.value_counts() for sample in (expected, actual)], axis=1).fillna(0).sort_index()
    table = counts.to_numpy(np.float64)
    least = table.sum(axis=1) * table.sum(axis=0).min() / table.sum()
    rare = least < FEWEST_EXPECTED
    kept = np.vstack([table[~rare], table[rare].sum(axis=0)[None, :]]) if rare.any() else table
    return kept[:, 0], kept[:, 1]
