"""Marts: the views and tables that reports read.

Those of any company are files of `sql/marts`, those of one kind of company of a folder in it; which of them a portfolio
takes is decided in `checking.marts`.

All segments are those of the primary lens, but in `segment_outcomes`, which has those of every lens; customers without
one stand under "Unclassified". Policies count whether or not they have lapsed, as in the features; what is in force has
columns of its own, NULL where a snapshot delivered no lapse. Money is rounded to 2 decimals and every other number to
6, so that the order in which an engine adds up changes nothing; percentages are of the snapshot's total unless the
column says otherwise.

A mart that holds no person tells no person's value either. An amount, a mean and a rank of amounts are NULL in a row of
fewer customers than the portfolio's `min_group_size`, and where another row's would follow from it and the total; a
text that as few share stands under "Other". Counts, and shares of counts, are told however small.
"""

from segmentation_assets.tables.marts.general import MIGRATION_MATRIX, SEGMENT_OUTCOMES
from segmentation_assets.tables.marts.insurance_book import (
    CHURN_BY_PRODUCTS_AND_CITY,
    OVERALL_STAT,
    PORTFOLIO_JOINED,
    PREMIUM_BY_AGE_GROUP,
    PREMIUM_BY_CITY,
    PREMIUM_BY_SEGMENT,
    TENURE_GROUPS,
)
from segmentation_assets.tables.marts.insurance_segments import (
    PREFERENCES_BY_SEGMENT,
    PRODUCT_POPULARITY,
    PRODUCT_POPULARITY_BY_SEGMENT,
    SEGMENT_OVERVIEW,
    TOP_CUSTOMERS,
    TOP_PRODUCTS,
)
from segmentation_assets.tables.schema import Table

INSURANCE: tuple[Table, ...] = (
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
    CHURN_BY_PRODUCTS_AND_CITY,
)
"""Those of an insurer: its book of policies, products and premium."""

GENERAL: tuple[Table, ...] = (MIGRATION_MATRIX, SEGMENT_OUTCOMES)
"""Those of any company."""

MARTS: tuple[Table, ...] = (*INSURANCE, *GENERAL)
"""In the order of `build_tables`; no mart reads another."""

KIND_OF: dict[str, str] = {mart.name: "insurance" for mart in INSURANCE}
"""The kind of company whose mart it is, by name: the folder of `sql/marts` in which its file lies is called so."""

KNOWN_BY: dict[str, str] = {"insurance": "policies"}
"""The input table by which a company is known as one of a kind."""
