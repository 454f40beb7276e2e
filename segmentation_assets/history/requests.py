"""Requests for a further model, of all days."""

from datetime import date

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.warehouse import Warehouse

REQUESTS = "retraining_requests"
"""Table of the days from which a further model was asked for."""


def read_requests(blueprint: Blueprint, warehouse: Warehouse) -> pd.DataFrame:
    """Return all requests that were ever written down."""
    table = blueprint.tables[REQUESTS]
    return from_arrow(warehouse.read(table, date.min, date.max), table)
