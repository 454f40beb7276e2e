"""What a check found: what is wrong, what is doubtful, and what was looked at and is right."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Findings:
    """Sentences, each whole in itself. Without `faults`, a run would begin."""

    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()

    @staticmethod
    def joined(parts: Iterable["Findings"]) -> "Findings":
        """Return the findings of several checks as one, in their order."""
        found = list(parts)
        return Findings(
            tuple(fault for part in found for fault in part.faults),
            tuple(warning for part in found for warning in part.warnings),
            tuple(line for part in found for line in part.looked_at),
        )
