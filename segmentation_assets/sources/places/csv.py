"""CSV files in the data folder of the settings."""

from pathlib import Path

from segmentation_assets.errors import NoDataError, SourceError, choices
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.settings import Settings
from segmentation_assets.sources.csv.folder import CsvFolder
from segmentation_assets.sources.needed import MAKE_UP_A_COMPANY, by_place, is_needed, needed_files
from segmentation_assets.sources.places._place import Place

_SHOWN = 10


def _words(settings: Settings) -> str | None:
    return f"CSV files in {settings.data_dir}" if settings.data_dir is not None else None


def _open(settings: Settings, portfolio: Portfolio) -> CsvFolder | None:
    if settings.data_dir is not None:
        return open_folder(settings.data_dir, portfolio)
    placed = by_place(portfolio)
    needed = [name for name in placed["csv"] if is_needed(portfolio, name)]
    if not needed:
        return None
    is_made_up = set(placed) <= {"csv"} and not portfolio.own_tables
    made_up = f" For made-up customers, {MAKE_UP_A_COMPANY} into the portfolio." if is_made_up else ""
    raise NoDataError(
        f"The portfolio names CSV files for {choices(needed)}, and no folder that holds them. Give it by --data or "
        f"SEGMENTATION_DATA_DIR, or name another place, such as sources.{needed[0]}.sheet.{made_up}"
    )


PLACE = Place(words=_words, open=_open)


def open_folder(folder: Path, portfolio: Portfolio) -> CsvFolder:
    """Return the folder as a source; NoDataError if it is not there, or no folder."""
    if not folder.exists():
        needed = choices(needed_files(portfolio))
        is_synthetic_possible = set(by_place(portfolio)) == {"csv"} and portfolio.synthetic is not None
        instead = ", or leave SEGMENTATION_DATA_DIR and --data out to use the synthetic company"
        raise NoDataError(
            f"There is no folder {folder}. Give the folder that holds {needed or 'the CSV files'}"
            f"{instead if is_synthetic_possible else ''}."
        )
    if not folder.is_dir():
        raise NoDataError(f"{folder} is a file. Give the folder that holds it: {folder.parent}.")
    return CsvFolder(folder, portfolio)


def refuse_unreadable_folder(path: Path, portfolio: Portfolio) -> None:
    """Refuse a folder that is no delivery, by a look at its file names.

    Raises
    ------
    NoDataError
        If it is not there, no folder, or holds none of the files.
    SourceError
        If a file that is needed is not in it.
    """
    files = by_place(portfolio).get("csv", [])
    folder = open_folder(path, portfolio)
    if files and not any(folder.revision(name) for name in files):
        there = sorted(path.name for path in path.iterdir())
        more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
        wanted = choices(source.csv for source in portfolio.sources.values() if source.csv)
        held = f"{choices(there[:_SHOWN]) or 'nothing'}{more}"
        raise NoDataError(
            f"The folder {path} holds none of the files {wanted}; it holds {held}. Give the folder that "
            "holds them by --data or SEGMENTATION_DATA_DIR, or name its files in the portfolio, at sources.TABLE.csv."
        )
    faults = []
    for name in files:
        if is_needed(portfolio, name) and not folder.revision(name):
            try:
                folder.read(name, portfolio.history_start)
            except SourceError as error:
                faults.append(str(error))
    if faults:
        raise SourceError("\n".join(faults))
