"""`top_customers`: the customers who pay most."""

from segmentation_assets.tables.mart_columns import SEGMENT_ID, SEGMENT_NAME, count, mart, money, pct, rank, years
from segmentation_assets.tables.schema import integer, number, string

TOP_CUSTOMERS = mart(
    "top_customers",
    "One row per customer among the 100 highest by yearly premium or the 100 highest by premium to date.",
    rank("premium_rank", "Rank among all by yearly premium, then by customer key."),
    rank("premium_to_date_rank", "Rank among all by premium to date, then by customer key."),
    string("customer_id", "The customer.", is_required=True, is_personal=True),
    SEGMENT_ID,
    SEGMENT_NAME,
    integer("age", "Age at the snapshot.", unit="years", is_personal=True),
    string("occupation", "Occupation."),
    number("income", "Yearly income before tax.", unit="currency", is_personal=True),
    string("city", "City of residence, or Unknown.", is_required=True),
    count("n_policies", "Policies, lapsed ones included."),
    count("n_products", "Different products among them."),
    money("total_premium", "Yearly premium."),
    pct("premium_pct", "Share of all premium."),
    money("total_coverage", "Sum insured."),
    years("tenure_years", "Mean time since the customer's policies were bought."),
    money("premium_to_date", "Yearly premium x years from purchase to lapse or snapshot."),
    key=("customer_id",),
    unit_of_row="customer",
)
