"""Each input table from the place that the portfolio gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from segmentation_assets.sources.delivery import Delivery, Source, Watched


@dataclass(frozen=True)
class SourceByTable:
    """Several sources behind one: `sources` holds the one that delivers a table, by the table's name.

    A table that none delivers is not provided.
    """

    sources: Mapping[str, Source]

    def is_replayable(self, table: str) -> bool:
        """Tell whether this table may be read for a past date; one that nobody delivers may."""
        source = self.sources.get(table)
        return source is None or source.is_replayable(table)

    def read(self, table: str, as_of: date) -> Delivery | None:
        """Return the table from its own source; None where it has none.

        Raises
        ------
        SourceError
            As its source does.
        """
        source = self.sources.get(table)
        return None if source is None else source.read(table, as_of)

    def revision(self, table: str) -> str | None:
        """Return the mark of its own source's; None where that has none.

        Raises
        ------
        SourceError
            As its source does.
        """
        source = self.sources.get(table)
        return source.revision(table) if isinstance(source, Watched) else None
