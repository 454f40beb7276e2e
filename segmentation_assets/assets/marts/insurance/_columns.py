"""Columns that several marts of an insurer share."""

from segmentation_assets.tables.mart_columns import AMOUNTS, count, is_small, mart, money, pct, rank
from segmentation_assets.tables.schema import Column, Table, string

PRODUCT_SOLD = string("product_id", "The product.", is_required=True)
PRODUCT = (
    string("product_name", "Name on the leaflet; the key where the table of products lacks it.", is_required=True),
    string("product_type", "What it insures."),
    string("category", "Whom it is for."),
)


CITY = string("city", "City of residence, Unknown, or Other where too few customers share it.", is_required=True)


def premium_by(name: str, description: str, *groups: Column, key: str, unit_of_row: str, is_view: bool = True) -> Table:
    """Declare a mart that splits all customers, and with them the premium, into groups."""
    return mart(
        name,
        description,
        *groups,
        count("n_customers", "Customers of the group, with or without a policy."),
        pct("customers_pct", "Share of all customers."),
        count("n_policies", "Policies of the group."),
        money("total_premium", "Yearly premium; NULL where the snapshot has no policies."),
        pct("premium_pct", "Share of all premium."),
        rank("premium_rank", "Rank by premium, then by name.", is_required=False),
        money("premium_per_policy", "Mean yearly premium of a policy."),
        money("premium_per_customer", "Yearly premium over customers, those without a policy included."),
        money("total_coverage", "Sum insured; NULL where the snapshot has no policies."),
        pct("mean_policy_premium_to_coverage_pct", "Mean over policies of premium per 100 of sum insured."),
        money("in_force_premium", "Yearly premium of policies in force; NULL where no lapse is known."),
        is_small(AMOUNTS),
        key=(key,),
        unit_of_row=unit_of_row,
        is_view=is_view,
    )
