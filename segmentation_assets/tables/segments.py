"""Segment tables: the model as tables, where every customer stands in it, and how k was chosen."""

from segmentation_assets.tables.schema import boolean, day, integer, number, string, table

_LENS = string("lens", "The lens: one way of looking at the same customers.", is_required=True)
_MODEL_ID = string("model_id", "Hash of the lens, its configuration and what was learned.", is_required=True)
_CUSTOMER = string(
    "customer_id", "The customer.", is_required=True, is_personal=True, lineage=("customer_features.customer_id",)
)
_PROTOTYPES = "segment_prototypes"
_DISTANCE = tuple(
    f"{_PROTOTYPES}.{name}"
    for name in ("numeric_value", "categorical_value", "weight", "gamma", "scale_center", "scale_spread")
)

MODEL_SELECTION = table(
    "model_selection",
    "segments",
    "Scorecard of the candidate models of a lens, judged on the snapshot the model was trained on.",
    _LENS,
    string("method", "Clustering method.", is_required=True),
    integer("n_clusters", "Number of segments tried.", is_required=True),
    number("cost", "Sum of distances of customers to their prototypes (Huang 1998).", is_required=True),
    number("silhouette", "Mean silhouette width in Gower's distance, exact; -1 to 1."),
    number("mean_ari", "Mean adjusted Rand index between bootstrap runs (Dolnicar and Leisch 2010)."),
    number("min_jaccard", "Mean Jaccard similarity of the least stable segment (Hennig 2007)."),
    number("min_share", "Share of customers in the smallest segment.", unit="share"),
    number("value_separation", "Share of the value's variance that lies between segments (eta squared)."),
    number("gain", "Its silhouette less that of the recommended number of segments."),
    number(
        "margin",
        "What the gain must exceed for it to be better: 0.02 and two standard errors of the gain; 1.5 times "
        "that where the recommended number was recommended before.",
    ),
    boolean("is_recommended", "True for the number of segments that the scorecard recommends.", is_required=True),
    boolean("is_chosen", "True for the number of segments in use.", is_required=True),
    string("reason", "Why it is, or is not, the recommended number, in words.", is_required=True),
    key=("lens", "method", "n_clusters"),
    unit_of_row="candidate",
)

SEGMENT_MODELS = table(
    "segment_models",
    "segments",
    "The model in force on the snapshot date, one row a lens, complete enough to score with.",
    _LENS,
    _MODEL_ID,
    day("trained_on", "Snapshot the model learned from."),
    string("method", "Clustering method.", is_required=True),
    integer("n_clusters", "Number of segments."),
    number("gamma", "Weight of one category mismatch against squared numeric distance."),
    number("cost", "Cost on the training snapshot."),
    number("silhouette", "Mean Gower silhouette on the training snapshot."),
    integer("n_customers", "Customers it learned from.", unit="customers"),
    string("features", "JSON: for each feature kind, scaling with its numbers, weight, categories.", is_required=True),
    string("configuration_hash", "Hash of the lens's configuration when it was trained.", is_required=True),
    string(
        "status",
        "in_force, or why the lens has no model (not_provided: ..., policies_rejected: ...).",
        is_required=True,
    ),
    string("predecessor_model_id", "The lens's model before it, whose segments it carries on; NULL for the first."),
    string(
        "chain_hash", "Hash of the configuration and of the lens's retraining dates up to this one.", is_required=True
    ),
    key=("lens",),
    unit_of_row="lens",
)

SEGMENT_PROTOTYPES = table(
    "segment_prototypes",
    "segments",
    "Centre of every segment of the model in force, one row a feature, with all it takes to place a customer.",
    _LENS,
    _MODEL_ID,
    integer("segment_id", "The segment.", is_required=True),
    string("feature", "The feature.", is_required=True),
    string("kind", "numeric or categorical.", is_required=True),
    number("numeric_value", "Centre in the feature's own unit; NULL for a category."),
    string("categorical_value", "Most frequent category; NULL for a number."),
    integer(
        "position", "Place of the feature in the model's order, from 1: distances are added in it.", is_required=True
    ),
    number("weight", "What the squared difference of a number, or a mismatch, is multiplied by.", is_required=True),
    number("gamma", "Weight of one category mismatch against squared numeric distance.", is_required=True),
    number("scale_center", "What is subtracted of value and centre, in the feature's own unit; NULL for a category."),
    number("scale_spread", "What is then divided by, in the feature's own unit, never 0; NULL for a category."),
    key=("lens", "segment_id", "feature"),
    unit_of_row="feature of a segment",
)

SCORED_CUSTOMERS = table(
    "scored_customers",
    "marts",
    "Every customer placed in every lens inside the warehouse, from segment_prototypes alone; to the bit what "
    "customer_segments says. segment_id is NULL where the customer cannot be placed.",
    string(
        "lens",
        "The lens: one way of looking at the same customers.",
        is_required=True,
        lineage=(f"{_PROTOTYPES}.lens",),
    ),
    _CUSTOMER,
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

CUSTOMER_SEGMENTS = table(
    "customer_segments",
    "segments",
    "Exactly one row a customer and lens: the segment, how far its centre is, and how sure we are.",
    _LENS,
    _CUSTOMER,
    integer("segment_id", "The segment; NULL where the customer could not be placed."),
    number("distance", "Distance to the segment's prototype (Huang 1998)."),
    integer("runner_up_segment_id", "The second nearest segment."),
    number("confidence", "1 - distance / distance to the runner-up; 0 on the border, 1 at the centre."),
    boolean("is_outlier", "True where the distance is beyond the upper Tukey fence of the segment (Q3 + 3 IQR)."),
    string("unassigned_reason", "Why there is no segment, such as 'missing_feature: tenure_years'."),
    string("model_id", "The model that placed the customer."),
    key=("lens", "customer_id"),
    unit_of_row="customer and lens",
)

CUSTOMER_PROJECTION = table(
    "customer_projection",
    "segments",
    "Two coordinates a customer and lens for a map, from a factor analysis of mixed data.",
    _LENS,
    _CUSTOMER,
    number("component_1", "First component (Pages 2004).", is_required=True),
    number("component_2", "Second component; 0 where the lens has only one.", is_required=True),
    key=("lens", "customer_id"),
    unit_of_row="customer and lens",
)

MICRO_SEGMENTS = table(
    "micro_segments",
    "segments",
    "The segments cut finer, on the day's own customers; empty for a lens whose portfolio asks for none.",
    _LENS,
    _MODEL_ID,
    integer("segment_id", "The segment that the micro-segment is part of.", is_required=True),
    integer(
        "micro_segment_id",
        "Numbered by segment, the largest first; of this day alone, unlike segment_id.",
        is_required=True,
    ),
    integer("n_customers", "Customers in it.", unit="customers", is_required=True),
    number("share", "Those over all customers placed in the lens.", unit="share", is_required=True),
    string("prototype", "JSON: the mean of each number and the most frequent of each category.", is_required=True),
    key=("lens", "micro_segment_id"),
    unit_of_row="micro-segment",
)

SEGMENT_LINEAGE = table(
    "segment_lineage",
    "segments",
    "Every segment a lens ever had: those of the model in force, and those that retired, each with its last event.",
    _LENS,
    string("model_id", "The model whose training the event is of.", is_required=True),
    day("trained_on", "Snapshot that model learned from: the day of the event.", is_required=True),
    integer("segment_id", "The segment; a number that the lens gives to no other.", is_required=True),
    string(
        "event",
        "survived: the same segment in a new model; split: more than half of it comes from one that ended or goes on "
        "without it; merged: it took more than half of each of several; new: neither, or the first model; retired: it "
        "ended.",
        is_required=True,
    ),
    string("predecessor_model_id", "The model before; NULL for the first."),
    string("predecessor_segment_ids", "Segments of that model it comes from, such as '1, 3'; NULL where new."),
    string("successor_segment_ids", "Segments that a retired one went into; NULL for any other."),
    integer("n_common", "Customers placed in it and in the other segment, by either model.", unit="customers"),
    number("share_of_predecessor", "Those over the customers of the earlier segment of the two.", unit="share"),
    number("share_of_segment", "Those over the customers of the later one.", unit="share"),
    number("jaccard", "Those over the customers of either; above 0.5 a segment survives (Hennig 2007)."),
    day("first_trained_on", "Snapshot of the first model that had the segment.", is_required=True),
    key=("lens", "segment_id"),
    unit_of_row="segment",
)

RETRAINING_REQUESTS = table(
    "retraining_requests",
    "segments",
    "Further retraining dates, written down once and never worked out: the snapshot date is a retraining date from "
    "that day on, until the next one.",
    string("lens", "The lens to be trained anew, or all.", is_required=True),
    string("reason", "Why, in words: a wish, a changed feature list, drift past its alarm.", is_required=True),
    string("requested_by", "Who asked: a person, or the sensor's name.", is_required=True),
    key=("lens",),
    unit_of_row="lens",
)

SEGMENT_STABILITY = table(
    "segment_stability",
    "segments",
    "How far each segment of the model in force survives a redraw of the customers it learned from.",
    _LENS,
    _MODEL_ID,
    integer("segment_id", "The segment.", is_required=True),
    integer("n_customers", "Customers of the training snapshot in the segment.", unit="customers", is_required=True),
    integer("n_bootstraps", "Redraws: 100, fewer for a model of more than 200,000 customers.", is_required=True),
    number("jaccard", "Mean Jaccard similarity to the nearest segment of a redraw, 0 to 1 (Hennig 2007)."),
    number("jaccard_q05", "The similarity that all but the worst twentieth of the redraws reached."),
    number("moved_share", "Mean share of its customers whom a refit to a redraw puts elsewhere.", unit="share"),
    string(
        "verdict",
        "What Hennig lets us conclude: highly stable (from 0.85), stable (0.75), a pattern, its members doubtful "
        "(0.6), not to be trusted.",
        is_required=True,
    ),
    number("mean_ari", "Mean adjusted Rand index between redraws, of the whole model (Dolnicar and Leisch 2010)."),
    key=("lens", "segment_id"),
    unit_of_row="segment",
)
