"""Segment tables: the model as tables, where every customer stands in it, and how k was chosen."""

from segmentation_assets.tables.schema import boolean, day, integer, number, string, table

_LENS = string("lens", "The lens: one way of looking at the same customers.", is_required=True)
_MODEL_ID = string("model_id", "Hash of the lens, its configuration and what was learned.", is_required=True)
_CUSTOMER = string(
    "customer_id", "The customer.", is_required=True, is_personal=True, lineage=("customer_features.customer_id",)
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
    boolean("is_recommended", "True for the number of segments that the scorecard recommends.", is_required=True),
    boolean("is_chosen", "True for the number of segments in use.", is_required=True),
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
    string("status", "in_force, or why the lens has no model (not_provided: ...).", is_required=True),
    key=("lens",),
    unit_of_row="lens",
)

SEGMENT_PROTOTYPES = table(
    "segment_prototypes",
    "segments",
    "Centre of every segment of the model in force, one row a feature.",
    _LENS,
    _MODEL_ID,
    integer("segment_id", "The segment.", is_required=True),
    string("feature", "The feature.", is_required=True),
    string("kind", "numeric or categorical.", is_required=True),
    number("numeric_value", "Centre in the feature's own unit; NULL for a category."),
    string("categorical_value", "Most frequent category; NULL for a number."),
    key=("lens", "segment_id", "feature"),
    unit_of_row="feature of a segment",
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
