"""Which partitioned tables a statement reads without saying which days, so that BigQuery would read all of them.

Google promises that partitions are skipped where a filter compares the partition column, by itself, with constants
("Query partitioned tables": use a constant filter expression, isolate the partition column). What it does with a
filter on the other side of a join it does not say. So each SELECT must bound each partitioned table that it reads, in
its own WHERE: what an equality in a join or EXISTS implies does not count, nor does a bound in ON. A view can hold no
constant; see `view_reach`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import sqlglot
from sqlglot import exp

from segmentation_assets.warehouse.ledger import LEDGER
from segmentation_assets.warehouse.sql.columns import line_of

PARTITION = "snapshot_date"

CLUSTERED_BY = {LEDGER.name: "table_name"}
"""The ledger may be read by table instead of by day, the column that it is clustered by. It has one row per table and
day: what it says of one table in three years is some 1,100 rows, less than the 10 MB that are billed at least."""

_LOWER, _UPPER = (exp.GT, exp.GTE), (exp.LT, exp.LTE)
_NO_BOUNDS = ("0001-01-01", "9999-12-31")
"""Days that stand for the beginning and the end of time: between them lies everything."""


class Unbounded(NamedTuple):
    """A partitioned table that a statement reads or changes without a constant bound, and the line where it does."""

    line: int
    table: str

    def __str__(self) -> str:
        """Say what is wrong and what to write."""
        return (
            f"reads {self.table} without a bound on its {PARTITION}, so that BigQuery reads every day there is. Write "
            f"into the WHERE of this SELECT: {self.table}.{PARTITION} BETWEEN @first_snapshot AND @last_snapshot "
            "(a join or EXISTS that equates it with a bounded one does not do; of a table in an outer join, read a "
            "subquery that is bounded)."
        )


def unbounded_reads(sql: str, is_partitioned: Callable[[str], bool]) -> list[Unbounded]:
    """Return what a statement of GoogleSQL reads or changes without a constant bound, in order of line.

    Parameters
    ----------
    is_partitioned : says of a table's last name whether it has a partition a day by `snapshot_date`.
    """
    found: list[Unbounded] = []
    for tree in sqlglot.parse(sql, read="bigquery"):
        if tree is not None:
            found += _of_statement(tree, is_partitioned)
    return sorted(found)


def _of_statement(tree: exp.Expr, is_partitioned: Callable[[str], bool]) -> Iterator[Unbounded]:
    own = {cte.alias for cte in tree.find_all(exp.CTE)}

    def is_asked(table: exp.Table) -> bool:
        return is_partitioned(table.name) and not (table.name in own and not table.args.get("db"))

    for select in tree.find_all(exp.Select):
        for table in _tables_of(select):
            if is_asked(table) and not _is_bounded(table, select):
                yield Unbounded(line_of(table), table.name)
    for changed in tree.find_all(exp.Update, exp.Delete, exp.Merge):
        target = changed.this
        if isinstance(target, exp.Table) and is_asked(target) and not _bounds_change(changed, target):
            yield Unbounded(line_of(target), target.name)
        source = changed.args.get("using")
        if isinstance(source, exp.Table) and is_asked(source):  # as it is, without a WHERE
            yield Unbounded(line_of(source), source.name)


def _tables_of(select: exp.Select) -> list[exp.Table]:
    """Return the tables that a SELECT reads itself, not those of its subqueries."""
    first = select.args.get("from_") or select.args.get("from")
    sources = [*([first.this] if first else []), *(join.this for join in select.args.get("joins") or ())]
    return [source for source in sources if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier)]


def _is_bounded(table: exp.Table, select: exp.Select) -> bool:
    if _counts_alone(select):
        return True
    where = select.args.get("where")
    is_alone = len(_tables_of(select)) == 1 and not select.args.get("joins")
    return (
        where is not None
        and table not in null_supplied(select)
        and _bounds(where.this, _written(table, is_alone=is_alone))
    )


def _counts_alone(select: exp.Select) -> bool:
    """Say whether a SELECT counts rows and reads no column: what is billed are the columns that are read."""
    return not list(select.find_all(exp.Column)) and all(isinstance(s.unalias(), exp.Count) for s in select.selects)


def null_supplied(select: exp.Select) -> list[exp.Expr]:
    """Return the sources whose columns an outer join fills with NULL, where a WHERE would come after the join."""
    first = select.args.get("from_") or select.args.get("from")
    before, found = [first.this] if first else [], []
    for join in select.args.get("joins") or ():
        if join.side in ("RIGHT", "FULL"):
            found += before
        if join.side in ("LEFT", "FULL"):
            found.append(join.this)
        before.append(join.this)
    return found


def _written(table: exp.Table, *, is_alone: bool) -> set[str]:
    """Return how a statement may write the columns by which a table can be bounded."""
    columns = {PARTITION, *([CLUSTERED_BY[table.name]] if table.name in CLUSTERED_BY else [])}
    return {f"{table.alias_or_name.lower()}.{column}" for column in columns} | (columns if is_alone else set())


def _bounds_change(changed: exp.Expr, target: exp.Table) -> bool:
    names = _written(target, is_alone=True)
    if not isinstance(changed, exp.Merge):
        where = changed.args.get("where")
        return where is not None and _bounds(where.this, names)
    is_on_nothing = isinstance(changed.args["on"], exp.Boolean) and not changed.args["on"].this
    if not is_on_nothing:
        return _bounds(changed.args["on"], _written(target, is_alone=False))
    taken = [when for when in changed.find_all(exp.When) if not isinstance(when.args.get("then"), exp.Insert)]
    conditions = [when.args.get("condition") for when in taken]
    return all(condition is not None and _bounds(condition, names) for condition in conditions)


def _bounds(condition: exp.Expr, names: set[str]) -> bool:
    """Say whether a condition that must hold compares one of the columns so written with constants, from both sides."""
    parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    parts = [part.unnest() for part in parts]
    below = above = False
    for part in parts:
        if isinstance(part, exp.And) and _bounds(part, names):
            return True
        if isinstance(part, exp.Boolean) and not part.this:
            return True
        if _names_days(part, names):
            return True
        sides = _sides(part, names)
        below |= "lower" in sides
        above |= "upper" in sides
    return below and above


def _names_days(part: exp.Expr, names: set[str]) -> bool:
    """Say whether a condition lists days, or gives both ends of a range."""
    if isinstance(part, exp.Between):
        return _is_partition(part.this, names) and all(map(_is_constant, (part.args["low"], part.args["high"])))
    if isinstance(part, exp.In):
        unnested = part.args.get("unnest")
        listed = [*part.expressions, *(unnested.expressions if isinstance(unnested, exp.Unnest) else ())]
        is_list = bool(listed) and part.args.get("query") is None
        return _is_partition(part.this, names) and is_list and all(map(_is_constant, listed))
    if isinstance(part, exp.Is):
        return _is_partition(part.this, names) and isinstance(part.expression, exp.Null)  # the ledger's views
    return isinstance(part, exp.EQ) and any(
        _is_partition(one, names) and _is_constant(other)
        for one, other in ((part.this, part.expression), (part.expression, part.this))
    )


def _sides(part: exp.Expr, names: set[str]) -> set[str]:
    if not isinstance(part, (*_LOWER, *_UPPER)):
        return set()
    if _is_partition(part.this, names) and _is_constant(part.expression):
        return {"lower" if isinstance(part, _LOWER) else "upper"}
    if _is_partition(part.expression, names) and _is_constant(part.this):
        return {"upper" if isinstance(part, _LOWER) else "lower"}
    return set()


def _is_partition(node: exp.Expr, names: set[str]) -> bool:
    return isinstance(node, exp.Column) and f"{node.table}.{node.name}".lower().removeprefix(".") in names


def _is_constant(node: exp.Expr) -> bool:
    if node.find(exp.Column, exp.Query) is not None:
        return False
    return not any(literal.this in _NO_BOUNDS for literal in node.find_all(exp.Literal))
