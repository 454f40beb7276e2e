"""`product_popularity`: how popular each product is."""

from segmentation_assets.assets.marts.insurance._columns import PRODUCT
from segmentation_assets.tables.mart_columns import AMOUNTS, count, is_small, mart, money, pct, rank
from segmentation_assets.tables.schema import string

PRODUCT_POPULARITY = mart(
    "product_popularity",
    "One row per product, sold or not: how popular it is by policies and by premium.",
    string("product_id", "The product.", is_required=True),
    *PRODUCT,
    count("n_policies", "Policies sold, lapsed ones included."),
    pct("policies_pct", "Share of all policies."),
    rank("policies_rank", "Rank by policies, then by product key."),
    count("n_customers", "Customers who bought it."),
    pct("penetration_pct", "Share of all customers who bought it."),
    money("total_premium", "Yearly premium."),
    pct("premium_pct", "Share of all premium."),
    rank("premium_rank", "Rank by premium, then by product key.", is_required=False),
    money("premium_per_policy", "Mean yearly premium of a policy."),
    is_small(AMOUNTS),
    key=("product_id",),
    unit_of_row="product",
)
