"""A warehouse that meets its rows in another order at every write, as BigQuery may: DuckDB over shuffled copies."""

from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from segmentation_assets.warehouse.duckdb.schema import quote
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query


class ShufflingWarehouse(DuckDBWarehouse):
    """DuckDB whose tables are made from copies of others; the rows of no two copies lie in the same order."""

    def __init__(self, path: Path, dataset: str) -> None:
        super().__init__(path, dataset)
        self.n_copies = 0
        self._connection: duckdb.DuckDBPyConnection | None = None

    def _stage(self, connection, rows):
        self._connection = connection
        try:
            super()._stage(connection, rows)
        finally:
            self._connection = None

    def _translate(self, query: Query, *place):
        sql, params = super()._translate(query, *place)
        if self._connection is None:  # what makes no table
            return sql, params
        tree = sqlglot.parse_one(sql, read="duckdb")
        for table in [table for table in tree.find_all(exp.Table) if table.db]:
            self.n_copies += 1
            name = f"shuffled_{self.n_copies}"
            source = f"{quote(self.dataset)}.{quote(table.name)}"
            self._connection.execute(
                f"CREATE TEMP TABLE {name} AS SELECT * FROM {source} ORDER BY md5(CONCAT(rowid, ' ', {self.n_copies}))"
            )
            table.replace(exp.to_table(name, alias=table.alias_or_name))
        return tree.sql("duckdb"), params
