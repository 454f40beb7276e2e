"""What a source hands over: one input table as it was delivered, and the promise every source keeps."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import pyarrow as pa

MALFORMED_ROW = "!malformed_row"
"""Column, and key of `other_columns`, that says why a delivered row could not be split into its fields."""

MALFORMED_TEXT = "!line"
"""Column, and key of `other_columns`, that keeps the text of such a row whole."""


@dataclass(frozen=True)
class Delivery:
    """One input table as delivered.

    Parameters
    ----------
    table : name of the core table it is meant for, such as policies.
    origin : where it was read, such as sales.csv.
    rows : every value as text, under the headers as delivered; two headers may be equal.
        Rows that could not be split into fields stand at their place, with NULL in every column but
        the first, `MALFORMED_ROW` and `MALFORMED_TEXT`.
    checksum : sha256 of the delivered bytes.
    notes : what had to be assumed to read it, such as an encoding.
    """

    table: str
    origin: str
    rows: pa.Table
    checksum: str
    notes: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows delivered, malformed ones included."""
        return self.rows.num_rows

    @property
    def description(self) -> str:
        """The origin, and what had to be assumed to read it."""
        return f"{self.origin} ({'; '.join(self.notes)})" if self.notes else self.origin

    @property
    def headers(self) -> list[str]:
        """Headers as delivered, without the columns that describe malformed rows."""
        return [name for name in self.rows.column_names if name not in (MALFORMED_ROW, MALFORMED_TEXT)]


class Source(Protocol):
    """A place that delivers input tables.

    `is_replayable` says whether a past date may be read again; a source that is not (a live sheet) may only be read
    for today, and a backfill starts from the raw tables.
    """

    @property
    def is_replayable(self) -> bool:
        """Whether a past date may be read again."""

    def read(self, table: str, as_of: date) -> Delivery | None:
        """Return the table as it stood on a date; None where it is not provided.

        Raises
        ------
        SourceError
            If the table is required and not there, or what is there cannot be read.
        """
