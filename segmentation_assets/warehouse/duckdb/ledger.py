"""The ledger of the embedded engine: read and written on the connection, and in the transaction, of the rows."""

from collections.abc import Collection
from datetime import date

import duckdb
import pyarrow as pa

from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse import contract
from segmentation_assets.warehouse.duckdb import schema as duckdb_schema
from segmentation_assets.warehouse.duckdb.schema import DUCKDB_TYPES, quote
from segmentation_assets.warehouse.ledger import LEDGER, Content, Partition, partitions

_WRITTEN = "ledger_entries"


def contents(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[date, Content]:
    """Count and fingerprint the staged rows of every day.

    The fingerprint is the exclusive or of the rows' 64-bit hashes beside their sum, so that neither order nor a pair
    of equal changes goes unseen. Columns are hashed in order of name and of declared type: a declaration in another
    order, and integers given for doubles, make no difference.
    """
    columns = ", ".join(
        f"CAST({quote(column.name)} AS {DUCKDB_TYPES[column.type]})"
        for column in sorted(table.columns, key=lambda column: column.name)
    )
    counted = connection.execute(
        "SELECT snapshot_date, COUNT(*), bit_xor(h), sum(h) % 18446744073709551616 "
        f"FROM (SELECT snapshot_date, hash({columns}) AS h FROM {contract.STAGED}) GROUP BY 1"
    )
    return {day: Content(n, f"{mixed:016x}{total:016x}") for day, n, mixed, total in counted.fetchall()}


def write(connection: duckdb.DuckDBPyConnection, dataset: str, written: pa.Table) -> None:
    """Put entries of one table in the place of those with the same dates."""
    duckdb_schema.prepare(connection, dataset, LEDGER)
    name = f"{quote(dataset)}.{quote(LEDGER.name)}"
    connection.register(_WRITTEN, written)
    connection.execute(
        f"DELETE FROM {name} AS l WHERE EXISTS (SELECT 1 FROM {_WRITTEN} AS w WHERE w.table_name = l.table_name "
        "AND w.snapshot_date IS NOT DISTINCT FROM l.snapshot_date)"
    )
    connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM {_WRITTEN}")
    connection.unregister(_WRITTEN)


def read(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    names: Collection[str] | None = None,
    day: date | None = None,
    *,
    with_upstream: bool = True,
) -> list[Partition]:
    """Return the entries of every table or of those named, of every day or of one; see `Warehouse.ledger`."""
    if duckdb_schema.kind_of(connection, dataset, LEDGER.name) is None:
        return []
    # Not the columns by name: an earlier release may have written fewer.
    selected = "*" if with_upstream else "* EXCLUDE (upstream)"
    conditions: list[str] = ["TRUE"]
    params: dict[str, object] = {}
    if names is not None:
        conditions.append("table_name IN $names")
        params["names"] = list(names)
    if day is not None:
        conditions.append("snapshot_date = $day")
        params["day"] = day
    sql = f"SELECT {selected} FROM {quote(dataset)}.{quote(LEDGER.name)} WHERE {' AND '.join(conditions)}"
    return partitions(connection.sql(sql, params=params).to_arrow_table())


def row_counts(
    connection: duckdb.DuckDBPyConnection, dataset: str, names: Collection[str], first: date, last: date
) -> dict[str, dict[date, int]]:
    """Return the rows of the partitions that are there, those the ledger knows as empty included."""
    counts: dict[str, dict[date, int]] = {name: {} for name in names}
    days = {"first": first, "last": last}
    within = "snapshot_date BETWEEN $first AND $last"
    if duckdb_schema.kind_of(connection, dataset, LEDGER.name):
        empty = connection.execute(
            f"SELECT table_name, snapshot_date FROM {quote(dataset)}.{quote(LEDGER.name)} "
            f"WHERE n_rows = 0 AND table_name IN $names AND {within}",
            {**days, "names": list(names)},
        )
        for name, day in empty.fetchall():
            counts[name][day] = 0
    for name, found in counts.items():
        if duckdb_schema.kind_of(connection, dataset, name) == "table":
            sql = f"SELECT snapshot_date, COUNT(*) FROM {quote(dataset)}.{quote(name)} WHERE {within} GROUP BY 1"
            found.update(connection.execute(sql, days).fetchall())
    return {name: dict(sorted(found.items())) for name, found in counts.items()}
