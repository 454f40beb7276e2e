"""Customers under the names of their segments: the one table most readers need."""

import pandas as pd

from segmentation_assets.tables.keys import in_order_of, n_repeated, positions_of

UNCLASSIFIED = "Unclassified"


def label_customers(features: pd.DataFrame, placements: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Join each customer's features, place and segment name by key; rows of `labelled_customers`.

    Parameters
    ----------
    features : `customer_features` of one snapshot.
    placements, labels : `customer_segments` and `segment_labels` of the same snapshot and of one lens.

    Returns
    -------
    DataFrame with one row per customer of `placements`, sorted by customer_id. A customer without a segment is called
    Unclassified and carries the reason.

    Raises
    ------
    pandas.errors.MergeError
        If a customer stands twice in either table, or a segment has two names.
    """
    for what, frame in (("customer_features", features), ("customer_segments", placements)):
        if n := n_repeated(frame["customer_id"]):
            raise pd.errors.MergeError(f"{what} holds {n} customers more than once; give one snapshot and one lens.")
    names = labels[["segment_id", "segment_name"]]
    placed = in_order_of(placements, "customer_id").merge(names, on="segment_id", how="left", validate="many_to_one")
    placed["segment_name"] = placed["segment_name"].where(placed["segment_id"].notna(), UNCLASSIFIED)
    columns = ["lens", "customer_id", "segment_id", "segment_name", "confidence", "is_outlier", "unassigned_reason"]
    at = positions_of(placed["customer_id"], features["customer_id"])
    own = features.drop(columns="customer_id").set_axis(range(len(features))).reindex(at)  # NULL where at is -1
    return pd.concat([placed[columns], own.set_axis(placed.index)], axis=1)
