"""Marts that any company can use, made from its segments and from the value and outcome that it declares."""

from segmentation_assets.tables.marts.columns import count, is_small, mart, money, pct
from segmentation_assets.tables.schema import boolean, day, integer, number, string

_SEGMENT_NAME = ("segment_labels.segment_name",)

MIGRATION_MATRIX = mart(
    "migration_matrix",
    "One row a pair of segments between a snapshot and the latest one before it: who moves where.",
    day("from_snapshot", "The earlier snapshot.", is_required=True, lineage=("segment_migration.from_snapshot",)),
    day(
        "to_snapshot",
        "The later snapshot, equal to snapshot_date.",
        is_required=True,
        lineage=("segment_migration.to_snapshot",),
    ),
    integer(
        "from_segment_id",
        "Segment before; NULL for Joined and Unclassified.",
        lineage=("segment_migration.from_segment_id",),
    ),
    string(
        "from_segment_name",
        "Its name then (Segment 3 where it has none yet), Unclassified, or Joined.",
        is_required=True,
        lineage=_SEGMENT_NAME,
    ),
    integer(
        "to_segment_id",
        "Segment after; NULL for Left and Unclassified.",
        lineage=("segment_migration.to_segment_id",),
    ),
    string(
        "to_segment_name",
        "Its name now (Segment 3 where it has none yet), Unclassified, or Left.",
        is_required=True,
        lineage=_SEGMENT_NAME,
    ),
    string("movement", "stayed, moved, joined or left.", is_required=True, lineage=("segment_migration.movement",)),
    count("n_customers", "Customers who took this way.", "segment_migration.n_customers"),
    pct("share_of_from_pct", "Share of those who stood in the segment before.", "segment_migration.share"),
    key=("from_segment_name", "to_segment_name"),
    unit_of_row="pair of segments",
)

_LENS = ("customer_segments.lens",)
_SEGMENT = ("customer_segments.segment_id",)
_CUSTOMERS = ("customer_segments.customer_id",)
_FEATURES = ("customer_features.customer_id",)

SEGMENT_OUTCOMES = mart(
    "segment_outcomes",
    "One row a lens and segment, and one for customers without: what its customers are worth, and how many of them met "
    "the outcome that the company fears, beside everyone else. The value and the outcome are those that the portfolio "
    "declares; where it declares no outcome, all that is told of one is NULL.",
    string("lens", "The lens: one way of looking at the same customers.", is_required=True, lineage=_LENS),
    integer("segment_id", "The segment; NULL for Unclassified.", lineage=_SEGMENT),
    string(
        "segment_name",
        "Name of the segment (Segment 3 where it has none yet), or Unclassified.",
        is_required=True,
        lineage=("segment_labels.segment_name", *_SEGMENT),
    ),
    count("n_customers", "Customers of the segment.", *_CUSTOMERS),
    pct("customers_pct", "Share of all customers.", *_CUSTOMERS),
    count("n_valued", "Customers of whom a value is known.", *_FEATURES),
    money("total_value", "Sum of their values; NULL where none is known.", *_FEATURES),
    pct("value_pct", "Share of the value of all customers.", *_FEATURES),
    number("mean_value", "Mean value of a customer of whom it is known.", unit="currency", lineage=_FEATURES),
    count("n_known", "Customers of whom it is known whether the outcome was met.", *_FEATURES),
    integer("n_outcomes", "Customers who met it.", unit="customers", lineage=_FEATURES),
    pct("outcome_pct", "Share of the known who met it.", *_FEATURES),
    pct("outcome_ci_low_pct", "Lower end of its 95 % interval (Wilson 1927).", *_FEATURES),
    pct("outcome_ci_high_pct", "Upper end of its 95 % interval (Wilson 1927).", *_FEATURES),
    pct("others_outcome_pct", "The same share of all other customers, Unclassified included.", *_FEATURES),
    number(
        "difference_pct",
        "outcome_pct - others_outcome_pct.",
        unit="percentage points",
        lineage=_FEATURES,
    ),
    number(
        "difference_ci_low_pct",
        "Lower end of its 95 % interval (Newcombe 1998, method 10).",
        unit="percentage points",
        lineage=_FEATURES,
    ),
    number(
        "difference_ci_high_pct",
        "Upper end of its 95 % interval (Newcombe 1998, method 10).",
        unit="percentage points",
        lineage=_FEATURES,
    ),
    boolean(
        "is_different",
        "True where that interval leaves 0 out: the segment differs from the others by more than chance.",
        lineage=_FEATURES,
    ),
    is_small(
        ", or a figure of theirs would follow from it: what it is worth and what it met are NULL.",
        *_SEGMENT,
        *_FEATURES,
    ),
    key=("lens", "segment_name"),
    unit_of_row="segment of a lens",
    is_view=False,
)
