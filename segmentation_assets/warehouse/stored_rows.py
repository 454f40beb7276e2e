"""An input that is not read until it is wanted: for steps that could not hold all of theirs at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse.interface import Warehouse


@dataclass(frozen=True)
class StoredRows:
    """The partitions of a table from `first` to `last`, known to be there."""

    warehouse: Warehouse
    table: Table
    first: date
    last: date

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows, of every declared column or of those named; see `Warehouse.read`."""
        return self.warehouse.read(self.table, self.first, self.last, columns)
