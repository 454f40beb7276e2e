"""`tenure_groups`: how long policies are held."""

from segmentation_assets.tables.mart_columns import AMOUNTS, count, is_small, mart, money, pct
from segmentation_assets.tables.schema import integer, string

TENURE_GROUPS = mart(
    "tenure_groups",
    "One row per band of tenure: how long policies have been held.",
    string("tenure_group", "Band in years, lower bound included.", is_required=True),
    integer("from_tenure_years", "Lower bound of the band, to sort by.", unit="years", is_required=True),
    count("n_policies", "Policies of the band, lapsed ones included."),
    pct("policies_pct", "Share of all policies."),
    count("n_customers", "Customers with a policy of the band; one may stand in several."),
    money("total_premium", "Yearly premium."),
    pct("premium_pct", "Share of all premium."),
    money("premium_per_policy", "Mean yearly premium of a policy."),
    money("premium_to_date", "Yearly premium x years from purchase to lapse or snapshot."),
    is_small(AMOUNTS),
    key=("tenure_group",),
    unit_of_row="band of tenure",
)
