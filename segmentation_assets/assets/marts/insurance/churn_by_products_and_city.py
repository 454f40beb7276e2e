"""`churn_by_products_and_city`: where customers leave."""

from segmentation_assets.assets.marts.insurance._columns import CITY
from segmentation_assets.tables.mart_columns import count, is_small, mart, pct
from segmentation_assets.tables.schema import integer

CHURN_BY_PRODUCTS_AND_CITY = mart(
    "churn_by_products_and_city",
    "One row per number of products and city, over customers who ever held a policy: where customers leave.",
    integer("n_products", "Different products held, lapsed or not.", is_required=True),
    CITY,
    count("n_customers", "Customers who ever held a policy."),
    integer(
        "n_lapsed",
        "Customers whose every policy has lapsed; NULL where no lapse is known or the row is small.",
        unit="customers",
    ),
    pct("churn_pct", "Share of the customers who lapsed; NULL where no lapse is known or the row is small."),
    pct("churn_ci_low_pct", "Lower end of the 95 % interval (Wilson 1927)."),
    pct("churn_ci_high_pct", "Upper end of the 95 % interval (Wilson 1927)."),
    is_small(": how many of them left is NULL."),
    key=("n_products", "city"),
    unit_of_row="number of products and city",
    is_view=False,
)
