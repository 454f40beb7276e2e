"""Read all tables of a source, or none."""

from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa

from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.sources.delivery import Delivery, Source
from segmentation_assets.sources.needed import is_needed, words_of
from segmentation_assets.sources.raw_rows import empty_raw, to_raw
from segmentation_assets.tables.schema import CUSTOMERS


def read_deliveries(
    source: Source, portfolio: Portfolio, tables: Iterable[str], as_of: date
) -> dict[str, Delivery | None]:
    """Return what the source delivers of each table, None where it is not provided.

    Raises
    ------
    SourceError
        Naming every table that is required and missing, or cannot be read.
    """
    deliveries: dict[str, Delivery | None] = {}
    faults = []
    for name in tables:
        try:
            delivery = source.read(name, as_of)
        except SourceError as error:
            faults.append(str(error))
            continue
        deliveries[name] = delivery
        if delivery is None and is_needed(portfolio, name):
            faults.append(f"{name} is required and not provided for {as_of}.")
        if delivery is not None and delivery.n_rows == 0 and name == CUSTOMERS:
            faults.append(f"{delivery.origin} has a header and no rows: there are no {name} to segment.")
    if faults:
        raise SourceError("\n".join(dict.fromkeys(faults)))
    return deliveries


def raw_tables(deliveries: Mapping[str, Delivery | None], portfolio: Portfolio) -> dict[str, pa.Table]:
    """Return deliveries in the shape of their raw tables; a table not provided has no rows.

    Raises
    ------
    SourceError
        Naming every column that is missing or stands twice, in all tables.
    """
    tables = {}
    faults = []
    for name, delivery in deliveries.items():
        table = portfolio.input_table(name)
        try:
            tables[name] = empty_raw(table) if delivery is None else to_raw(delivery, table, words_of(portfolio, name))
        except SourceError as error:
            faults.append(str(error))
    if faults:
        raise SourceError("\n".join(faults))
    return tables


def read_all(source: Source, portfolio: Portfolio, tables: Iterable[str], as_of: date) -> dict[str, pa.Table]:
    """Return the raw rows of every table, after every table's presence and header were found right.

    Parameters
    ----------
    tables : names of core input tables, such as customers and policies.

    Raises
    ------
    SourceError
        Naming everything that is wrong in any table; nothing is returned, so nothing can be written.
    """
    return raw_tables(read_deliveries(source, portfolio, tables, as_of), portfolio)
