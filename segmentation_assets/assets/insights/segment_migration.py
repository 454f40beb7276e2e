"""`segment_migration`: how many customers went from segment to segment, and the step that compares days."""

from datetime import date
from typing import Any

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.history.calendar import EARLIER_SNAPSHOTS
from segmentation_assets.history.features import raw_of_features
from segmentation_assets.history.night import Night
from segmentation_assets.insights.migration import compare_with_earlier
from segmentation_assets.markdown import Markdown, as_sentence, as_table
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables.asset import Asset, Check
from segmentation_assets.tables.schema import day, integer, number, string, table
from segmentation_assets.tables.shared_columns import CHECKED, COMPARED, LENS
from segmentation_assets.warehouse.provenance import IF_MADE

_SEGMENT_LINEAGE = ("customer_segments.segment_id",)
_COMPARED = ("lens", "customer_id", "segment_id", "confidence", "model_id")
"""What days are compared by: an engine that bills by bytes bills what is read."""


def make(night: Night) -> dict[str, pd.DataFrame]:
    """Compare a day with earlier snapshots, and return the ways counted and the customers who moved."""

    def placed(day: date) -> pd.DataFrame:
        table = "customer_segments"
        return night.rows(table) if day == night.day else night.earlier(table, day, _COMPARED)

    found = compare_with_earlier(night.day, night.snapshots, placed)
    return {"segment_migration": found.ways, "customer_moves": found.moves}


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show how many customers of the primary lens moved, joined and left since each earlier snapshot."""
    primary = rows[rows["lens"] == night.portfolio.primary_lens]
    return {"moves": _moves(primary), **_since_last(night, rows, primary)}


def _since_last(night: Night, rows: pd.DataFrame, primary: pd.DataFrame) -> dict[str, float]:
    """Count who moved, by lens, and who joined and left, who do so in every lens, since the snapshot before."""
    last = rows["from_snapshot"].max()
    if pd.isna(last):
        return {}
    n_moved = _counted(rows, last, "moved").groupby(rows["lens"]).sum()
    return {
        **night.by_lens("moved", n_moved),
        **{movement: int(_counted(primary, last, movement).sum()) for movement in ("joined", "left")},
    }


def _counted(rows: pd.DataFrame, since: pd.Timestamp, movement: str) -> pd.Series:
    """Return the customers of each way that is a movement since a snapshot, 0 for any other."""
    return rows["n_customers"].where((rows["from_snapshot"] == since) & (rows["movement"] == movement), 0)


def _moves(rows: pd.DataFrame) -> Markdown:
    if rows.empty:
        return as_sentence("There is no earlier snapshot.")
    counts = rows.pivot_table("n_customers", "from_snapshot", "movement", aggfunc="sum", fill_value=0)
    since = counts.reset_index().assign(from_snapshot=lambda shown: shown["from_snapshot"].dt.date)
    return as_table(since)


def _compared_with(blueprint: Blueprint) -> dict[str, str]:
    """Return what other days are read of; they are placed again from raw where that has not been done."""
    return {
        **raw_of_features(blueprint, EARLIER_SNAPSHOTS),
        "customer_segments": EARLIER_SNAPSHOTS + IF_MADE,
    }


def checks(_: Portfolio) -> list[Check]:
    """No customer is lost on the way from day to day."""
    return [
        Check(
            "migrations_add_up",
            "Who came and who stayed are a day's customers, and who left and who stayed are those of the day before.",
            f"""
            SELECT g.snapshot_date, g.lens AS detail, COUNTIF(
              g.n_after != a.n_customers OR g.n_before != COALESCE(b.n_customers, g.n_before)
            ) AS broken
            FROM (
              SELECT
                snapshot_date, lens, from_snapshot,
                SUM(IF(movement != 'left', n_customers, 0)) AS n_after,
                SUM(IF(movement != 'joined', n_customers, 0)) AS n_before
              FROM segment_migration WHERE {CHECKED} GROUP BY 1, 2, 3
            ) AS g
            LEFT JOIN (
              SELECT snapshot_date, lens, COUNT(*) AS n_customers FROM customer_segments WHERE {CHECKED} GROUP BY 1, 2
            ) AS a
              ON a.snapshot_date = g.snapshot_date AND a.lens = g.lens
            LEFT JOIN (
              SELECT snapshot_date, lens, COUNT(*) AS n_customers FROM customer_segments
              WHERE snapshot_date IN ({COMPARED}) GROUP BY 1, 2
            ) AS b
              ON b.snapshot_date = g.from_snapshot AND b.lens = g.lens
            GROUP BY 1, 2
            """,
        )
    ]


SEGMENT_MIGRATION = Asset(
    table(
        "segment_migration",
        "insights",
        "How many customers went from one segment to another since the snapshot before, since the latest one at least "
        "a month before, and since the latest one at least a quarter before; those who stayed included.",
        LENS,
        day("from_snapshot", "The earlier snapshot.", is_required=True),
        day("to_snapshot", "The later snapshot, equal to snapshot_date.", is_required=True),
        string("movement", "stayed, moved, joined (was not there before) or left.", is_required=True),
        string("from_place", "'segment 3', 'unplaced', or 'joined'.", is_required=True),
        string("to_place", "'segment 3', 'unplaced', or 'left'.", is_required=True),
        integer("from_segment_id", "Segment before; NULL for who joined or had none.", lineage=_SEGMENT_LINEAGE),
        integer("to_segment_id", "Segment after; NULL for who left or has none.", lineage=_SEGMENT_LINEAGE),
        integer("n_customers", "Customers who took this way.", unit="customers", is_required=True),
        number("share", "Share of those who stood in the same segment before, or of all who joined.", unit="share"),
        integer(
            "n_certain",
            "Those whose confidence was above 0.1 on both days; the others stand near a border.",
            unit="customers",
            is_required=True,
            lineage=("customer_segments.confidence",),
        ),
        key=("lens", "from_snapshot", "from_place", "to_place"),
        unit_of_row="way from segment to segment",
    ),
    reads={"customer_segments": _COMPARED},
    other_days=_compared_with,
    asks_for=("customer_segments",),
    make=make,
    makes_also=("customer_moves",),
    show=show,
    checks=checks,
)
