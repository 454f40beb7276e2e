"""Insight tables: who and how many move between segments, and what drifts away from the model."""

from segmentation_assets.tables.schema import boolean, day, integer, number, string, table

_LENS = string("lens", "The lens: one way of looking at the same customers.", is_required=True)
_SEGMENT_LINEAGE = ("customer_segments.segment_id",)

SEGMENT_MIGRATION = table(
    "segment_migration",
    "insights",
    "How many customers went from one segment to another since the snapshot before, since the latest one at least a "
    "month before, and since the latest one at least a quarter before; those who stayed included.",
    _LENS,
    day("from_snapshot", "The earlier snapshot.", is_required=True),
    day("to_snapshot", "The later snapshot, equal to snapshot_date.", is_required=True),
    string("movement", "stayed, moved, joined (was not there before) or left.", is_required=True),
    string("from_place", "'segment 3', 'unplaced', or 'joined'.", is_required=True),
    string("to_place", "'segment 3', 'unplaced', or 'left'.", is_required=True),
    integer("from_segment_id", "Segment before; NULL for who joined or had none.", lineage=_SEGMENT_LINEAGE),
    integer("to_segment_id", "Segment after; NULL for who left or has none.", lineage=_SEGMENT_LINEAGE),
    integer("n_customers", "Customers who took this way.", unit="customers", is_required=True),
    number("share", "Share of those who stood in the same segment before, or of all who joined.", unit="share"),
    integer(
        "n_certain",
        "Those whose confidence was above 0.1 on both days; the others stand near a border.",
        unit="customers",
        is_required=True,
        lineage=("customer_segments.confidence",),
    ),
    key=("lens", "from_snapshot", "from_place", "to_place"),
    unit_of_row="way from segment to segment",
)

CUSTOMER_MOVES = table(
    "customer_moves",
    "insights",
    "One row a customer, lens and day on which the customer stands in another segment than before: who moved. Before "
    "is the latest that had the customer of three snapshots: the one before, the latest at least a month before, and "
    "the latest at least a quarter before.",
    string("lens", "The lens.", is_required=True, lineage=("customer_segments.lens",)),
    string(
        "customer_id", "The customer.", is_required=True, is_personal=True, lineage=("customer_segments.customer_id",)
    ),
    day(
        "from_snapshot",
        "Latest of the compared snapshots that had the customer.",
        is_required=True,
        lineage=("customer_segments.snapshot_date",),
    ),
    integer("from_segment_id", "Segment then; NULL where unplaced.", lineage=_SEGMENT_LINEAGE),
    integer("to_segment_id", "Segment now; NULL where unplaced.", lineage=_SEGMENT_LINEAGE),
    number("from_confidence", "How sure the placement was then, 0 to 1.", lineage=("customer_segments.confidence",)),
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
)

FEATURE_DRIFT = table(
    "feature_drift",
    "insights",
    "How far each feature has moved from the snapshot that the model was trained on, over all customers and within "
    "each segment. A retraining day is held against the model before.",
    _LENS,
    string("scope", "Who is looked at: population, or 'segment 3'.", is_required=True),
    integer("segment_id", "The segment; NULL for the population."),
    string("feature", "The feature.", is_required=True),
    string("kind", "numeric or categorical.", is_required=True),
    day("reference_snapshot", "Snapshot it is held against.", is_required=True),
    integer("n_reference", "Customers with a value then.", unit="customers", is_required=True),
    integer("n_current", "Customers with a value now.", unit="customers", is_required=True),
    number("reference_mean", "Mean then, in the feature's own unit; NULL for a category."),
    number("current_mean", "Mean now."),
    number("psi", "Population stability index over deciles of then, or over categories (Siddiqi 2006)."),
    number("ks", "Kolmogorov-Smirnov distance, 0 to 1; NULL for a category."),
    number("chi2", "Chi-square statistic of the categories' counts; NULL for a number."),
    number("js", "Jensen-Shannon distance over the bins of psi, base 2: 0 to 1 (Lin 1991)."),
    number("p_value", "Of the Kolmogorov-Smirnov or the chi-square test."),
    number("missing_share_change", "Share of customers without a value, now less then.", unit="share"),
    boolean("is_judged", "True where both groups are of the least size that is judged.", is_required=True),
    boolean("is_alarm", "True where the drift is both large and more than chance.", is_required=True),
    string("verdict", "In words: stable, drifting (alarm), too few customers to judge.", is_required=True),
    key=("lens", "scope", "feature"),
    unit_of_row="feature of a group",
)
