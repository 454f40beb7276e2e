"""Columns that several tables share, and the days that a check is about."""

from segmentation_assets.tables.schema import integer, string

LENS = string("lens", "The lens: one way of looking at the same customers.", is_required=True)
MODEL_ID = string("model_id", "Hash of the lens, its configuration and what was learned.", is_required=True)
MODEL_ID_OF_SEGMENT = string("model_id", "The model the segment belongs to.", is_required=True)
SEGMENT = integer("segment_id", "The segment.", is_required=True)
CUSTOMER = string(
    "customer_id", "The customer.", is_required=True, is_personal=True, lineage=("customer_features.customer_id",)
)

CHECKED = "snapshot_date BETWEEN @first_snapshot AND @last_snapshot"
"""In the SQL of a check: the days that it is about."""

COMPARED = "@compared_snapshots"
"""Where a check lists the days that its days are compared with: each as a date, since BigQuery skips the others only
where they are told."""
