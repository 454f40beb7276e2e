"""Frames laid aside on disk until they are wanted, so that a step can finish several and hold one."""

from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import pandas as pd
import pyarrow as pa

from segmentation_assets.tables import Table
from segmentation_assets.tables.frames import from_arrow, to_arrow


class SetAside:
    """A folder of this process alone, gone when it is closed, with a file of Arrow for each table."""

    def __enter__(self) -> Self:
        """Make the folder."""
        self._folder = TemporaryDirectory(prefix="segmentation_", ignore_cleanup_errors=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the folder."""
        self._folder.cleanup()

    def put(self, table: Table, frame: pd.DataFrame) -> None:
        """Write a frame that fits its table."""
        rows = to_arrow(frame, table)
        with pa.ipc.new_file(self._path(table), rows.schema) as file:
            file.write_table(rows)

    def take(self, table: Table) -> pd.DataFrame:
        """Return the frame as it was put; its texts lie in the file, which is read as they are."""
        with pa.memory_map(self._path(table)) as file:
            return from_arrow(pa.ipc.open_file(file).read_all(), table)

    def _path(self, table: Table) -> str:
        return str(Path(self._folder.name) / f"{table.name}.arrow")
