"""Rows that a query reads in the place of stored tables, and the rows that it makes of them, held to what is declared.

Both are in memory, so no engine need be asked: the claims are those of `contract`, counted in Arrow.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from segmentation_assets.errors import WarehouseError, choices, did_you_mean
from segmentation_assets.tables.frames import ARROW_TYPES
from segmentation_assets.tables.keys import is_ascending
from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse import contract
from segmentation_assets.warehouse.arrow_types import offered_columns
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.sql.columns import tables_read
from segmentation_assets.warehouse.sql.queries import parse


def given_rows(query: Query, rows: Mapping[Table, pa.Table]) -> dict[Table, pa.Table]:
    """Return the rows that a query reads of those given to it, of declared types and in order of day and key.

    Raises
    ------
    WarehouseError
        If it reads a table of which no rows are given, or rows break a claim that `replace` would hold them to.
    """
    names = [table.name for table in rows]
    for name in names:
        if names.count(name) > 1:
            raise WarehouseError(f"{query.origin} is given rows of {name} twice. Put the days of a table into one.")
    tree = parse(query.sql, query.origin)
    _refuse_functions(tree, query.origin, names)
    read = tables_read(tree)
    for name in read:
        if name not in names:
            raise WarehouseError(
                f"{query.origin} reads {name}, and is given the rows of {choices(names) or 'no table'}."
                f"{did_you_mean(name, names)} What is stored is not read along with rows that are given."
            )
    return {table: _given(table, found) for table, found in rows.items() if table.name in read}


def made_rows(table: Table, rows: pa.Table, first: date, last: date, origin: str) -> pa.Table:
    """Return the rows that a query made, in order of day and key; refuse those that `replace` would refuse.

    Parameters
    ----------
    rows : of the declared columns and types, in any order.
    """
    contract.refuse_broken(table, _claims(table, rows, first, last), first, last, origin)
    return _in_order(table, rows, origin)


def arrow_schema_of(table: Table) -> pa.Schema:
    """Return the types that an engine reads and loads a table in; any column may hold a NULL until it is checked."""
    return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in table.columns])


def _given(table: Table, rows: pa.Table) -> pa.Table:
    origin = f"the frame for {table.name}"
    contract.check_name(table)
    contract.check_columns(table, offered_columns(rows), origin)
    fitting = rows.select(table.column_names).cast(arrow_schema_of(table), safe=False)
    contract.refuse_broken(table, _claims(table, fitting, date.min, date.max), date.min, date.max, origin)
    return _in_order(table, fitting, origin)


def _claims(table: Table, rows: pa.Table, first: date, last: date) -> dict[str, int]:
    """Count what `contract.claims_sql` counts, under the same names."""
    days = rows["snapshot_date"]
    within = pc.and_(pc.greater_equal(days, pa.scalar(first)), pc.less_equal(days, pa.scalar(last)))
    claims = {"n_rows": rows.num_rows, "n_outside": rows.num_rows - _n_true([within])}
    for position, column in enumerate(table.columns):
        values = rows[column.name]
        if column.is_required:
            claims[f"n_null_{position}"] = values.null_count
        if column.type == "FLOAT64":
            claims[f"n_infinite_{position}"] = _n_true([pc.is_nan(values), pc.is_inf(values)])
    return claims


def _n_true(conditions: Iterable[pa.ChunkedArray]) -> int:
    return sum(pc.sum(condition).as_py() or 0 for condition in conditions)


def _in_order(table: Table, rows: pa.Table, origin: str) -> pa.Table:
    """Return the rows in the order in which tables are read; refuse a key that stands twice in a day."""
    order = ["snapshot_date", *table.key]
    if is_ascending(rows, order):
        return rows
    if not table.is_view:  # whose key is a word of its page, and never asked for
        n_rows = rows.group_by(order).aggregate([([], "count_all")])["count_all"]
        repeated = n_rows.filter(pc.greater(n_rows, 1))
        contract.refuse_repeated(table, len(repeated), pc.sum(repeated).as_py() or 0, origin)
    return rows.sort_by([(name, "ascending") for name in order])


def _refuse_functions(tree: exp.Query, origin: str, names: Iterable[str]) -> None:
    """Refuse a function in the place of a table: an engine would have it read a file, or another database."""
    for node in tree.find_all(exp.Table):
        if not isinstance(node.this, exp.Identifier):
            raise WarehouseError(
                f"{origin} reads from {node.this.sql('bigquery')}, which is no table. It may read {choices(names)}."
            )
