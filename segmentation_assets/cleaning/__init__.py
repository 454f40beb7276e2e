"""Cleaning: raw rows become core rows, or rejected rows with their reasons; none gets lost."""

from segmentation_assets.cleaning.cleaner import Cleaned, Cleaner, clean, clean_all, refuse_bad_deliveries
from segmentation_assets.cleaning.columns import Keys
from segmentation_assets.cleaning.rejected.rejections import (
    RejectionError,
    Tally,
    count_rejections,
    refuse_mass_rejection,
)

__all__ = [
    "Cleaned",
    "Cleaner",
    "Keys",
    "RejectionError",
    "Tally",
    "clean",
    "clean_all",
    "count_rejections",
    "refuse_bad_deliveries",
    "refuse_mass_rejection",
]
