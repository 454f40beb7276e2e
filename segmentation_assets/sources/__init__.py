"""Where the input tables come from: a folder of CSV files, or a synthetic insurer.

A source delivers text and judges nothing but its shape; what a value means is for `cleaning`.
"""

from segmentation_assets.sources.csv_folder import CsvFolder
from segmentation_assets.sources.delivery import Delivery, Source
from segmentation_assets.sources.raw_rows import to_raw
from segmentation_assets.sources.reading import open_source, raw_frames, read_all, read_deliveries
from segmentation_assets.sources.synthetic_source import SyntheticSource

__all__ = [
    "CsvFolder",
    "Delivery",
    "Source",
    "SyntheticSource",
    "open_source",
    "raw_frames",
    "read_all",
    "read_deliveries",
    "to_raw",
]
