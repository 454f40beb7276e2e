"""How far the segments of a model survive a redraw of the customers it learned from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from segmentation_assets.clustering import KPrototypes


MOST_BOOTSTRAPS, FEWEST_BOOTSTRAPS, DRAWN_ROWS = 100, 20, 20_000_000
"""Bootstraps of a model: the most while they draw no more than twenty million rows. A mean over many customers needs
fewer of them, and a model of a million would wait for them longer than for all else."""

LOW_QUANTILE = 0.05


def judge_stability(
    model: "KPrototypes",
    scaled: pd.DataFrame,
    clusters_in_order: Sequence[int],
    seed: int,
    customers: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the rows of `segment_stability` of one model, without what says which model it is.

    Parameters
    ----------
    model : fitted; its prototypes are judged, and its gamma and weights are kept.
    scaled : the customers it learned from, as it sees them.
    clusters_in_order : the model's number of the cluster that is segment 1, of the one that is segment 2, and so on.
    customers : the keys of those customers; the bootstraps then draw by them, so one more or less changes them little.
    """
    from segmentation_assets.clustering import bootstrap_stability

    n_bootstraps = min(MOST_BOOTSTRAPS, max(FEWEST_BOOTSTRAPS, DRAWN_ROWS // len(scaled)))
    found = bootstrap_stability(model, scaled, n_bootstraps=n_bootstraps, random_state=seed, row_keys=customers)
    clusters = found.to_frame()
    clusters = clusters.assign(
        jaccard_q05=np.nanquantile(found.jaccard_runs, LOW_QUANTILE, axis=0),
        moved_share=1.0 - clusters["mean_confidence"],
        n_bootstraps=n_bootstraps,
        mean_ari=found.mean_ari,
    )
    rows = clusters.loc[list(clusters_in_order)].rename(columns={"n": "n_customers"})
    rows.insert(0, "segment_id", range(1, len(rows) + 1))
    columns = ["segment_id", "n_customers", "n_bootstraps", "jaccard", "jaccard_q05", "moved_share", "verdict"]
    return rows[[*columns, "mean_ari"]].reset_index(drop=True)
