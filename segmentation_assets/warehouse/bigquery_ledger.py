"""The ledger on BigQuery: marked before the rows of a range are replaced, and written after.

BigQuery replaces the rows in one statement, and the ledger is another table. So a partition is first marked as
unfinished; a process that dies in between leaves whole rows, old or new, and a mark that `staleness` sees.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from segmentation_assets.tables.frames import ARROW_TYPES
from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse import contract
from segmentation_assets.warehouse.bigquery_jobs import literal
from segmentation_assets.warehouse.bigquery_schema import Dataset
from segmentation_assets.warehouse.ledger import LEDGER, Content, Partition, partitions


def contents_sql(table: Table) -> str:
    """Return GoogleSQL that counts and fingerprints the staged rows of every day, one row a day.

    The fingerprint is the exclusive or of 60 bits of each row's MD5 beside the sum of the next 32, so that neither
    order nor a pair of equal changes goes unseen. Columns are hashed in order of name and of declared type.
    """
    by_name = sorted(table.columns, key=lambda column: column.name)
    columns = ", ".join(f"CAST(`{c.name}` AS {c.type}) AS `{c.name}`" for c in by_name)
    hashed = f"SELECT snapshot_date AS day, TO_HEX(MD5(TO_JSON_STRING(STRUCT({columns})))) AS h FROM {contract.STAGED}"
    return (
        "SELECT day, COUNT(*) AS n, BIT_XOR(CAST(CONCAT('0x', SUBSTR(h, 1, 15)) AS INT64)) AS mixed, "
        f"SUM(CAST(CONCAT('0x', SUBSTR(h, 16, 8)) AS INT64)) AS total FROM ({hashed}) GROUP BY day"
    )


def contents(found: Sequence[Mapping[str, Any]]) -> dict[date, Content]:
    """Return what `contents_sql` found, by day."""
    return {
        row["day"]: Content(row["n"], f"{row['mixed']:015x}{row['total']:016x}")
        for row in found
        if row["day"] is not None
    }


def mark(dataset: Dataset, table: Table, first: date, last: date) -> None:
    """Mark the range as unfinished: what the ledger says of it is no longer vouched for."""
    dataset.jobs.run(
        f"UPDATE {dataset.address(LEDGER.name)} SET schema_version = '', code_version = NULL, data_version = NULL "
        f"WHERE table_name = {literal(table.name)} AND snapshot_date BETWEEN {literal(first)} AND {literal(last)}"
    )


def write(dataset: Dataset, entries: pa.Table) -> None:
    """Put the entries of one table in the place of those with the same dates, in one statement."""
    records = entries.to_pylist()
    dated = sorted(r["snapshot_date"] for r in records if r["snapshot_date"] is not None)
    when = f"BETWEEN {literal(dated[0])} AND {literal(dated[-1])}" if dated else "IS NULL"
    condition = f"table_name = {literal(records[0]['table_name'])} AND snapshot_date {when}"
    selects = " UNION ALL ".join(f"SELECT {_selected(record)}" for record in records)
    dataset.jobs.run(exchange_sql(dataset.address(LEDGER.name), LEDGER, f"({selects})", condition))


def read(
    dataset: Dataset, names: Collection[str] | None = None, day: date | None = None, *, with_upstream: bool = True
) -> list[Partition]:
    """Return the entries of every table or of those named, of every day or of one; see `Warehouse.ledger`."""
    if names is not None and not names:
        return []
    conditions = []
    if names is not None:
        conditions.append(f"table_name IN ({', '.join(literal(name) for name in sorted(names))})")
    if day is not None:
        conditions.append(f"snapshot_date = {literal(day)}")
    return _read(dataset, " AND ".join(conditions), with_upstream=with_upstream)


def read_views(dataset: Dataset) -> list[Partition]:
    """Return the entries of every view; they lie by themselves, in the partition of no date."""
    return _read(dataset, "snapshot_date IS NULL", with_upstream=False)


def _read(dataset: Dataset, condition: str, *, with_upstream: bool) -> list[Partition]:
    # Not the columns by name: an earlier release may have written fewer.
    selected = "*" if with_upstream else "* EXCEPT (upstream)"
    where = f" WHERE {condition}" if condition else ""
    found = dataset.rows(f"SELECT {selected} FROM {dataset.address(LEDGER.name)}{where}", LEDGER.name)
    if found is None:
        return []
    there = [column for column in LEDGER.columns if column.name in found.column_names]
    schema = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in there])
    return partitions(found.select(schema.names).cast(schema))


def exchange_sql(target: str, table: Table, source: str, condition: str) -> str:
    """Return the one statement that puts the source's rows in the place of the target's that meet a condition.

    No row ever matches, so every target row that meets the condition is deleted and every source row is inserted, by
    name: both or, whatever happens, neither.
    """
    columns = ", ".join(f"`{name}`" for name in table.column_names)
    return (
        f"MERGE {target} AS target USING {source} AS source ON FALSE "
        f"WHEN NOT MATCHED BY SOURCE AND {condition} THEN DELETE "
        f"WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({columns})"
    )


def _selected(record: Mapping[str, Any]) -> str:
    return ", ".join(f"CAST({literal(record[c.name])} AS {c.type}) AS `{c.name}`" for c in LEDGER.columns)
