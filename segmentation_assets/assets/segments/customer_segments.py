"""`customer_segments`: where every customer stands in the models in force."""

from typing import Any

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.markdown import Markdown, as_picture, as_table
from segmentation_assets.personas.profiles.segment_profiles import OTHER
from segmentation_assets.personas.profiles.telling import known_categories
from segmentation_assets.pictures.plots import plot_shares, to_markdown_image
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.eligibility import turned_away
from segmentation_assets.segments.methods._found import code_of
from segmentation_assets.segments.model import LensModel, models_in
from segmentation_assets.segments.placement import place_all, unseen_categories
from segmentation_assets.tables.asset import Asset, Check
from segmentation_assets.tables.keys import positions_of
from segmentation_assets.tables.schema import boolean, integer, number, string, table
from segmentation_assets.tables.shared_columns import CHECKED, CUSTOMER, LENS
from segmentation_assets.versions import given


def make(night: Night) -> pd.DataFrame:
    """Place every customer in every lens, or say why there is no place."""
    return place_all(night.rows("customer_features"), night.models(), night.portfolio, night.turned_away())


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show how the customers are spread, and who has no place."""
    portfolio, features = night.portfolio, night.rows("customer_features")
    primary = rows[rows["lens"] == portfolio.primary_lens]
    models = night.models().items()
    unseen = {name: _unseen(features, model, portfolio) for name, (model, _) in models if model is not None}
    return {
        "segment_shares": _shares_plot(primary, features, portfolio),
        "placed": _placed(rows, portfolio),
        **night.by_lens("unplaced", rows["segment_id"].isna().groupby(rows["lens"]).sum()),
        "unassigned_in_primary_lens": _unassigned(primary),
        "unseen_categories": {lens: found for lens, found in unseen.items() if found},
    }


def _unseen(features: pd.DataFrame, model: LensModel, portfolio: Portfolio) -> dict[str, dict[str, int]]:
    """Return how many customers have categories that a model never saw, by text where it may be told."""
    told: dict[str, dict[str, int]] = {}
    for name, counts in unseen_categories(features, model).items():
        known = known_categories(counts, portfolio.features[name], portfolio.min_group_size)
        told[name] = {category: n for category, n in counts.items() if category in known}
        if rest := sum(n for category, n in counts.items() if category not in known):
            told[name][OTHER] = rest
    return told


def _shares_plot(placements: pd.DataFrame, features: pd.DataFrame, portfolio: Portfolio) -> Markdown:
    """Draw the segments' shares of customers and value; their names do not exist yet at this stage."""
    value = portfolio.value
    at = positions_of(placements["customer_id"], features["customer_id"])
    worth = pd.DataFrame(
        {"segment_id": placements["segment_id"].array, value.feature: features[value.feature].array[at]}
    )
    figure = plot_shares(worth, None, value.feature, value_label=value.label, min_group_size=portfolio.min_group_size)
    return as_picture(to_markdown_image(figure))


def _placed(placements: pd.DataFrame, portfolio: Portfolio) -> Markdown:
    """Count the customers placed, by lens, the primary one first."""
    counts = placements["segment_id"].notna().groupby(placements["lens"]).agg(placed="sum", customers="size")
    lenses = sorted(counts.index, key=lambda lens: (lens != portfolio.primary_lens, lens))
    return as_table(counts.loc[lenses].reset_index())


def _unassigned(placements: pd.DataFrame) -> dict[str, int]:
    """Count the reasons for having no segment."""
    return {str(why): int(n) for why, n in placements["unassigned_reason"].value_counts().items()}


def checks(_: Portfolio) -> list[Check]:
    """Every customer has one place, in a segment that there is."""
    return [
        Check(
            "every_customer_has_one_segment",
            "Every customer has exactly one row per lens, with a segment or with the reason why there is none.",
            f"""
            SELECT l.snapshot_date, l.lens AS detail, COUNTIF(s.n IS NULL OR s.n != 1 OR s.explained != 1) AS broken
            FROM (SELECT DISTINCT snapshot_date, lens FROM segment_models WHERE {CHECKED}) AS l
            INNER JOIN (SELECT snapshot_date, customer_id FROM customers WHERE {CHECKED}) AS c
              ON c.snapshot_date = l.snapshot_date
            LEFT JOIN (
              SELECT
                snapshot_date, lens, customer_id, COUNT(*) AS n,
                COUNTIF((segment_id IS NULL) != (unassigned_reason IS NULL)) AS explained
              FROM customer_segments WHERE {CHECKED} GROUP BY 1, 2, 3
            ) AS s ON s.snapshot_date = c.snapshot_date AND s.lens = l.lens AND s.customer_id = c.customer_id
            GROUP BY 1, 2
            """,
        ),
        Check(
            "segments_exist_in_the_model",
            "Every segment a customer is placed in is a segment of the model named beside it.",
            f"""
            SELECT s.snapshot_date, s.lens AS detail, COUNT(*) AS broken
            FROM customer_segments AS s
            LEFT JOIN (
              SELECT DISTINCT snapshot_date, lens, model_id, segment_id FROM segment_prototypes WHERE {CHECKED}
            ) AS p
              ON p.snapshot_date = s.snapshot_date AND p.lens = s.lens AND p.model_id = s.model_id
              AND p.segment_id = s.segment_id
            WHERE s.{CHECKED} AND s.segment_id IS NOT NULL AND p.segment_id IS NULL
            GROUP BY 1, 2
            """,
        ),
    ]


CUSTOMER_SEGMENTS = Asset(
    table(
        "customer_segments",
        "segments",
        "Exactly one row per customer and lens: the segment, how far its centre is, and how sure we are.",
        LENS,
        CUSTOMER,
        integer("segment_id", "The segment; NULL where the customer could not be placed."),
        number("distance", "Distance to the segment's prototype (Huang 1998)."),
        integer("runner_up_segment_id", "The second nearest segment."),
        number("confidence", "1 - distance / distance to the runner-up; 0 on the border, 1 at the centre."),
        boolean("is_outlier", "True where the distance is beyond the upper Tukey fence of the segment (Q3 + 3 IQR)."),
        string("unassigned_reason", "Why there is no segment, such as 'missing_feature: tenure_years'."),
        string("model_id", "The model that placed the customer."),
        key=("lens", "customer_id"),
        unit_of_row="customer and lens",
    ),
    reads={"customer_features": (), "segment_models": (), "segment_prototypes": ()},
    follows=("rejected_rows",),
    make=make,
    given=lambda portfolio: given(portfolio, lens=["features"], feature=["needs"]),
    code=lambda portfolio: [models_in, turned_away, *code_of(portfolio, "distances")],
    show=show,
    checks=checks,
    kinds=frozenset({"python", "pandas"}),
)
