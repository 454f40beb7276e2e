"""SQL by a grammar: queries that look like those of features, each with one part that reads or writes elsewhere."""

import random
from collections.abc import Callable

from sqlglot import exp, parse_one

FILES = ("/proc/self/environ", "{at}/neighbour.csv", "{at}/*.csv", "{at}/neighbour.duckdb", "file://{at}/neighbour.csv",
         "http://127.0.0.1:9/x.csv", "s3://bucket/x.parquet", "../neighbour.csv", "~/.ssh/id_rsa")  # fmt: skip
READERS = ("read_text", "read_blob", "read_csv", "read_csv_auto", "read_json", "read_json_auto", "read_parquet",
           "read_duckdb", "parquet_scan", "parquet_schema", "glob", "sniff_csv", "query", "query_table",
           "EXTERNAL_QUERY", "duckdb_settings", "duckdb_secrets", "pragma_table_info", "sqlite_scan")  # fmt: skip
CATALOGS = ("information_schema.tables", "INFORMATION_SCHEMA.COLUMNS", "pg_catalog.pg_class", "duckdb_tables",
            "sqlite_master", "other.customers", "elsewhere.other.customers", "system.information_schema.tables",
            "`region-eu`.INFORMATION_SCHEMA.JOBS", "partition_ledger", "customer_segments")  # fmt: skip
WRITES = ("DELETE FROM customers WHERE TRUE RETURNING *", "UPDATE customers SET income = 1 WHERE TRUE RETURNING *",
          "INSERT INTO customers SELECT * FROM customers RETURNING *", "DROP TABLE customers",
          "CREATE TABLE taken AS SELECT 1", "PRAGMA database_list",
          "MERGE INTO customers AS c USING policies AS p ON TRUE WHEN MATCHED THEN DELETE RETURNING *")  # fmt: skip
_PLACE = "some_source"


class Grammar:
    """Draws queries from a seed; `at` is the folder that the hostile ones reach for."""

    def __init__(self, seed: int, at: str) -> None:
        self._draw = random.Random(seed)  # noqa: S311 - a test's choices
        self._at = at

    def query(self) -> str:
        """Return a query of features, one part of which is hostile."""
        hostile = self._draw.choice([self._in_with, self._read, self._read, self._read])
        return hostile(self._of_features())

    def _of_features(self) -> exp.Select:
        wrap = self._draw.random()
        inner = "SELECT snapshot_date, customer_id, income AS wealth, 1.0 AS spent FROM customers"
        if wrap < 0.3:
            inner = f"WITH c AS ({inner}) SELECT * FROM c"
        if wrap > 0.7:
            inner = f"SELECT snapshot_date, customer_id, wealth, spent FROM ({inner}) AS d"
        return parse_one(inner, read="bigquery")  # type: ignore[return-value]

    def _in_with(self, tree: exp.Select) -> str:
        """Put a statement that writes where a table is named; sqlglot's tree cannot hold every one of them."""
        name, sql = f"w{self._draw.randrange(10)}", tree.sql("bigquery")
        written = f"{name} AS ({self._draw.choice(WRITES)})"
        if self._draw.random() < 0.15:
            return sql.replace(" FROM", f" INTO {name} FROM", 1)
        return f"WITH {written}, {sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f"WITH {written} {sql}"

    def _read(self, tree: exp.Select) -> str:
        """Read a source where sqlglot's tree names a harmless one: not every hostile one can stand in a tree."""
        where = self._draw.choice([self._as_subquery, self._as_exists, self._as_join, self._as_union])
        source = self._draw.choice([self._file, self._reader, self._reader, self._catalog])()
        return where(tree).sql("bigquery").replace(_PLACE, source)

    def _file(self) -> str:
        return f"`{self._draw.choice(FILES).format(at=self._at)}`"

    def _reader(self) -> str:
        name = self._draw.choice(READERS)
        cased: Callable[[str], str] = self._draw.choice([str.lower, str.upper, str.title])
        return f"{cased(name)}('{self._draw.choice(FILES).format(at=self._at)}')"

    def _catalog(self) -> str:
        return self._draw.choice(CATALOGS)

    def _as_subquery(self, tree: exp.Select) -> exp.Query:
        counted = parse_one(f"CAST((SELECT COUNT(*) FROM {_PLACE}) AS FLOAT64)", read="bigquery")
        tree.selects[-1].replace(exp.alias_(counted, tree.selects[-1].alias_or_name))
        return tree

    def _as_exists(self, tree: exp.Select) -> exp.Query:
        return tree.where(f"EXISTS (SELECT 1 FROM {_PLACE})", dialect="bigquery")

    def _as_join(self, tree: exp.Select) -> exp.Query:
        read = self._draw.choice([_PLACE, f"(SELECT * FROM {_PLACE})"])
        return tree.join(f"{read} AS z", join_type="cross", dialect="bigquery")

    def _as_union(self, tree: exp.Select) -> exp.Query:
        return tree.union(f"SELECT * FROM {_PLACE}", distinct=False, dialect="bigquery")
