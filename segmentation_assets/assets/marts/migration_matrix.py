"""`migration_matrix`: who moves between which segments."""

from segmentation_assets.tables.mart_columns import count, mart, pct
from segmentation_assets.tables.schema import day, integer, string

MIGRATION_MATRIX = mart(
    "migration_matrix",
    "One row per pair of segments between a snapshot and the latest one before it: who moves where.",
    day("from_snapshot", "The earlier snapshot.", is_required=True),
    day("to_snapshot", "The later snapshot, equal to snapshot_date.", is_required=True),
    integer("from_segment_id", "Segment before; NULL for Joined and Unclassified."),
    string(
        "from_segment_name",
        "Its name then (Segment 3 where it has none yet), Unclassified, or Joined.",
        is_required=True,
    ),
    integer("to_segment_id", "Segment after; NULL for Left and Unclassified."),
    string(
        "to_segment_name", "Its name now (Segment 3 where it has none yet), Unclassified, or Left.", is_required=True
    ),
    string("movement", "stayed, moved, joined or left.", is_required=True),
    count("n_customers", "Customers who took this way."),
    pct("share_of_from_pct", "Share of those who stood in the segment before."),
    key=("from_segment_name", "to_segment_name"),
    unit_of_row="pair of segments",
)
