"""Where tables are kept: one small interface, the engines behind it, and the IO manager on top.

`open_warehouse` is the one place that knows which engines there are. Nothing here knows what a table means; that is
in `tables/`. Dagster is imported in `io_manager` alone, so the command line can read a table without it.
"""

from segmentation_assets.errors import WarehouseError
from segmentation_assets.settings import Settings
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query, Replaced, Warehouse

__all__ = ["Query", "Replaced", "Warehouse", "open_warehouse"]


def open_warehouse(settings: Settings) -> Warehouse:
    """Return the warehouse that the settings name. Opening does no I/O; the first read or write does."""
    if settings.warehouse == "bigquery":
        return _bigquery(settings)
    return DuckDBWarehouse(settings.duckdb_path, settings.dataset)


def _bigquery(settings: Settings) -> Warehouse:
    try:  # here and not above: Google's packages take a second to import, and whoever keeps a file need not have them
        from segmentation_assets.warehouse.bigquery.warehouse import BigQueryWarehouse  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("google"):
            raise
        raise WarehouseError(
            f"SEGMENTATION_WAREHOUSE is bigquery, and {error.name} is not installed. Run: "
            "pip install 'segmentation-assets[bigquery]'."
        ) from None
    return BigQueryWarehouse(
        settings.dataset,
        project=settings.bigquery_project,
        location=settings.bigquery_location,
        max_bytes=settings.bigquery_max_bytes,
        policy_tag=settings.bigquery_policy_tag,
        writes=settings.bigquery_writes,
        emulator_host=settings.bigquery_emulator_host,
    )
