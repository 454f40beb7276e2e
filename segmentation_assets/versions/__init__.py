"""Versions of what makes a table: fingerprints of the code that decides its rows and of what that code is given."""

from segmentation_assets.versions.fingerprint import fingerprint
from segmentation_assets.versions.given import given
from segmentation_assets.versions.sql_text import said_in

__all__ = ["fingerprint", "given", "said_in"]
