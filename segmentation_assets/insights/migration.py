"""Who moves between segments from one snapshot to a later one, counted."""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

CERTAIN = 0.1
"""Least confidence on both days with which a move counts as certain: nearer to a border, customers sway to and fro."""

_KEY = ["lens", "movement", "from_segment_id", "to_segment_id"]


def compared_snapshots(day: date, snapshots: Collection[date]) -> list[date]:
    """Return the snapshots that a day's customers are compared with, ascending.

    They are the latest one before it, the latest one at least a month before and the latest one at least a quarter
    before, as far as there are such: what happened since yesterday, and what does not show from one day to the next.

    >>> compared_snapshots(date(2024, 5, 31), [date(2024, m, 28) for m in range(1, 6)])
    [datetime.date(2024, 2, 28), datetime.date(2024, 4, 28), datetime.date(2024, 5, 28)]
    """
    moment = pd.Timestamp(day)
    limits = [moment - offset for offset in (pd.DateOffset(days=1), pd.DateOffset(months=1), pd.DateOffset(months=3))]
    latest = (max((day for day in snapshots if day <= limit.date()), default=None) for limit in limits)
    return sorted({snapshot for snapshot in latest if snapshot is not None})


def count_migrations(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Count the customers by the segment they stood in before and the one they stand in after, a lens.

    Returns
    -------
    Rows of `segment_migration`, without its dates. A customer who was not there before has `joined`, one who is there
    no more has `left`; the segment of the day without them is NULL. So is that of a customer who was there and could
    not be placed. `share` is of those who stood in the same place before, or of all who joined. `n_certain` counts
    those whose confidence is above `CERTAIN` on both days, 0 for a way that has only one.

    Parameters
    ----------
    before, after : rows of `customer_segments` of two days.
    """
    columns = ["lens", "customer_id", "segment_id", "confidence"]
    both = before[columns].merge(
        after[columns], on=["lens", "customer_id"], how="outer", suffixes=("_before", "_after"), indicator="there"
    )
    paired = pd.DataFrame(
        {
            "lens": both["lens"],
            "movement": _movements(both),
            "from_segment_id": both["segment_id_before"].astype("Int64"),
            "to_segment_id": both["segment_id_after"].astype("Int64"),
            "is_certain": (both["confidence_before"] > CERTAIN) & (both["confidence_after"] > CERTAIN),
        }
    )
    groups = paired.groupby(_KEY, dropna=False, observed=True)["is_certain"]
    counted = groups.agg(n_customers="size", n_certain="sum").reset_index()
    origin = counted["movement"].eq("joined").rename("is_new")
    left_behind = counted.groupby(["lens", origin, "from_segment_id"], dropna=False)["n_customers"].transform("sum")
    counted["share"] = counted["n_customers"] / left_behind
    counted["from_place"] = _places(counted["from_segment_id"], counted["movement"] == "joined", "joined")
    counted["to_place"] = _places(counted["to_segment_id"], counted["movement"] == "left", "left")
    return counted.sort_values(["lens", "from_place", "to_place"], ignore_index=True)


def _places(segment_ids: pd.Series, is_absent: pd.Series, absent: str) -> pd.Series:
    """Name where customers stand: a segment, nowhere, or not among the customers."""
    named = "segment " + segment_ids.astype("string")
    return named.fillna("unplaced").mask(is_absent, absent)


def _movements(both: pd.DataFrame) -> np.ndarray:
    """Say of each pair of days whether the customer joined, left, stayed or moved; to be unplaced is a place."""
    before, after = both["segment_id_before"], both["segment_id_after"]
    stayed = (before == after).fillna(False).to_numpy(bool) | (before.isna() & after.isna()).to_numpy()
    there = both["there"].to_numpy(object)
    return np.select([there == "right_only", there == "left_only", stayed], ["joined", "left", "stayed"], "moved")
