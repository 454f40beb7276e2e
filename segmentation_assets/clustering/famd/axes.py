"""Principal axes of a mixed table from its moments."""

from functools import lru_cache

import numpy as np
from scipy.linalg import eigh
from threadpoolctl import ThreadpoolController

# Two entries this close count as equal in size, so that rounding cannot choose the sign.
SIGN_TIE = 1e-9


def mixed_correlation(moments):
    """Covariance of standardised numbers and of (x - p) / sqrt(p) of every level.

    Entries: the correlation of two numbers; (p_lm - p_l p_m) / sqrt(p_l p_m) for two
    levels; cov(x_l, y) / (sqrt(p_l) sd(y)) for a level and a number (Pages 2004).

    Returns
    -------
    matrix : float array of shape (p + levels, p + levels)
    deviations : float array of shape (p,), standard deviations in grid steps
    shares : float array of shape (levels,), all above 0
    """
    covariance = moments.covariance()
    deviations = np.sqrt(np.diagonal(covariance))
    shares = np.diagonal(moments.pairs) / moments.n
    scale = np.concatenate([np.where(deviations > 0.0, deviations, 1.0), np.sqrt(shares)])
    mixed = moments.level_covariance()
    matrix = np.block([[covariance, mixed.T], [mixed, moments.pair_covariance()]])
    return matrix / np.multiply.outer(scale, scale), deviations, shares


def principal_axes(matrix, n_components):
    """Return the leading eigenvalues, descending and not below 0, and their unit eigenvectors as rows.

    One thread does the decomposition, since more may change its last bits; the
    entry of greatest magnitude of each axis (the first of several) is positive.
    """
    last = len(matrix) - 1
    with _controller().limit(limits=1):
        values, vectors = eigh(matrix, subset_by_index=(max(0, last - n_components + 1), last))
    axes = vectors.T[::-1]
    sizes = np.abs(axes)
    leading = np.argmax(sizes >= sizes.max(axis=1, keepdims=True) * (1.0 - SIGN_TIE), axis=1)
    signs = np.where(axes[np.arange(len(axes)), leading] < 0.0, -1.0, 1.0)
    return np.maximum(values[::-1], 0.0), axes * signs[:, None]


@lru_cache(maxsize=1)
def _controller():
    return ThreadpoolController()
