"""Features that hold a number written for "not known", such as an income of 999,999,999,999."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segmentation_assets.portfolio import Portfolio

if TYPE_CHECKING:
    from segmentation_assets.clustering.mixed_tables.sentinels import Sentinels


def sentinel_sentences(features: pd.DataFrame, portfolio: Portfolio) -> list[str]:
    """Say for each number of a lens which of its values dwarf all others and look like "not known".

    Parameters
    ----------
    features : frame of `customer_features`, one snapshot.
    """
    from segmentation_assets.clustering import find_sentinels

    used = dict.fromkeys(name for lens in portfolio.lenses.values() for name in lens.features)
    numeric = [name for name in used if portfolio.features[name].kind == "numeric"] if len(features) else []
    told = {name: find_sentinels(features[name].to_numpy(np.float64)) for name in numeric}
    return [
        f"customer_features.{name} holds {_told(found, portfolio.min_group_size)} in {found.n_found:,} of {found.n:,} "
        "rows, far off all others. If it stands for 'not known', give the column it comes from a range in the "
        "portfolio, or have customer_features.sql give NULL: segments, means and scales follow it as it is."
        for name, found in told.items()
        if found
    ]


def _told(found: "Sentinels", least: int) -> str:
    """Return the number where enough customers have it: what few have may be true, and then it is theirs."""
    if len(found.values) == 1 and found.n_found >= least:
        return f"{found.values[0]:,.15g}"
    return "a number that looks like 'not known'" if len(found.values) == 1 else "numbers that look like 'not known'"


@contextmanager
def told_in_metadata() -> Iterator[None]:
    """Keep what `sentinel_sentences` tells beside the models from being warned of again by each fit."""
    from segmentation_assets.clustering import SentinelWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SentinelWarning)
        yield
