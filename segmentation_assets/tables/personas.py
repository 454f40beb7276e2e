"""Persona tables: what a segment looks like, what it is called, and the customers with both."""

from segmentation_assets.tables.schema import boolean, day, integer, number, string, table

_LENS = string("lens", "The lens: one way of looking at the same customers.", is_required=True)
_MODEL_ID = string("model_id", "The model the segment belongs to.", is_required=True)
_SEGMENT = integer("segment_id", "The segment.", is_required=True)

SEGMENT_PROFILES = table(
    "segment_profiles",
    "personas",
    "What sets a segment apart: one row a numeric feature, one a category of every other feature. Figures that fewer "
    "than min_group_size customers stand behind are NULL.",
    _LENS,
    _MODEL_ID,
    _SEGMENT,
    string("feature", "The feature described.", is_required=True, lineage=()),
    string("kind", "numeric or categorical.", is_required=True),
    string("category", "The category; empty for a numeric feature.", is_required=True),
    boolean("is_lens_feature", "True where the model used the feature; else it only describes.", is_required=True),
    integer("n_customers", "Customers of the segment with a value.", unit="customers", is_required=True),
    number("mean", "Mean in the feature's own unit; NULL for a category."),
    number("median", "Median in the feature's own unit; NULL for a category."),
    number("standard_deviation", "Population standard deviation in the feature's own unit; NULL for a category."),
    number("population_mean", "Mean over all placed customers."),
    number("z_score", "(mean - population mean) / population standard deviation."),
    number("share", "Share of the segment in this category; NULL for a number.", unit="share"),
    number("population_share", "Share of all placed customers in this category.", unit="share"),
    integer("n_others", "Placed customers outside of the segment with a value.", unit="customers"),
    number("others_mean", "Mean over those others; NULL for a category."),
    number("others_standard_deviation", "Population standard deviation over those others; NULL for a category."),
    number("others_share", "Share of those others in this category; NULL for a number.", unit="share"),
    number("lift", "share / population share, or mean / population mean; 1 is average."),
    boolean("is_mode", "True for the segment's most frequent category.", is_required=True),
    key=("lens", "segment_id", "feature", "category"),
    unit_of_row="feature of a segment",
)

SEGMENT_LABELS = table(
    "segment_labels",
    "personas",
    "Name and description of every segment, true to its profile on the day. A name stays until it is no longer true.",
    _LENS,
    _MODEL_ID,
    _SEGMENT,
    string("segment_name", "Two to four words; unique within a lens.", is_required=True),
    string("description", "One sentence a marketer can use.", is_required=True),
    string(
        "label_source",
        "How the name came to stand here: rules, gemini, carried from an earlier day, or pinned by people.",
        is_required=True,
    ),
    string("profile_hash", "Hash of the rounded profile the name was written for.", is_required=True),
    string("motivation", "What seems to matter to them, in one sentence."),
    string("product_strategy", "What to offer and how to reach them, in one sentence."),
    string("written_by", "Who wrote the name first: rules, gemini or people."),
    day("written_for", "Snapshot whose profile the name was written for."),
    string(
        "asked_of", "Model and prompt that answered about that profile; NULL where none was asked or none answered."
    ),
    string("answered_by", "Model that the service says answered; another than the one asked where it routes."),
    key=("lens", "segment_id"),
    unit_of_row="segment",
)

LABELLED_CUSTOMERS = table(
    "labelled_customers",
    "personas",
    "Every customer with its features and its segment in the primary lens, by name.",
    string(
        "customer_id", "The customer.", is_required=True, is_personal=True, lineage=("customer_segments.customer_id",)
    ),
    string("lens", "Name of the primary lens.", is_required=True, lineage=("customer_segments.lens",)),
    integer("segment_id", "Segment in the primary lens.", lineage=("customer_segments.segment_id",)),
    string(
        "segment_name",
        "Name of the segment, or Unclassified.",
        is_required=True,
        lineage=("segment_labels.segment_name",),
    ),
    number("confidence", "How sure the placement is, 0 to 1.", lineage=("customer_segments.confidence",)),
    boolean("is_outlier", "True where the customer fits no segment well.", lineage=("customer_segments.is_outlier",)),
    string("unassigned_reason", "Why there is no segment.", lineage=("customer_segments.unassigned_reason",)),
    key=("customer_id",),
    unit_of_row="customer",
)
