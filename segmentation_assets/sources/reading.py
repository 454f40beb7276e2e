"""Open the source that the settings and the portfolio ask for, and read all of its tables or none."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from segmentation_assets.errors import NoDataError, SourceError, choices
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.settings import Settings
from segmentation_assets.sources.by_table import SourceByTable
from segmentation_assets.sources.csv.folder import CsvFolder
from segmentation_assets.sources.delivery import Delivery, Source
from segmentation_assets.sources.no_source import NoSource
from segmentation_assets.sources.raw_rows import empty_raw, to_raw
from segmentation_assets.sources.synthetic.source import SyntheticSource
from segmentation_assets.sources.warehouse_table import WarehouseTables
from segmentation_assets.tables.schema import CUSTOMERS

_SHOWN = 10
_COMPANY = "write synthetic: {customers: 4000}"


def open_source(settings: Settings, portfolio: Portfolio) -> Source:
    """Return what reads each table where the portfolio says that it lies.

    CSV files lie in the settings' data folder, sheets with Google, tables in the warehouse. The portfolio's synthetic
    company, if it has one, stands in where every table is a CSV file and no folder is given. Nothing is read yet.

    Raises
    ------
    NoDataError
        If a folder is needed and not given, not there or no folder, or there is no company to be made up.
    SourceError
        If what reads a place is not installed.
    """
    placed = _by_place(portfolio)
    if _is_made_up(settings, portfolio):
        return _open_synthetic(settings, portfolio)
    readers: dict[str, Source] = {}
    if settings.data_dir is not None:
        readers["csv"] = _open_folder(settings.data_dir, portfolio)
    elif needed := [name for name in placed.get("csv", ()) if _is_needed(portfolio, name)]:
        made_up = "" if portfolio.own_tables else f" For made-up customers, {_COMPANY} into the portfolio."
        raise NoDataError(
            f"The portfolio names CSV files for {choices(needed)}, and no folder that holds them. Give it by --data or "
            f"SEGMENTATION_DATA_DIR, or name another place, such as sources.{needed[0]}.sheet."
            f"{made_up if set(placed) <= {'csv'} else ''}"
        )
    if set(placed) <= {"csv"}:
        return readers["csv"]
    if "sheet" in placed:
        readers["sheet"] = _open_sheets(portfolio)
    if "table" in placed:
        readers["table"] = WarehouseTables(portfolio)
    return SourceByTable({name: readers[place] for place in placed if place in readers for name in placed[place]})


def open_source_or_none(settings: Settings, portfolio: Portfolio) -> Source:
    """Return the same; where it cannot be opened, a source that says so when it is read.

    Most of what is made starts from the raw tables and needs no source.
    """
    try:
        return open_source(settings, portfolio)
    except SourceError as error:
        return NoSource(error)


def refuse_unreadable(settings: Settings, portfolio: Portfolio) -> None:
    """Refuse a folder that is no delivery, by a look at its file names; to be asked before a run is started.

    Raises
    ------
    NoDataError
        As `open_source`, and if the folder holds none of the files.
    SourceError
        If a file that is needed is not in it.
    """
    files = _by_place(portfolio).get("csv", [])
    if _is_made_up(settings, portfolio) or settings.data_dir is None:
        if files or settings.synthetic:
            open_source(settings, portfolio)
        return
    folder = _open_folder(settings.data_dir, portfolio)
    if files and not any(folder.revision(name) for name in files):
        there = sorted(path.name for path in settings.data_dir.iterdir())
        more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
        wanted = choices(source.csv for source in portfolio.sources.values() if source.csv)
        held = f"{choices(there[:_SHOWN]) or 'nothing'}{more}"
        raise NoDataError(
            f"The folder {settings.data_dir} holds none of the files {wanted}; it holds {held}. Give the folder that "
            "holds them by --data or SEGMENTATION_DATA_DIR, or name its files in the portfolio, at sources.TABLE.csv."
        )
    faults = []
    for name in files:
        if _is_needed(portfolio, name) and not folder.revision(name):
            try:
                folder.read(name, portfolio.history_start)
            except SourceError as error:
                faults.append(str(error))
    if faults:
        raise SourceError("\n".join(faults))


def _is_made_up(settings: Settings, portfolio: Portfolio) -> bool:
    """Tell whether the synthetic company is asked for, or stands in."""
    are_files = set(_by_place(portfolio)) <= {"csv"}
    return settings.synthetic or (settings.data_dir is None and are_files and portfolio.synthetic is not None)


def _open_synthetic(settings: Settings, portfolio: Portfolio) -> SyntheticSource:
    if settings.synthetic and settings.data_dir is not None:
        raise NoDataError(
            f"Both the folder {settings.data_dir} and the synthetic company are asked for. Leave out --data and "
            "SEGMENTATION_DATA_DIR, or --synthetic and SEGMENTATION_SYNTHETIC."
        )
    elsewhere = [name for name, source in portfolio.sources.items() if source.csv is None]
    if elsewhere:
        raise NoDataError(
            f"The synthetic company delivers CSV files, and the portfolio places {choices(elsewhere)} elsewhere. Leave "
            "out --synthetic and SEGMENTATION_SYNTHETIC, or take a portfolio all of whose tables are CSV files."
        )
    if portfolio.synthetic is None:
        remedy = "leave out --synthetic and SEGMENTATION_SYNTHETIC and give the data folder by --data."
        if portfolio.own_tables:
            raise NoDataError(
                f"The synthetic company makes up an insurer's tables, and the portfolio {portfolio.name!r} declares "
                f"its own ({choices(portfolio.own_tables)}): {remedy}"
            )
        raise NoDataError(
            f"The portfolio {portfolio.name!r} has no synthetic company. {_COMPANY.capitalize()} into it, or {remedy}"
        )
    return SyntheticSource(portfolio.synthetic, portfolio.history_start, is_asked_for=settings.synthetic)


def describe_sources(settings: Settings, portfolio: Portfolio) -> str:
    """Say where the tables come from, such as 'CSV files in delivered and Google Sheets'."""
    placed = _by_place(portfolio)
    if _is_made_up(settings, portfolio):
        return "the synthetic insurer"
    words = {"csv": f"CSV files in {settings.data_dir}", "sheet": "Google Sheets", "table": "tables of the warehouse"}
    return " and ".join(words[place] for place in placed if place != "csv" or settings.data_dir is not None)


def _by_place(portfolio: Portfolio) -> dict[str, list[str]]:
    """Return the portfolio's tables by the key that says where they lie."""
    placed: dict[str, list[str]] = {}
    for name, source in portfolio.sources.items():
        placed.setdefault(source.places[0], []).append(name)
    return placed


def _is_needed(portfolio: Portfolio, table: str) -> bool:
    return table == CUSTOMERS or _words(portfolio, table).required


def needed_files(portfolio: Portfolio) -> list[str]:
    """Return the names of the CSV files without which there is nothing to segment."""
    return [source.csv for name, source in portfolio.sources.items() if source.csv and _is_needed(portfolio, name)]


def _open_folder(folder: Path, portfolio: Portfolio) -> CsvFolder:
    if not folder.exists():
        needed = choices(needed_files(portfolio))
        is_synthetic_possible = set(_by_place(portfolio)) == {"csv"} and portfolio.synthetic is not None
        instead = ", or leave SEGMENTATION_DATA_DIR and --data out to use the synthetic company"
        raise NoDataError(
            f"There is no folder {folder}. Give the folder that holds {needed or 'the CSV files'}"
            f"{instead if is_synthetic_possible else ''}."
        )
    if not folder.is_dir():
        raise NoDataError(f"{folder} is a file. Give the folder that holds it: {folder.parent}.")
    return CsvFolder(folder, portfolio)


def _open_sheets(portfolio: Portfolio) -> Source:
    try:  # here and not above: gspread is an extra, and takes a while to import
        from segmentation_assets.sources.sheets.google_sheets import GoogleSheets  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SourceError(
            f"Reading Google Sheets needs {str(error.name).partition('.')[0]}, which is not installed. Install "
            "segmentation-assets[sheets]."
        ) from None
    return GoogleSheets(portfolio)


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
        if delivery is None and _is_needed(portfolio, name):
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
            tables[name] = empty_raw(table) if delivery is None else to_raw(delivery, table, _words(portfolio, name))
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


def _words(portfolio: Portfolio, table: str) -> TableSource:
    """Return the portfolio's words on a table; a source may deliver one that it has none for."""
    return _sources(portfolio).get(table) or TableSource(csv=f"{table}.csv")


def _sources(portfolio: Portfolio) -> dict[str, TableSource]:
    return dict(portfolio.sources.items())
