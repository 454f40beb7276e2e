"""Which tables and columns a query reads, where its text says so, and which of them there are not.

A name is followed through common tables and subqueries to the table it comes from, as far as it is handed on as it is.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from segmentation_assets.errors import WarehouseError, choices, did_you_mean
from segmentation_assets.tables import Table
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.sql.queries import parsed


class Origin(NamedTuple):
    """A column of a stored table."""

    table: str
    column: str

    def __str__(self) -> str:
        """Write it as the portfolio does."""
        return f"{self.table}.{self.column}"


class UnknownColumn(NamedTuple):
    """A column that a query names in vain: its line, how it is written, and a sentence that starts after that."""

    line: int
    written: str
    words: str
    table: str | None
    """The first stored table that it was looked for in."""

    remedy: str = ""
    """Where a delivered column is that nobody declared."""

    def __str__(self) -> str:
        """Say what is wrong, and what to do."""
        return f"{self.written} {self.words}{self.remedy}"


def line_of(node: exp.Expr) -> int:
    """Return the line on which a part of a query begins; 1 where nothing in it knows."""
    return min((part.meta["line"] for part in node.walk() if "line" in part.meta), default=1)


def scopes_of(tree: exp.Query) -> list[Scope]:
    """Return the scopes of a query, each SELECT with what it reads, the inner ones first."""
    return list(traverse_scope(tree))


def tables_read(tree: exp.Query) -> dict[str, int]:
    """Return the stored tables that a query reads, as it writes them, each with its first line."""
    found: dict[str, int] = {}
    for scope in scopes_of(tree):
        for node, source in scope.selected_sources.values():
            if isinstance(source, exp.Table) and source.name:
                name = ".".join(part.name for part in source.parts)
                found[name] = min(line_of(node), found.get(name, line_of(node)))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def origin_of(column: exp.Column, scope: Scope | None) -> Origin | None:
    """Return the stored column whose values a column has, unchanged; None where it is computed or cannot be told."""
    while scope is not None:
        found = [source for alias, source in sources_of(scope) if column.table in ("", alias)]
        holding = [source for source in found if _offers(source, column.name) is not False]
        if len(holding) == 1 or (holding and len(found) == 1):
            return _within(holding[0], column.name)
        if holding:
            return None
        scope = scope.parent
    return None


def unknown_columns(tree: exp.Query, tables: Mapping[str, Table]) -> list[UnknownColumn]:
    """Return the columns that a query names and nothing it reads has, in order of line.

    Parameters
    ----------
    tables : those that are known; of any other it is not known which columns it has.
    """
    found: list[UnknownColumn] = []
    for scope in scopes_of(tree):
        for column in scope.columns:
            if not isinstance(column.this, exp.Star) and not column.args.get("db"):
                found += _unknown(column, scope, tables)
    return sorted(set(found))


def explained_columns(query: Query) -> WarehouseError | None:
    """Return the error of a query that an engine could not bind, where it names a column that is not there."""
    unknown = unknown_columns(parsed(query.sql, query.origin), {table.name: table for table in query.tables})
    told = "\n".join(f"{query.origin}:{column.line}: {column}" for column in unknown)
    return WarehouseError(told) if told else None


def _unknown(column: exp.Column, scope: Scope, tables: Mapping[str, Table]) -> Iterator[UnknownColumn]:
    sources: list[tuple[str, exp.Table | Scope]] = []
    looked_in: Scope | None = scope
    while looked_in is not None:
        sources += sources_of(looked_in)
        looked_in = looked_in.parent
    line, written = line_of(column), column.sql("bigquery")
    if column.table and column.table not in dict(sources):
        near = did_you_mean(column.table, dict(sources))
        words = f"names {column.table!r}, which this SELECT does not read; it reads {choices(dict(sources))}.{near}"
        yield UnknownColumn(line, written, words, None)
        return
    asked = [(alias, source) for alias, source in sources if column.table in ("", alias)]
    if any(_has(source, column.name, tables) for _, source in asked) or column.sql() in _aliases(scope):
        return
    known = {alias: names_given(source, tables) or [] for alias, source in asked}
    table = next((source.name for _, source in asked if isinstance(source, exp.Table)), None)
    whose = table if table and len(known) == 1 else choices(known)
    everything = [name for names in known.values() for name in names]
    verb = "has" if len(known) == 1 else "have"
    has = f"; it has {choices(everything)}" if len(known) == 1 else ""
    words = f"is not there: {whose} {verb} no column {column.name}{has}.{did_you_mean(column.name, everything)}"
    yield UnknownColumn(line, written, words, table, _where_delivered(column.name, table, tables))


def _where_delivered(column: str, table: str | None, tables: Mapping[str, Table]) -> str:
    """Say where a delivered column is to be found that a core table does not have; nothing of another table."""
    raw = tables.get(f"raw_{table}")
    if raw is None:
        return ""
    if column in raw.column_names:
        return f" {raw.name} has one of that name."
    return (
        f" If it is a further column of what was delivered: declare it as tables.{table}.columns.{column}, or read it "
        f"from {raw.name}.other_columns, where those are as JSON under their headers, by "
        f"JSON_VALUE(other_columns, '$.{column}') (docs/sources.md, Further columns)."
    )


def _aliases(scope: Scope) -> set[str]:
    selects = scope.expression.selects if isinstance(scope.expression, exp.Query) else []
    return {select.alias for select in selects if isinstance(select, exp.Alias)}


def sources_of(scope: Scope) -> list[tuple[str, exp.Table | Scope]]:
    """Return what a SELECT reads, each under the name that it has there."""
    return [(alias, source) for alias, (_, source) in scope.selected_sources.items()]


def _within(source: exp.Table | Scope, name: str) -> Origin | None:
    if isinstance(source, exp.Table):
        return Origin(source.name, name)
    projections = source.expression.selects if isinstance(source.expression, exp.Query) else []
    for projection in projections:
        if not is_star(projection) and projection.alias_or_name.lower() == name.lower():
            inner = projection.unalias()
            return origin_of(inner, source) if isinstance(inner, exp.Column) else None
    star = next((projection for projection in projections if is_star(projection)), None)
    if star is None:
        return None
    return origin_of(exp.column(name, table=star.table if isinstance(star, exp.Column) else None), source)


def is_star(projection: exp.Expr) -> bool:
    """Say whether a projection stands for all columns of what is read, or of one of it."""
    return isinstance(projection, exp.Star) or (
        isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star)
    )


def _offers(source: exp.Table | Scope, name: str) -> bool | None:
    """Say whether a source has a column of this name; None where it cannot be told."""
    names = names_given(source, {})
    return None if names is None else name.lower() in names


def _has(source: exp.Table | Scope, name: str, tables: Mapping[str, Table]) -> bool:
    names = names_given(source, tables)
    return names is None or name.lower() in (other.lower() for other in names)


def names_given(source: exp.Table | Scope, tables: Mapping[str, Table]) -> Collection[str] | None:
    """Return the columns that a source gives; None where they are not known."""
    if isinstance(source, exp.Table):
        return tables[source.name].column_names if source.name in tables and len(source.parts) == 1 else None
    if not isinstance(source.expression, exp.Query):
        return None  # an UNNEST or the like
    names: list[str] = []
    for projection in source.expression.selects:
        if not is_star(projection):
            names.append(projection.alias_or_name)
            continue
        wanted = projection.table if isinstance(projection, exp.Column) else ""
        for alias, read in sources_of(source):
            if wanted in ("", alias):
                inside = names_given(read, tables)
                if inside is None:
                    return None
                names += inside
    return names
