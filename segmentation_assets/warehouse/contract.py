"""Claims that rows must meet before they replace a partition; any engine asks them, in SQL, of its staged rows.

A message names the table, the column and how many rows, never a value: keys are personal.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from segmentation_assets.errors import WarehouseError, choices, did_you_mean
from segmentation_assets.tables import Table, names_taken
from segmentation_assets.warehouse.interface import Query

STAGED = "staged_rows"
"""Name under which an engine lays out the rows to be written."""

# What may be stored under a declared type without losing anything. Both engines convert these by themselves.
_ACCEPTED = {"FLOAT64": {"FLOAT64", "INT64", "NUMERIC", "BIGNUMERIC"}}


def check_request(table: Table, first: date, last: date) -> None:
    """Refuse to replace partitions of a view, of a range that runs backwards, or of a table no engine can name."""
    if table.is_view:
        raise WarehouseError(f"{table.name} is a view and holds no rows; create it by create_view.")
    check_name(table)
    if first > last:
        raise WarehouseError(f"{table.name}: the range {first} to {last} runs backwards.")


def check_name(table: Table) -> None:
    """Refuse a name that would need quoting: it is also an asset's, a file's and a label's."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", table.name):
        raise WarehouseError(
            f"{table.name!r} cannot be a table's name: use letters, digits and underscores, and start with no digit. "
            "Nothing was written."
        )


def check_view(view: Table, query: Query) -> None:
    """Refuse a view's query that has parameters, which no view can be given."""
    check_name(view)
    if query.params:
        raise WarehouseError(f"{query.origin} has the parameters {choices(query.params)}; a view can have none.")


def check_columns(table: Table, offered: Mapping[str, str], origin: str) -> None:
    """Refuse rows whose columns are not the declared ones; `offered` maps names to GoogleSQL types."""
    faults = [f"{origin} {words} Nothing was written." for _, words in column_faults(table, offered)]
    if faults:
        raise WarehouseError("\n".join(faults))


def column_faults(table: Table, offered: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each column that is not as declared, and a sentence that starts after the name of what offers it."""
    for name in offered:
        if name not in table.column_names:
            has = f"{choices(table.column_names)}.{did_you_mean(name, table.column_names)}"
            yield name, f"gives a column {name!r} that {table.name} does not declare; it declares {has}"
    missing = [name for name in table.column_names if name not in offered]
    if missing:
        yield missing[0], f"lacks {choices(missing)} of {table.name}; it gives {choices(offered)}."
    for column in table.columns:
        given = offered.get(column.name, column.type)
        if given not in _ACCEPTED.get(column.type, {column.type}):
            remedy = f"Write CAST(... AS {column.type}) AS {column.name}, or change the declaration."
            words = f"gives {table.name}.{column.name} as {given}, and it is declared {column.type}. {remedy}"
            yield column.name, words


class Spelling(NamedTuple):
    """How an engine writes what the claims are made of; to translate them takes longer than to run them."""

    quoted: str
    parameter: str
    is_infinite: str


GOOGLE = Spelling("`{}`", "@{}", "IS_NAN(CAST({0} AS FLOAT64)) OR IS_INF(CAST({0} AS FLOAT64))")
DUCKDB = Spelling('"{}"', "${}", "ISNAN(CAST({0} AS DOUBLE)) OR ISINF(CAST({0} AS DOUBLE))")


def claims_sql(table: Table, spelling: Spelling = GOOGLE) -> str:
    """Return SQL that counts, in one row, the staged rows and those that break each claim."""
    first, last = spelling.parameter.format("first"), spelling.parameter.format("last")
    counts = [
        "COUNT(*) AS n_rows",
        _counted(f"snapshot_date IS NULL OR snapshot_date NOT BETWEEN {first} AND {last}", "n_outside"),
    ]
    for position, column in enumerate(table.columns):
        name = spelling.quoted.format(column.name)
        if column.is_required:
            counts.append(_counted(f"{name} IS NULL", f"n_null_{position}"))
        if column.type == "FLOAT64":
            counts.append(_counted(spelling.is_infinite.format(name), f"n_infinite_{position}"))
    return f"SELECT {', '.join(counts)} FROM {STAGED}"


def _counted(condition: str, name: str) -> str:
    return f"COUNT(CASE WHEN {condition} THEN 1 END) AS {name}"


def repeated_keys_sql(table: Table, spelling: Spelling = GOOGLE) -> str:
    """Return SQL that counts, in one row, the keys that stand more than once in a partition, and their rows."""
    key = ", ".join(spelling.quoted.format(name) for name in ("snapshot_date", *table.key))
    repeated = f"SELECT COUNT(*) AS n FROM {STAGED} GROUP BY {key} HAVING COUNT(*) > 1"
    return f"SELECT COUNT(*) AS n_keys, COALESCE(SUM(n), 0) AS n_rows FROM ({repeated}) AS repeated"


def refuse_broken(table: Table, claims: Mapping[str, int], first: date, last: date, origin: str) -> None:
    """Raise for the first claim that the counts of `claims_sql` show broken."""
    n_rows = claims["n_rows"]
    if claims["n_outside"]:
        raise WarehouseError(
            f"{origin} gives {claims['n_outside']} of {n_rows} rows for {table.name} whose snapshot_date is not within "
            f"{first} to {last}, the partitions being replaced. Nothing was written."
        )
    for position, column in enumerate(table.columns):
        if claims.get(f"n_null_{position}"):
            raise WarehouseError(
                f"{origin} gives NULL for {table.name}.{column.name} in {claims[f'n_null_{position}']} of {n_rows} "
                "rows, and the column is required. Nothing was written."
            )
        if claims.get(f"n_infinite_{position}"):
            raise WarehouseError(
                f"{origin} gives an infinite value or NaN for {table.name}.{column.name} in "
                f"{claims[f'n_infinite_{position}']} of {n_rows} rows. Divide by SAFE_DIVIDE, or give NULL. "
                "Nothing was written."
            )


def refuse_repeated(table: Table, n_keys: int, n_rows: int, origin: str) -> None:
    """Raise if the counts of `repeated_keys_sql` show a key twice in a partition."""
    if n_keys:
        raise WarehouseError(
            f"{origin} gives {n_keys} keys of {table.name} more than once in a partition ({n_rows} rows); "
            f"({', '.join(table.key)}) must be unique. Nothing was written."
        )


def unknown_table(query: Query, unknown: str, known: Collection[str]) -> WarehouseError:
    """Return the error of a query that reads a table which is not there, with those that are."""
    ours = {*names_taken(), *(table.name for table in query.tables)}
    remedy = f" Materialise {unknown} first." if unknown in ours else did_you_mean(unknown, {*known, *ours})
    return WarehouseError(
        f"{query.origin} reads {unknown}, and the warehouse has no such table; it has {choices(known) or 'none yet'}."
        f"{remedy}"
    )


def needs_filter(table: str, column: str) -> str:
    """Say what to do about a table that may be read only by its partition column.

    A filter within a view serves everyone who reads the view.
    """
    return (
        f"{table} may be read only with a filter on {column} (its owner set require_partition_filter). If each row "
        f"carries its snapshot's day there, as a DATE, name {column} as the snapshot_column. Otherwise name a view as "
        f"the table: SELECT *, DATE({column}) AS snapshot_day FROM {table}, with snapshot_day as the snapshot_column, "
        f"or one that chooses the rows itself, SELECT * FROM {table} WHERE {column} >= the first day wanted."
    )
