"""`model_selection`: the candidates that a model was chosen from."""

from typing import Any

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.markdown import as_picture, as_table
from segmentation_assets.pictures.plots import plot_elbow_and_silhouette, to_markdown_image
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.schema import boolean, integer, number, string, table
from segmentation_assets.tables.shared_columns import LENS


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show the elbow and silhouette of the primary lens, and how many segments each lens has and why."""
    candidates = rows[rows["lens"] == night.portfolio.primary_lens]
    if candidates.empty:
        return {}
    decided = rows[rows[["is_recommended", "is_chosen"]].any(axis=1)]
    columns = ["lens", "n_clusters", "is_recommended", "is_chosen", "reason"]
    return {
        "elbow_and_silhouette": as_picture(to_markdown_image(plot_elbow_and_silhouette(candidates))),
        "number_of_segments": as_table(decided.reindex(columns=columns)),
    }


MODEL_SELECTION = Asset(
    table(
        "model_selection",
        "segments",
        "Scorecard of the candidate models of a lens, judged on the snapshot the model was trained on.",
        LENS,
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
    ),
    made_by="segment_models",
    show=show,
    kinds=frozenset({"python", "numba"}),
)
