"""Micro-segments: the customers of each segment cut finer, on one day's snapshot."""

import json

import pandas as pd

from segmentation_assets.segments.model import LensModel
from segmentation_assets.segments.scaling import scaled_frame
from segmentation_assets.segments.sentinels import told_in_metadata
from segmentation_assets.tables.keys import in_order_of, positions_of

SEED = 0
DIGITS = 6
"""Significant digits of a mean in a summary: more say nothing about a group."""


@told_in_metadata()
def micro_segments(features: pd.DataFrame, placements: pd.DataFrame, model: LensModel, wanted: int) -> pd.DataFrame:
    """Return the rows of `micro_segments` of one lens, without the snapshot date.

    Each segment gets its share of the wanted number by its customers, at least one, and is cut on its own in the
    model's scales, weights and gamma. Micro-segments are numbered segment by segment, the largest first.

    Parameters
    ----------
    features : frame of `customer_features`, one snapshot.
    placements : rows of `customer_segments` of the same snapshot and lens; customers without a segment are left out.
    model : the model in force, which placed them.
    wanted : how many micro-segments; no fewer than segments and no more than customers are made.
    """
    placed = in_order_of(placements[placements["segment_id"].notna()], "customer_id")
    if placed.empty:
        return pd.DataFrame({"lens": []})
    names = [scale.name for scale in model.scales]
    rows = features.iloc[positions_of(placed["customer_id"], features["customer_id"])][names].reset_index(drop=True)
    segments = placed["segment_id"].to_numpy("int64")
    from segmentation_assets.clustering import MicroSegments

    cut = MicroSegments(
        min(max(wanted, len(set(segments.tolist()))), len(rows)),
        gamma=model.gamma,
        feature_weights={scale.name: scale.weight for scale in model.scales},
        categorical=[scale.name for scale in model.scales if not scale.is_numeric],
        random_state=SEED,
    ).fit(scaled_frame(rows, model.scales), segments)
    numeric = [scale.name for scale in model.scales if scale.is_numeric]
    found = rows[numeric].groupby(cut.labels_).mean()
    found = pd.concat([found, cut.prototypes_.drop(columns=numeric)], axis=1)[names]
    summaries = [
        json.dumps({name: _readable(value) for name, value in row.items()}, ensure_ascii=False)
        for row in found.to_dict("records")
    ]
    made = pd.DataFrame(
        {
            "lens": model.lens,
            "model_id": model.model_id,
            "segment_id": cut.segment_personas_,
            "n_customers": cut.sizes_,
            "share": cut.sizes_ / len(rows),
            "prototype": summaries,
        }
    ).sort_values(["segment_id", "n_customers", "prototype"], ascending=[True, False, True], ignore_index=True)
    made.insert(3, "micro_segment_id", range(1, len(made) + 1))
    return made


def _readable(value: object) -> object:
    """Return a mean with a few digits, a category as it is."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
