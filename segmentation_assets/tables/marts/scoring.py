"""The view that scores: its SQL follows from the portfolio (`segments.scoring_sql`)."""

from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.tables.shared_columns import CUSTOMER

_PROTOTYPES = "segment_prototypes"
_DISTANCE = tuple(
    f"{_PROTOTYPES}.{name}"
    for name in ("numeric_value", "categorical_value", "weight", "gamma", "scale_center", "scale_spread")
)

SCORED_CUSTOMERS = table(
    "scored_customers",
    "marts",
    "Every customer placed in every lens whose method has SQL, inside the warehouse, from segment_prototypes alone; "
    "to the bit what customer_segments says. segment_id is NULL where the customer cannot be placed.",
    string(
        "lens",
        "The lens: one way of looking at the same customers.",
        is_required=True,
        lineage=(f"{_PROTOTYPES}.lens",),
    ),
    CUSTOMER,
    integer("segment_id", "The nearest segment, the lower one of two.", lineage=(f"{_PROTOTYPES}.segment_id",)),
    number("distance", "Distance to the segment's prototype (Huang 1998).", lineage=_DISTANCE),
    integer("runner_up_segment_id", "The second nearest segment.", lineage=(f"{_PROTOTYPES}.segment_id",)),
    number(
        "confidence", "1 - distance / distance to the runner-up; 0 on the border, 1 at the centre.", lineage=_DISTANCE
    ),
    string("model_id", "The model that placed the customer.", lineage=(f"{_PROTOTYPES}.model_id",)),
    key=("lens", "customer_id"),
    is_view=True,
    unit_of_row="customer and lens",
)
