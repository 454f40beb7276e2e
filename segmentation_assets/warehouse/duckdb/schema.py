"""Tables of the embedded engine as declared: created, given their words, and changed when the declaration changes."""

import re

import duckdb

from segmentation_assets.errors import WarehouseError, choices
from segmentation_assets.tables.schema import Column, ColumnType, Table
from segmentation_assets.warehouse.evolution import EXACT_INTEGERS, compare
from segmentation_assets.warehouse.ledger import LEDGER

DUCKDB_TYPES: dict[ColumnType, str] = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
}
_GOOGLE_TYPES = {
    **{stored: declared for declared, stored in DUCKDB_TYPES.items()},
    # BigQuery has one type of integer; that of fractions holds twice the digits of FLOAT, so it is none.
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "HUGEINT"), "INT64"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), "INT64"),
    "FLOAT": "FLOAT32",
    "BIGNUM": "BIGNUMERIC",
    "UUID": "STRING",
    '"NULL"': "STRING",  # of a view that has NULL for a column
    "BLOB": "BYTES",
    **dict.fromkeys(("TIME", "TIME_NS", "TIME WITH TIME ZONE"), "TIME"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "DATETIME"),
    **dict.fromkeys(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"), "TIMESTAMP"),
}


def quote(name: str) -> str:
    """Return an identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text literal, quoted."""
    return "'" + text.replace("'", "''") + "'"


def kind_of(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> str | None:
    """Return what the schema holds under a name: a table, a view, or None."""
    # Not information_schema, which lists every column of the system first and takes five times as long.
    rows = connection.execute(
        "SELECT 'table' FROM duckdb_tables() WHERE schema_name = $schema AND table_name = $name UNION ALL "
        "SELECT 'view' FROM duckdb_views() WHERE schema_name = $schema AND view_name = $name",
        {"schema": schema, "name": name},
    ).fetchall()
    return rows[0][0] if rows else None


def stored_columns(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> dict[str, str]:
    """Return the columns of a table or view with GoogleSQL types; empty if there is none of that name."""
    if kind_of(connection, schema, name) is None:
        return {}
    return columns_of(connection, f"{quote(schema)}.{quote(name)}")


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Return the columns of a relation that is known to exist, with GoogleSQL types."""
    return {row[0]: _google_type(row[1]) for row in connection.execute(f"DESCRIBE {relation}").fetchall()}


def relations(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """Return the names of the tables and views of a schema that are not our own bookkeeping."""
    rows = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = $schema ORDER BY 1", {"schema": schema}
    ).fetchall()
    return [name for (name,) in rows if name != LEDGER.name]


def prepare(connection: duckdb.DuckDBPyConnection, schema: str, table: Table) -> tuple[str, ...]:
    """Create the table or bring it to its declaration, and return what was changed, in words."""
    name = f"{quote(schema)}.{quote(table.name)}"
    if not table.is_view and is_own_view(connection, schema, table.name):
        connection.execute(f"DROP VIEW {name}")
    is_there = refuse_other_kind(connection, schema, table)
    stored = columns_of(connection, name) if is_there else {}
    if not stored:
        columns = ", ".join(f"{quote(c.name)} {DUCKDB_TYPES[c.type]}" for c in table.columns)
        connection.execute(f"CREATE TABLE {name} ({columns})")
        comment(connection, schema, table)
        return ()
    change = compare(table, stored)
    _refuse_conflict(schema, table, change.conflict, stored)
    words = []
    for column in change.add:
        connection.execute(f"ALTER TABLE {name} ADD COLUMN {quote(column.name)} {DUCKDB_TYPES[column.type]}")
        words.append(f"added {column.name} ({column.type}); partitions written before read NULL until backfilled")
    for column in change.widen:
        _widen(connection, schema, table, column)
        words.append(f"widened {column.name} from {stored[column.name]} to {column.type}")
    if change.undeclared:
        words.append(
            f"{choices(change.undeclared)} no longer declared: kept as stored, NULL in new partitions; to drop one, "
            f"ALTER TABLE {schema}.{table.name} DROP COLUMN {change.undeclared[0]}"
        )
    if change.add or change.widen:
        comment(connection, schema, table)
    return tuple(words)


def is_own_view(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Say whether a view of this name stands that the graph made: what was a view may be a table in a later release."""
    if kind_of(connection, schema, name) != "view" or kind_of(connection, schema, LEDGER.name) is None:
        return False
    known = connection.execute(
        f"SELECT 1 FROM {quote(schema)}.{quote(LEDGER.name)} WHERE table_name = $name AND snapshot_date IS NULL",
        {"name": name},
    )
    return known.fetchone() is not None


def comment(connection: duckdb.DuckDBPyConnection, schema: str, table: Table) -> None:
    """Write the declared words on the table or view and on its columns."""
    name = f"{quote(schema)}.{quote(table.name)}"
    kind = "VIEW" if table.is_view else "TABLE"
    connection.execute(f"COMMENT ON {kind} {name} IS {literal(table.description)}")
    for column in table.columns:
        words = f"{column.description} [{column.unit}]" if column.unit else column.description
        connection.execute(f"COMMENT ON COLUMN {name}.{quote(column.name)} IS {literal(words)}")


def refuse_other_kind(connection: duckdb.DuckDBPyConnection, schema: str, table: Table) -> bool:
    """Refuse to put a table where a view stands, or a view where a table stands; tell whether it is there at all."""
    stored = kind_of(connection, schema, table.name)
    declared = "view" if table.is_view else "table"
    if stored and stored != declared:
        raise WarehouseError(
            f"{schema}.{table.name} is a {stored} in the warehouse and is declared a {declared}. If nothing else uses "
            f"it, run: DROP {stored.upper()} {schema}.{table.name}. Nothing was written."
        )
    return stored is not None


def unknown_table(error: duckdb.Error) -> str | None:
    """Return the table that a statement asked for in vain, if that is the error."""
    found = re.search(r"Table with name \"?([^\"\s]+)\"? does not exist", str(error))
    return found.group(1) if found else None


def _widen(connection: duckdb.DuckDBPyConnection, schema: str, table: Table, column: Column) -> None:
    name = f"{quote(schema)}.{quote(table.name)}"
    beyond = connection.execute(
        f"SELECT COUNT(*) FROM {name} WHERE {quote(column.name)} NOT BETWEEN {-EXACT_INTEGERS} AND {EXACT_INTEGERS}"
    ).fetchall()[0][0]
    if beyond:
        raise WarehouseError(
            f"{schema}.{table.name}.{column.name} holds {beyond} integers too large for FLOAT64 to hold exactly. To "
            f"round them, run: ALTER TABLE {name} ALTER COLUMN {quote(column.name)} SET DATA TYPE DOUBLE. "
            "Nothing was written."
        )
    connection.execute(f"ALTER TABLE {name} ALTER COLUMN {quote(column.name)} SET DATA TYPE DOUBLE")


def _refuse_conflict(schema: str, table: Table, conflict: tuple[Column, ...], stored: dict[str, str]) -> None:
    if not conflict:
        return
    column = conflict[0]
    name = f"{quote(schema)}.{quote(table.name)}"
    raise WarehouseError(
        f"{schema}.{table.name}.{column.name} is stored as {stored[column.name]} and is declared {column.type}; "
        "changing it could lose values, so it is left to you. To convert what converts and make the rest NULL, run: "
        f"ALTER TABLE {name} ALTER COLUMN {quote(column.name)} SET DATA TYPE {DUCKDB_TYPES[column.type]} "
        f"USING TRY_CAST({quote(column.name)} AS {DUCKDB_TYPES[column.type]}). Or declare it {stored[column.name]} "
        "again. Nothing was written."
    )


def _google_type(stored: str) -> str:
    """Return the GoogleSQL type of a DuckDB type; what BigQuery has not, and what is nested, keeps its own name."""
    if stored.endswith("]"):  # a list of decimals begins like a decimal
        return stored
    if stored.startswith("DECIMAL"):
        return "NUMERIC"
    if stored.startswith("ENUM"):
        return "STRING"
    return _GOOGLE_TYPES.get(stored, stored)
