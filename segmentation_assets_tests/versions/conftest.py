"""The night as it is, and what is made from what: both are judged by."""

from segmentation_assets_tests.versions.judging import as_it_is, downstream

__all__ = ["as_it_is", "downstream"]
