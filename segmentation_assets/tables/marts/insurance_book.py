"""Marts of an insurer's book: policies, their premium and how long they are held."""

from segmentation_assets.tables.marts.columns import (
    AMOUNTS,
    CITY,
    COVERAGE,
    IN_FORCE,
    PREMIUM,
    PREMIUM_TO_DATE,
    PRODUCT,
    PRODUCT_SOLD,
    RATIO,
    SEGMENT_ID,
    SEGMENT_NAME,
    count,
    is_small,
    mart,
    money,
    pct,
    premium_by,
    years,
)
from segmentation_assets.tables.schema import boolean, day, integer, number, string

OVERALL_STAT = mart(
    "overall_stat",
    "One row a snapshot: how large the business is.",
    count("n_customers", "Customers.", "customers.customer_id"),
    count("n_unclassified", "Customers without a segment.", "labelled_customers.segment_id"),
    count("n_segments", "Segments that hold a customer.", "labelled_customers.segment_id"),
    count("n_policyholders", "Customers who ever held a policy.", "policies.customer_id"),
    count("n_policies", "Policies, lapsed ones included.", "policies.policy_id"),
    count("n_products", "Products on sale.", "products.product_id"),
    count("n_products_sold", "Different products among the policies.", "policies.product_id"),
    count("n_cities", "Different cities among the customers.", "customers.city"),
    money("total_premium", "Yearly premium of all policies.", *PREMIUM),
    money("total_coverage", "Sum insured of all policies.", *COVERAGE),
    money("premium_per_policy", "Mean yearly premium of a policy.", *PREMIUM),
    money("coverage_per_policy", "Mean sum insured of a policy.", *COVERAGE),
    money("premium_per_policyholder", "Mean yearly premium of a policyholder.", *PREMIUM, "policies.customer_id"),
    pct("mean_policy_premium_to_coverage_pct", "Mean over policies of premium per 100 of sum insured.", *RATIO),
    years("mean_policy_tenure_years", "Mean over policies of the time since purchase.", "policies.purchase_date"),
    years("mean_age_years", "Mean age of the customers.", "customers.age"),
    money("mean_income", "Mean yearly income of the customers.", "customers.income"),
    integer(
        "n_policies_in_force",
        "Policies that have not lapsed; NULL where no lapse is known.",
        unit="policies",
        lineage=("policies.lapse_date",),
    ),
    money("in_force_premium", "Yearly premium of policies in force; NULL where no lapse is known.", *IN_FORCE),
    key=(),
    unit_of_row="snapshot",
    is_view=False,
)

PORTFOLIO_JOINED = mart(
    "portfolio_joined",
    "One row a policy with its customer, product and segment.",
    string("policy_id", "The policy.", is_required=True, lineage=("policies.policy_id",)),
    string("customer_id", "The customer.", is_required=True, is_personal=True, lineage=("policies.customer_id",)),
    PRODUCT_SOLD,
    SEGMENT_ID,
    SEGMENT_NAME,
    day("purchase_date", "Day the policy was bought.", is_required=True, lineage=("policies.purchase_date",)),
    day("lapse_date", "Day the policy lapsed or will.", lineage=("policies.lapse_date",)),
    boolean("is_in_force", "True until the lapse; NULL where no lapse is known.", lineage=("policies.lapse_date",)),
    years("tenure_years", "Time since purchase, lapsed or not.", "policies.purchase_date"),
    string(
        "tenure_group",
        "Band of tenure in years, lower bound included.",
        is_required=True,
        lineage=("policies.purchase_date",),
    ),
    money("premium", "Yearly premium.", *PREMIUM),
    money("coverage", "Sum insured.", *COVERAGE),
    pct("premium_to_coverage_pct", "Yearly premium per 100 of sum insured.", *RATIO),
    money("premium_to_date", "Yearly premium x years from purchase to lapse or snapshot.", *PREMIUM_TO_DATE),
    *PRODUCT,
    integer("age", "Age at the snapshot.", unit="years", is_personal=True, lineage=("customers.age",)),
    string("age_group", "Age group, or Unknown.", is_required=True, lineage=("customers.age",)),
    string("gender", "Gender as the company records it.", is_personal=True, lineage=("customers.gender",)),
    string("city", "City of residence, or Unknown.", is_required=True, lineage=("customers.city",)),
    string("marital_status", "Marital status.", is_personal=True, lineage=("customers.marital_status",)),
    string("education", "Highest education.", lineage=("customers.education",)),
    string("occupation", "Occupation.", lineage=("customers.occupation",)),
    number("income", "Yearly income before tax.", unit="currency", is_personal=True, lineage=("customers.income",)),
    string("preferred_language", "Language to be addressed in.", lineage=("customers.preferred_language",)),
    string("preferred_channel", "Channel to be reached by.", lineage=("customers.preferred_channel",)),
    string("preferred_time", "Time to be reached at.", lineage=("customers.preferred_time",)),
    key=("policy_id",),
    unit_of_row="policy",
)

PREMIUM_BY_SEGMENT = premium_by(
    "premium_by_segment",
    "One row a segment, and one for customers without: where the premium comes from.",
    SEGMENT_ID,
    SEGMENT_NAME,
    key="segment_name",
    unit_of_row="segment",
)

PREMIUM_BY_CITY = premium_by(
    "premium_by_city",
    "One row a city of residence: where the premium comes from.",
    CITY,
    key="city",
    unit_of_row="city",
    is_view=False,
)

PREMIUM_BY_AGE_GROUP = premium_by(
    "premium_by_age_group",
    "One row an age group: how premium and its price change with age.",
    string("age_group", "Age group, or Unknown.", is_required=True, lineage=("customers.age",)),
    integer(
        "from_age_years",
        "Youngest age of the group, to sort by; NULL for Unknown.",
        unit="years",
        lineage=("customers.age",),
    ),
    key="age_group",
    unit_of_row="age group",
    is_view=False,
)

TENURE_GROUPS = mart(
    "tenure_groups",
    "One row a band of tenure: how long policies have been held.",
    string(
        "tenure_group", "Band in years, lower bound included.", is_required=True, lineage=("policies.purchase_date",)
    ),
    integer(
        "from_tenure_years",
        "Lower bound of the band, to sort by.",
        unit="years",
        is_required=True,
        lineage=("policies.purchase_date",),
    ),
    count("n_policies", "Policies of the band, lapsed ones included.", "policies.policy_id"),
    pct("policies_pct", "Share of all policies.", "policies.policy_id"),
    count("n_customers", "Customers with a policy of the band; one may stand in several.", "policies.customer_id"),
    money("total_premium", "Yearly premium.", *PREMIUM),
    pct("premium_pct", "Share of all premium.", *PREMIUM),
    money("premium_per_policy", "Mean yearly premium of a policy.", *PREMIUM),
    money("premium_to_date", "Yearly premium x years from purchase to lapse or snapshot.", *PREMIUM_TO_DATE),
    is_small(AMOUNTS, "policies.customer_id"),
    key=("tenure_group",),
    unit_of_row="band of tenure",
)

_LAPSED = ("policies.lapse_date",)

CHURN_BY_PRODUCTS_AND_CITY = mart(
    "churn_by_products_and_city",
    "One row a number of products and city, over customers who ever held a policy: where customers leave.",
    integer(
        "n_products", "Different products held, lapsed or not.", is_required=True, lineage=("policies.product_id",)
    ),
    CITY,
    count("n_customers", "Customers who ever held a policy.", "policies.customer_id"),
    integer(
        "n_lapsed",
        "Customers whose every policy has lapsed; NULL where no lapse is known or the row is small.",
        unit="customers",
        lineage=_LAPSED,
    ),
    pct("churn_pct", "Share of the customers who lapsed; NULL where no lapse is known or the row is small.", *_LAPSED),
    pct("churn_ci_low_pct", "Lower end of the 95 % interval (Wilson 1927).", *_LAPSED),
    pct("churn_ci_high_pct", "Upper end of the 95 % interval (Wilson 1927).", *_LAPSED),
    is_small(": how many of them left is NULL.", "policies.customer_id"),
    key=("n_products", "city"),
    unit_of_row="number of products and city",
    is_view=False,
)
