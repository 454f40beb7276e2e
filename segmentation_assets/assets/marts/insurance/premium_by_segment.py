"""`premium_by_segment`: premium by segment."""

from segmentation_assets.assets.marts.insurance._columns import premium_by
from segmentation_assets.tables.mart_columns import SEGMENT_ID, SEGMENT_NAME

PREMIUM_BY_SEGMENT = premium_by(
    "premium_by_segment",
    "One row per segment, and one for customers without: where the premium comes from.",
    SEGMENT_ID,
    SEGMENT_NAME,
    key="segment_name",
    unit_of_row="segment",
)
