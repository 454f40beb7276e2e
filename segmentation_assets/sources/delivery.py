"""What a source hands over: one input table as it was delivered, and the promise every source keeps."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

import pyarrow as pa

MALFORMED_ROW = "!malformed_row"
"""Column, and key of `other_columns`, that says why a delivered row could not be split into its fields."""

MALFORMED_TEXT = "!line"
"""Column, and key of `other_columns`, that keeps the text of such a row whole."""


def as_delivered(header: str) -> str:
    """Return a header of strangers, without the mark of our own columns where it is called like one of them.

    >>> as_delivered("!line"), as_delivered("!malformed_row"), as_delivered("city!")
    ('line', 'malformed_row', 'city!')
    """
    return header.removeprefix("!") if header in (MALFORMED_ROW, MALFORMED_TEXT) else header


@dataclass(frozen=True)
class Delivery:
    """One input table as delivered.

    Parameters
    ----------
    table : name of the core table it is meant for, such as policies.
    origin : where it was read, such as sales.csv.
    rows : every value as text, under the headers as delivered; two headers may be equal.
        Rows that could not be split into fields stand at their place, with NULL in every column but
        the first, `MALFORMED_ROW` and `MALFORMED_TEXT`; those of a sheet keep their fields.
    checksum : sha256 of the delivered bytes, or of all that was read.
    notes : what had to be assumed to read it, such as an encoding.
    revised_at : when it was last changed where it lies, in UTC; empty where that is not known.
    row_numbers : the number that each row has where it lies; counted from 1 if not given.
    header_cells : the cell of each header, such as C3; none outside of sheets.
    delimiter : what parts the fields of a file, which says something of how its numbers are written.
    """

    table: str
    origin: str
    rows: pa.Table
    checksum: str
    notes: tuple[str, ...] = ()
    revised_at: str = ""
    row_numbers: pa.Array | None = None
    header_cells: tuple[str, ...] = ()
    delimiter: str = ""

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

    What is live (a sheet) can only be read as it is today, and a backfill of it starts from the raw tables; what is
    replayable (a folder given by hand, a warehouse table with history) may be read again for any date.
    """

    def is_replayable(self, table: str) -> bool:
        """Tell whether this table may be read for a past date."""

    def read(self, table: str, as_of: date) -> Delivery | None:
        """Return the table as it stood on a date; None where it is not provided.

        Raises
        ------
        SourceError
            If the table is required and not there, or what is there cannot be read.
        """


@runtime_checkable
class Watched(Protocol):
    """A source that can be looked at often, since it says without being read whether it may have changed."""

    def revision(self, table: str) -> str | None:
        """Return a mark that is another one after each change of a table, and perhaps without one.

        It is the empty text while the table is not there, and None where there is nothing to watch.

        Raises
        ------
        SourceError
            If it cannot be looked at.
        """
