"""The input tables of an insurer, for tests that lay rows out by hand."""

from segmentation_assets.portfolio import load_portfolio

INPUT_TABLES = load_portfolio("insurance").input_tables
"""Each after those that it refers to."""

CUSTOMERS, PRODUCTS, POLICIES, CLAIMS, INTERACTIONS, SURVEY_RESPONSES, OUTREACH = INPUT_TABLES
