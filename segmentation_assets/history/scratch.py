"""A query over rows that are in memory, under the names of the tables that it reads."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa

from segmentation_assets.checking.queries import over_days
from segmentation_assets.tables import Table
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.tables.snapshots import on
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse


def queried_over(query: Query, rows: Mapping[str, tuple[Table, pa.Table]], made: Table, day: date) -> pd.DataFrame:
    """Return a day's rows of a table that a query makes, from the rows given instead of those in the warehouse.

    Parameters
    ----------
    rows : for each table that the query reads its declaration and its rows of the day.
    made : the table whose columns and types the rows are to have.
    """
    with TemporaryDirectory() as folder:
        scratch = DuckDBWarehouse(Path(folder) / "scratch.duckdb", "made")
        for table, held in rows.values():
            scratch.replace(table, held, day, day)
        scratch.replace(made, over_days(query, day, day), day, day)
        return on(from_arrow(scratch.read(made, day, day), made), day)
