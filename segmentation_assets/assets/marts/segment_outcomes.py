"""`segment_outcomes`: what each segment is worth, and how often it meets the outcome."""

from segmentation_assets.tables.mart_columns import count, is_small, mart, money, pct
from segmentation_assets.tables.schema import boolean, integer, number, string

SEGMENT_OUTCOMES = mart(
    "segment_outcomes",
    "One row per lens and segment, and one for customers without: what its customers are worth, and how many of them "
    "met the outcome that the company fears, beside everyone else. The value and the outcome are those that the "
    "portfolio declares; where it declares no outcome, all that is told of one is NULL.",
    string("lens", "The lens: one way of looking at the same customers.", is_required=True),
    integer("segment_id", "The segment; NULL for Unclassified."),
    string("segment_name", "Name of the segment (Segment 3 where it has none yet), or Unclassified.", is_required=True),
    count("n_customers", "Customers of the segment."),
    pct("customers_pct", "Share of all customers."),
    count("n_valued", "Customers of whom a value is known."),
    money("total_value", "Sum of their values; NULL where none is known."),
    pct("value_pct", "Share of the value of all customers."),
    number("mean_value", "Mean value of a customer of whom it is known.", unit="currency"),
    count("n_known", "Customers of whom it is known whether the outcome was met."),
    integer("n_outcomes", "Customers who met it.", unit="customers"),
    pct("outcome_pct", "Share of the known who met it."),
    pct("outcome_ci_low_pct", "Lower end of its 95 % interval (Wilson 1927)."),
    pct("outcome_ci_high_pct", "Upper end of its 95 % interval (Wilson 1927)."),
    pct("others_outcome_pct", "The same share of all other customers, Unclassified included."),
    number("difference_pct", "outcome_pct - others_outcome_pct.", unit="percentage points"),
    number(
        "difference_ci_low_pct", "Lower end of its 95 % interval (Newcombe 1998, method 10).", unit="percentage points"
    ),
    number(
        "difference_ci_high_pct", "Upper end of its 95 % interval (Newcombe 1998, method 10).", unit="percentage points"
    ),
    boolean(
        "is_different",
        "True where that interval leaves 0 out: the segment differs from the others by more than chance.",
    ),
    is_small(", or a figure of theirs would follow from it: what it is worth and what it met are NULL."),
    key=("lens", "segment_name"),
    unit_of_row="segment of a lens",
    is_view=False,
)
