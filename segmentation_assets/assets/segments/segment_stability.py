"""`segment_stability`: how far the segments survive a redraw of the customers."""

from typing import Any

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.markdown import as_table
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables.asset import Asset, Check
from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.tables.shared_columns import CHECKED, LENS, MODEL_ID


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show how stable each segment is, and how much the least stable of a lens."""
    columns = ["lens", "segment_id", "n_customers", "jaccard", "jaccard_q05", "moved_share", "verdict", "mean_ari"]
    return {
        "stability": as_table(rows.reindex(columns=columns).round(3)),
        **night.by_lens("lowest_jaccard", rows.groupby("lens")["jaccard"].min()),
    }


def checks(portfolio: Portfolio) -> list[Check]:
    """Warn, without stopping, where a segment of the primary lens dissolves when its customers are drawn again."""
    return [
        Check(
            "segments_are_stable",
            "Every segment of the primary lens has a mean Jaccard similarity of at least 0.6 over the bootstraps.",
            f"""
            SELECT snapshot_date, CONCAT('segment ', CAST(segment_id AS STRING)) AS detail, COUNT(*) AS broken
            FROM segment_stability
            WHERE {CHECKED} AND lens = '{portfolio.primary_lens}' AND COALESCE(jaccard, 0) < 0.6
            GROUP BY 1, 2
            """,
            is_blocking=False,
        )
    ]


SEGMENT_STABILITY = Asset(
    table(
        "segment_stability",
        "segments",
        "How far each segment of the model in force survives a redraw of the customers it learned from.",
        LENS,
        MODEL_ID,
        integer("segment_id", "The segment.", is_required=True),
        integer(
            "n_customers", "Customers of the training snapshot in the segment.", unit="customers", is_required=True
        ),
        integer("n_bootstraps", "Redraws: 100, fewer for a model of more than 200,000 customers.", is_required=True),
        number("jaccard", "Mean Jaccard similarity to the nearest segment of a redraw, 0 to 1 (Hennig 2007)."),
        number("jaccard_q05", "The similarity that all but the worst twentieth of the redraws reached."),
        number("moved_share", "Mean share of its customers whom a refit to a redraw puts elsewhere.", unit="share"),
        string(
            "verdict",
            "What Hennig lets us conclude: highly stable (from 0.85), stable (0.75), a pattern, its members doubtful "
            "(0.6), not to be trusted.",
            is_required=True,
        ),
        number("mean_ari", "Mean adjusted Rand index between redraws, of the whole model (Dolnicar and Leisch 2010)."),
        key=("lens", "segment_id"),
        unit_of_row="segment",
    ),
    made_by="segment_models",
    show=show,
    checks=checks,
    kinds=frozenset({"python", "numba"}),
)
