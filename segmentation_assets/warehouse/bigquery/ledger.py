"""The ledger on BigQuery: marked before the rows of a range are replaced, and written after.

BigQuery replaces the rows by one statement, or by one job a day, and the ledger is another table. So a partition is
first marked as unfinished; a process that dies in between leaves whole rows, old or new, and a mark that `staleness`
sees.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import pyarrow as pa
from google.cloud import bigquery

from segmentation_assets.tables.frames import ARROW_TYPES
from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse import contract
from segmentation_assets.warehouse.bigquery.jobs import literal
from segmentation_assets.warehouse.bigquery.partitions import Ways
from segmentation_assets.warehouse.bigquery.schema import STORED_LEDGER, Dataset
from segmentation_assets.warehouse.interface import Parameter
from segmentation_assets.warehouse.ledger import LEDGER, Content, Partition, days_between, partitions

CHUNK_BYTES = 256 * 1024
"""Most bytes of entries that one statement carries; BigQuery takes a request of 10 MB and a statement of 1 MB."""

_MARK = ""
"""Stands for the schema version of a partition that is being written, or was not written to its end."""


def contents_sql(table: Table) -> str:
    """Return GoogleSQL that counts and fingerprints the staged rows of every day, one row per day.

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


class LedgerWriter:
    """Marks a range of partitions and writes their entries, by DML or, where that is refused, by appending.

    One of them is made for each write. By DML a mark changes the rows that are there, and the entries take their place.
    Appended rows stay, and the last one of a partition holds (`current`); so the ledger reads the same whichever way
    each row came, and a project may pass from one to the other and back.

    BigQuery takes statements up to 1 MB and refuses some before that as too complex (Quotas and limits, query jobs).
    Entries therefore travel as one parameter of JSON, and those of a long range in several statements of `CHUNK_BYTES`
    at most. What a process that dies between two of them left out is still marked.
    """

    def __init__(self, dataset: Dataset, ways: Ways) -> None:
        self._dataset = dataset
        self._ways = ways
        self._write_id = uuid4().hex

    def mark(self, table: Table, first: date, last: date) -> None:
        """Mark the range as unfinished: what the ledger says of it is no longer vouched for."""
        update = (
            f"UPDATE {self._dataset.address(LEDGER.name)} SET schema_version = '', code_version = NULL, "
            f"data_version = NULL, write_id = {literal(self._write_id)} WHERE table_name = {literal(table.name)} "
            f"AND snapshot_date BETWEEN {literal(first)} AND {literal(last)}"
        )
        marks = [
            {"table_name": table.name, "snapshot_date": day, "schema_version": _MARK, "upstream": "{}"}
            for day in days_between(first, last)
        ]
        self._ways.run(lambda: self._run(update), lambda: self._append(marks))

    def write(self, entries: pa.Table) -> None:
        """Put the entries of one table in the place of those with the same dates."""
        records = entries.to_pylist()
        self._ways.run(lambda: self._exchange(records), lambda: self._append(records))

    def _exchange(self, records: Sequence[Mapping[str, Any]]) -> None:
        target = self._dataset.address(LEDGER.name)
        for chunk, written in _chunks(records):
            dated = [r["snapshot_date"] for r in chunk if r["snapshot_date"] is not None]
            when = f"BETWEEN {literal(min(dated))} AND {literal(max(dated))}" if dated else "IS NULL"
            condition = f"table_name = {literal(chunk[0]['table_name'])} AND snapshot_date {when}"
            self._run(exchange_sql(target, LEDGER, f"({_ENTRIES_SQL})", condition), {"entries": written})

    def _append(self, records: Sequence[Mapping[str, Any]]) -> None:
        # Not by a load job: BigQuery alone can say in which order rows came, whatever the clocks of the machines that
        # send them.
        appended = (
            f"SELECT *, UNIX_MICROS(CURRENT_TIMESTAMP()) AS sequence, {literal(self._write_id)} AS write_id "
            f"FROM ({_ENTRIES_SQL})"
        )
        into = (self._dataset.reference.table(LEDGER.name), bigquery.WriteDisposition.WRITE_APPEND)
        for _, written in _chunks(records):
            self._dataset.jobs.run(appended, {"entries": written}, into)

    def _run(self, sql: str, params: Mapping[str, Parameter] | None = None) -> None:
        self._dataset.jobs.run(sql, params)


def read(
    dataset: Dataset, names: Collection[str] | None = None, day: date | None = None, *, with_upstream: bool = True
) -> list[Partition]:
    """Return the entries of every table or of those named, of every day or of one; see `Warehouse.ledger`."""
    return _read(dataset, names, "" if day is None else f"snapshot_date = {literal(day)}", with_upstream=with_upstream)


def read_views(dataset: Dataset) -> list[Partition]:
    """Return the entries of every view; they lie by themselves, in the partition of no date."""
    return _read(dataset, None, "snapshot_date IS NULL", with_upstream=False)


def _read(dataset: Dataset, names: Collection[str] | None, days: str, *, with_upstream: bool) -> list[Partition]:
    if names is not None and not names:
        return []
    conditions = [] if names is None else [f"table_name IN ({', '.join(literal(name) for name in sorted(names))})"]
    conditions += [days] if days else []
    # Not the columns by name: an earlier release may have written fewer.
    selected = "*" if with_upstream else "* EXCEPT (upstream)"
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    found = dataset.rows(f"SELECT {selected} FROM {dataset.address(LEDGER.name)}{where}", LEDGER.name)
    if found is None:
        return []
    there = [column for column in STORED_LEDGER.columns if column.name in found.column_names]
    schema = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in there])
    return partitions(current(found.select(schema.names).cast(schema)))


def current(stored: pa.Table) -> pa.Table:
    """Return one row per partition or view, of those that the ledger holds of it: the one that holds now.

    It is the last that was appended. An entry vouches for its partition only if nothing else was written of it since
    its own mark: of two writes at once it is not known whose rows came last, so the partition is left unfinished and
    the next run settles it. Rows with the same position count as if the mark had come last.
    """
    if "sequence" not in stored.column_names:
        return stored
    found: dict[tuple, list[dict]] = {}
    for row in stored.to_pylist():
        found.setdefault((row["table_name"], row["snapshot_date"]), []).append(row)
    return pa.Table.from_pylist([_holding(rows) for rows in found.values()], schema=stored.schema)


def _holding(rows: list[dict]) -> dict:
    """Return the row of one partition that holds, made a mark where it vouches for nothing.

    A mark keeps what was known before, as one made in place does: how many rows there were, and whose they are.
    """
    rows.sort(key=lambda row: (row["sequence"] or 0, row["schema_version"] == _MARK))
    last = rows[-1]
    if last["snapshot_date"] is None:  # a view, of which nothing is marked
        return last
    if last["schema_version"] != _MARK and (last["write_id"] is None or _follows_its_mark(rows)):
        return last
    known = next((row for row in reversed(rows) if row["n_rows"] is not None), last)
    return {**known, "schema_version": _MARK, "code_version": None, "data_version": None}


def _follows_its_mark(rows: list[dict]) -> bool:
    before, last = rows[-2:] if len(rows) > 1 else (None, rows[-1])
    return before is not None and before["schema_version"] == _MARK and before["write_id"] == last["write_id"]


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


def _chunks(records: Sequence[Mapping[str, Any]]) -> Iterator[tuple[list[Mapping[str, Any]], str]]:
    """Yield the records in their order, in pieces whose JSON stays within `CHUNK_BYTES`, each with its JSON."""
    chunk: list[Mapping[str, Any]] = []
    lines: list[str] = []
    size = 0
    for record in records:
        line = json.dumps({**record, "snapshot_date": record["snapshot_date"] and record["snapshot_date"].isoformat()})
        if chunk and size + len(line) > CHUNK_BYTES:
            yield chunk, f"[{','.join(lines)}]"
            chunk, lines, size = [], [], 0
        chunk.append(record)
        lines.append(line)
        size += len(line) + 1
    if chunk:
        yield chunk, f"[{','.join(lines)}]"


_ENTRIES_SQL = "SELECT {} FROM UNNEST(JSON_QUERY_ARRAY(@entries)) AS entry".format(
    ", ".join(f"CAST(JSON_VALUE(entry, '$.{c.name}') AS {c.type}) AS `{c.name}`" for c in LEDGER.columns)
)
