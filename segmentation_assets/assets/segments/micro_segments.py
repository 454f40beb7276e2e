"""`micro_segments`: the segments cut finer."""

from typing import Any

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.segments.methods._found import code_of, method_of
from segmentation_assets.segments.model import models_in
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.tables.shared_columns import LENS, MODEL_ID
from segmentation_assets.tables.snapshots import stacked
from segmentation_assets.versions import given


def make(night: Night) -> pd.DataFrame:
    """Cut the segments of each lens that asks for it, by the model in force."""
    features, placements, parts = night.rows("customer_features"), night.rows("customer_segments"), []
    for name, (model, _) in sorted(night.models().items()):
        wanted = night.portfolio.lenses[name].micro_segments
        if model is not None and wanted is not None:
            of_lens = placements[placements["lens"] == name]
            parts.append(method_of(model.method).micro_segments(features, of_lens, model, wanted))
    return stacked(parts)


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Count them, by lens."""
    counts = rows.groupby("lens").size().to_dict() if len(rows) else {}
    lenses = night.portfolio.lenses.items()
    shown = {name: int(counts.get(name, 0)) if lens.micro_segments else "not asked for" for name, lens in lenses}
    return {"micro_segments": shown}


MICRO_SEGMENTS = Asset(
    table(
        "micro_segments",
        "segments",
        "The segments cut finer, on the day's own customers; empty for a lens whose portfolio asks for none.",
        LENS,
        MODEL_ID,
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
    ),
    reads={"customer_features": (), "segment_models": (), "segment_prototypes": (), "customer_segments": ()},
    make=make,
    given=lambda portfolio: given(portfolio, lens=["micro_segments"]),
    code=lambda portfolio: [models_in, *code_of(portfolio, "micro_segments")],
    show=show,
    kinds=frozenset({"python", "numba"}),
)
