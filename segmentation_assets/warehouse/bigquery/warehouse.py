"""The BigQuery engine: every table in one dataset, partitioned by day, each write one atomic statement."""

import copy
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from functools import cached_property

import pyarrow as pa
from google.cloud import bigquery
from google.cloud.bigquery_storage import BigQueryReadClient

from segmentation_assets.errors import WarehouseError, choices
from segmentation_assets.tables.frames import ARROW_TYPES
from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse import contract
from segmentation_assets.warehouse.arrow_types import offered_columns, with_google_types
from segmentation_assets.warehouse.bigquery import ledger as bigquery_ledger
from segmentation_assets.warehouse.bigquery import listing as bigquery_listing
from segmentation_assets.warehouse.bigquery.client import Patience, connect
from segmentation_assets.warehouse.bigquery.errors import (
    ERRORS,
    Place,
    explain,
    explained,
    is_of_query,
    is_unknown_dataset,
    text_of,
    unknown_table,
)
from segmentation_assets.warehouse.bigquery.jobs import Jobs, literal
from segmentation_assets.warehouse.bigquery.ledger import LedgerWriter, exchange_sql
from segmentation_assets.warehouse.bigquery.listing import Remembered
from segmentation_assets.warehouse.bigquery.partitions import Retention, Ways, Writes, exchange_days, is_ending
from segmentation_assets.warehouse.bigquery.schema import Dataset, is_own_view, required_filter, types_of
from segmentation_assets.warehouse.bigquery.scratch import end_of_staging, fresh_name, scratch_tables
from segmentation_assets.warehouse.bigquery.storage import read_stored
from segmentation_assets.warehouse.engine_words import words_of
from segmentation_assets.warehouse.given_rows import arrow_schema_of, given_rows, made_rows
from segmentation_assets.warehouse.interface import Parameter, Query, Replaced
from segmentation_assets.warehouse.ledger import (
    LEDGER,
    UNKNOWN,
    Content,
    Partition,
    Provenance,
    days_between,
    entries,
    knows_view,
    rows_by_day,
    view_entry,
)
from segmentation_assets.warehouse.sql.columns import explained_columns
from segmentation_assets.warehouse.sql.queries import transpile, transpile_over, with_days
from segmentation_assets.warehouse.sql.values import explained_values

_LARGE_ROWS = 50_000
_WHOLE_LEDGER = (LEDGER.name, None, None, True)


class BigQueryWarehouse:
    """Tables in the dataset `dataset` of a project. See `Warehouse` for what each method promises.

    Opening sends nothing; the first read or write connects. A table of `large_rows` or more is read by the storage
    interface, which `open_storage` gives; an emulator has one only where it is given.
    """

    kind = "bigquery"

    def __init__(
        self,
        dataset: str,
        *,
        project: str | None = None,
        location: str = "EU",
        max_bytes: int = 100 * 2**30,
        policy_tag: str | None = None,
        writes: Writes = "auto",
        emulator_host: str | None = None,
        open_storage: Callable[[], BigQueryReadClient] | None = None,
        large_rows: int = _LARGE_ROWS,
        patience: Patience | None = None,
    ) -> None:
        self.place = Place(project, dataset, location)
        self.max_bytes = max_bytes
        self.policy_tag = policy_tag
        self.ways = Ways(writes)
        self.emulator_host = emulator_host
        self.large_rows = large_rows
        self.patience = patience or Patience()
        self._open_storage = open_storage
        self.labels: Mapping[str, str] = {}
        self._remembered = Remembered()

    @cached_property
    def jobs(self) -> Jobs:
        """The connection."""
        with explained(self.place, "Connecting to BigQuery"):
            client = connect(self.place.project, self.place.location, self.emulator_host)
        return Jobs(client, self.patience, self.max_bytes, self.labels)

    @cached_property
    def tables(self) -> Dataset:
        """The dataset."""
        return Dataset(self.jobs, self.place.dataset, self.place.location, self.policy_tag)

    def address(self, name: str) -> str:
        """Return project, dataset and name, as the console shows them."""
        return f"{self.jobs.client.project}.{self.place.dataset}.{name}"

    def replace(
        self, table: Table, rows: pa.Table | Query, first: date, last: date, provenance: Provenance = UNKNOWN
    ) -> Replaced:
        """Stage the rows, check them there, and exchange the partitions: in one statement, or a day at a time."""
        contract.check_request(table, first, last)
        before = self.jobs.bytes_processed
        staging = fresh_name(self.tables, table)
        staged = self.tables.address(staging.table_id)
        with self._about("Writing", table):
            self.tables.ensure()
            stored = self.tables.stored(table.name)
            if stored is not None and is_own_view(stored):
                stored = None  # of which a table is made below
            retention = Retention(self.tables, table, stored)
            retention.refuse_expired(first, last)
            try:
                self.tables.create_staging(table, stored, staging, end_of_staging())
                estimated = self._stage(table, rows, staging)
                contents = self._checked(table, staged, first, last, _origin(table, rows))
                changes = self.tables.prepare(table)
                self.tables.prepare_ledger()
                ledger = LedgerWriter(self.tables, self.ways)
                ledger.mark(table, first, last)
                self._exchange(table, staging, days_between(first, last), contents)
                ledger.write(entries(table, first, last, contents, provenance))
            finally:
                self.tables.drop(staging)
        by_day = rows_by_day(contents, first, last)
        return Replaced(
            sum(by_day.values()),
            by_day,
            changes,
            bytes_estimated=estimated,
            bytes_processed=self.jobs.bytes_processed - before,
            notes=self.ways.note + retention.note,
        )

    def read(self, table: Table, first: date, last: date, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a range of partitions; sorted here, because BigQuery keeps rows in no order."""
        wanted = [table.column(name) for name in (columns if columns is not None else table.column_names)]
        schema = pa.schema([(c.name, ARROW_TYPES[c.type]) for c in wanted])
        with self._about("Reading", table):
            stored = self.tables.stored(table.name)
            if stored is None:
                return schema.empty_table()
            there = types_of(stored.schema)
            order = [name for name in ("snapshot_date", *table.key) if name in there]
            names = list(dict.fromkeys([*order, *(c.name for c in wanted if c.name in there)]))
            rows = self._stored_rows(stored, names, f"snapshot_date BETWEEN {literal(first)} AND {literal(last)}")
        rows = rows.sort_by([(name, "ascending") for name in order])
        read = {c.name: rows[c.name] if c.name in there else pa.nulls(len(rows), ARROW_TYPES[c.type]) for c in wanted}
        return pa.table(read).cast(schema)

    def row_counts(
        self, tables: Collection[Table], first: date = date.min, last: date = date.max
    ) -> dict[str, dict[date, int]]:
        """Ask what is known of the partitions of all tables at once, and the ledger which were written empty."""
        names = [table.name for table in tables if not table.is_view]

        def ask() -> bigquery_listing.Counts:
            written = self.ledger(names, with_upstream=False)
            return bigquery_listing.row_counts(self.tables, names, first, last, written)

        with explained(self.place, "Listing partitions"):
            return self._remembered.once(("partitions", *names, first, last), ask)

    def snapshots(self, table: Table, first: date = date.min, last: date = date.max) -> list[date]:
        """List the partitions that are there."""
        return list(self.row_counts([table], first, last).get(table.name, ()))

    def count(self, table: Table, first: date, last: date) -> int:
        """Count the rows of a range of partitions."""
        with self._about("Counting", table):
            sql = (
                f"SELECT COUNT(*) FROM {self.tables.address(table.name)} "
                f"WHERE snapshot_date BETWEEN {literal(first)} AND {literal(last)}"
            )
            counted = self.tables.rows(sql, table.name)
        return 0 if counted is None else counted[0][0].as_py()

    def reading(self) -> AbstractContextManager[None]:
        """Remember what is told of partitions and by the ledger, in this thread."""
        return self._remembered.reading()

    def ledger(
        self, names: Collection[str] | None = None, day: date | None = None, *, with_upstream: bool = True
    ) -> list[Partition]:
        """Return what the ledger knows, as it was told in this block of `reading` if all was asked for."""
        whole = self._remembered.known(_WHOLE_LEDGER)
        if whole is not None:
            return [p for p in whole if (names is None or p.table_name in names) and day in (None, p.snapshot_date)]
        key = (LEDGER.name, None if names is None else tuple(sorted(names)), day, with_upstream)
        with self._about("Reading", LEDGER):
            return self._remembered.once(
                key, lambda: bigquery_ledger.read(self.tables, names, day, with_upstream=with_upstream)
            )

    def query(self, query: Query) -> pa.Table:
        """Run GoogleSQL that is one SELECT, and so cannot write."""
        sql, params = self._translate(query)
        try:
            self.jobs.estimate(sql, query.origin, params)
            return with_google_types(self.jobs.rows(sql, params))
        except ERRORS as error:
            raise self._explain_query(query, error) from None

    def query_over(self, query: Query, rows: Mapping[Table, pa.Table], of: Table, first: date, last: date) -> pa.Table:
        """Lay the rows out in tables of their own, run the query over those, and drop all of them."""
        given = given_rows(query, rows)
        scratch = scratch_tables(self.tables, self.place, of, list(given))
        with self._about("Working out", of), scratch as (made, *laid_out):
            places = [self.tables.reference.table(name) for name in laid_out]
            self.jobs.load(*(pair for pair in zip(given.values(), places, strict=True) if pair[0].num_rows))
            names = {table.name: name for table, name in zip(given, laid_out, strict=True)}
            self._run_into(of, query, self.tables.reference.table(made), names)
            stored = self.tables.stored(made)
            if stored is None:
                raise WarehouseError(
                    f"{self.address(made)} is gone, in which {of.name} was worked out. Leave such tables to the run "
                    "that makes them, which drops them itself, and run again."
                )
            found = self._stored_rows(stored, of.column_names)
        return made_rows(of, found.select(of.column_names).cast(arrow_schema_of(of)), first, last, query.origin)

    def create_view(self, table: Table, query: Query, provenance: Provenance = UNKNOWN) -> None:
        """Create or replace a view, with the declared words on it and on its columns."""
        contract.check_view(table, query)
        sql, _ = self._translate(query)
        with self._about("Creating", table):
            self.tables.ensure()
            stored = self.tables.stored(table.name)
            if stored is not None:
                self.tables.refuse_other_kind(table, stored)
            try:
                planned = self.jobs.plan_view(sql)
            except ERRORS as error:
                raise self._explain_query(query, error) from None
            offered = types_of(planned.schema)
            contract.check_columns(table, offered, query.origin)
            self.tables.create_view(table, list(offered), sql)
            self.tables.prepare_ledger()
            LedgerWriter(self.tables, self.ways).write(view_entry(table, provenance))

    def has_view(self, table: Table, code_version: str) -> bool:
        """Ask the ledger, and look whether the view is there."""
        with self._about("Looking at", table):
            stored = self.tables.stored(table.name)
            is_there = stored is not None and stored.table_type == "VIEW" and not is_ending(stored)
            views = self._remembered.once("views", lambda: bigquery_ledger.read_views(self.tables)) if is_there else ()
            return knows_view(views, table, code_version)

    def describe(self, name: str) -> dict[str, str] | None:
        """Return stored columns and types."""
        with explained(self.place, f"Describing {name}"):
            stored = self.tables.stored(name)
        return None if stored is None else types_of(stored.schema)

    def required_filter(self, name: str) -> str | None:
        """Look at how the table is partitioned, and whether it asks for a filter."""
        with explained(self.place, f"Describing {name}"):
            stored = self.tables.stored(name)
        return None if stored is None else required_filter(stored)

    def labelled(self, **labels: str) -> "BigQueryWarehouse":
        """Return a warehouse of its own connection, so that no other's jobs get these labels."""
        other = copy.copy(self)
        for connected in ("jobs", "tables", "_storage"):
            vars(other).pop(connected, None)
        vars(other).update(labels={**self.labels, **labels}, _remembered=Remembered())
        return other

    @contextmanager
    def _about(self, doing: str, table: Table) -> Iterator[None]:
        """Say in errors and on jobs what is done with which table."""
        with explained(self.place, f"{doing} {table.name}"), self.jobs.about(table.name):
            yield

    def _stage(self, table: Table, rows: pa.Table | Query, staging: bigquery.TableReference) -> int | None:
        """Lay the rows out in a table of their own; return the bytes that a query was foreseen to read."""
        origin = _origin(table, rows)
        if isinstance(rows, Query):
            return self._run_into(table, rows, staging)
        contract.check_columns(table, offered_columns(rows), origin)
        schema = pa.schema([(c.name, ARROW_TYPES[c.type]) for c in table.columns])
        if rows.num_rows:
            self.jobs.load((rows.select(table.column_names).cast(schema, safe=False), staging))
        return None

    def _run_into(
        self, table: Table, query: Query, place: bigquery.TableReference, names: Mapping[str, str] | None = None
    ) -> int | None:
        """Put what a query makes of a table into another that is there; return the bytes that it was foreseen to read.

        Parameters
        ----------
        names : under which the tables are read that it names, if not under their own.
        """
        sql, params = self._translate(query, names)
        try:
            planned = self.jobs.estimate(sql, query.origin, params)
            contract.check_columns(table, types_of(planned.schema), query.origin)
            columns = ", ".join(f"CAST(`{c.name}` AS {c.type}) AS `{c.name}`" for c in table.columns)
            into = (place, bigquery.WriteDisposition.WRITE_APPEND)
            self.jobs.run(f"SELECT {columns} FROM (\n{sql}\n)", params, into)
        except ERRORS as error:
            raise self._explain_query(query, error) from None
        return planned.total_bytes_processed

    def _checked(self, table: Table, staged: str, first: date, last: date, origin: str) -> dict[date, Content]:
        """Refuse staged rows that break a claim, and return what there is of each day; one query answers both."""
        found = self.jobs.rows(
            f"WITH {contract.STAGED} AS (SELECT * FROM {staged}) "
            "SELECT claims.*, repeated.n_keys, repeated.n_rows AS n_repeated, days.* "
            f"FROM ({contract.claims_sql(table)}) AS claims "
            f"CROSS JOIN ({contract.repeated_keys_sql(table)}) AS repeated "
            f"LEFT JOIN ({bigquery_ledger.contents_sql(table)}) AS days ON TRUE",
            {"first": first, "last": last},
        ).to_pylist()
        contract.refuse_broken(table, found[0], first, last, origin)
        contract.refuse_repeated(table, found[0]["n_keys"], found[0]["n_repeated"], origin)
        return bigquery_ledger.contents(found)

    def _exchange(
        self, table: Table, staging: bigquery.TableReference, days: list[date], contents: Mapping[date, Content]
    ) -> None:
        condition = f"snapshot_date BETWEEN {literal(days[0])} AND {literal(days[-1])}"
        target, staged = self.tables.address(table.name), self.tables.address(staging.table_id)
        self.ways.run(
            lambda: self.jobs.run(exchange_sql(target, table, staged, condition)),
            lambda: exchange_days(self.tables, self.place, table, staging, {day: day in contents for day in days}),
        )

    def _stored_rows(self, stored: bigquery.Table, names: list[str], condition: str = "") -> pa.Table:
        is_large = stored.table_type == "TABLE" and (stored.num_rows or 0) >= self.large_rows
        if is_large and (storage := self._storage):
            return read_stored(storage, stored, names, condition, self.patience)
        selected = ", ".join(f"`{name}`" for name in names)
        chosen = f" WHERE {condition}" if condition else ""
        return self.jobs.rows(f"SELECT {selected} FROM {self.tables.address(stored.table_id)}{chosen}")

    @cached_property
    def _storage(self) -> BigQueryReadClient | None:
        if self._open_storage is not None:
            return self._open_storage()
        if self.emulator_host is not None:
            return None
        return BigQueryReadClient(credentials=self.jobs.client._credentials)  # noqa: SLF001

    def _translate(self, query: Query, names: Mapping[str, str] | None = None) -> tuple[str, dict[str, Parameter]]:
        place = (self.place.dataset, self.jobs.client.project)
        if names is None:
            sql, needed = transpile(query.sql, query.origin, "bigquery", *place, tables=query.tables)
        else:
            sql, needed = transpile_over(query.sql, query.origin, *place, tables=query.tables, names=names)
        missing = sorted(needed - set(query.params))
        if missing:
            raise WarehouseError(f"{query.origin} needs the parameters {choices('@' + m for m in missing)}.")
        days = {name: value for name, value in query.params.items() if isinstance(value, date)}
        return with_days(sql, days), {name: query.params[name] for name in needed - days.keys()}

    def _explain_query(self, query: Query, error: BaseException) -> WarehouseError:
        """Name the file, and for an unknown table those that there are."""
        if is_unknown_dataset(error):
            with explained(self.place, query.origin):
                if not self.tables.exists():
                    there = self.tables.reference
                    return WarehouseError(
                        f"{query.origin} cannot be run: there is no dataset {there} yet. Run the graph first."
                    )
        unknown = unknown_table(error)
        if unknown is None:
            ours = (explained_values(query, text_of(error)) or explained_columns(query)) if is_of_query(error) else None
            return ours or explain(error, replace(self.place, names=words_of(query.sql)), query.origin)
        with explained(self.place, query.origin):
            known = self.tables.relations()
        return contract.unknown_table(query, unknown, known)


def _origin(table: Table, rows: pa.Table | Query) -> str:
    return rows.origin if isinstance(rows, Query) else f"the frame for {table.name}"
