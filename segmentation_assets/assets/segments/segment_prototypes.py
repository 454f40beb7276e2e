"""`segment_prototypes`: the centres of the segments of the model in force."""

from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.tables.shared_columns import LENS, MODEL_ID

SEGMENT_PROTOTYPES = Asset(
    table(
        "segment_prototypes",
        "segments",
        "Centre of every segment of the model in force, one row per feature, with all it takes to place a customer.",
        LENS,
        MODEL_ID,
        integer("segment_id", "The segment.", is_required=True),
        string("feature", "The feature.", is_required=True),
        string("kind", "numeric or categorical.", is_required=True),
        number("numeric_value", "Centre in the feature's own unit; NULL for a category."),
        string("categorical_value", "Most frequent category; NULL for a number."),
        integer(
            "position",
            "Place of the feature in the model's order, from 1: distances are added in it.",
            is_required=True,
        ),
        number("weight", "What the squared difference of a number, or a mismatch, is multiplied by.", is_required=True),
        number("gamma", "Weight of one category mismatch against squared numeric distance.", is_required=True),
        number(
            "scale_center", "What is subtracted of value and centre, in the feature's own unit; NULL for a category."
        ),
        number("scale_spread", "What is then divided by, in the feature's own unit, never 0; NULL for a category."),
        key=("lens", "segment_id", "feature"),
        unit_of_row="feature of a segment",
    ),
    made_by="segment_models",
    kinds=frozenset({"python", "numba"}),
)
