"""What must change in a stored table so that it can take the declared columns, without losing a value."""

from collections.abc import Mapping
from dataclasses import dataclass

from segmentation_assets.tables.schema import Column, Table

_WIDER = {("INT64", "FLOAT64")}
EXACT_INTEGERS = 2**53
"""Integers beyond this size have no exact double, so widening one of them would change it."""


@dataclass(frozen=True)
class Evolution:
    """Declared columns to `add`, to `widen` in place and in `conflict`, and stored ones `undeclared`.

    Order plays no part: columns are met by name. Whether NULL is allowed is a claim on rows (`contract`), not a
    property of the stored table, so making a column required or nullable changes nothing here.
    """

    add: tuple[Column, ...]
    widen: tuple[Column, ...]
    conflict: tuple[Column, ...]
    undeclared: tuple[str, ...]


def compare(table: Table, stored: Mapping[str, str]) -> Evolution:
    """Compare a declaration with the stored columns and their GoogleSQL types."""
    changed = [c for c in table.columns if stored.get(c.name, c.type) != c.type]
    return Evolution(
        add=tuple(c for c in table.columns if c.name not in stored),
        widen=tuple(c for c in changed if (stored[c.name], c.type) in _WIDER),
        conflict=tuple(c for c in changed if (stored[c.name], c.type) not in _WIDER),
        undeclared=tuple(name for name in stored if name not in table.column_names),
    )
