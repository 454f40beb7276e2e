"""`segment_profiles`: what sets each segment apart."""

from typing import Any

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.markdown import as_picture
from segmentation_assets.personas.profiles.segment_profiles import profile_segments
from segmentation_assets.personas.profiles.telling import listed
from segmentation_assets.pictures.plots import plot_snake, to_markdown_image
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.schema import boolean, integer, number, string, table
from segmentation_assets.tables.shared_columns import LENS, MODEL_ID_OF_SEGMENT, SEGMENT
from segmentation_assets.tables.snapshots import stacked
from segmentation_assets.versions import given


def make(night: Night) -> pd.DataFrame:
    """Profile the segments of every lens."""
    portfolio, features, placements = night.portfolio, night.rows("customer_features"), night.rows("customer_segments")
    model_ids = night.rows("segment_models").set_index("lens")["model_id"]
    parts = [
        profile_segments(
            features,
            placements[placements["lens"] == name],
            lens=lens,
            lens_name=name,
            model_id=model_ids[name],
            features=portfolio.features,
            names=portfolio.profiled_features(name),
            min_group_size=portfolio.min_group_size,
        )
        for name, lens in portfolio.lenses.items()
    ]
    return stacked(parts)


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show the snake plot of the primary lens."""
    shown = rows[rows["lens"] == night.portfolio.primary_lens]
    return {"snake_plot": as_picture(to_markdown_image(plot_snake(shown, None)))} if len(shown) else {}


def _given(portfolio: Portfolio) -> str:
    """Return which features are shown, and which categories are told."""
    shown = portfolio.shown_features()
    told = given(
        portfolio, "min_group_size", lens=["features", "describe_by"], feature=["kind", "role"], features=set(shown)
    )
    categories = {name: sorted(listed(portfolio.features[name])) for name in shown}
    return f"{told}\n{shown}\n{categories}"


SEGMENT_PROFILES = Asset(
    table(
        "segment_profiles",
        "personas",
        "What sets a segment apart: one row per numeric feature, one per category of every other feature. Figures that "
        "fewer than min_group_size customers stand behind are NULL.",
        LENS,
        MODEL_ID_OF_SEGMENT,
        SEGMENT,
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
    ),
    reads={
        "customer_features": (),
        "customer_segments": ("lens", "customer_id", "segment_id"),
        "segment_models": ("lens", "model_id"),
    },
    make=make,
    given=_given,
    show=show,
)
