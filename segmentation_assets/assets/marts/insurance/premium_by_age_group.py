"""`premium_by_age_group`: premium by age."""

from segmentation_assets.assets.marts.insurance._columns import premium_by
from segmentation_assets.tables.schema import integer, string

PREMIUM_BY_AGE_GROUP = premium_by(
    "premium_by_age_group",
    "One row per age group: how premium and its price change with age.",
    string("age_group", "Age group, or Unknown.", is_required=True),
    integer("from_age_years", "Youngest age of the group, to sort by; NULL for Unknown.", unit="years"),
    key="age_group",
    unit_of_row="age group",
    is_view=False,
)
