"""Customers under the names of their segments: the one table most readers need."""

import pandas as pd

UNCLASSIFIED = "Unclassified"


def label_customers(features: pd.DataFrame, placements: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Join each customer's features, place and segment name by key; rows of `labelled_customers`.

    Parameters
    ----------
    features : `customer_features` of one snapshot.
    placements, labels : `customer_segments` and `segment_labels` of the same snapshot and of one lens.

    Returns
    -------
    DataFrame with one row a customer of `placements`, sorted by customer_id. A customer without a segment is called
    Unclassified and carries the reason.

    Raises
    ------
    pandas.errors.MergeError
        If a customer stands twice in either table, or a segment has two names.
    """
    names = labels[["segment_id", "segment_name"]]
    placed = placements.merge(names, on="segment_id", how="left", validate="many_to_one")
    placed["segment_name"] = placed["segment_name"].where(placed["segment_id"].notna(), UNCLASSIFIED)
    columns = ["lens", "customer_id", "segment_id", "segment_name", "confidence", "is_outlier", "unassigned_reason"]
    joined = placed[columns].merge(features, on="customer_id", how="left", validate="one_to_one")
    return joined.sort_values("customer_id", ignore_index=True)
