"""The words that a query compares the columns of tables with, followed through its CTEs and subqueries."""

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from segmentation_assets.warehouse.sql.queries import parse

COMPARISONS = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Like, exp.StartsWith)


def compared_words(sql: str, schema: dict[str, dict[str, str]]) -> set[tuple[str, str, str]]:
    """Return (table, column, word) for every comparison of a table's column with a text in the query."""
    tree = qualify(parse(sql, "query"), schema=schema, dialect="bigquery", validate_qualify_columns=False)
    found = set()
    for scope in traverse_scope(tree):
        for node in scope.walk():
            operands, words = _comparison(node)
            for column in (c for operand in operands for c in _carriers(operand)):
                found |= {(*origin, word) for origin in _origins(column, scope) for word in words}
    return found


def _comparison(node: exp.Expression) -> tuple[list[exp.Expression], list[str]]:
    """Return what is compared, and with which texts; nothing of a node that compares with none."""
    if isinstance(node, COMPARISONS):
        sides = [node.this, node.expression]
    elif isinstance(node, exp.In):
        sides = [node.this, *node.expressions]
    elif isinstance(node, exp.Case) and node.this:
        sides = [node.this, *(branch.this for branch in node.args["ifs"])]
    else:
        return [], []
    words = [side.this for side in sides if isinstance(side, exp.Literal) and side.is_string]
    return ([side for side in sides if not isinstance(side, exp.Literal)] if words else []), words


def _carriers(value: exp.Expression) -> Iterator[exp.Column]:
    """Yield the columns whose content a value may carry; those of a condition do not."""
    if isinstance(value, exp.Column):
        yield value
    elif isinstance(value, exp.If):
        for branch in (value.args["true"], value.args.get("false")):
            yield from _carriers(branch) if branch else ()
    elif isinstance(value, exp.Case):
        for branch in (*(i.args["true"] for i in value.args["ifs"]), value.args.get("default")):
            yield from _carriers(branch) if branch else ()
    else:
        for child in value.iter_expressions():
            yield from _carriers(child)


def _origins(column: exp.Column, scope: Scope) -> set[tuple[str, str]]:
    """Return the tables' columns that a column comes from."""
    source = scope.sources.get(column.table)
    if isinstance(source, exp.Table):
        return {(source.name, column.name)}
    if source is None:
        return set()
    found = set()
    for part in _selects(source):
        names = [projection.alias_or_name for projection in source.expression.selects]
        if column.name in names:
            projection = part.expression.selects[names.index(column.name)]
            for carrier in _carriers(projection.unalias()):
                found |= _origins(carrier, part)
    return found


def _selects(scope: Scope) -> list[Scope]:
    """Return the single SELECTs that a scope unites."""
    return [select for part in scope.set_operation_scopes for select in _selects(part)] or [scope]
