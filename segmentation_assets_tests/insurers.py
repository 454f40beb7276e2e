"""The input tables of an insurer by name, for tests that lay rows out by hand."""

from segmentation_assets.portfolio import load_portfolio

CUSTOMERS, PRODUCTS, POLICIES, CLAIMS, INTERACTIONS, SURVEY_RESPONSES, OUTREACH = load_portfolio(
    "insurance"
).input_tables
