"""Where a value of a sheet stands, so that a person finds the cell that a reason is about."""

import json
from functools import cache

import pyarrow as pa


class Places:
    """The cells of a raw table's values; it has none where the rows come from no sheet."""

    def __init__(self, raw: pa.Table) -> None:
        self._rows = raw["source_row"]
        self._letters = raw["source_columns"] if "source_columns" in raw.column_names else None

    def after(self, reason: str, row: int, column: str) -> str:
        """Return a reason with the cell of the value that it is about, where there is one."""
        letters = None if self._letters is None else self._letters[row].as_py()
        if letters is None or column not in _read(letters):
            return reason
        return f"{reason} (cell {_read(letters)[column]}{self._rows[row]})"


@cache
def _read(letters: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(letters)
    return found
