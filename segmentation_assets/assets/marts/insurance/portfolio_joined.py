"""`portfolio_joined`: each policy with all that belongs to it."""

from segmentation_assets.assets.marts.insurance._columns import PRODUCT, PRODUCT_SOLD
from segmentation_assets.tables.mart_columns import SEGMENT_ID, SEGMENT_NAME, mart, money, pct, years
from segmentation_assets.tables.schema import boolean, day, integer, number, string

PORTFOLIO_JOINED = mart(
    "portfolio_joined",
    "One row per policy with its customer, product and segment.",
    string("policy_id", "The policy.", is_required=True),
    string("customer_id", "The customer.", is_required=True, is_personal=True),
    PRODUCT_SOLD,
    SEGMENT_ID,
    SEGMENT_NAME,
    day("purchase_date", "Day the policy was bought.", is_required=True),
    day("lapse_date", "Day the policy lapsed or will."),
    boolean("is_in_force", "True until the lapse; NULL where no lapse is known."),
    years("tenure_years", "Time since purchase, lapsed or not."),
    string("tenure_group", "Band of tenure in years, lower bound included.", is_required=True),
    money("premium", "Yearly premium."),
    money("coverage", "Sum insured."),
    pct("premium_to_coverage_pct", "Yearly premium per 100 of sum insured."),
    money("premium_to_date", "Yearly premium x years from purchase to lapse or snapshot."),
    *PRODUCT,
    integer("age", "Age at the snapshot.", unit="years", is_personal=True),
    string("age_group", "Age group, or Unknown.", is_required=True),
    string("gender", "Gender as the company records it.", is_personal=True),
    string("city", "City of residence, or Unknown.", is_required=True),
    string("marital_status", "Marital status.", is_personal=True),
    string("education", "Highest education."),
    string("occupation", "Occupation."),
    number("income", "Yearly income before tax.", unit="currency", is_personal=True),
    string("preferred_language", "Language to be addressed in."),
    string("preferred_channel", "Channel to be reached by."),
    string("preferred_time", "Time to be reached at."),
    key=("policy_id",),
    unit_of_row="policy",
)
