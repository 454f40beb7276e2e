"""The tables that marts read, and every mart asked of them, in a warehouse of either engine."""

import pandas as pd
import pyarrow as pa

from segmentation_assets.tables.core import CUSTOMERS, POLICIES, PRODUCTS
from segmentation_assets.tables.frames import empty_frame, to_arrow
from segmentation_assets.tables.insights import SEGMENT_MIGRATION
from segmentation_assets.tables.personas import LABELLED_CUSTOMERS, SEGMENT_LABELS
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.sql import load_query, sql_folder
from segmentation_assets_tests.engines import lay_out

FOLDER = sql_folder() / "marts"
LENS = "overall"
UPSTREAM = {
    table.name: table
    for table in (CUSTOMERS, POLICIES, PRODUCTS, SEGMENT_MIGRATION, SEGMENT_LABELS, LABELLED_CUSTOMERS)
}


class Marts:
    """Marts over the given frames; a table that is not given is there and empty."""

    def __init__(self, warehouse: Warehouse, **frames: pd.DataFrame) -> None:
        self.warehouse = warehouse
        self._found: dict[str, pa.Table] = {}
        for name, table in UPSTREAM.items():
            lay_out(warehouse, table, to_arrow(frames.get(name, empty_frame(table)), table))

    def arrow(self, mart: str) -> pa.Table:
        """Return a mart's rows, asked for once."""
        if mart not in self._found:
            self._found[mart] = self.warehouse.query(load_query(f"marts/{mart}.sql", primary_lens=LENS))
        return self._found[mart]

    def frame(self, mart: str) -> pd.DataFrame:
        """Return a mart as a frame."""
        return self.arrow(mart).to_pandas(date_as_object=False)

    def rows(self, mart: str, snapshot: str, *columns: str) -> set[tuple]:
        """Return columns of a mart's rows on a snapshot; all but snapshot_date where none is named."""
        wanted = columns or self.arrow(mart).column_names[1:]
        on_day = [row for row in self.arrow(mart).to_pylist() if row["snapshot_date"].isoformat() == snapshot]
        found = [tuple(row[name] for name in wanted) for row in on_day]
        assert len(set(found)) == len(found), f"{mart} repeats a row"
        return set(found)


def google_sql(mart: str) -> str:
    """Return a mart's file."""
    return (FOLDER / f"{mart}.sql").read_text(encoding="utf-8")
