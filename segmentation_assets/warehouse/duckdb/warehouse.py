"""The embedded engine: every table in one DuckDB file, in a schema named after the dataset."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from segmentation_assets.errors import WarehouseError, choices
from segmentation_assets.tables.frames import ARROW_TYPES
from segmentation_assets.tables.keys import is_ascending
from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse import contract
from segmentation_assets.warehouse.arrow_types import with_google_types
from segmentation_assets.warehouse.duckdb import ledger as duckdb_ledger
from segmentation_assets.warehouse.duckdb import schema as duckdb_schema
from segmentation_assets.warehouse.duckdb.file import ENGINE_ERRORS, PATIENCE_SECONDS, DuckDBFile, without_values
from segmentation_assets.warehouse.duckdb.schema import quote
from segmentation_assets.warehouse.engine_words import told_words, words_of
from segmentation_assets.warehouse.given_rows import arrow_schema_of, given_rows, made_rows
from segmentation_assets.warehouse.interface import Query, Replaced
from segmentation_assets.warehouse.ledger import (
    UNKNOWN,
    Partition,
    Provenance,
    entries,
    knows_view,
    rows_by_day,
    view_entry,
)
from segmentation_assets.warehouse.sql.columns import explained_columns
from segmentation_assets.warehouse.sql.queries import transpile
from segmentation_assets.warehouse.sql.values import explained_values

# What the text of a query can be at fault for; anything else is the file's or the machine's.
_WRITERS_ERRORS = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)

_TEMPORARY = ("main", "temp")
"""Schema and database in which a connection keeps what it alone sees."""
_MADE = '"rows made"'
"""What a query made of rows given to it; no table can be called so."""


class DuckDBWarehouse:
    """Tables in the schema `dataset` of the DuckDB file at `path`. See `Warehouse` for what each method promises."""

    kind = "duckdb"

    def __init__(
        self, path: Path, dataset: str, patience_seconds: float = PATIENCE_SECONDS, query_threads: int = 1
    ) -> None:
        if Path(path).stem.lower() == dataset.lower():
            # DuckDB names the database after its file, and then cannot tell database.table from schema.table.
            raise WarehouseError(
                f"The warehouse file {path} and its schema {dataset} share one name, which DuckDB cannot tell apart. "
                "Set SEGMENTATION_DUCKDB_PATH or SEGMENTATION_DATASET to another name."
            )
        self.file = DuckDBFile(path, patience_seconds)
        self.dataset = dataset
        # Threads add doubles in the order in which they come by them, so with two the last bits of a sum changed from
        # run to run for a fifth of a million customers. One thread meets rows as they lie, and they lie sorted.
        self.query_threads = query_threads

    def address(self, name: str) -> str:
        """Return database, schema and name, as a DuckDB shell opened on the file knows it."""
        return f"{self.file.path.stem}.{self.dataset}.{name}"

    def replace(
        self, table: Table, rows: pa.Table | Query, first: date, last: date, provenance: Provenance = UNKNOWN
    ) -> Replaced:
        """Replace partitions in one transaction; the rows are staged and checked before any is deleted."""
        contract.check_request(table, first, last)
        origin = rows.origin if isinstance(rows, Query) else f"the frame for {table.name}"
        with self.file.writing(lambda reading: self._stage(reading, rows)) as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(self.dataset)}")
            offered = duckdb_schema.columns_of(connection, contract.STAGED)
            contract.check_columns(table, offered, origin)
            in_order = isinstance(rows, pa.Table) and is_ascending(rows, ("snapshot_date", *table.key))
            self._check_rows(connection, table, first, last, origin, are_keys_unique=in_order)
            changes = duckdb_schema.prepare(connection, self.dataset, table)
            n_rows = self._exchange(connection, table, first, last, in_order=in_order)
            contents = duckdb_ledger.contents(connection, table)
            duckdb_ledger.write(connection, self.dataset, entries(table, first, last, contents, provenance))
        return Replaced(n_rows, rows_by_day(contents, first, last), changes)

    def read(self, table: Table, first: date, last: date, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a range of partitions; sorted, because DuckDB's own order depends on what was written when."""
        wanted = [table.column(name) for name in (columns if columns is not None else table.column_names)]
        schema = pa.schema([(c.name, ARROW_TYPES[c.type]) for c in wanted])
        if not self.file.exists():
            return schema.empty_table()
        with self.file.reading() as connection:
            stored = duckdb_schema.stored_columns(connection, self.dataset, table.name)
            if not stored:
                return schema.empty_table()
            types = duckdb_schema.DUCKDB_TYPES
            selected = ", ".join(
                f"CAST({quote(c.name) if c.name in stored else 'NULL'} AS {types[c.type]}) AS {quote(c.name)}"
                for c in wanted
            )
            order = [name for name in ("snapshot_date", *table.key) if name in stored]
            sql = f"SELECT {selected} FROM {self._name(table.name)} WHERE snapshot_date BETWEEN $first AND $last"
            days = {"first": first, "last": last}
            if table.is_view:  # its sums are made as it is read
                connection.execute(f"SET threads = {self.query_threads}")
            elif set(order) <= set(schema.names):
                # Rows are written in order, so they mostly come in order, and sorting takes twice their memory.
                rows = connection.sql(sql, params=days).to_arrow_table().cast(schema)
                if is_ascending(rows, order):
                    return rows
                del rows
            return connection.sql(f"{sql} ORDER BY {_listed(order)}", params=days).to_arrow_table().cast(schema)

    def row_counts(
        self, tables: Collection[Table], first: date = date.min, last: date = date.max
    ) -> dict[str, dict[date, int]]:
        """Count the rows of every partition, those known to be empty included."""
        names = [table.name for table in tables if not table.is_view]
        if not self.file.exists():
            return {name: {} for name in names}
        with self.file.reading() as connection:
            return duckdb_ledger.row_counts(connection, self.dataset, names, first, last)

    def snapshots(self, table: Table, first: date = date.min, last: date = date.max) -> list[date]:
        """List the partitions that are there."""
        return list(self.row_counts([table], first, last).get(table.name, ()))

    def count(self, table: Table, first: date, last: date) -> int:
        """Count the rows of a range of partitions."""
        if not self.file.exists():
            return 0
        with self.file.reading() as connection:
            if duckdb_schema.kind_of(connection, self.dataset, table.name) is None:
                return 0
            sql = f"SELECT COUNT(*) FROM {self._name(table.name)} WHERE snapshot_date BETWEEN $first AND $last"
            return _one(connection, sql, {"first": first, "last": last})[0]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one connection for all that is read within; where there is no file yet, none."""
        if not self.file.exists():
            yield
            return
        with self.file.reading():
            yield

    def ledger(
        self, names: Collection[str] | None = None, day: date | None = None, *, with_upstream: bool = True
    ) -> list[Partition]:
        """Return what the ledger knows."""
        if not self.file.exists():
            return []
        with self.file.reading() as connection:
            return duckdb_ledger.read(connection, self.dataset, names, day, with_upstream=with_upstream)

    def query(self, query: Query) -> pa.Table:
        """Run GoogleSQL on a connection that cannot write."""
        sql, params = self._translate(query)
        if not self.file.exists():
            raise WarehouseError(f"{query.origin} cannot be run: there is no warehouse at {self.file.path} yet.")
        with self.file.reading() as connection:
            connection.execute(f"SET threads = {self.query_threads}")
            try:
                return with_google_types(connection.sql(sql, params=params).to_arrow_table())
            except ENGINE_ERRORS as error:
                known = duckdb_schema.relations(connection, self.dataset)
                raise self._explain_query(known, query, error) from None

    def create_view(self, table: Table, query: Query, provenance: Provenance = UNKNOWN) -> None:
        """Create or replace a view, with the declared words on it and on its columns."""
        contract.check_view(table, query)
        sql, _ = self._translate(query)
        with self.file.writing() as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(self.dataset)}")
            duckdb_schema.refuse_other_kind(connection, self.dataset, table)
            known = duckdb_schema.relations(connection, self.dataset)
            try:
                connection.execute(f"CREATE OR REPLACE VIEW {self._name(table.name)} AS {sql}")
            except ENGINE_ERRORS as error:
                raise self._explain_query(known, query, error) from None
            offered = duckdb_schema.stored_columns(connection, self.dataset, table.name)
            contract.check_columns(table, offered, query.origin)
            duckdb_schema.comment(connection, self.dataset, table)
            duckdb_ledger.write(connection, self.dataset, view_entry(table, provenance))

    def has_view(self, table: Table, code_version: str) -> bool:
        """Ask the ledger, and look whether the view is there."""
        if not self.file.exists():
            return False
        with self.file.reading() as connection:
            is_there = duckdb_schema.kind_of(connection, self.dataset, table.name) == "view"
            return is_there and knows_view(
                duckdb_ledger.read(connection, self.dataset, [table.name]), table, code_version
            )

    def describe(self, name: str) -> dict[str, str] | None:
        """Return stored columns and types."""
        if not self.file.exists():
            return None
        with self.file.reading() as connection:
            schema, _, table = name.rpartition(".")
            return duckdb_schema.stored_columns(connection, schema or self.dataset, table) or None

    def required_filter(self, name: str) -> None:
        """Return None: no table asks for a filter."""

    def labelled(self, **labels: str) -> "DuckDBWarehouse":  # noqa: ARG002 - there are no jobs to put them on
        """Return this warehouse."""
        return self

    def query_over(self, query: Query, rows: Mapping[Table, pa.Table], of: Table, first: date, last: date) -> pa.Table:
        """Lay the rows out in an engine that holds no file, as temporary views, and run the query there."""
        given = given_rows(query, rows)
        with self.file.in_memory() as connection:
            for table, its_rows in given.items():
                connection.register(table.name, its_rows)
            self._run_into(connection, _MADE, query, _TEMPORARY, [table.name for table in given])
            contract.check_columns(of, duckdb_schema.columns_of(connection, _MADE), query.origin)
            types = duckdb_schema.DUCKDB_TYPES
            selected = ", ".join(f"CAST({quote(c.name)} AS {types[c.type]}) AS {quote(c.name)}" for c in of.columns)
            made = connection.sql(f"SELECT {selected} FROM {_MADE}").to_arrow_table().cast(arrow_schema_of(of))
        return made_rows(of, made, first, last, query.origin)

    def _name(self, name: str) -> str:
        return f"{quote(self.dataset)}.{quote(name)}"

    def _translate(self, query: Query, place: tuple[str, str | None] | None = None) -> tuple[str, dict]:
        schema, database = place or (self.dataset, None)
        sql, needed = transpile(query.sql, query.origin, "duckdb", schema, database, tables=query.tables)
        missing = sorted(needed - set(query.params))
        if missing:
            raise WarehouseError(f"{query.origin} needs the parameters {choices('@' + m for m in missing)}.")
        # DuckDB refuses a parameter that the text does not use; BigQuery ignores it.
        return sql, {name: value for name, value in query.params.items() if name in needed}

    def _stage(self, connection: duckdb.DuckDBPyConnection, rows: pa.Table | Query) -> None:
        """Lay out the rows under the name `STAGED`; a query runs here, where it can write nothing else."""
        if not isinstance(rows, Query):
            connection.register(contract.STAGED, rows)
            return
        # Asked beforehand: a statement that fails ends the transaction, and nothing can be asked after it.
        known = duckdb_schema.relations(connection, self.dataset)
        self._run_into(connection, contract.STAGED, rows, None, known)

    def _run_into(
        self,
        connection: duckdb.DuckDBPyConnection,
        name: str,
        query: Query,
        place: tuple[str, str | None] | None,
        known: Sequence[str],
    ) -> None:
        """Make a temporary table of a query over the tables at a place, of which these are known to be there."""
        sql, params = self._translate(query, place)
        connection.execute(f"SET threads = {self.query_threads}")
        try:
            connection.execute(f"CREATE TEMP TABLE {name} AS {sql}", params)
        except ENGINE_ERRORS as error:
            raise self._explain_query(known, query, error) from None
        connection.execute("RESET threads")

    def _check_rows(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        first: date,
        last: date,
        origin: str,
        *,
        are_keys_unique: bool,
    ) -> None:
        counted = connection.execute(contract.claims_sql(table, contract.DUCKDB), {"first": first, "last": last})
        names = [column[0] for column in counted.description]
        claims = dict(zip(names, counted.fetchall()[0], strict=True))
        contract.refuse_broken(table, claims, first, last, origin)
        if are_keys_unique:
            return
        n_keys, n_rows = _one(connection, contract.repeated_keys_sql(table, contract.DUCKDB))
        contract.refuse_repeated(table, n_keys, n_rows, origin)

    def _exchange(
        self, connection: duckdb.DuckDBPyConnection, table: Table, first: date, last: date, *, in_order: bool
    ) -> int:
        """Delete the old rows of the range and insert the staged ones, by name."""
        days = {"first": first, "last": last}
        name = self._name(table.name)
        columns = _listed(table.column_names)
        order = "" if in_order else f"ORDER BY {_listed(('snapshot_date', *table.key))}"
        connection.execute(f"DELETE FROM {name} WHERE snapshot_date BETWEEN $first AND $last", days)
        # Sorted, so that a partition lies in the file in one order whoever wrote it, and range reads skip blocks.
        return _one(
            connection,
            f"INSERT INTO {name} BY NAME SELECT {columns} FROM {contract.STAGED} {order}",
        )[0]

    def _explain_query(self, known: Sequence[str], query: Query, error: Exception) -> WarehouseError:
        """Name the file, and for an unknown table the `known` ones."""
        if isinstance(error, _WRITERS_ERRORS):
            unknown = duckdb_schema.unknown_table(error) if isinstance(error, duckdb.CatalogException) else None
            if unknown is not None:
                return contract.unknown_table(query, unknown, known)
            said = told_words(str(error), words_of(query.sql) | set(known))
            return explained_columns(query) or WarehouseError(f"{query.origin}: DuckDB says: {said}")
        if (met := explained_values(query, str(error).partition("\n\nLINE ")[0])) is not None:
            return met
        if isinstance(error, duckdb.DataError | duckdb.InvalidInputException | UnicodeDecodeError):
            said = without_values(error)
            return WarehouseError(f"{query.origin}: a value of the data cannot be worked with (DuckDB says: {said}).")
        return self.file.explain(error)


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(quote(column) for column in columns)


def _one(connection: duckdb.DuckDBPyConnection, sql: str, params: dict | None = None) -> tuple:
    return connection.execute(sql, params or {}).fetchall()[0]
