"""An in-memory DuckDB with the tables marts read, and every mart as a view on them."""

from pathlib import Path

import duckdb
import pandas as pd
import sqlglot

from segmentation_assets.tables.core import INPUT_TABLES
from segmentation_assets.tables.frames import empty_frame, to_arrow
from segmentation_assets.tables.marts import MARTS
from segmentation_assets.tables.personas import LABELLED_CUSTOMERS, SEGMENT_LABELS

FOLDER = Path(__file__).resolve().parents[2] / "sql" / "marts"
UPSTREAM = {table.name: table for table in (*INPUT_TABLES, SEGMENT_LABELS, LABELLED_CUSTOMERS)}
DUCKDB_TYPES = {"STRING": "VARCHAR", "INT64": "BIGINT", "FLOAT64": "DOUBLE", "BOOL": "BOOLEAN", "DATE": "DATE"}


class Warehouse:
    """Marts over the given frames; a table that is not given is there and empty."""

    def __init__(self, **frames: pd.DataFrame) -> None:
        self.connection = duckdb.connect()
        for name, table in UPSTREAM.items():
            rows = to_arrow(frames.get(name, empty_frame(table)), table)
            self.connection.register("rows", rows)
            columns = ", ".join(f"{c.name} {DUCKDB_TYPES[c.type]}" for c in table.columns)
            self.connection.execute(f"CREATE TABLE {name} ({columns})")
            self.connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM rows")
            self.connection.unregister("rows")
        for mart in MARTS:
            self.connection.execute(f"CREATE VIEW {mart.name} AS {duckdb_sql(mart.name)}")

    def frame(self, mart: str) -> pd.DataFrame:
        """Return a mart as a frame."""
        return self.connection.execute(f"SELECT * FROM {mart}").df()

    def rows(self, mart: str, snapshot: str, *columns: str) -> set[tuple]:
        """Return columns of a mart's rows on a snapshot; all but snapshot_date where none is named."""
        selected = ", ".join(columns) if columns else "* EXCLUDE (snapshot_date)"
        sql = f"SELECT {selected} FROM {mart} WHERE snapshot_date = DATE '{snapshot}'"
        found = self.connection.execute(sql).fetchall()
        assert len(set(found)) == len(found), f"{mart} repeats a row"
        return set(found)

    def types(self, mart: str) -> list[tuple[str, str]]:
        """Return the names and types of a mart's columns, in order."""
        return [row[:2] for row in self.connection.execute(f"DESCRIBE {mart}").fetchall()]


def google_sql(mart: str) -> str:
    """Return a mart's file."""
    return (FOLDER / f"{mart}.sql").read_text(encoding="utf-8")


def duckdb_sql(mart: str) -> str:
    """Return a mart's query in DuckDB's dialect."""
    return sqlglot.transpile(google_sql(mart), read="bigquery", write="duckdb")[0]
