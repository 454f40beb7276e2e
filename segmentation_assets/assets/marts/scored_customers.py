"""`scored_customers`: customers placed inside the warehouse, by SQL that follows from the portfolio."""

from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.tables.shared_columns import CUSTOMER

SCORED_CUSTOMERS = table(
    "scored_customers",
    "marts",
    "Every customer placed in every lens whose method has SQL, inside the warehouse, from segment_prototypes alone; "
    "to the bit what customer_segments says. segment_id is NULL where the customer cannot be placed.",
    string("lens", "The lens: one way of looking at the same customers.", is_required=True),
    CUSTOMER,
    integer("segment_id", "The nearest segment, the lower one of two."),
    number("distance", "Distance to the segment's prototype (Huang 1998)."),
    integer("runner_up_segment_id", "The second nearest segment."),
    number("confidence", "1 - distance / distance to the runner-up; 0 on the border, 1 at the centre."),
    string("model_id", "The model that placed the customer."),
    key=("lens", "customer_id"),
    is_view=True,
    unit_of_row="customer and lens",
)
