"""A folder of CSV files, given by hand or dropped by another system."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from segmentation_assets.characters import one_line
from segmentation_assets.enclosed_files import NotEnclosedError, find_enclosed, read_regular
from segmentation_assets.errors import SourceError, choices, closest, some_of
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.sources.csv.encoding import decode
from segmentation_assets.sources.csv.parsing import parse_file
from segmentation_assets.sources.delivery import Delivery
from segmentation_assets.sources.headers import delivered_columns
from segmentation_assets.tables.schema import CUSTOMERS


class _File(NamedTuple):
    """A file of the folder by the name that it has there, and where it lies once links are followed."""

    name: str
    path: Path


@dataclass(frozen=True)
class CsvFolder:
    """The CSV files of a folder, under the names that the portfolio gives them.

    A folder holds one state: it is read alike for every date, and rows dated after the snapshot are rejected later.
    """

    folder: Path
    portfolio: Portfolio

    def is_replayable(self, table: str) -> bool:  # noqa: ARG002 - every file of a folder is
        """Tell that a past date may be read again: what a folder holds was put there by hand."""
        return True

    def read(self, table: str, as_of: date) -> Delivery | None:  # noqa: ARG002 - a folder has no dates
        """Return the file of a table; None where the portfolio names no file or an optional one is not there.

        Raises
        ------
        SourceError
            If the file is required and not there, lies outside of the folder, or holds no readable text.
        """
        sources: dict[str, TableSource] = dict(self.portfolio.sources.items())
        source = sources.get(table)
        if source is None or source.csv is None:
            return None
        found = self._find(table, source.csv)
        if found is None:
            if source.required or table == CUSTOMERS:
                raise SourceError(self._not_there(table, source.csv))
            return None
        name = found.name
        try:
            data = read_regular(found.path)
        except NotEnclosedError as error:
            raise self._not_enclosed(table, name, error) from None
        except OSError as error:
            raise SourceError(f"{found.path} cannot be read: {error.strerror}. Check who may read it.") from None
        file = decode(name, data, source.encoding)
        core = self.portfolio.input_table(table)
        headers = {c: source.columns.get(c, c) for c in delivered_columns(core)}
        optional = {column.name for column in core.columns if column.may_be_absent}
        needed = [either for column, header in headers.items() if column not in optional for either in (header, column)]
        parsed = parse_file(name, file.text, headers.values(), needed)
        return Delivery(table, name, parsed.rows, file.checksum, file.notes, delimiter=parsed.delimiter)

    def revision(self, table: str) -> str | None:
        """Return the size and time of a table's file; the empty text while it is not there.

        Raises
        ------
        SourceError
            If which file is meant cannot be told, or it lies outside of the folder.
        """
        sources: dict[str, TableSource] = dict(self.portfolio.sources.items())
        source = sources.get(table)
        if source is None or source.csv is None:
            return None
        found = self._find(table, source.csv)
        if found is None:
            return ""
        stat = found.path.stat()
        return f"{found.name} {stat.st_size} {stat.st_mtime_ns}"

    def _find(self, table: str, name: str) -> _File | None:
        """Return the file of exactly that name, else the one that differs in case alone."""
        try:
            if path := find_enclosed(self.folder, name):
                return _File(name, path)
            alike = sorted(path.name for path in self.folder.iterdir() if path.name.casefold() == name.casefold())
            if len(alike) > 1:
                raise SourceError(
                    f"{self.folder} holds {choices(alike)}, and which is meant by {name!r} cannot be told. "
                    "Keep one of them."
                )
            path = find_enclosed(self.folder, alike[0]) if alike else None
        except NotEnclosedError as error:
            raise self._not_enclosed(table, name, error) from None
        return _File(alike[0], path) if path else None

    def _not_enclosed(self, table: str, name: str, why: NotEnclosedError) -> SourceError:
        return SourceError(
            f"{one_line(name)}, the file of {table}, {why}. Only files of the folder {self.folder} are read: put the "
            f"file itself there, and its bare name into the portfolio, at sources.{table}.csv."
        )

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file())

    def _not_there(self, table: str, name: str) -> str:
        names = [path.name for path in self._files()]
        found = f"it holds {some_of(names)}" if names else "it holds no files"
        claimed = {source.csv.casefold() for source in self.portfolio.sources.values() if source.csv}
        stems = {Path(n).stem: n for n in names if n.casefold() not in claimed}
        meant = closest(Path(name).stem, stems)  # by the stem: what ends alike is not alike
        likely = f" Did you mean {stems[meant]!r}?" if meant else ""
        return (
            f"{name}, the file of {table}, is not in the folder {self.folder}: {found}.{likely} "
            f"Put it there, or name the file that is meant in the portfolio, at sources.{table}.csv."
        )
