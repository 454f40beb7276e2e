"""Shares as they are told: of all customers of a segment, where many of them have no value.

A profile leaves missing values out, feature by feature. "94 % hold a classic card" would then be said of a segment of
which one in six holds a card at all. So where fewer than `KNOWN_ENOUGH` of the customers have a value, those without
count among the rest, in the segment and in what it is held against.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segmentation_assets.portfolio.features import Feature

KNOWN_ENOUGH = 0.95
"""Share of customers with a value from which what is missing changes no sentence."""


def among_all(profile: pd.DataFrame, features: Mapping[str, Feature]) -> pd.DataFrame:
    """Return the profile of one segment with the shares of half-known categories among all customers.

    What is bought second is left as it is: that is told of those who bought a second product.

    Parameters
    ----------
    profile : the rows of `segment_profiles` of one segment; `n_customers` and `n_others` are of those with a value.
        Where so few have one that their shares are not told (`telling`), all of them may be in any category.

    Returns
    -------
    The same rows. Where a row is changed its numbers of customers are those of all, so a second time changes nothing.
    """
    kinds = {name: f.kind == "categorical" and f.role != "next_product" for name, f in features.items()}
    is_told = profile["feature"].map(lambda name: kinds.get(name, False)).to_numpy(bool)
    n, n_others = (profile[key].to_numpy(np.float64) for key in ("n_customers", "n_others"))
    if not is_told.any():
        return profile
    size, size_others = n.max(), n_others.max()
    is_partial = is_told & ((n < KNOWN_ENOUGH * size) | (n_others < KNOWN_ENOUGH * size_others))
    if not is_partial.any():
        return profile
    count = np.nan_to_num(profile["share"].to_numpy(np.float64), nan=1.0) * n
    others = np.nan_to_num(profile["others_share"].to_numpy(np.float64), nan=1.0) * n_others
    told = {
        "share": count / size if size else count,
        "others_share": others / size_others if size_others else np.full(len(profile), np.nan),
        "population_share": (count + others) / (size + size_others) if size + size_others else count,
    }
    changed = {key: np.where(is_partial, values, profile[key]) for key, values in told.items()}
    changed |= {
        "n_customers": np.where(is_partial, size, n).astype(np.int64),
        "n_others": np.where(is_partial, size_others, n_others).astype(np.int64),
    }
    return profile.assign(**changed)
