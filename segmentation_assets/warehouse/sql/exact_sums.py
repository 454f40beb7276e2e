"""Sums of FLOAT64 that are the same bits whatever the order in which an engine adds them.

Doubles do not add up to the same in any order, and BigQuery promises none: the same query over the same rows may give
other last bits at its next run. Decimals and integers do add up alike. So values are added as BIGNUMERIC on BigQuery,
which holds 38 digits after the point; DuckDB has nothing as wide, and counts each value in steps of 2^-60. Either sum
is the double nearest to the true one, and the same on both engines, where no value lies between 0 and 1/128; of such
a small value no more than 1e-18 is lost. On DuckDB no sum may pass 1.4e20.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from segmentation_assets.tables import Table, own_tables

_STEPS, _STEP = f"{2**60}e0", repr(2.0**-60)
_EXACTLY_MEANT = {exp.DataType.Type.DECIMAL, exp.DataType.Type.BIGDECIMAL, exp.DataType.Type.INTERVAL}
_EXACTLY_SUMMED = {*exp.DataType.INTEGER_TYPES, *_EXACTLY_MEANT}
_NUMBER = "summed"


def make_sums_exact(tree: exp.Query, dialect: str, tables: tuple[Table, ...] = ()) -> None:
    """Rewrite every SUM and AVG, windowed ones included, whose result would hang on the order of its rows.

    A sum of integers or decimals is left as it is, for it is exact. What cannot be told to be one counts as FLOAT64,
    unless the query reads a table that is none of ours, of which no table of ours is made.

    Parameters
    ----------
    tables : those of a portfolio, beside the ones that every portfolio has.
    """
    declared = _declared(tables)
    sums = [node for node in tree.find_all(exp.AggFunc) if isinstance(node, exp.Sum | exp.Avg)]
    unknown = None if _reads_ours_alone(tree, declared) else exp.DataType.Type.DECIMAL
    types = _types_of(tree, sums, declared)
    for node in reversed(sums):  # the inner ones first
        kind = types.get(node.meta.pop(_NUMBER), unknown)
        if kind in (_EXACTLY_SUMMED if isinstance(node, exp.Sum) else _EXACTLY_MEANT):
            continue
        whole = node.parent if isinstance(node.parent, exp.Window) and node.arg_key == "this" else node
        exact = _as_double(_over(whole, node, _widened(node, dialect)), dialect)
        if isinstance(node, exp.Avg):
            n_values = _over(whole, node, exp.Count(this=node.this.copy()))
            exact = exp.SafeDivide(this=exact, expression=n_values)
        whole.replace(exact)


def _widened(node: exp.AggFunc, dialect: str) -> exp.Sum:
    """Return the sum of an aggregate's values in a type that adds exactly; DISTINCT and HAVING MAX stay around them."""
    widened = exp.Sum(this=node.this.copy())
    value = widened.this
    while isinstance(value, exp.Distinct | exp.HavingMax):
        value = value.expressions[0] if isinstance(value, exp.Distinct) else value.this
    wide = exp.cast(value.copy(), exp.DataType.Type.BIGDECIMAL)
    if dialect == "duckdb":
        steps = exp.Mul(this=exp.paren(value.copy()), expression=exp.Literal.number(_STEPS))
        wide = exp.cast(exp.Round(this=steps), exp.DataType.Type.INT128)
    value.replace(wide)
    return widened


def _as_double(total: exp.Expr, dialect: str) -> exp.Expr:
    """Return the double nearest to a sum; DuckDB finds that of a number so long from its digits alone."""
    if dialect != "duckdb":
        return exp.cast(total, exp.DataType.Type.DOUBLE)
    nearest = exp.cast(exp.cast(total, exp.DataType.Type.TEXT), exp.DataType.Type.DOUBLE)
    return exp.paren(exp.Mul(this=nearest, expression=exp.Literal.number(_STEP)), copy=False)


def _over(whole: exp.Expr, node: exp.Expr, instead: exp.Expr) -> exp.Expr:
    """Return an aggregate over the same window, if there is one."""
    if whole is node:
        return instead
    window = whole.copy()
    window.set("this", instead)
    return window


def _types_of(tree: exp.Query, sums: Sequence[exp.Expr], declared: dict[str, object]) -> Mapping[int, object]:
    """Return the type of what each aggregate sums up, by the number that is written on it here."""
    for number, node in enumerate(sums):
        node.meta[_NUMBER] = number
    found: dict[int, object] = {}
    if not sums:
        return found
    with suppress(SqlglotError):  # an engine says better what is wrong with a name
        named = qualify(
            tree.copy(),
            dialect="bigquery",
            schema=declared,
            validate_qualify_columns=False,
            allow_partial_qualification=True,
        )
        for node in annotate_types(named, schema=declared, dialect="bigquery").find_all(exp.Sum, exp.Avg):
            if node.this.type is not None and not node.this.is_type("unknown") and _NUMBER in node.meta:
                found[node.meta[_NUMBER]] = node.this.type.this
    return found


def _reads_ours_alone(tree: exp.Query, declared: dict[str, object]) -> bool:
    own = {part.alias for part in tree.find_all(exp.CTE)}
    return all(table.name in declared or table.name in own for table in tree.find_all(exp.Table))


@lru_cache(maxsize=8)
def _declared(tables: tuple[Table, ...]) -> dict[str, object]:
    """Return the declared types; a portfolio's features are FLOAT64 where they can be summed."""
    known = (*own_tables().values(), *tables)
    return {table.name: {column.name: column.type for column in table.columns} for table in known}
