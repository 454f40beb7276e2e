"""The synthetic insurer as a source: it stands in where the portfolio has one and no data folder is given."""

import hashlib
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio.sources import Synthetic
from segmentation_assets.sources.delivery import Delivery

ORIGIN = "synthetic insurer ("
"""How the column `source` of raw tables begins where the rows are made up."""


@dataclass(frozen=True)
class SyntheticSource:
    """A made-up insurer with a history: every table on every date follows from its parameters.

    Unless it `is_asked_for`, it only stands in for data that nobody gave, and must not take the place of any.
    """

    synthetic: Synthetic
    history_start: date
    is_asked_for: bool = False

    def is_replayable(self, table: str) -> bool:  # noqa: ARG002 - the company has a history of each
        """Tell that a past date may be read again: every date is made when it is asked for."""
        return True

    def read(self, table: str, as_of: date) -> Delivery:
        """Return the table as the insurer would have delivered it on a date.

        Raises
        ------
        SourceError
            If the date is before the insurer's history.
        """
        # Here and not above, because a run on a data folder has no need of the generator.
        from segmentation_assets.sources.synthetic import Drift, SyntheticInsurer  # noqa: PLC0415

        if as_of < self.history_start:
            raise SourceError(
                f"The synthetic insurer's history starts on {self.history_start}, so there is nothing for {as_of}. "
                "Choose a later date, or set history_start in the portfolio."
            )
        made = self.synthetic
        insurer = SyntheticInsurer(
            n_customers=made.customers,
            seed=made.seed,
            dirty_share=made.dirty_share,
            history_start=self.history_start,
            drift=Drift(**made.drift.model_dump()) if made.drift else None,
        )
        rows = insurer.read(table, as_of)
        origin = f"{ORIGIN}{made.customers} customers, seed {made.seed})"
        return Delivery(table, origin, rows, _checksum(rows))


class _Hash:
    """A file that keeps only the sha256 of what is written to it."""

    closed = False

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


def _checksum(rows: pa.Table) -> str:
    digest = _Hash()
    with pa.ipc.new_stream(pa.PythonFile(digest, mode="w"), rows.schema) as stream:
        stream.write_table(rows)
    return digest.sha256.hexdigest()
