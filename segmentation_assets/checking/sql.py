"""What is wrong with a query, told from its text and from tables that are empty.

The columns, their types and the functions are bound by DuckDB in memory, whichever engine the warehouse is: it is there
before any warehouse is, and what both engines know moves from the one to the other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache

import duckdb
from sqlglot import exp

from segmentation_assets.errors import WarehouseError, choices, did_you_mean
from segmentation_assets.tables import Column, Table, of_deliveries
from segmentation_assets.tables.features import customer_features
from segmentation_assets.warehouse import contract
from segmentation_assets.warehouse.duckdb.engine import shut_in
from segmentation_assets.warehouse.duckdb.schema import DUCKDB_TYPES, columns_of, quote
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.sql.columns import line_of, tables_read, unknown_columns
from segmentation_assets.warehouse.sql.lint import lint_sql
from segmentation_assets.warehouse.sql.literals import unlike_literals
from segmentation_assets.warehouse.sql.queries import parse, transpile

_SCHEMA = "checked"
_PARAMETERS = ("first_snapshot", "last_snapshot")
_SOME_DAY = date(2025, 1, 1)  # nothing is in the tables on any day


class EmptyTables:
    """Tables and views without rows, in memory, against which queries can be bound."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._connection = shut_in("threads = 1")  # to bind a query may be to open what it reads
        self._connection.execute(f"CREATE SCHEMA {_SCHEMA}")
        for table in tables:
            columns = ", ".join(f"{quote(column.name)} {DUCKDB_TYPES[column.type]}" for column in table.columns)
            self._connection.execute(f"CREATE TABLE {_SCHEMA}.{quote(table.name)} ({columns})")

    def bind(self, name: str, query: Query) -> dict[str, str]:
        """Create a view of the query, and return its columns with GoogleSQL types; duckdb.Error where it cannot be."""
        sql, parameters = transpile(query.sql, query.origin, "duckdb", _SCHEMA, tables=query.tables)
        for parameter in parameters:  # a view has none
            sql = sql.replace(f"${parameter}", f"DATE '{_SOME_DAY}'")
        self._connection.execute(f"CREATE VIEW {_SCHEMA}.{quote(name)} AS {sql}")
        return columns_of(self._connection, f"{_SCHEMA}.{quote(name)}")


@lru_cache(maxsize=8)
def feature_faults(sql: str, origin: str, columns: tuple[Column, ...], inputs: tuple[Table, ...]) -> tuple[str, ...]:
    """Return all that is wrong with the SQL of features, a sentence each, in order of line.

    Parameters
    ----------
    sql, origin : the text, and the file that it is from.
    columns, inputs : of the features, and the input tables, that the portfolio declares.
    """
    try:
        tree = parse(sql, origin)
    except WarehouseError as error:
        return (str(error),)
    allowed = of_deliveries(inputs)
    query = Query(sql, origin=origin, tables=tuple(allowed.values()))
    strangers = list(_of_tables(tree, allowed))
    found = [*_of_text(tree, query, allowed), *strangers]
    bound = [] if strangers else list(_of_columns(tree, query, customer_features(columns), allowed))
    missing = [(unknown.line, str(unknown)) for unknown in unknown_columns(tree, allowed)]
    found += missing if missing and (strangers or bound) else bound
    return tuple(f"{origin}:{line}: {words}" for line, words in sorted(set(found)))


def bound_mart(
    sql: str, origin: str, readable: Mapping[str, Table]
) -> tuple[dict[str, str], tuple[tuple[int, str], ...]]:
    """Return the columns that the SQL of a mart gives, with GoogleSQL types, and all that is wrong with it, by line.

    Raises
    ------
    WarehouseError
        If it is not one SELECT, or more than that: what could write anything, or read a file.
    """
    tree = parse(sql, origin)
    query = Query(sql, origin=origin, tables=tuple(readable.values()))
    found = [*_of_text(tree, query, readable), *_of_tables(tree, readable, "marts"), *_of_twice(tree)]
    found += ((unknown.line, str(unknown)) for unknown in unknown_columns(tree, readable))
    if found:
        return {}, tuple(sorted(set(found)))
    try:
        return EmptyTables(readable.values()).bind("bound", query), ()
    except duckdb.Error as error:
        return {}, (_refusal(tree, error),)


def _of_text(tree: exp.Query, query: Query, readable: Mapping[str, Table]) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with any text: chance, parameters, literals unlike what they are held against."""
    yield from ((finding.line, finding.words) for finding in lint_sql(query.sql, query.origin) if finding.is_by_chance)
    yield from _of_parameters(tree)
    yield from ((literal.line, literal.words) for literal in unlike_literals(tree, readable))


def _of_parameters(tree: exp.Query) -> Iterator[tuple[int, str]]:
    for parameter in tree.find_all(exp.Parameter):
        if parameter.name not in _PARAMETERS:
            known = choices(f"@{name}" for name in _PARAMETERS)
            near = did_you_mean(parameter.name, _PARAMETERS)
            yield (
                line_of(parameter.parent or parameter),
                f"uses @{parameter.name}; there are {known}, the days to be made.{near}",
            )


def _of_tables(tree: exp.Query, allowed: Mapping[str, Table], made: str = "features") -> Iterator[tuple[int, str]]:
    for node in tree.find_all(exp.Table):
        if not isinstance(node.this, exp.Identifier):
            written = node.this.sql("bigquery")
            there = "what is not delivered is not there on other days. Deliver it as a further column of a table."
            yield line_of(node), f"reads {written}, and there is no such table for {made} to be made from: {there}"
    for name, line in tables_read(tree).items():
        if name in allowed:
            continue
        last = name.rpartition(".")[2]
        if last in allowed:
            yield line, f"reads {name}; name the table without schema or dataset: {last}."
            continue
        there = f"there are {choices(allowed)}.{did_you_mean(last, allowed)}"
        yield line, f"reads {name}, and there is no such table for {made} to be made from; {there}"


def _of_columns(tree: exp.Query, query: Query, table: Table, allowed: Mapping[str, Table]) -> Iterator[tuple[int, str]]:
    """Bind the query; yield why it cannot be, or each column that is not as declared."""
    names = [select.alias_or_name for select in tree.selects]
    yield from _of_twice(tree)
    if len(set(names)) < len(names):
        return
    try:
        offered = EmptyTables(allowed.values()).bind("bound", query)
    except duckdb.Error as error:
        yield _refusal(tree, error)
        yield from ((finding.line, finding.words) for finding in lint_sql(query.sql, query.origin))  # it may be why
        return
    lines = {select.alias_or_name: line_of(select) for select in tree.selects}
    for column, words in contract.column_faults(table, offered):
        yield lines.get(column, line_of(tree)), words


def _of_twice(tree: exp.Query) -> Iterator[tuple[int, str]]:
    names = [select.alias_or_name for select in tree.selects]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1 and name != "*"):
        twice = [select for select in tree.selects if select.alias_or_name == name]
        yield line_of(twice[1]), f"gives {name} more than once; keep one of them."


def _refusal(tree: exp.Query, error: duckdb.Error) -> tuple[int, str]:
    """Return what DuckDB has against a query, and the line that it most likely means."""
    said, _, shown = str(error).partition("\n\nLINE ")
    first, *others = said.splitlines()
    hints = "".join(f" {hint}" for hint in others if hint.startswith("Did you mean"))
    marked = _marked(shown).lower()
    words = set(_WORD.findall(marked) or _WORD.findall(first.lower()))
    lines = [line_of(column) for column in tree.find_all(exp.Column) if column.sql().lower() == marked]
    lines = lines or [line_of(node) for node in tree.walk() if "line" in node.meta and _names(node) & words]
    line = max(dict.fromkeys(sorted(lines)), key=lines.count, default=1)
    return line, f"cannot be run. DuckDB says: {first.partition(': ')[2].rstrip('.!')}.{hints}"


_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def _marked(shown: str) -> str:
    """Return what DuckDB's carets stand under; for a sign such as +, what stands at both its sides, too."""
    text, _, carets = shown.partition("\n")
    first, last = carets.find("^"), carets.rfind("^") + 1
    text = text.rjust(len("LINE ") + len(text))  # the carets count from the word that was cut off
    if last - first > 1:
        return text[first:last]
    before, after = text[:first].split(), text[last:].split()
    return " ".join([*before[-1:], *after[:1]])


def _names(node: exp.Expr) -> set[str]:
    names = {str(node.name).lower(), str(node.meta.get("bigquery_name", "")).lower()}
    return names | {name.lower() for name in node.sql_names()} if isinstance(node, exp.Func) else names
