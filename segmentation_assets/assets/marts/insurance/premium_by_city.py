"""`premium_by_city`: premium by city."""

from segmentation_assets.assets.marts.insurance._columns import CITY, premium_by

PREMIUM_BY_CITY = premium_by(
    "premium_by_city",
    "One row per city of residence: where the premium comes from.",
    CITY,
    key="city",
    unit_of_row="city",
    is_view=False,
)
