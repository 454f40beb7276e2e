"""Marts: the views and tables that reports read. Each is one file of the same name in `sql/marts`.

All segments are those of the primary lens; customers without one stand under "Unclassified". Policies count whether
or not they have lapsed, as in the features; what is in force has columns of its own, NULL where a snapshot delivered
no lapse. Money is rounded to 2 decimals and every other number to 6, so that the order in which an engine adds up
changes nothing; percentages are of the snapshot's total unless the column says otherwise.

A mart that holds no person tells no person's value either. An amount, a mean and a rank of amounts are NULL in a row of
fewer customers than the portfolio's `min_group_size`, and where another row's would follow from it and the total; a
text that as few share stands under "Other". Counts, and shares of counts, are told however small.
"""

from segmentation_assets.tables.mart_columns import (
    AMOUNTS,
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
    rank,
    years,
)
from segmentation_assets.tables.schema import Table, boolean, day, integer, number, string

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

CITY = string(
    "city",
    "City of residence, Unknown, or Other where too few customers share it.",
    is_required=True,
    lineage=("customers.city",),
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

PRODUCT_POPULARITY = mart(
    "product_popularity",
    "One row a product, sold or not: how popular it is by policies and by premium.",
    string("product_id", "The product.", is_required=True, lineage=("products.product_id", "policies.product_id")),
    *PRODUCT,
    count("n_policies", "Policies sold, lapsed ones included.", "policies.policy_id"),
    pct("policies_pct", "Share of all policies.", "policies.policy_id"),
    rank("policies_rank", "Rank by policies, then by product key.", "policies.policy_id"),
    count("n_customers", "Customers who bought it.", "policies.customer_id"),
    pct("penetration_pct", "Share of all customers who bought it.", "policies.customer_id", "customers.customer_id"),
    money("total_premium", "Yearly premium.", *PREMIUM),
    pct("premium_pct", "Share of all premium.", *PREMIUM),
    rank("premium_rank", "Rank by premium, then by product key.", *PREMIUM, is_required=False),
    money("premium_per_policy", "Mean yearly premium of a policy.", *PREMIUM),
    is_small(AMOUNTS, "policies.customer_id"),
    key=("product_id",),
    unit_of_row="product",
)

PRODUCT_POPULARITY_BY_SEGMENT = mart(
    "product_popularity_by_segment",
    "One row a product and segment with a policy: what each segment buys, and what more than others do.",
    SEGMENT_ID,
    SEGMENT_NAME,
    PRODUCT_SOLD,
    *PRODUCT,
    count("n_policies", "Policies sold in the segment, lapsed ones included.", "policies.policy_id"),
    pct("policies_pct", "Share of the segment's policies.", "policies.policy_id"),
    rank("policies_rank", "Rank within the segment by policies, then by product key.", "policies.policy_id"),
    count("n_customers", "Customers of the segment who bought it.", "policies.customer_id"),
    money("total_premium", "Yearly premium.", *PREMIUM),
    pct("premium_pct", "Share of the segment's premium.", *PREMIUM),
    rank("premium_rank", "Rank in the segment by premium, then by product key.", *PREMIUM, is_required=False),
    pct("population_policies_pct", "Share of all policies.", "policies.policy_id"),
    number(
        "lift", "policies_pct / population_policies_pct; 1 is average.", unit="times", lineage=("policies.policy_id",)
    ),
    is_small(AMOUNTS, "policies.customer_id"),
    key=("segment_name", "product_id"),
    unit_of_row="product of a segment",
)

TOP_PRODUCTS = mart(
    "top_products",
    "One row a segment and rank: its five best products by premium, of those whose premium may be told.",
    SEGMENT_ID,
    SEGMENT_NAME,
    rank("premium_rank", "Rank within the segment by premium, then by product key; 1 to 5.", *PREMIUM),
    PRODUCT_SOLD,
    *PRODUCT,
    count("n_policies", "Policies sold in the segment, lapsed ones included.", "policies.policy_id"),
    money("total_premium", "Yearly premium.", *PREMIUM),
    pct("premium_pct", "Share of the segment's whole premium.", *PREMIUM),
    key=("segment_name", "premium_rank"),
    unit_of_row="product of a segment",
)

TOP_CUSTOMERS = mart(
    "top_customers",
    "One row a customer among the 100 highest by yearly premium or the 100 highest by premium to date.",
    rank("premium_rank", "Rank among all by yearly premium, then by customer key.", *PREMIUM),
    rank("premium_to_date_rank", "Rank among all by premium to date, then by customer key.", *PREMIUM_TO_DATE),
    string("customer_id", "The customer.", is_required=True, is_personal=True, lineage=("policies.customer_id",)),
    SEGMENT_ID,
    SEGMENT_NAME,
    integer("age", "Age at the snapshot.", unit="years", is_personal=True, lineage=("customers.age",)),
    string("occupation", "Occupation.", lineage=("customers.occupation",)),
    number("income", "Yearly income before tax.", unit="currency", is_personal=True, lineage=("customers.income",)),
    string("city", "City of residence, or Unknown.", is_required=True, lineage=("customers.city",)),
    count("n_policies", "Policies, lapsed ones included.", "policies.policy_id"),
    count("n_products", "Different products among them.", "policies.product_id"),
    money("total_premium", "Yearly premium.", *PREMIUM),
    pct("premium_pct", "Share of all premium.", *PREMIUM),
    money("total_coverage", "Sum insured.", *COVERAGE),
    years("tenure_years", "Mean time since the customer's policies were bought.", "policies.purchase_date"),
    money("premium_to_date", "Yearly premium x years from purchase to lapse or snapshot.", *PREMIUM_TO_DATE),
    key=("customer_id",),
    unit_of_row="customer",
)

_PREFERRED = ("customers.preferred_language", "customers.preferred_channel", "customers.preferred_time")

PREFERENCES_BY_SEGMENT = mart(
    "preferences_by_segment",
    "One row a segment, preference and choice: how each segment wishes to be addressed.",
    SEGMENT_ID,
    SEGMENT_NAME,
    string("preference", "language, channel or time.", is_required=True, lineage=_PREFERRED),
    string(
        "choice",
        "What is preferred, Unknown, or Other where too few customers share it.",
        is_required=True,
        lineage=_PREFERRED,
    ),
    count("n_customers", "Customers of the segment who prefer it.", "labelled_customers.customer_id"),
    pct("customers_pct", "Share of the segment's customers.", "labelled_customers.customer_id"),
    rank("preference_rank", "Rank within segment and preference, then by choice.", "labelled_customers.customer_id"),
    pct("population_pct", "Share of all customers.", "labelled_customers.customer_id"),
    number(
        "lift",
        "customers_pct / population_pct; 1 is average.",
        unit="times",
        lineage=("labelled_customers.customer_id",),
    ),
    is_small(": few to go by.", "labelled_customers.customer_id"),
    key=("segment_name", "preference", "choice"),
    unit_of_row="choice of a segment",
    is_view=False,
)

SEGMENT_OVERVIEW = mart(
    "segment_overview",
    "One row a segment, empty ones included, and one for customers without: who is in it and what it is worth.",
    string("lens", "Name of the primary lens.", is_required=True, lineage=("labelled_customers.lens",)),
    SEGMENT_ID,
    SEGMENT_NAME,
    string(
        "description",
        "One sentence a marketer can use; NULL for Unclassified.",
        lineage=("segment_labels.description",),
    ),
    count("n_customers", "Customers of the segment.", "labelled_customers.customer_id"),
    pct("customers_pct", "Share of all customers.", "labelled_customers.customer_id"),
    count("n_policies", "Policies, lapsed ones included.", "policies.policy_id"),
    money("total_premium", "Yearly premium; NULL where the snapshot has no policies.", *PREMIUM),
    pct("premium_pct", "Share of all premium.", *PREMIUM),
    money("premium_per_customer", "Yearly premium over customers, those without a policy included.", *PREMIUM),
    money("total_coverage", "Sum insured; NULL where the snapshot has no policies.", *COVERAGE),
    money("premium_to_date", "Yearly premium x years from purchase to lapse or snapshot.", *PREMIUM_TO_DATE),
    years("mean_age_years", "Mean age.", "customers.age"),
    money("mean_income", "Mean yearly income.", "customers.income"),
    years("mean_tenure_years", "Mean over customers of their policies' mean tenure.", "policies.purchase_date"),
    pct("mean_premium_to_coverage_pct", "Mean over customers of their policies' mean premium to coverage.", *RATIO),
    string(
        "most_common_marital_status",
        "Marital status of most; NULL where it is that of too few.",
        lineage=("customers.marital_status",),
    ),
    string(
        "most_common_city", "City of residence of most; NULL where it is that of too few.", lineage=("customers.city",)
    ),
    string(
        "top_product_type",
        "Kind of product that carries most premium, of those that enough customers hold.",
        lineage=("products.product_type", "policies.premium"),
    ),
    number("mean_confidence", "Mean confidence of the placement, 0 to 1.", lineage=("labelled_customers.confidence",)),
    count("n_outliers", "Customers who fit no segment well.", "labelled_customers.is_outlier"),
    is_small(AMOUNTS, "labelled_customers.segment_name", "policies.customer_id"),
    key=("segment_name",),
    unit_of_row="segment",
    is_view=False,
)

_SEGMENT_NAME = ("segment_labels.segment_name",)

MIGRATION_MATRIX = mart(
    "migration_matrix",
    "One row a pair of segments between a snapshot and the latest one before it: who moves where.",
    day("from_snapshot", "The earlier snapshot.", is_required=True, lineage=("segment_migration.from_snapshot",)),
    day(
        "to_snapshot",
        "The later snapshot, equal to snapshot_date.",
        is_required=True,
        lineage=("segment_migration.to_snapshot",),
    ),
    integer(
        "from_segment_id",
        "Segment before; NULL for Joined and Unclassified.",
        lineage=("segment_migration.from_segment_id",),
    ),
    string(
        "from_segment_name",
        "Its name then (Segment 3 where it has none yet), Unclassified, or Joined.",
        is_required=True,
        lineage=_SEGMENT_NAME,
    ),
    integer(
        "to_segment_id",
        "Segment after; NULL for Left and Unclassified.",
        lineage=("segment_migration.to_segment_id",),
    ),
    string(
        "to_segment_name",
        "Its name now (Segment 3 where it has none yet), Unclassified, or Left.",
        is_required=True,
        lineage=_SEGMENT_NAME,
    ),
    string("movement", "stayed, moved, joined or left.", is_required=True, lineage=("segment_migration.movement",)),
    count("n_customers", "Customers who took this way.", "segment_migration.n_customers"),
    pct("share_of_from_pct", "Share of those who stood in the segment before.", "segment_migration.share"),
    key=("from_segment_name", "to_segment_name"),
    unit_of_row="pair of segments",
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

MARTS: tuple[Table, ...] = (
    OVERALL_STAT,
    PORTFOLIO_JOINED,
    PREMIUM_BY_SEGMENT,
    PREMIUM_BY_CITY,
    PREMIUM_BY_AGE_GROUP,
    TENURE_GROUPS,
    PRODUCT_POPULARITY,
    PRODUCT_POPULARITY_BY_SEGMENT,
    TOP_PRODUCTS,
    TOP_CUSTOMERS,
    PREFERENCES_BY_SEGMENT,
    SEGMENT_OVERVIEW,
    MIGRATION_MATRIX,
    CHURN_BY_PRODUCTS_AND_CITY,
)
"""In the order of `build_tables`; no mart reads another."""
