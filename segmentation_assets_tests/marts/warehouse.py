"""The tables that marts read, and every mart asked of them, in a warehouse of either engine."""

from copy import copy

import pandas as pd
import pyarrow as pa

from segmentation_assets.checking.queries import mart_query
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import own_tables
from segmentation_assets.tables.features import customer_features
from segmentation_assets.tables.frames import empty_frame, to_arrow
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.sql.queries import sql_folder
from segmentation_assets_tests.engines import lay_out
from segmentation_assets_tests.insurers import CUSTOMERS, POLICIES, PRODUCTS

SEGMENT_MIGRATION = own_tables()["segment_migration"]
LABELLED_CUSTOMERS = own_tables()["labelled_customers"]
SEGMENT_LABELS = own_tables()["segment_labels"]
CUSTOMER_SEGMENTS = own_tables()["customer_segments"]

FOLDER = sql_folder() / "marts"
INSURANCE = load_portfolio("insurance")
UPSTREAM = {
    table.name: table
    for table in (
        CUSTOMERS, POLICIES, PRODUCTS, SEGMENT_MIGRATION, SEGMENT_LABELS, LABELLED_CUSTOMERS, CUSTOMER_SEGMENTS,
        customer_features(INSURANCE.feature_columns()),
    )
}  # fmt: skip


class Marts:
    """Marts over the given frames; a table that is not given is there and empty.

    With a min_group_size of 1, which no portfolio can have, a row of a single customer is told.
    """

    def __init__(self, warehouse: Warehouse, *, min_group_size: int = 1, **frames: pd.DataFrame) -> None:
        self.warehouse = warehouse
        self.portfolio = INSURANCE.model_copy(update={"min_group_size": min_group_size})
        self._found: dict[str, pa.Table] = {}
        for name, table in UPSTREAM.items():
            lay_out(warehouse, table, to_arrow(frames.get(name, empty_frame(table)), table))

    def telling(self, min_group_size: int) -> "Marts":
        """Return the marts of the same tables for a portfolio of another min_group_size."""
        other = copy(self)
        other.portfolio = INSURANCE.model_copy(update={"min_group_size": min_group_size})
        other._found = {}
        return other

    def arrow(self, mart: str) -> pa.Table:
        """Return a mart's rows, asked for once."""
        if mart not in self._found:
            self._found[mart] = self.warehouse.query(mart_query(mart, self.portfolio))
        return self._found[mart]

    def frame(self, mart: str) -> pd.DataFrame:
        """Return a mart as a frame."""
        return self.arrow(mart).to_pandas(date_as_object=False)

    def rows(self, mart: str, snapshot: str, *columns: str) -> set[tuple]:
        """Return columns of a mart's rows on a snapshot; all but snapshot_date and is_small where none is named."""
        wanted = columns or [name for name in self.arrow(mart).column_names[1:] if name != "is_small"]
        on_day = [row for row in self.arrow(mart).to_pylist() if row["snapshot_date"].isoformat() == snapshot]
        found = [tuple(row[name] for name in wanted) for row in on_day]
        assert len(set(found)) == len(found), f"{mart} repeats a row"
        return set(found)


def google_sql(mart: str) -> str:
    """Return a mart's file."""
    [file] = FOLDER.rglob(f"{mart}.sql")
    return file.read_text(encoding="utf-8")
