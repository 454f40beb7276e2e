"""`segment_lineage`: every segment that a lens ever had."""

from typing import Any

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.markdown import as_table
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables.asset import Asset, Check
from segmentation_assets.tables.schema import day, integer, number, string, table
from segmentation_assets.tables.shared_columns import CHECKED, LENS


def show(_: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show what became of each segment."""
    columns = ["lens", "segment_id", "event", "predecessor_segment_ids", "successor_segment_ids", "jaccard"]
    shown = rows.reindex(columns=columns).astype(object)
    return {"lineage": as_table(shown.where(shown.notna(), ""), floatfmt=".3f")}


def checks(_: Portfolio) -> list[Check]:
    """Hold the segments of the lineage against those of the model."""
    return [
        Check(
            "lineage_names_the_segments",
            "Every segment of a model in force is in the lineage as such, and every other one there has retired.",
            f"""
            SELECT
              COALESCE(l.snapshot_date, p.snapshot_date) AS snapshot_date, COALESCE(l.lens, p.lens) AS detail,
              COUNTIF(l.segment_id IS NULL OR p.segment_id IS NULL) AS broken
            FROM (
              SELECT l.snapshot_date, l.lens, l.model_id, l.segment_id
              FROM segment_lineage AS l
              INNER JOIN segment_models AS m
                ON m.snapshot_date = l.snapshot_date AND m.lens = l.lens AND m.status = 'in_force'
              WHERE l.{CHECKED} AND m.{CHECKED} AND l.event != 'retired'
            ) AS l
            FULL OUTER JOIN (
              SELECT DISTINCT snapshot_date, lens, model_id, segment_id FROM segment_prototypes WHERE {CHECKED}
            ) AS p
              ON p.snapshot_date = l.snapshot_date AND p.lens = l.lens
              AND p.model_id = l.model_id AND p.segment_id = l.segment_id
            GROUP BY 1, 2
            """,
        )
    ]


SEGMENT_LINEAGE = Asset(
    table(
        "segment_lineage",
        "segments",
        "Every segment a lens ever had: those of the model in force, and those that retired, each with its last event.",
        LENS,
        string("model_id", "The model whose training the event is of.", is_required=True),
        day("trained_on", "Snapshot that model learned from: the day of the event.", is_required=True),
        integer("segment_id", "The segment; a number that the lens gives to no other.", is_required=True),
        string(
            "event",
            "survived: the same segment in a new model; split: more than half of it comes from one that ended or goes "
            "on without it; merged: it took more than half of each of several; new: neither, or the first model; "
            "retired: it ended.",
            is_required=True,
        ),
        string("predecessor_model_id", "The model before; NULL for the first."),
        string("predecessor_segment_ids", "Segments of that model it comes from, such as '1, 3'; NULL where new."),
        string("successor_segment_ids", "Segments that a retired one went into; NULL for any other."),
        integer("n_common", "Customers placed in it and in the other segment, by either model.", unit="customers"),
        number("share_of_predecessor", "Those over the customers of the earlier segment of the two.", unit="share"),
        number("share_of_segment", "Those over the customers of the later one.", unit="share"),
        number("jaccard", "Those over the customers of either; above 0.5 a segment survives (Hennig 2007)."),
        day("first_trained_on", "Snapshot of the first model that had the segment.", is_required=True),
        key=("lens", "segment_id"),
        unit_of_row="segment",
    ),
    made_by="segment_models",
    show=show,
    checks=checks,
    kinds=frozenset({"python", "numba"}),
)
