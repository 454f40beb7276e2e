"""`customer_projection`: a map of the customers of every lens."""

from typing import Any

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.markdown import as_picture
from segmentation_assets.pictures.plots import plot_projection, to_markdown_image
from segmentation_assets.segments.projection import project
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.schema import number, table
from segmentation_assets.tables.shared_columns import CUSTOMER, LENS
from segmentation_assets.tables.snapshots import stacked
from segmentation_assets.versions import given


def make(night: Night) -> pd.DataFrame:
    """Lay every lens out on a map."""
    features, portfolio, parts = night.rows("customer_features"), night.portfolio, []
    for name, lens in sorted(portfolio.lenses.items()):
        coordinates, night.notes[name] = project(features, name, lens, portfolio.features, night.client)
        parts.append(coordinates)
    return stacked(parts)


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show the map of the primary lens, and what each axis explains."""
    placed, primary = night.rows("customer_segments"), night.portfolio.primary_lens
    points, places = (frame[frame["lens"] == primary] for frame in (rows, placed))
    figure = plot_projection(points, places, None, night.notes.get(primary, ()))
    return {"projection": as_picture(to_markdown_image(figure)), "explained_inertia": dict(night.notes)}


CUSTOMER_PROJECTION = Asset(
    table(
        "customer_projection",
        "segments",
        "Two coordinates per customer and lens for a map, from a factor analysis of mixed data.",
        LENS,
        CUSTOMER,
        number("component_1", "First component (Pages 2004).", is_required=True),
        number("component_2", "Second component; 0 where the lens has only one.", is_required=True),
        key=("lens", "customer_id"),
        unit_of_row="customer and lens",
    ),
    reads={"customer_features": (), "customer_segments": ("lens", "customer_id", "segment_id")},
    make=make,
    given=lambda portfolio: given(portfolio, lens=["features"], feature=["kind", "needs"]),
    show=show,
    kinds=frozenset({"python", "pandas"}),
)
