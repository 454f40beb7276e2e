"""Which number of clusters to take: the fewest, or those in use, unless others are better by more than a margin."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

# A gain in silhouette below this is not worth another cluster; so many standard errors of it may be chance.
SILHOUETTE_TOLERANCE, ERRORS = 0.02, 2.0
LEAST_SHARE, LEAST_JACCARD = 0.05, 0.75
# What is in use is left for what is better by so many margins, and for faults that are worse than what keeps a
# candidate out: half the share, and the Jaccard similarity below which Hennig (2007) trusts no cluster.
MARGINS_TO_LEAVE, SHARE_TO_LEAVE, JACCARD_TO_LEAVE = 1.5, 0.5, 0.6


@dataclass(frozen=True)
class Recommendation:
    """A number of clusters, and why not another.

    Attributes
    ----------
    n_clusters : int
    table : DataFrame, one row per candidate in the order given, with the columns
        n_clusters; is_large, is_stable (its smallest and its least stable cluster meet
        what was demanded); is_admitted (it could be chosen); rival (the admitted
        candidate that is better by most beyond the margin, NaN where none is); gain and
        margin (its silhouette less the recommended one's, and what that has to exceed
        for it to be better).
    """

    n_clusters: int
    table: pd.DataFrame


def recommend(scores, *, min_share=LEAST_SHARE, min_jaccard=LEAST_JACCARD, tolerance=SILHOUETTE_TOLERANCE,
              noise=None, in_use=None):  # fmt: skip
    """Choose a number of clusters from the scores of several; see `weigh`, which also says why."""
    return weigh(
        scores, min_share=min_share, min_jaccard=min_jaccard, tolerance=tolerance, noise=noise, in_use=in_use
    ).n_clusters


def weigh(scores, *, min_share=LEAST_SHARE, min_jaccard=LEAST_JACCARD, tolerance=SILHOUETTE_TOLERANCE,
          noise=None, in_use=None):  # fmt: skip
    """Choose a number of clusters from the scores of several, and say what spoke against the others.

    Admitted are the candidates whose smallest cluster holds at least `min_share` of
    the rows and whose least stable cluster has a mean Jaccard similarity of at
    least `min_jaccard` (0.75 is stable, Hennig 2007). Where no candidate meets both
    demands, stability alone counts; where none meets that, all compete. A
    stability that was not measured is not demanded.

    A candidate is better than another if its silhouette is higher by more than the
    margin: `tolerance`, below which another cluster is not worth having, and two
    standard errors of the difference. Of the admitted ones that none is better than,
    the fewest clusters win, as by the one-standard-error rule (Breiman et al.,
    Classification and Regression Trees, 1984).

    The number in use stays while no admitted candidate is better by one and a half times the margin,
    its smallest cluster holds half of what is demanded and its least stable one has a
    Jaccard similarity of 0.6: so what was barely chosen is not barely given up.

    Parameters
    ----------
    scores : DataFrame with n_clusters, silhouette, min_jaccard and min_share
    noise : array of shape (candidates, candidates), optional
        Standard errors of the differences between the silhouettes, in the order of `scores`; 0 if left out.
    in_use : int, optional
        The number of clusters in use, from an earlier scorecard; without effect where it is no candidate.

    Returns
    -------
    Recommendation

    Examples
    --------
    Three clusters are not worth a hundredth more than two, and two not going back for.

    >>> scores = pd.DataFrame({"n_clusters": [2, 3], "silhouette": [0.50, 0.51], "min_share": 0.2, "min_jaccard": 0.9})
    >>> weigh(scores).n_clusters, weigh(scores, in_use=3).n_clusters
    (2, 3)
    """
    numbers, silhouettes = scores["n_clusters"].to_numpy(), scores["silhouette"].to_numpy(float)
    is_used = numbers == in_use if in_use is not None else np.zeros(len(numbers), bool)
    is_large = scores["min_share"].to_numpy(float) >= np.where(is_used, SHARE_TO_LEAVE * min_share, min_share)
    jaccards = scores["min_jaccard"].to_numpy(float)
    is_stable = np.isnan(jaccards) | (jaccards >= np.where(is_used, min(JACCARD_TO_LEAVE, min_jaccard), min_jaccard))
    demands = (is_large & is_stable, is_stable, np.ones(len(numbers), bool))
    is_admitted = next(demand for demand in demands if demand.any())

    # Of each row over each column.
    gains = silhouettes[:, None] - silhouettes
    margins = tolerance + ERRORS * (np.zeros(gains.shape) if noise is None else np.asarray(noise, float))
    margins = np.where(is_used, MARGINS_TO_LEAVE * margins, margins)
    excess = np.where(is_admitted[:, None] & (gains > margins), gains - margins, 0.0)
    is_good = is_admitted & ~excess.any(axis=0)
    chosen = np.flatnonzero(is_good & is_used) if (is_good & is_used).any() else np.flatnonzero(is_good)
    best = chosen[np.argmin(numbers[chosen])]
    table = pd.DataFrame(
        {
            "n_clusters": numbers,
            "is_large": is_large,
            "is_stable": is_stable,
            "is_admitted": is_admitted,
            "rival": np.where(excess.any(axis=0), numbers[excess.argmax(axis=0)], np.nan),
            "gain": gains[:, best],
            "margin": margins[:, best],
        }
    )
    return Recommendation(int(numbers[best]), table)
