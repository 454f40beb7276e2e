"""Where the input tables come from: CSV files, Google Sheets, tables of the warehouse, or a synthetic insurer.

A source delivers text and judges nothing but its shape; what a value means is for `cleaning`.
"""

from segmentation_assets.sources.csv.folder import CsvFolder
from segmentation_assets.sources.delivery import Delivery, Source, Watched
from segmentation_assets.sources.needed import needed_files
from segmentation_assets.sources.no_source import NoSource
from segmentation_assets.sources.opening import describe_sources, open_source, open_source_or_none, refuse_unreadable
from segmentation_assets.sources.raw_rows import to_raw
from segmentation_assets.sources.reading import raw_tables, read_all, read_deliveries
from segmentation_assets.sources.synthetic.source import SyntheticSource

__all__ = [
    "CsvFolder",
    "Delivery",
    "NoSource",
    "Source",
    "SyntheticSource",
    "Watched",
    "describe_sources",
    "needed_files",
    "open_source",
    "open_source_or_none",
    "raw_tables",
    "read_all",
    "read_deliveries",
    "refuse_unreadable",
    "to_raw",
]
