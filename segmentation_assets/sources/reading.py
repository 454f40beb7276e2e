"""Open the source that the settings ask for, and read all of its tables or none."""

from collections.abc import Iterable, Mapping
from datetime import date

import pandas as pd

from segmentation_assets.errors import SourceError, choices
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.settings import Settings
from segmentation_assets.sources.csv_folder import CsvFolder
from segmentation_assets.sources.delivery import Delivery, Source
from segmentation_assets.sources.raw_rows import empty_raw, to_raw
from segmentation_assets.sources.synthetic_source import SyntheticSource
from segmentation_assets.tables import INPUT_TABLES
from segmentation_assets.tables.core import REQUIRED_INPUTS

_TABLES = {t.name: t for t in INPUT_TABLES}


def open_source(settings: Settings, portfolio: Portfolio) -> Source:
    """Return the CSV folder of the settings, or the portfolio's synthetic company where they name none.

    Raises
    ------
    SourceError
        If the folder is not there or is no folder.
    """
    folder = settings.data_dir
    if folder is None:
        return SyntheticSource(portfolio.synthetic, portfolio.history_start)
    if not folder.exists():
        raise SourceError(
            f"There is no folder {folder}. Give the folder that holds "
            f"{choices(s.csv for s in portfolio.sources.values() if s.required)}, or leave SEGMENTATION_DATA_DIR "
            "and --data out to use the synthetic company."
        )
    if not folder.is_dir():
        raise SourceError(f"{folder} is a file. Give the folder that holds it: {folder.parent}.")
    return CsvFolder(folder, portfolio)


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
        named = _sources(portfolio).get(name)
        if delivery is None and (name in REQUIRED_INPUTS or (named is not None and named.required)):
            faults.append(f"{name} is required and not provided for {as_of}.")
        if delivery is not None and delivery.n_rows == 0 and name in REQUIRED_INPUTS:
            faults.append(f"{delivery.origin} has a header and no rows: there are no {name} to segment.")
    if faults:
        raise SourceError("\n".join(faults))
    return deliveries


def raw_frames(deliveries: Mapping[str, Delivery | None], portfolio: Portfolio) -> dict[str, pd.DataFrame]:
    """Return deliveries in the shape of their raw tables; a table not provided has no rows.

    Raises
    ------
    SourceError
        Naming every column that is missing or stands twice, in all tables.
    """
    frames = {}
    faults = []
    for name, delivery in deliveries.items():
        table = _TABLES[name]
        try:
            frames[name] = empty_raw(table) if delivery is None else to_raw(delivery, table, _words(portfolio, name))
        except SourceError as error:
            faults.append(str(error))
    if faults:
        raise SourceError("\n".join(faults))
    return frames


def read_all(source: Source, portfolio: Portfolio, tables: Iterable[str], as_of: date) -> dict[str, pd.DataFrame]:
    """Return the raw rows of every table, after every table's presence and header were found right.

    Parameters
    ----------
    tables : names of core input tables, such as customers and policies.

    Raises
    ------
    SourceError
        Naming everything that is wrong in any table; nothing is returned, so nothing can be written.
    """
    return raw_frames(read_deliveries(source, portfolio, tables, as_of), portfolio)


def _words(portfolio: Portfolio, table: str) -> TableSource:
    """Return the portfolio's words on a table; a source may deliver one that it has none for."""
    return _sources(portfolio).get(table) or TableSource(csv=f"{table}.csv")


def _sources(portfolio: Portfolio) -> dict[str, TableSource]:
    return dict(portfolio.sources.items())
