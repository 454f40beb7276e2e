"""What a query met in its data that it could not work with: told by file, line, expression and column, never by value.

An engine quotes the value at fault in its own words, in more ways than can be cut out of them: a value may hold quotes
itself. So nothing of those words is passed on but the kind of failure, the type and the column.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables import Table
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.sql.columns import line_of, origin_of, scopes_of
from segmentation_assets.warehouse.sql.queries import parse

_TYPES = {
    "DOUBLE": "FLOAT64", "FLOAT": "FLOAT64", "BIGINT": "INT64", "INT32": "INT64", "INT128": "INT64", "BOOLEAN": "BOOL",
    "DECIMAL": "NUMERIC",
}  # fmt: skip
_KINDS = frozenset({"BIGNUMERIC", "BOOL", "BYTES", "DATE", "DATETIME", "FLOAT64", "INT16", "INT64", "INT8", "INTERVAL",
                    "JSON", "NUMERIC", "STRING", "TIME", "TIMESTAMP", "VARCHAR"})  # fmt: skip
_SHOWN = 5


class _Failure(NamedTuple):
    """A kind of failure: what is said of the value, the type it was to have, and the column if the engine names it."""

    words: str
    remedy: str
    wanted: str | None = None
    column: str | None = None
    suspects: Callable[[exp.Expr, "_Failure"], bool] = lambda node, failure: False  # noqa: ARG005


def explained_values(query: Query, said: str) -> WarehouseError | None:
    """Return the error of a query that failed at a value of its data; None where that is not what the engine says.

    Parameters
    ----------
    said : the engine's own words.
    """
    failure = _failure(said)
    if failure is None:
        return None
    suspects = list(dict.fromkeys(_suspects(query, failure)))
    remedy = f"{failure.remedy}. The value is not told, as it may be personal."
    if len(suspects) == 1:
        line, expression, column = suspects[0]
        whose = f" of {column}" if column else ""
        return WarehouseError(
            f"{query.origin}: a value{whose} {failure.words}, in {expression} (line {line}). {remedy}"
        )
    listed = "; ".join(
        f"line {line}: {expression}{f' of {column}' if column else ''}"
        for line, expression, column in suspects[:_SHOWN]
    )
    where = f", in one of: {listed}" if listed else ""
    return WarehouseError(f"{query.origin}: a value {failure.words}{where}. {remedy}")


def _failure(said: str) -> _Failure | None:
    """Read the words of either engine."""
    if re.search(_UNSUMMABLE, said):
        return _Failure("is too large to be summed, or no finite number", _LARGEST_SUM, suspects=_is_sum)
    column = re.search(r"when casting from source column (\w+)$", said)
    for pattern, wanted in _CONVERSIONS:
        if found := re.search(pattern, said, re.IGNORECASE | re.DOTALL):
            name = wanted or found.group(1).upper()
            kind = _TYPES.get(name, name)
            if kind not in _KINDS:  # a part of a value that looks like the end of the engine's words
                continue
            remedy = "SAFE_CAST gives NULL for it"
            return _Failure(f"does not convert to {kind}", remedy, kind, column.group(1) if column else None, _is_cast)
    for pattern, words, remedy, suspects in _OTHERS:
        if re.search(pattern, said, re.IGNORECASE | re.DOTALL):
            return _Failure(words, remedy, suspects=suspects)
    return None


def _is_cast(node: exp.Expr, failure: _Failure) -> bool:
    if not isinstance(node, exp.Cast) or isinstance(node, exp.TryCast):
        return False
    return str(node.to.sql("bigquery")).partition("(")[0] == failure.wanted


def _is_parsing(node: exp.Expr, failure: _Failure) -> bool:  # noqa: ARG001 - one kind of suspect of several
    return isinstance(node, exp.Func) and str(node.meta.get("bigquery_name", "")).startswith("PARSE_")


def _is_json(node: exp.Expr, failure: _Failure) -> bool:  # noqa: ARG001
    return isinstance(node, exp.JSONExtract | exp.JSONExtractScalar | exp.ParseJSON)


def _is_arithmetic(node: exp.Expr, failure: _Failure) -> bool:  # noqa: ARG001
    return isinstance(node, exp.Mul | exp.Add | exp.Sub | exp.Sum)


def _is_sum(node: exp.Expr, failure: _Failure) -> bool:  # noqa: ARG001
    return isinstance(node, exp.Sum | exp.Avg)


def _is_division(node: exp.Expr, failure: _Failure) -> bool:  # noqa: ARG001
    return isinstance(node, exp.Div | exp.IntDiv | exp.Mod)


# What only the whole numbers of `exact_sums` can meet.
_UNSUMMABLE = (
    r"destination type INT128$|Overflow in HUGEINT addition|BIGNUMERIC (?:out of range|overflow)"
    r"|non-finite floating point number to BIGNUMERIC"
)
_LARGEST_SUM = (
    "No sum may pass 1.4e20 on DuckDB, 5e38 on BigQuery: bound the column by ranges in the portfolio, or divide it "
    "first"
)

# How each engine begins or ends: DuckDB's text has the value in between, BigQuery's behind.
_CONVERSIONS = (
    (
        r"Could not (?:convert|cast) .* to ([A-Z]+[0-9]*)(?:\([0-9, ]+\))?(?: when casting from source column \w+)?$",
        None,
    ),
    (r"out of range for the destination type ([A-Z]+[0-9]*)", None),
    (r"(?:invalid date|Invalid date|date field value out of range)", "DATE"),
    (r"invalid timestamp", "TIMESTAMP"),
    (r"Invalid datetime", "DATETIME"),
    (r"(?:Bad|Invalid) (?:double|float)(?: value)?:", "FLOAT64"),
    (r"(?:Bad|Invalid) (int64|bool|numeric|bignumeric|time)(?: value)?:", None),
)
_OTHERS = (
    (
        r"Could not parse string|Failed to parse input string|Mismatch between format|Error parsing",
        "does not fit the format it is parsed by",
        "SAFE_CAST(... AS DATE) gives NULL for what is no ISO date",
        _is_parsing,
    ),
    (
        r"Malformed JSON|syntax error while parsing (?:value|object)",
        "is no JSON",
        "Read JSON from a column of JSON",
        _is_json,
    ),
    (
        r"overflow|out of range",
        "is too large to reckon with",
        "Reckon in FLOAT64, or bound the column by ranges in the portfolio",
        _is_arithmetic,
    ),
    (r"division by zero", "is divided by zero", "SAFE_DIVIDE gives NULL for it", _is_division),
)


def _suspects(query: Query, failure: _Failure) -> Iterator[tuple[int, str, str]]:
    """Yield line, text and column of the expressions that may have met the value."""
    scopes = scopes_of(parse(query.sql, query.origin))
    found = [(node, scope) for scope in scopes for node in scope.walk() if failure.suspects(node, failure)]
    # A number or a date that is a column's own type cannot fail, if there is text that can.
    tables = {table.name: table for table in query.tables}
    found = [pair for pair in found if not _is_typed(*pair, tables)] or found
    if failure.column is not None:
        named = [(node, scope) for node, scope in found if _names(node, failure.column)]
        found = named or [
            (column, scope) for scope in scopes for column in scope.columns if column.name == failure.column
        ]
    for node, scope in found:
        origins = {str(origin) for column in node.find_all(exp.Column) if (origin := origin_of(column, scope))}
        shown = node.parent if isinstance(node, exp.Column) and node.parent is not None else node
        yield line_of(node), shown.sql("bigquery"), ", ".join(sorted(origins))


def _names(node: exp.Expr, column: str) -> bool:
    return any(found.name == column for found in node.find_all(exp.Column))


def _is_typed(node: exp.Expr, scope: Scope, tables: Mapping[str, Table]) -> bool:
    if not isinstance(node, exp.Cast):
        return False
    if isinstance(node.this, exp.Count) or (isinstance(node.this, exp.Literal) and not node.this.is_string):
        return True
    if not isinstance(node.this, exp.Column):
        return False
    origin = origin_of(node.this, scope)
    table = tables.get(origin.table) if origin else None
    if origin is None or table is None or origin.column not in table.column_names:
        return False
    return table.column(origin.column).type != "STRING"
