"""What is not put into a warehouse that holds something else: made-up customers, or another portfolio's.

Both would spoil days that nobody asked to be changed: models are learned from earlier days, and customers compared with
them.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from segmentation_assets.errors import NoDataError, SettingsError, choices
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.sources import Source, SyntheticSource
from segmentation_assets.sources.synthetic.source import ORIGIN
from segmentation_assets.tables import Table
from segmentation_assets.tables.raw import raw_table
from segmentation_assets.tables.schema import CUSTOMERS
from segmentation_assets.warehouse import Query, Warehouse

SNAPSHOTS = f"raw_{CUSTOMERS}"
"""The table whose partitions are the days that were delivered."""

_ELSEWHERE = "SEGMENTATION_DUCKDB_PATH or SEGMENTATION_DATASET"


class Delivered(NamedTuple):
    """Rows of a raw table that somebody delivered."""

    table: str
    snapshot_date: date
    source: str
    n_rows: int


def refuse_pretence(source: Source, warehouse: Warehouse, portfolio: Portfolio) -> None:
    """Refuse the synthetic company where nobody asked for it and the warehouse holds delivered data, of any day.

    Raises
    ------
    NoDataError
        Saying what the warehouse holds, and what to do.
    """
    if not isinstance(source, SyntheticSource) or source.is_asked_for:
        return
    with warehouse.reading():
        found = delivered_data(warehouse, portfolio)
    if found is None:
        return
    raise NoDataError(
        f"No data is given, and {warehouse.address(found.table)} holds {found.n_rows:,} rows of {found.snapshot_date} "
        f"that were delivered ({found.source}). The synthetic company is not put beside them, and nothing was changed. "
        "Give the folder by --data or SEGMENTATION_DATA_DIR. If made-up customers are meant, say so by --synthetic or "
        f"SEGMENTATION_SYNTHETIC=true, best in a warehouse of their own ({_ELSEWHERE})."
    )


def refuse_made_up_days(source: Source, warehouse: Warehouse, portfolio: Portfolio, days: Collection[date]) -> None:
    """Refuse delivered data beside days of the synthetic company: models are learned from a period's first day.

    Parameters
    ----------
    days : those that are made now; if they are made up, they are replaced.

    Raises
    ------
    NoDataError
        Naming such a day, and what to do.
    """
    if isinstance(source, SyntheticSource):
        return
    made_up = sorted(_made_up_days(sources_by_day(warehouse, portfolio)) - set(days))
    if made_up:
        more = f" and {len(made_up) - 1} more days" if len(made_up) > 1 else ""
        raise NoDataError(
            f"{warehouse.address(SNAPSHOTS)} holds customers of the synthetic company of {made_up[0]}{more}, and "
            "delivered ones would be placed by models learned from them. Nothing was changed. Give your data a "
            f"warehouse of its own, by {_ELSEWHERE}, or remove the one that holds the made-up company."
        )


def delivered_data(warehouse: Warehouse, portfolio: Portfolio) -> Delivered | None:
    """Return the latest rows that were not made up, of the first raw table that holds any; None where none does."""
    sources = sources_by_day(warehouse, portfolio)
    made_up = _made_up_days(sources)
    delivered = {day for day in sources if day not in made_up}
    for table in _raw_tables(portfolio):
        written = [entry.snapshot_date for entry in warehouse.ledger([table.name]) if entry.n_rows]
        day = max((day for day in written if day and day in delivered), default=None)
        if day is not None:
            for row in warehouse.query(rows_query(table.name, day)).to_pylist():
                return Delivered(table.name, **row)
    return None


def sources_by_day(warehouse: Warehouse, portfolio: Portfolio) -> dict[date, set[str]]:
    """Return what is written as the source of each day's raw rows; a day of which nothing is written is left out.

    All tables of a day are of one source, so the one with the fewest rows is asked: most days a list of products. Every
    day is named to the engine, which then reads no other.
    """
    smallest: dict[date, tuple[int, str]] = {}
    tables = {table.name for table in _raw_tables(portfolio) if "source" in (warehouse.describe(table.name) or {})}
    for entry in warehouse.ledger(sorted(tables)):
        if entry.snapshot_date is not None and entry.n_rows:
            candidate = (entry.n_rows, entry.table_name)
            smallest[entry.snapshot_date] = min(candidate, smallest.get(entry.snapshot_date, candidate))
    days_of: dict[str, list[date]] = {}
    for day, (_, name) in smallest.items():
        days_of.setdefault(name, []).append(day)
    return {day: found for name, days in days_of.items() for day, found in _sources(warehouse, name, days).items()}


def rows_query(name: str, day: date) -> Query:
    """Return the query of the first source of a raw table's rows on a day, and of how many rows are of it."""
    sql = (
        f"SELECT snapshot_date, source, COUNT(*) AS n_rows FROM {name} WHERE snapshot_date = @day "
        "AND source IS NOT NULL GROUP BY snapshot_date, source ORDER BY source LIMIT 1"
    )
    return Query(sql, {"day": day}, origin=f"the origins of {name}")


def sources_query(name: str, days: Collection[date]) -> Query:
    """Return the query of the sources of a raw table's rows on each of these days."""
    listed = ", ".join(f"DATE '{day}'" for day in sorted(days))
    sql = (
        f"SELECT DISTINCT snapshot_date, source FROM {name} "
        f"WHERE snapshot_date IN ({listed}) AND source IS NOT NULL ORDER BY snapshot_date, source"
    )
    return Query(sql, origin=f"the origins of {name}")


def _sources(warehouse: Warehouse, name: str, days: Collection[date]) -> dict[date, set[str]]:
    found: dict[date, set[str]] = {}
    for row in warehouse.query(sources_query(name, days)).to_pylist():
        found.setdefault(row["snapshot_date"], set()).add(row["source"])
    return found


def _made_up_days(sources: Mapping[date, Collection[str]]) -> set[date]:
    return {day for day, found in sources.items() if any(source.startswith(ORIGIN) for source in found)}


def _raw_tables(portfolio: Portfolio) -> list[Table]:
    return [raw_table(table) for table in portfolio.input_tables]


def refuse_other_portfolio(warehouse: Warehouse, portfolio: Portfolio) -> None:
    """Refuse to read or write a warehouse that is known to hold the tables of another portfolio.

    What was written before the name was written down may be anybody's.

    Raises
    ------
    SettingsError
        Naming both portfolios, and what to do.
    """
    written = warehouse.ledger([SNAPSHOTS], with_upstream=False)
    held = sorted({partition.portfolio for partition in written if partition.portfolio})
    if held and portfolio.name not in held:
        place, holder = warehouse.address("*").removesuffix(".*"), choices(held)
        raise SettingsError(
            f"The warehouse {place} holds the portfolio {holder}, and {portfolio.name} is asked for. A warehouse holds "
            f"one portfolio. Name the file of {holder} by --portfolio or SEGMENTATION_PORTFOLIO, or another warehouse "
            f"by {_ELSEWHERE}. Nothing was changed."
        )
