"""`product_popularity_by_segment`: what each segment buys."""

from segmentation_assets.assets.marts.insurance._columns import PRODUCT, PRODUCT_SOLD
from segmentation_assets.tables.mart_columns import (
    AMOUNTS,
    SEGMENT_ID,
    SEGMENT_NAME,
    count,
    is_small,
    mart,
    money,
    pct,
    rank,
)
from segmentation_assets.tables.schema import number

PRODUCT_POPULARITY_BY_SEGMENT = mart(
    "product_popularity_by_segment",
    "One row per product and segment with a policy: what each segment buys, and what more than others do.",
    SEGMENT_ID,
    SEGMENT_NAME,
    PRODUCT_SOLD,
    *PRODUCT,
    count("n_policies", "Policies sold in the segment, lapsed ones included."),
    pct("policies_pct", "Share of the segment's policies."),
    rank("policies_rank", "Rank within the segment by policies, then by product key."),
    count("n_customers", "Customers of the segment who bought it."),
    money("total_premium", "Yearly premium."),
    pct("premium_pct", "Share of the segment's premium."),
    rank("premium_rank", "Rank in the segment by premium, then by product key.", is_required=False),
    pct("population_policies_pct", "Share of all policies."),
    number("lift", "policies_pct / population_policies_pct; 1 is average.", unit="times"),
    is_small(AMOUNTS),
    key=("segment_name", "product_id"),
    unit_of_row="product of a segment",
)
