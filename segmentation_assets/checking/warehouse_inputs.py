"""Input tables that lie in the warehouse: looked at before anything is written, then staged by a query each."""

from collections.abc import Mapping, Sequence
from datetime import date

from segmentation_assets.errors import SourceError, choices
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.sources.warehouse_table import counts_sql, source_of, staging_sql
from segmentation_assets.tables import Table
from segmentation_assets.tables.schema import CUSTOMERS
from segmentation_assets.warehouse import Query, Warehouse
from segmentation_assets.warehouse.contract import needs_filter

_SHOWN = 3


def staging_queries(
    portfolio: Portfolio,
    tables: Mapping[str, Table],
    warehouse: Warehouse,
    names: Sequence[str],
    days: Sequence[date],
) -> dict[str, Query]:
    """Return for each input table that lies in the warehouse the query that makes its raw rows of these days.

    Parameters
    ----------
    names : core input tables that the portfolio places in the warehouse.

    Raises
    ------
    SourceError
        Naming everything that is wrong in any of them; nothing has been written by then.
    """
    queries, faults = {}, []
    for name in names:
        source = source_of(portfolio, name)
        params = {"first_snapshot": days[0], "last_snapshot": days[-1]}
        try:
            _refuse_own(tables, warehouse, name, source)
            _refuse_unfiltered(warehouse, name, source)
            sql = staging_sql(tables[name], source, warehouse.describe(str(source.table)))
            if name == CUSTOMERS:
                counted = warehouse.query(Query(counts_sql(source), params, origin=f"the count of {source.table}"))
                _refuse_empty(name, source, dict(zip(*counted.to_pydict().values(), strict=True)), days)
        except SourceError as error:
            faults.append(str(error))
            continue
        queries[name] = Query(sql, params, origin=f"the staging of {source.table}")
    if faults:
        raise SourceError("\n".join(faults))
    return queries


def _refuse_own(tables: Mapping[str, Table], warehouse: Warehouse, name: str, source: TableSource) -> None:
    """Refuse a table that the graph itself writes: it would be made of itself."""
    table = str(source.table).rpartition(".")[-1]
    if table in tables and f".{warehouse.address(table)}".endswith(f".{source.table}"):
        raise SourceError(
            f"sources.{name}.table names {source.table}, which is written by this project itself. Name the table that "
            "it is to be made of, in another schema or dataset."
        )


def _refuse_unfiltered(warehouse: Warehouse, name: str, source: TableSource) -> None:
    """Refuse a table that must be read by a column which is not the one that tells its snapshots apart."""
    column = warehouse.required_filter(str(source.table))
    if column is not None and column.casefold() != (source.snapshot_column or "").casefold():
        raise SourceError(f"sources.{name}: {needs_filter(str(source.table), column)}")


def _refuse_empty(name: str, source: TableSource, counts: dict[date | None, int], days: Sequence[date]) -> None:
    if source.snapshot_column is None:
        if not sum(counts.values()):
            raise SourceError(f"{source.table} has no rows: there are no {name} to segment.")
        return
    empty = [day for day in days if not counts.get(day)]
    if empty:
        shown = choices(empty[:_SHOWN]) + (f" and {len(empty) - _SHOWN} more days" if len(empty) > _SHOWN else "")
        raise SourceError(
            f"{source.table} has no rows whose {source.snapshot_column} is {shown}: there are no {name} to segment. "
            "Ask for days that it holds, or have it filled for these."
        )
