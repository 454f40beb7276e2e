"""Whether what a source delivers has changed since it was last looked at, or last read into the warehouse."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from segmentation_assets.errors import SourceError
from segmentation_assets.sources.delivery import Source, Watched


@dataclass(frozen=True)
class Look:
    """A look at tables: for each its revision and checksum, and which have changed.

    What is looked at twice without a change in between is equal, so it can be kept as text and compared.
    """

    seen: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    changed: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str | None) -> "Look":
        """Return a look that was kept as text; one at nothing where there is none."""
        return cls({table: (mark, checksum) for table, (mark, checksum) in json.loads(text or "{}").items()})

    def __str__(self) -> str:
        """Return what was seen as text to be kept; what had changed is not."""
        return json.dumps(dict(self.seen), sort_keys=True)

    @property
    def fingerprint(self) -> str:
        """16 hex digits that differ where the content of any table does."""
        contents = {table: checksum for table, (_, checksum) in self.seen.items()}
        return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()[:16]


def look_again(
    source: Source, tables: Iterable[str], today: date, before: Look, last_read: Callable[[str], str | None]
) -> Look:
    """Look at the tables of a source, and read those whose revision is another than before.

    A table has changed where its content is neither that of the look before nor that which was last read into the
    warehouse, so that a nightly run between two looks is not followed by another.

    Parameters
    ----------
    before : the look before this one.
    last_read : returns the checksum with which a table was last read into the warehouse; None where it never was.

    Raises
    ------
    SourceError
        Naming every table that cannot be looked at or read.
    """
    seen: dict[str, tuple[str, str]] = {}
    changed: list[str] = []
    faults: list[str] = []
    for table in tables:
        try:
            mark = source.revision(table) if isinstance(source, Watched) else None
            if mark is None:
                continue
            known = before.seen.get(table)
            if known and known[0] == mark:
                seen[table] = known
                continue
            delivery = source.read(table, today) if mark else None
        except SourceError as error:
            faults.append(str(error))
            continue
        checksum = delivery.checksum if delivery else ""
        seen[table] = (mark, checksum)
        if checksum not in {known[1] if known else "", last_read(table) or ""}:
            changed.append(table)
    if faults:
        raise SourceError("\n".join(faults))
    return Look(seen, tuple(changed))
