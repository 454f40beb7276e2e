"""Input tables that already lie in the warehouse: the GoogleSQL that stages one there as its raw table.

No row travels through Python. What is staged has the shape of a CSV delivery: every value as text, the columns that
the core table does not know as JSON beside them, rows numbered from 1. Rows have no order in a warehouse, so they are
numbered in the order of their key and then of all their other values; only rows that are the same in all of them
could change places.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from segmentation_assets.characters import POINT
from segmentation_assets.errors import SourceError, choices, did_you_mean
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.sources.delivery import Delivery, as_delivered
from segmentation_assets.sources.headers import delivered_columns, match_headers
from segmentation_assets.tables import Table

_PLAIN = frozenset(
    {"STRING", "INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "BOOL", "DATE", "DATETIME", "TIME", "TIMESTAMP", "FLOAT32"}
)
"""GoogleSQL types whose values have a text, and DuckDB's FLOAT; a warehouse describes its own types by these."""


@dataclass(frozen=True)
class WarehouseTables:
    """The tables that the portfolio places in the warehouse: they are staged there and not read."""

    portfolio: Portfolio

    def is_replayable(self, table: str) -> bool:
        """Tell whether the table keeps its snapshots; one that does not can only be staged as it is today."""
        return source_of(self.portfolio, table).snapshot_column is not None

    def read(self, table: str, as_of: date) -> Delivery | None:
        """Refuse: a row that came through Python would have left the warehouse.

        Raises
        ------
        SourceError
            Always.
        """
        where = source_of(self.portfolio, table).table
        raise SourceError(f"{table} of {as_of} lies in the warehouse, at {where}, and is staged there; it is not read.")


def source_of(portfolio: Portfolio, table: str) -> TableSource:
    """Return the portfolio's words on a table that it places."""
    return next(source for name, source in portfolio.sources.items() if name == table)


def placed_tables(portfolio: Portfolio) -> list[str]:
    """Return the names of the input tables that lie in the warehouse."""
    return [name for name, source in portfolio.sources.items() if source.table is not None]


def staging_sql(core: Table, source: TableSource, stored: Mapping[str, str] | None) -> str:
    """Return the query that gives the raw rows of the snapshots from `@first_snapshot` to `@last_snapshot`.

    Parameters
    ----------
    core : the core table that the rows are meant for.
    source : the portfolio's words on it; `table` names where it lies.
    stored : the columns that lie there with their GoogleSQL types, None where there is no such table.

    Raises
    ------
    SourceError
        If there is no such table, a needed column is missing or stands twice, or one is of a type that has no text.
    """
    if stored is None:
        raise SourceError(
            f"sources.{core.name}.table names {source.table}, and the warehouse has no such table, or none that may "
            "be read. Name it as schema.table in DuckDB, as dataset.table or project.dataset.table in BigQuery."
        )
    origin, headers = str(source.table), list(stored)
    matched = match_headers(origin, headers, core, source)
    faults = [
        *_of_snapshots(core, source, stored),
        *_of_types(core, source, {column: headers[i] for column, i in matched.known.items()}, stored),
    ]
    if faults:
        raise SourceError("\n".join(faults))
    delivered = {
        column: _text(headers[i], stored[headers[i]]) if (i := matched.known.get(column)) is not None else _NOTHING
        for column in delivered_columns(core)
    }
    spare = [headers[i] for i in matched.other if headers[i] != source.snapshot_column]
    are_text = [column for column, i in matched.known.items() if stored[headers[i]] == "STRING"]
    return _staged(core, source, delivered, {name: _text(name, stored[name]) for name in spare}, are_text)


def counts_sql(source: TableSource) -> str:
    """Return the query that counts the rows from `@first_snapshot` to `@last_snapshot`, as `snapshot_date, n_rows`.

    A table without history has one snapshot, without a date.
    """
    if source.snapshot_column is None:
        return f"SELECT CAST(NULL AS DATE) AS snapshot_date, COUNT(*) AS n_rows FROM {_quoted(source)}"
    day = _name(source.snapshot_column)
    return (
        f"SELECT {day} AS snapshot_date, COUNT(*) AS n_rows FROM {_quoted(source)} "
        f"WHERE {day} BETWEEN @first_snapshot AND @last_snapshot GROUP BY {day}"
    )


_NOTHING = "CAST(NULL AS STRING)"


def _of_snapshots(core: Table, source: TableSource, stored: Mapping[str, str]) -> Iterator[str]:
    column = source.snapshot_column
    if column is None:
        return
    place = f"sources.{core.name}.snapshot_column"
    if column not in stored:
        yield f"{place} names {column!r}; {source.table} has {choices(stored)}.{did_you_mean(column, stored)}"
    elif stored[column] != "DATE":
        yield (
            f"{place} names {source.table}.{column}, which is {stored[column]}. It must be DATE; make a view that "
            f"casts it, and name the view in sources.{core.name}.table."
        )


def _of_types(core: Table, source: TableSource, known: Mapping[str, str], stored: Mapping[str, str]) -> Iterator[str]:
    for column, header in known.items():
        if stored[header] not in _PLAIN:
            yield (
                f"{source.table}.{header} is {stored[header]}, and {core.name}.{column} is read from it. Give a column "
                "of text, numbers, dates or true and false; a view may make one of it."
            )
        elif stored[header] == "FLOAT32" and column in core.key_columns:
            yield (
                f"{source.table}.{header} is FLOAT, and {core.name}.{column} is a key: FLOAT holds 7 digits for sure, "
                "so one customer may have another's number. Load the keys again as text or BIGINT; where all of them "
                "are below 16,777,216, a view that casts them to BIGINT will do."
            )


def _staged(
    core: Table, source: TableSource, delivered: Mapping[str, str], spare: Mapping[str, str], are_text: Sequence[str]
) -> str:
    """Make the texts within; number the rows by them, and join those that the core table does not know, without."""
    others = {f"other_{position}": header for position, header in enumerate(spare, start=1)}
    texts = [
        f"{text} AS {_name(name)}"
        for name, text in zip([*delivered, *others], [*delivered.values(), *spare.values()], strict=True)
    ]
    order = ", ".join(_name(name) for name in dict.fromkeys([*core.key, *delivered, *others]))
    if source.snapshot_column is None:
        day, condition = "CAST(@first_snapshot AS DATE)", ""
    else:
        day = _name(source.snapshot_column)
        condition = f"\n  WHERE {day} BETWEEN @first_snapshot AND @last_snapshot"
    columns = ",\n  ".join(
        [
            "snapshot_date",
            f"ROW_NUMBER() OVER (PARTITION BY snapshot_date ORDER BY {order}) AS source_row",
            f"{_literal(str(source.table))} AS source",
            f"{_NOTHING} AS source_columns",
            f"{_literal(json.dumps({'text': [*are_text]}))} AS source_format",
            *map(_name, delivered),
            f"{_json(others)} AS other_columns",
        ]
    )
    inside = ",\n    ".join([f"{day} AS snapshot_date", *texts])
    return f"SELECT\n  {columns}\nFROM (\n  SELECT\n    {inside}\n  FROM {_quoted(source)}{condition}\n)\n"


def _text(header: str, kind: str) -> str:
    """Return a column's value as the text that a CSV file would hold."""
    name = _name(header)
    if kind == "TIMESTAMP":  # told in UTC: DuckDB's own text would depend on where the machine stands
        return f"CAST(DATETIME({name}, 'UTC') AS STRING)"
    if kind in _PLAIN:
        return f"CAST({name} AS STRING)"
    if kind == "BYTES":
        return f"TO_BASE64({name})"
    if kind == "GEOGRAPHY":  # it has no JSON
        return f"ST_ASTEXT({name})"
    return f"IF({name} IS NULL, NULL, TO_JSON_STRING({name}))"


def _json(others: Mapping[str, str]) -> str:
    """Return a JSON object of the texts that are not NULL in a row, and NULL where all are, as for a CSV file.

    `others` maps the texts' columns to their headers.
    """
    if not others:
        return _NOTHING
    members = []
    for column, header in others.items():
        start = _literal(json.dumps(as_delivered(header), ensure_ascii=False) + ": ")
        members.append(f"IF({column} IS NULL, NULL, CONCAT({start}, TO_JSON_STRING({column})))")
    inside = ",\n    ".join(members)
    return f"CONCAT('{{', NULLIF(ARRAY_TO_STRING([\n    {inside}\n  ], ', '), ''), '}}')"


def _quoted(source: TableSource) -> str:
    return ".".join(_name(part) for part in str(source.table).split("."))


def _name(name: str) -> str:
    """Return a name of GoogleSQL, quoted."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`").replace(".", POINT) + "`"


def _literal(text: str) -> str:
    """Return a text literal of GoogleSQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
