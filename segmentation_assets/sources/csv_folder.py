"""A folder of CSV files, given by hand or dropped by another system."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from segmentation_assets.errors import SourceError, choices, closest
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.sources.csv_encoding import decode
from segmentation_assets.sources.csv_parsing import parse_file
from segmentation_assets.sources.delivery import Delivery
from segmentation_assets.sources.headers import delivered_columns
from segmentation_assets.tables import INPUT_TABLES
from segmentation_assets.tables.core import OPTIONAL_COLUMNS

_TABLES = {t.name: t for t in INPUT_TABLES}


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
            If the file is required and not there, or holds no readable text.
        """
        sources: dict[str, TableSource] = dict(self.portfolio.sources.items())
        source = sources.get(table)
        if source is None or source.csv is None:
            return None
        path = self._find(source.csv)
        if path is None:
            if source.required or table == "customers":
                raise SourceError(self._not_there(table, source.csv))
            return None
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}. Check who may read it.") from None
        file = decode(path.name, data, source.encoding)
        headers = {c: source.columns.get(c, c) for c in delivered_columns(_TABLES[table])}
        optional = OPTIONAL_COLUMNS.get(table, frozenset())
        needed = [name for column, header in headers.items() if column not in optional for name in (header, column)]
        parsed = parse_file(path.name, file.text, headers.values(), needed)
        return Delivery(table, path.name, parsed.rows, file.checksum, file.notes, delimiter=parsed.delimiter)

    def revision(self, table: str) -> str | None:
        """Return the size and time of a table's file; the empty text while it is not there.

        Raises
        ------
        SourceError
            If which file is meant cannot be told.
        """
        sources: dict[str, TableSource] = dict(self.portfolio.sources.items())
        source = sources.get(table)
        if source is None or source.csv is None:
            return None
        path = self._find(source.csv)
        if path is None:
            return ""
        stat = path.stat()
        return f"{path.name} {stat.st_size} {stat.st_mtime_ns}"

    def _find(self, name: str) -> Path | None:
        """Return the file of exactly that name, else the one that differs in case alone."""
        if (self.folder / name).is_file():
            return self.folder / name
        alike = [path for path in self._files() if path.name.casefold() == name.casefold()]
        if len(alike) > 1:
            raise SourceError(
                f"{self.folder} holds {choices(p.name for p in alike)}, and which is meant by {name!r} cannot be told. "
                "Keep one of them."
            )
        return alike[0] if alike else None

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file())

    def _not_there(self, table: str, name: str) -> str:
        names = [path.name for path in self._files()]
        found = f"it holds {choices(names)}" if names else "it holds no files"
        claimed = {source.csv.casefold() for source in self.portfolio.sources.values() if source.csv}
        stems = {Path(n).stem: n for n in names if n.casefold() not in claimed}
        meant = closest(Path(name).stem, stems)  # by the stem: what ends alike is not alike
        likely = f" Did you mean {stems[meant]!r}?" if meant else ""
        return (
            f"{name}, the file of {table}, is not in the folder {self.folder}: {found}.{likely} "
            f"Put it there, or name the file that is meant in the portfolio, at sources.{table}.csv."
        )
