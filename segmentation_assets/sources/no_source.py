"""A source that could not be opened: it says why as soon as something is to be read from it."""

from dataclasses import dataclass
from datetime import date

from segmentation_assets.errors import SourceError
from segmentation_assets.sources.delivery import Delivery


@dataclass(frozen=True)
class NoSource:
    """Stands where there is nothing to read from, for `reason`."""

    reason: SourceError

    def is_replayable(self, table: str) -> bool:  # noqa: ARG002 - of none it is known
        """Tell that any day may be asked for, so that who asks is told the reason."""
        return True

    def read(self, table: str, as_of: date) -> Delivery | None:  # noqa: ARG002 - it is never got so far
        """Refuse.

        Raises
        ------
        SourceError
            Always: the reason.
        """
        raise self.reason

    def revision(self, table: str) -> str | None:  # noqa: ARG002 - likewise
        """Refuse to be looked at.

        Raises
        ------
        SourceError
            Always: the reason.
        """
        raise self.reason
