"""`segment_overview`: who is in a segment and what it is worth."""

from segmentation_assets.tables.mart_columns import (
    AMOUNTS,
    SEGMENT_ID,
    SEGMENT_NAME,
    count,
    is_small,
    mart,
    money,
    pct,
    years,
)
from segmentation_assets.tables.schema import number, string

SEGMENT_OVERVIEW = mart(
    "segment_overview",
    "One row per segment, empty ones included, and one for customers without: who is in it and what it is worth.",
    string("lens", "Name of the primary lens.", is_required=True),
    SEGMENT_ID,
    SEGMENT_NAME,
    string("description", "One sentence a marketer can use; NULL for Unclassified."),
    count("n_customers", "Customers of the segment."),
    pct("customers_pct", "Share of all customers."),
    count("n_policies", "Policies, lapsed ones included."),
    money("total_premium", "Yearly premium; NULL where the snapshot has no policies."),
    pct("premium_pct", "Share of all premium."),
    money("premium_per_customer", "Yearly premium over customers, those without a policy included."),
    money("total_coverage", "Sum insured; NULL where the snapshot has no policies."),
    money("premium_to_date", "Yearly premium x years from purchase to lapse or snapshot."),
    years("mean_age_years", "Mean age."),
    money("mean_income", "Mean yearly income."),
    years("mean_tenure_years", "Mean over customers of their policies' mean tenure."),
    pct("mean_premium_to_coverage_pct", "Mean over customers of their policies' mean premium to coverage."),
    string("most_common_marital_status", "Marital status of most; NULL where it is that of too few."),
    string("most_common_city", "City of residence of most; NULL where it is that of too few."),
    string("top_product_type", "Kind of product that carries most premium, of those that enough customers hold."),
    number("mean_confidence", "Mean confidence of the placement, 0 to 1."),
    count("n_outliers", "Customers who fit no segment well."),
    is_small(AMOUNTS),
    key=("segment_name",),
    unit_of_row="segment",
    is_view=False,
)
