"""How many bytes BigQuery counts for rows, columns and statements, by its documented sizes of types.

Sizes: "Data types" (INT64, FLOAT64 and DATE 8 bytes, BOOL 1, STRING 2 and its UTF-8 bytes, NULL 0). What is billed on
demand: the columns read, of the partitions read, of each table of a statement, at least 10 MB a table ("Pricing").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from segmentation_assets.tables import Table

LEAST = 10 * 2**20
"""What a table of a statement is billed at least."""

_FIXED = {"INT64": 8, "FLOAT64": 8, "DATE": 8, "BOOL": 1}


def column_bytes(column: pa.ChunkedArray | pa.Array, declared: str) -> int:
    """Return the bytes of a column's values."""
    present = len(column) - column.null_count
    if declared == "STRING":
        return 2 * present + (pc.sum(pc.binary_length(column)).as_py() or 0)
    return _FIXED[declared] * present


@dataclass(frozen=True)
class Size:
    """A partition as it was measured: its rows and the bytes of each column, and whether they grow with customers."""

    n_rows: float
    by_column: Mapping[str, float]
    grows: bool

    def bytes_of(self, columns: list[str], growth: float) -> float:
        """Return the bytes of these columns where there are `growth` times as many customers."""
        return sum(self.by_column[name] for name in columns) * (growth if self.grows else 1)


def size_of(table: Table, rows: pa.Table) -> Size:
    """Measure one day's rows. A table grows with the customers where it has a row a customer, or a delivered row."""
    widths = {column.name: column_bytes(rows[column.name], column.type) for column in table.columns}
    is_delivered = table.stage in ("raw", "core") and not table.name.endswith("products")
    return Size(len(rows), widths, grows=is_delivered or "customer_id" in table.column_names)


class Read(NamedTuple):
    """A table that a statement reads: which columns, and how many days of it."""

    table: str
    columns: tuple[str, ...]
    n_days: int


def reads_of(sql: str, tables: Mapping[str, Table]) -> Iterator[Read]:
    """Yield every table that a query reads; a column that is selected and not used further up is not read."""
    schema = {name: {c.name: c.type for c in table.columns} for name, table in tables.items()}
    tree = qualify(sqlglot.parse_one(sql, read="bigquery"), schema=schema, dialect="bigquery", quote_identifiers=False)
    for scope in traverse_scope(pushdown_projections(tree)):
        for alias, (_, source) in scope.selected_sources.items():
            if isinstance(source, exp.Table) and source.name in tables:
                names = {column.name for column in scope.columns if column.table == alias}
                yield Read(source.name, tuple(sorted(names)), _days(scope, alias))


def _days(scope: Scope, alias: str) -> int:
    lists = [
        node
        for node in scope.expression.find_all(exp.In)
        if isinstance(node.this, exp.Column) and node.this.name == "snapshot_date" and node.this.table == alias
    ]
    return max((len(node.expressions) for node in lists), default=1)
