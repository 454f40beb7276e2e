"""Where tables are kept: one small interface, one engine behind it, and the IO manager on top.

`open_warehouse` is the one place that knows which engines there are. Nothing here knows what a table means; that is
in `tables/`. Dagster is imported in `io_manager` alone, so the command line can read a table without it.
"""

from segmentation_assets.settings import Settings
from segmentation_assets.warehouse.duckdb import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query, Replaced, Warehouse

__all__ = ["Query", "Replaced", "Warehouse", "open_warehouse"]


def open_warehouse(settings: Settings) -> Warehouse:
    """Return the warehouse that the settings name. Opening does no I/O; the first read or write does."""
    return DuckDBWarehouse(settings.duckdb_path, settings.dataset)
