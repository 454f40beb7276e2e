"""`preferences_by_segment`: how each segment wishes to be addressed."""

from segmentation_assets.tables.mart_columns import SEGMENT_ID, SEGMENT_NAME, count, is_small, mart, pct, rank
from segmentation_assets.tables.schema import number, string

PREFERENCES_BY_SEGMENT = mart(
    "preferences_by_segment",
    "One row per segment, preference and choice: how each segment wishes to be addressed.",
    SEGMENT_ID,
    SEGMENT_NAME,
    string("preference", "language, channel or time.", is_required=True),
    string("choice", "What is preferred, Unknown, or Other where too few customers share it.", is_required=True),
    count("n_customers", "Customers of the segment who prefer it."),
    pct("customers_pct", "Share of the segment's customers."),
    rank("preference_rank", "Rank within segment and preference, then by choice."),
    pct("population_pct", "Share of all customers."),
    number("lift", "customers_pct / population_pct; 1 is average.", unit="times"),
    is_small(": few to go by."),
    key=("segment_name", "preference", "choice"),
    unit_of_row="choice of a segment",
    is_view=False,
)
