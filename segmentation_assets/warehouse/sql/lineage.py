"""The lineage of a query's columns: the stored columns whose values each is made of.

What OpenLineage calls direct lineage is told (its column-lineage facet): what is copied, computed or added up, with the
conditions by which it is added up. Any other condition, and an order, decides which value is taken and is none itself;
it is told only of a column that has nothing else, such as a rank. What only joins, groups or filters rows is not told.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from segmentation_assets.tables import Table
from segmentation_assets.warehouse.sql.columns import Origin, is_star, names_given, scopes_of, sources_of

Lineage = Mapping[str, Sequence[Origin]]
"""The stored columns behind each column of a query, in order of their names; none behind one that is written out."""


def lineage_of(tree: exp.Query, tables: Mapping[str, Table]) -> Lineage:
    """Return the lineage of a query's columns; `tables` are the stored ones that it may read."""
    reader = _Reader(tables)
    return {name: sorted(found) for name, found in reader.columns(scopes_of(tree)[-1]).items()}


class _Reader:
    """Follows columns down to stored ones, each scope once."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self._known: dict[int, dict[str, set[Origin]]] = {}

    def columns(self, scope: Scope) -> dict[str, set[Origin]]:
        """Return what is behind each column that a scope gives, in order."""
        if id(scope) not in self._known:
            self._known[id(scope)] = {}  # what reads itself is told as far as it does not
            self._known[id(scope)] = self._columns(scope)
        return self._known[id(scope)]

    def _columns(self, scope: Scope) -> dict[str, set[Origin]]:
        if isinstance(scope.expression, exp.SetOperation):
            return _side_by_side([self.columns(part) for part in scope.set_operation_scopes])
        found: dict[str, set[Origin]] = {}
        for projection in scope.expression.selects if isinstance(scope.expression, exp.Query) else []:
            if is_star(projection):
                found |= self._all(projection, scope)
            else:
                found[projection.alias_or_name] = self._behind(projection, scope)
        return found

    def _all(self, star: exp.Expr, scope: Scope) -> dict[str, set[Origin]]:
        wanted = star.table if isinstance(star, exp.Column) else ""
        inner = star.this if isinstance(star, exp.Column) else star
        left_out = {column.name.lower() for column in inner.args.get("except_") or ()}
        found: dict[str, set[Origin]] = {}
        for alias, source in sources_of(scope):
            if wanted in ("", alias):
                for name in names_given(source, self.tables) or ():
                    if name.lower() not in left_out:
                        found[name] = self._within(source, name)
        return found

    def _behind(self, projection: exp.Expr, scope: Scope) -> set[Origin]:
        values = {origin for node in _values(projection) for origin in self._named(node, scope)}
        return values or {origin for node in _deciders(projection) for origin in self._named(node, scope)}

    def _named(self, node: exp.Expr, scope: Scope) -> set[Origin]:
        """Return what is behind a column, a count of rows, or the one column of a subquery."""
        if isinstance(node, exp.Count):
            return self._counted(scope)
        if isinstance(node, exp.Query):
            query = node.unnest()
            inner = next((inner for inner in scope.subquery_scopes if inner.expression is query), None)
            return set().union(*self.columns(inner).values()) if inner else set()
        looked_in: Scope | None = scope
        while looked_in is not None and isinstance(node, exp.Column):
            if holding := self._holding(node, looked_in):
                return set().union(*(self._within(source, node.name) for source in holding))
            looked_in = looked_in.parent
        return set()

    def _holding(self, column: exp.Column, scope: Scope) -> list[exp.Table | Scope]:
        """Return what has a column of this name; where nothing is known to have it, what may have it."""
        asked = [source for alias, source in sources_of(scope) if column.table in ("", alias)]
        given = [names_given(source, self.tables) for source in asked]
        sure = [
            source
            for source, names in zip(asked, given, strict=True)
            if names is not None and column.name.lower() in (name.lower() for name in names)
        ]
        return sure or [source for source, names in zip(asked, given, strict=True) if names is None]

    def _within(self, source: exp.Table | Scope, name: str) -> set[Origin]:
        if isinstance(source, exp.Table):
            return {Origin(source.name, name)}
        if isinstance(source.expression, exp.Query):
            return next((found for key, found in self.columns(source).items() if key.lower() == name.lower()), set())
        outer = source.parent  # an UNNEST is made of what stands in it
        return set().union(*(self._named(node, outer) for node in _values(source.expression))) if outer else set()

    def _counted(self, scope: Scope) -> set[Origin]:
        """Return the key of the rows that a scope counts: those that it reads first, to which others are joined."""
        read = scope.expression.args.get("from_")
        source = dict(sources_of(scope)).get(read.this.alias_or_name) if read else None
        if isinstance(source, Scope):
            return self._key(source)
        table = self.tables.get(source.name) if source else None
        return {Origin(table.name, name) for name in table.key} if table else set()

    def _key(self, scope: Scope) -> set[Origin]:
        """Return what tells the rows of a scope apart: what they are grouped by, or else the key of what it reads."""
        if isinstance(scope.expression, exp.SetOperation):
            return set().union(*(self._key(part) for part in scope.set_operation_scopes))
        grouped = scope.expression.args.get("group")
        if grouped is None:
            return self._counted(scope)
        named = [column for column in grouped.find_all(exp.Column) if column.name != "snapshot_date"]
        return {origin for column in named for origin in self._named(column, scope)}


def _side_by_side(parts: Sequence[dict[str, set[Origin]]]) -> dict[str, set[Origin]]:
    """Return the columns of a union: those of its first part, each with what stands at its place in the others."""
    rows = zip(*(part.values() for part in parts), strict=False)
    return {name: set().union(*behind) for name, behind in zip(parts[0], rows, strict=False)}


def _values(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the columns, counts of rows and subqueries of an expression whose values it is made of."""
    if isinstance(node, (exp.Column, exp.Query)) or (isinstance(node, exp.Count) and isinstance(node.this, exp.Star)):
        yield node
    elif isinstance(node, exp.AggFunc):
        yield from node.find_all(exp.Column)
    elif isinstance(node, exp.Case):
        for taken in [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")]:
            yield from _values(taken) if taken else ()
    elif isinstance(node, exp.If):
        for taken in (node.args["true"], node.args.get("false")):
            yield from _values(taken) if taken else ()
    elif isinstance(node, (exp.Window, exp.Filter)):
        yield from _values(node.this)
    elif not isinstance(node, (exp.Order, exp.Limit)):
        for part in node.iter_expressions():
            yield from _values(part)


def _deciders(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the same of what decides between values: conditions and orders, not what rows are grouped by."""
    if isinstance(node, (exp.Column, exp.Query)):
        yield node
        return
    groups = node.args.get("partition_by") or () if isinstance(node, exp.Window) else ()
    for part in node.iter_expressions():
        if not any(part is group for group in groups):
            yield from _deciders(part)
