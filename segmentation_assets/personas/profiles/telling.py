"""What of a profile may be told: figures that at least `min_group_size` customers stand behind.

Everything that leaves the warehouse is made of profiles (names, descriptions, strategies, questions to a model, plots),
so the rule is applied where a profile is made and where one is read, and nowhere else:

- **A number** (mean, median, spread, z-score) needs that many customers of the segment who have a value. The mean of
  one premium is a premium, however large the segment is.
- **What is told of the others** needs that many of the others. What is told of all needs both, or none but the segment:
  of a whole and its larger part the smaller one can be worked out.
- **A share** needs a segment in which that many have a value. To be told with its figure it also needs that many who
  are in the category, and none or that many who are not: "99 %" of 200 speaks of two people. Between, it is told in
  words (`told_share`). A number that is 0 or 1 for each customer is a share.
- **A category's own text** (`known_categories`) needs that many customers who have it, or a portfolio that lists it:
  what one person typed into a form may be a name.

How many have a value, or are in a category, is a count and no value of anybody; tables keep those.
"""

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from segmentation_assets.personas.claims.amounts import format_share
from segmentation_assets.personas.claims.feature_names import NO, YES
from segmentation_assets.portfolio.features import Feature

OWN = ("mean", "median", "standard_deviation", "share")
OTHERS = ("others_mean", "others_standard_deviation", "others_share")
WHOLE = ("population_mean", "population_share", "z_score", "lift")

ANY = "any"
JOINT = " + "
"""What stands between the products of a category of holdings."""

_RARE, _USUAL = 0.1, 0.9
_ROUNDING = 1e-9


def tellable(profile: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return rows of `segment_profiles` without the figures that fewer than `least` customers stand behind.

    Figures that are no finite number go as well. A second time changes nothing.
    """
    n, n_others = (profile[key].fillna(0).to_numpy(np.float64) for key in ("n_customers", "n_others"))
    few, few_others = n < least, (n_others > 0) & (n_others < least)
    hidden = dict.fromkeys(OWN, few) | dict.fromkeys(OTHERS, few | few_others) | dict.fromkeys(WHOLE, few | few_others)
    told: dict[str, Any] = {}
    for key, mask in hidden.items():
        if key in profile:
            figures = profile[key].to_numpy(np.float64, na_value=np.nan)
            kept = np.where(mask | ~np.isfinite(figures), np.nan, figures)
            if profile[key].dtype != np.float64 or not np.array_equal(kept, figures, equal_nan=True):
                told[key] = kept
    if "is_mode" in profile:
        is_mode = profile["is_mode"].to_numpy(bool)
        if (is_mode & few).any():
            told["is_mode"] = is_mode & ~few
    return profile.assign(**told) if told else profile


def is_share(mean: float, deviation: float) -> bool:
    """Tell whether a number is 0 for some customers and 1 for the others, by its mean and standard deviation."""
    return deviation > 0 and 0 < mean < 1 and math.isclose(deviation * deviation, mean * (1 - mean), abs_tol=_ROUNDING)


def n_in(share: float, n: int) -> int:
    """Return how many customers a share of `n` is."""
    return round(share * n) if math.isfinite(share) else 0


def has_enough(share: float, n: int, least: int) -> bool:
    """Tell whether a share stands for enough customers for a claim."""
    return n_in(share, n) >= least


def is_figure(share: float, n: int, least: int) -> bool:
    """Tell whether a share may be told as a figure: enough customers are in it, and enough or none are not."""
    outside = n - n_in(share, n)
    return has_enough(share, n, least) and (share == 1 or outside >= least)


def told_share(share: float, n: int, least: int) -> str:
    """Return a share as it may be told: in words where fewer than `least` customers are behind it, or outside of it.

    >>> [told_share(share, 200, 20) for share in (0, 0.005, 0.6, 0.995, 1)]
    ['none', 'hardly any', '60 %', 'nearly all', '100 %']
    >>> [told_share(share, 30, 20) for share in (0.3, 0.7)]
    ['some', 'most']
    """
    if share == 0:
        return "none"
    if is_figure(share, n, least):
        return format_share(share)
    if has_enough(share, n, least):
        return "nearly all" if share >= _USUAL else "most"
    return "some" if share >= _RARE else "hardly any"


def listed(feature: Feature) -> frozenset[str]:
    """Return the categories of a feature whose texts are the portfolio's own."""
    covered = {category for words in feature.values.values() for category in words.covers}
    return frozenset(({*feature.values} - {ANY}) | covered)


def known_categories(counts: Mapping[str, int], feature: Feature, least: int) -> set[str]:
    """Return the categories whose texts may be told: those that are listed, or that enough customers have.

    Of holdings ("Life + Auto") each product is judged by itself. Yes and no are nobody's own words.
    """
    parts = {category: _parts(category, feature) for category in counts}
    having: dict[str, int] = {}
    for category, n in counts.items():
        for part in parts[category]:
            having[part] = having.get(part, 0) + n
    own = listed(feature)
    known = {part for part, n in having.items() if n >= least or part in own or part.casefold() in YES | NO}
    return {category for category in counts if category in own or known.issuperset(parts[category])}


def _parts(category: str, feature: Feature) -> Collection[str]:
    return set(category.split(JOINT)) if feature.role == "holdings" else {category}
