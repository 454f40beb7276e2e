"""`top_products`: each segment's best products."""

from segmentation_assets.assets.marts.insurance._columns import PRODUCT, PRODUCT_SOLD
from segmentation_assets.tables.mart_columns import SEGMENT_ID, SEGMENT_NAME, count, mart, money, pct, rank

TOP_PRODUCTS = mart(
    "top_products",
    "One row per segment and rank: its five best products by premium, of those whose premium may be told.",
    SEGMENT_ID,
    SEGMENT_NAME,
    rank("premium_rank", "Rank within the segment by premium, then by product key; 1 to 5."),
    PRODUCT_SOLD,
    *PRODUCT,
    count("n_policies", "Policies sold in the segment, lapsed ones included."),
    money("total_premium", "Yearly premium."),
    pct("premium_pct", "Share of the segment's whole premium."),
    key=("segment_name", "premium_rank"),
    unit_of_row="product of a segment",
)
