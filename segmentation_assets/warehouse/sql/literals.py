"""Columns that a query compares with what is written in its text."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse.sql.columns import Origin, line_of, origin_of, scopes_of

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)


_LIKE = (exp.Like, exp.ILike, exp.StartsWith)


class Compared(NamedTuple):
    """A stored column that is compared with a literal: where, which, and with what."""

    line: int
    origin: Origin
    literal: exp.Literal
    is_pattern: bool = False
    """True where the literal is one of LIKE's."""


class UnlikeLiteral(NamedTuple):
    """A comparison of two kinds of value: its line, and a sentence."""

    line: int
    words: str


def compared_literals(tree: exp.Query) -> list[Compared]:
    """Return the comparisons of stored columns with literals, in order of line."""
    found = [compared for scope in scopes_of(tree) for compared in _in_scope(scope)]
    return sorted(set(found), key=lambda compared: (compared.line, str(compared.origin), compared.literal.name))


def unlike_literals(tree: exp.Query, tables: Mapping[str, Table]) -> Iterator[UnlikeLiteral]:
    """Yield comparisons of text with numbers: BigQuery refuses them, and DuckDB does as soon as a text is no number."""
    for line, origin, literal, _ in compared_literals(tree):
        table = tables.get(origin.table)
        if table is None or origin.column not in table.column_names:
            continue
        declared = table.column(origin.column).type
        if declared == "STRING" and not literal.is_string:
            yield UnlikeLiteral(
                line, f"compares {origin}, which is STRING, with the number {literal.name}. Write '{literal.name}'."
            )
        if declared in ("INT64", "FLOAT64") and literal.is_string:
            yield UnlikeLiteral(
                line, f"compares {origin}, which is {declared}, with the text '{literal.name}'. Write a number."
            )
        if declared == "DATE" and not _is_day(literal.name):
            yield UnlikeLiteral(
                line,
                f"compares {origin}, which is DATE, with {literal.sql('bigquery')}. Write it as DATE 'YYYY-MM-DD', or "
                "compare what EXTRACT makes of it.",
            )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("YYYY-MM-DD")


def _in_scope(scope: Scope) -> Iterator[Compared]:
    for node in scope.find_all(*_COMPARISONS, *_LIKE, exp.In, exp.Between, exp.Case):
        if isinstance(node, exp.In):
            pairs = [(node.this, other) for other in (*node.expressions, *_listed(node))]
        elif isinstance(node, exp.Between):
            pairs = [(node.this, node.args["low"]), (node.this, node.args["high"])]
        elif isinstance(node, exp.Case):
            pairs = [(node.this, branch.this) for branch in node.args.get("ifs", []) if node.this is not None]
        else:
            pairs = [(node.this, node.expression), (node.expression, node.this)]
        for column, literal in pairs:
            if isinstance(column, exp.Column) and isinstance(literal, exp.Literal):
                origin = origin_of(column, scope)
                if origin is not None:
                    pattern = exp.Literal.string(f"{literal.name}%") if isinstance(node, exp.StartsWith) else literal
                    yield Compared(line_of(node), origin, pattern, isinstance(node, _LIKE))


def _listed(node: exp.In) -> list[exp.Expr]:
    """Return what stands in the array of IN UNNEST([...])."""
    unnest = node.args.get("unnest")
    arrays = unnest.expressions if isinstance(unnest, exp.Unnest) else []
    return [each for array in arrays if isinstance(array, exp.Array) for each in array.expressions]
