"""Cleaning: raw rows become core rows, or rejected rows with their reasons; none gets lost."""

from segmentation_assets.cleaning.cleaner import Cleaned, Cleaner, clean, clean_all
from segmentation_assets.cleaning.columns import Keys

__all__ = ["Cleaned", "Cleaner", "Keys", "clean", "clean_all"]
