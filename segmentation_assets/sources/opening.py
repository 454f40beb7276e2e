"""Open the source that the settings and the portfolio ask for."""

from importlib import import_module

from segmentation_assets.errors import NoDataError, SourceError, choices
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.sources.by_table import SourceByTable
from segmentation_assets.sources.delivery import Source
from segmentation_assets.sources.needed import MAKE_UP_A_COMPANY, by_place
from segmentation_assets.sources.no_source import NoSource
from segmentation_assets.sources.places._place import Place
from segmentation_assets.sources.places.csv import refuse_unreadable_folder
from segmentation_assets.sources.synthetic.source import SyntheticSource


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
    if _is_made_up(settings, portfolio):
        return _open_synthetic(settings, portfolio)
    placed = by_place(portfolio)
    opened = {place: _place(place).open(settings, portfolio) for place in placed}
    readers = {place: reader for place, reader in opened.items() if reader is not None}
    if set(placed) == {"csv"} == set(readers):
        return readers["csv"]
    return SourceByTable({name: reader for place, reader in readers.items() for name in placed[place]})


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
    if not _is_made_up(settings, portfolio) and settings.data_dir is not None:
        refuse_unreadable_folder(settings.data_dir, portfolio)
    elif "csv" in by_place(portfolio) or settings.synthetic:
        open_source(settings, portfolio)


def describe_sources(settings: Settings, portfolio: Portfolio) -> str:
    """Say where the tables come from, such as 'CSV files in delivered and Google Sheets'."""
    if _is_made_up(settings, portfolio):
        return "the synthetic insurer"
    words = [_place(place).words(settings) for place in by_place(portfolio)]
    return " and ".join(word for word in words if word is not None)


def _place(key: str) -> Place:
    """Return the place that a key below `sources.TABLE` names."""
    place: Place = import_module(f"segmentation_assets.sources.places.{key}").PLACE
    return place


def _is_made_up(settings: Settings, portfolio: Portfolio) -> bool:
    """Tell whether the synthetic company is asked for, or stands in."""
    are_files = set(by_place(portfolio)) <= {"csv"}
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
            f"The portfolio {portfolio.name!r} has no synthetic company. {MAKE_UP_A_COMPANY.capitalize()} into it, or "
            f"{remedy}"
        )
    return SyntheticSource(portfolio.synthetic, portfolio.history_start, is_asked_for=settings.synthetic)
