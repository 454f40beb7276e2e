"""`overall_stat`: how large the business is."""

from segmentation_assets.tables.mart_columns import count, mart, money, pct, years
from segmentation_assets.tables.schema import integer

OVERALL_STAT = mart(
    "overall_stat",
    "One row per snapshot: how large the business is.",
    count("n_customers", "Customers."),
    count("n_unclassified", "Customers without a segment."),
    count("n_segments", "Segments that hold a customer."),
    count("n_policyholders", "Customers who ever held a policy."),
    count("n_policies", "Policies, lapsed ones included."),
    count("n_products", "Products on sale."),
    count("n_products_sold", "Different products among the policies."),
    count("n_cities", "Different cities among the customers."),
    money("total_premium", "Yearly premium of all policies."),
    money("total_coverage", "Sum insured of all policies."),
    money("premium_per_policy", "Mean yearly premium of a policy."),
    money("coverage_per_policy", "Mean sum insured of a policy."),
    money("premium_per_policyholder", "Mean yearly premium of a policyholder."),
    pct("mean_policy_premium_to_coverage_pct", "Mean over policies of premium per 100 of sum insured."),
    years("mean_policy_tenure_years", "Mean over policies of the time since purchase."),
    years("mean_age_years", "Mean age of the customers."),
    money("mean_income", "Mean yearly income of the customers."),
    integer("n_policies_in_force", "Policies that have not lapsed; NULL where no lapse is known.", unit="policies"),
    money("in_force_premium", "Yearly premium of policies in force; NULL where no lapse is known."),
    key=(),
    unit_of_row="snapshot",
    is_view=False,
)
