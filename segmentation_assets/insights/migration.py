"""Who moves between segments from one snapshot to a later one: each of them, and counted."""

from collections.abc import Callable, Collection
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from segmentation_assets.tables.snapshots import stacked

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


def pair_up(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Lay two days' places of every customer and lens side by side.

    Returns
    -------
    One row per customer and lens of either day: lens, movement, and of both days segment_id, confidence and `row`, the
    position in its frame, with the endings `_before` and `_after`; NULL on the day without the customer.

    Parameters
    ----------
    before, after : rows of `customer_segments` of two days.
    """
    key, told = ["lens", "customer_id"], ["segment_id", "confidence"]
    both = before[[*key, *told]].assign(row=np.arange(len(before), dtype="float64")).merge(
        after[[*key, *told]].assign(row=np.arange(len(after), dtype="float64")),
        on=key, how="outer", suffixes=("_before", "_after"), indicator="there",
    )  # fmt: skip
    both["movement"] = _movements(both)
    return both.drop(columns=["customer_id", "there"])


def count_ways(pairs: pd.DataFrame) -> pd.DataFrame:
    """Count the customers that went each way between two days, from what `pair_up` returns.

    Returns
    -------
    Rows of `segment_migration`, without its dates. A customer who was not there before has `joined`, one who is there
    no more has `left`; the segment of the day without them is NULL. So is that of a customer who was there and could
    not be placed. `share` is of those who stood in the same place before, or of all who joined. `n_certain` counts
    those whose confidence is above `CERTAIN` on both days, 0 for a way that has only one.
    """
    paired = pd.DataFrame(
        {
            "lens": pairs["lens"],
            "movement": pairs["movement"],
            "from_segment_id": pairs["segment_id_before"].astype("Int64"),
            "to_segment_id": pairs["segment_id_after"].astype("Int64"),
            "is_certain": (pairs["confidence_before"] > CERTAIN) & (pairs["confidence_after"] > CERTAIN),
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


class MovesOf:
    """The rows of `customer_moves` of one day, found by showing it the compared snapshots, the latest one first.

    Each customer and lens is held against the latest of them that had it; what came before that is not looked at.
    """

    def __init__(self, after: pd.DataFrame) -> None:
        self._after = after
        self._is_met = np.zeros(len(after), bool)
        self._found: list[pd.DataFrame] = []

    def hold_against(self, snapshot: date, before: pd.DataFrame, pairs: pd.DataFrame) -> None:
        """Take in a snapshot: its rows of `customer_segments`, and those paired up with the day's."""
        there = pairs[pairs["movement"].isin(["stayed", "moved"])]
        rows = there["row_after"].to_numpy("int64")
        moved = there[(there["movement"] == "moved").to_numpy() & ~self._is_met[rows]]
        self._is_met[rows] = True
        self._found.append(_moves(moved, before, self._after).assign(from_snapshot=pd.Timestamp(snapshot)))

    def rows(self) -> pd.DataFrame:
        """Return what was found, by lens and customer; without a column where nothing was compared."""
        found = [rows for rows in self._found if len(rows)] or self._found[:1]
        if not found:
            return pd.DataFrame()
        return pd.concat(found).sort_values(["lens", "customer_id"], ignore_index=True)


def _moves(moved: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return who moved, out of the pairs that did."""
    then, now = (moved[f"row_{side}"].to_numpy("int64") for side in ("before", "after"))
    of_then, of_now = before["model_id"].array[then], after["model_id"].array[now]
    is_certain = (moved["confidence_before"] > CERTAIN) & (moved["confidence_after"] > CERTAIN)
    return pd.DataFrame(
        {
            "lens": after["lens"].array[now],
            "customer_id": after["customer_id"].array[now],
            "from_segment_id": moved["segment_id_before"].astype("Int64").array,
            "to_segment_id": moved["segment_id_after"].astype("Int64").array,
            "from_confidence": moved["confidence_before"].round(6).array,
            "to_confidence": moved["confidence_after"].round(6).array,
            "is_certain": is_certain.to_numpy(bool),
            "is_same_model": (pd.Series(of_then).fillna("") == pd.Series(of_now).fillna("")).to_numpy(bool),
        }
    )


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


class Compared(NamedTuple):
    """A day held against the snapshots before it: rows of `segment_migration` and of `customer_moves`."""

    ways: pd.DataFrame
    moves: pd.DataFrame


def compare_with_earlier(day: date, snapshots: Collection[date], placed: Callable[[date], pd.DataFrame]) -> Compared:
    """Hold a day against its compared snapshots; `placed` returns the rows of `customer_segments` of a day."""
    after = placed(day)
    parts: list[pd.DataFrame] = []
    moves = MovesOf(after)
    for earlier in reversed(compared_snapshots(day, snapshots)):
        before = placed(earlier)
        pairs = pair_up(before, after)
        ways = count_ways(pairs).assign(from_snapshot=pd.Timestamp(earlier), to_snapshot=pd.Timestamp(day))
        parts.insert(0, ways)
        moves.hold_against(earlier, before, pairs)
    return Compared(stacked(parts), moves.rows())
