"""How a filter on a view's `snapshot_date` gets to the partitioned tables behind it.

A view can hold no constant, so whoever asks it for a day has BigQuery carry that filter through the view. What Google's
pages say of that, and what they do not, is told by a `Way`.
"""

from collections.abc import Iterator
from typing import Literal

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from segmentation_assets.warehouse.sql.bounds import PARTITION, null_supplied

Way = Literal["named", "window", "join", "never"]
"""How a filter on a view's `snapshot_date` gets to a table.

named : through columns that hand it on, GROUP BY, DISTINCT and UNION, as Google's own pages have it for subqueries
    and views.
window : besides, through window functions whose PARTITION BY names the column; removing other partitions changes
    nothing, but no page of Google's says that the filter is moved below them.
join : besides, by an equality in a join; no page of Google's says that it is carried over.
never : not at all, so that every day is read.
"""

NEVER: Way = "never"
WAYS: tuple[Way, ...] = ("named", "window", "join", "never")


def reach(tree: exp.Query) -> dict[str, Way]:
    """Return, for each stored table that a view reads, how a filter on the view's `snapshot_date` gets to it.

    Where a table is read at several places, the worst of them counts.
    """
    ways: dict[str, Way] = {}
    for name, way in _reached(traverse_scope(tree)[-1], PARTITION, "named"):
        ways[name] = _worse(way, ways.get(name, "named"))
    return ways


def _worse(one: Way, other: Way) -> Way:
    return max(one, other, key=WAYS.index)


def _reached(scope: Scope, column: str | None, way: Way) -> Iterator[tuple[str, Way]]:
    """Yield the tables below a scope of which one output column is filtered, or none."""
    select = scope.expression
    if isinstance(select, exp.SetOperation):
        for branch in scope.set_operation_scopes:
            yield from _reached(branch, column, way)
        return
    filtered = _filtered(select, column) if isinstance(select, exp.Select) and column else None
    way = _worse(way, _through_windows(select, filtered)) if filtered is not None else "never"
    reached = _equated(scope, filtered, way) if filtered is not None else {}
    for alias, (_, source) in scope.selected_sources.items():
        inside, there = reached.get(alias, (None, NEVER))
        if isinstance(source, Scope):
            yield from _reached(source, inside, there)
        elif isinstance(source, exp.Table):
            yield source.name, there if inside == PARTITION else NEVER
    for subquery in scope.subquery_scopes:
        yield from _reached(subquery, None, "never")


def _filtered(select: exp.Select, column: str) -> exp.Column | None:
    """Return the column behind an output column, where a filter on the one is a filter on the other."""
    projection = next((p for p in select.selects if p.alias_or_name == column), None)
    if projection is None and any(isinstance(p, exp.Star) for p in select.selects) and not select.args.get("joins"):
        projection = exp.column(column)
    behind = projection.unalias() if projection is not None else None
    if not isinstance(behind, exp.Column) or select.args.get("limit") is not None:
        return None
    group = select.args.get("group")
    if group is not None and behind.sql() not in {key.sql() for key in group.expressions}:
        return None
    has_totals = group is None and any(
        isinstance(f, exp.AggFunc) and not f.find_ancestor(exp.Window)
        for p in select.selects
        for f in p.find_all(exp.AggFunc)
    )
    return None if has_totals else behind


def _through_windows(select: exp.Expr, column: exp.Column) -> Way:
    windows = [window for window in select.find_all(exp.Window) if window.find_ancestor(exp.Select) is select]
    named = {window.this.name: window for window in select.args.get("windows") or ()}
    way: Way = "named"
    for window in windows:
        asked = named.get(window.alias, window)
        keys = {key.sql() for key in asked.args.get("partition_by") or ()}
        way = _worse(way, "window" if {column.sql(), column.name} & keys else "never")
    return way


def _equated(scope: Scope, column: exp.Column, way: Way) -> dict[str, tuple[str, Way]]:
    """Return for each source that the filter gets to the column that it is on there, and how."""
    aliases = list(scope.selected_sources)
    first = column.table or aliases[0]
    select = scope.expression
    outer = {source.alias_or_name for source in null_supplied(select)} if isinstance(select, exp.Select) else set()
    reached: dict[str, tuple[str, Way]] = {first: (column.name, _worse(way, "join") if first in outer else way)}
    pairs = [
        (one, other)
        for equal in select.find_all(exp.EQ)
        if equal.find_ancestor(exp.Join) and equal.find_ancestor(exp.Select) is select
        for one, other in ((equal.this, equal.expression), (equal.expression, equal.this))
        if isinstance(one, exp.Column) and isinstance(other, exp.Column)
    ]
    for _ in aliases:
        for one, other in pairs:
            if reached.get(one.table, ("", "never"))[0] == one.name and other.table not in reached:
                reached[other.table] = (other.name, _worse(way, "join"))
    return reached
