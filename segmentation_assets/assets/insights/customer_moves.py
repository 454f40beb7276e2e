"""`customer_moves`: who moved from one segment to another."""

from typing import Any

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.schema import boolean, day, integer, number, string, table

_SEGMENT_LINEAGE = ("customer_segments.segment_id",)


def show(_: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Count who moved, by lens."""
    return {"moves": {str(lens): int(n) for lens, n in rows["lens"].value_counts().items()}}


CUSTOMER_MOVES = Asset(
    table(
        "customer_moves",
        "insights",
        "One row per customer, lens and day on which the customer stands in another segment than before: who moved. "
        "Before is the latest that had the customer of three snapshots: the one before, the latest at least a month "
        "before, and the latest at least a quarter before.",
        string("lens", "The lens.", is_required=True, lineage=("customer_segments.lens",)),
        string(
            "customer_id",
            "The customer.",
            is_required=True,
            is_personal=True,
            lineage=("customer_segments.customer_id",),
        ),
        day(
            "from_snapshot",
            "Latest of the compared snapshots that had the customer.",
            is_required=True,
            lineage=("customer_segments.snapshot_date",),
        ),
        integer("from_segment_id", "Segment then; NULL where unplaced.", lineage=_SEGMENT_LINEAGE),
        integer("to_segment_id", "Segment now; NULL where unplaced.", lineage=_SEGMENT_LINEAGE),
        number(
            "from_confidence", "How sure the placement was then, 0 to 1.", lineage=("customer_segments.confidence",)
        ),
        number("to_confidence", "How sure it is now, 0 to 1.", lineage=("customer_segments.confidence",)),
        boolean(
            "is_certain",
            "True where both are above 0.1; the others stood near a border.",
            is_required=True,
            lineage=("customer_segments.confidence",),
        ),
        boolean(
            "is_same_model",
            "False where a further model came into force in between: the border may have moved, not the customer.",
            is_required=True,
            lineage=("customer_segments.model_id",),
        ),
        key=("lens", "customer_id"),
        unit_of_row="customer, lens and move",
    ),
    made_by="segment_migration",
    show=show,
)
