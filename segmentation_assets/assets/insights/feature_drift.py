"""`feature_drift`: what drifted away from the customers that the model learned from."""

from typing import Any

import pandas as pd

from segmentation_assets.history.calendar import learned_from
from segmentation_assets.history.night import Night
from segmentation_assets.insights.drift import Snapshot, feature_drift
from segmentation_assets.markdown import as_sentence, as_table
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.methods._found import code_of
from segmentation_assets.segments.model import LensModel, models_in
from segmentation_assets.segments.placement import place
from segmentation_assets.tables.asset import Asset, Check
from segmentation_assets.tables.schema import boolean, day, integer, number, string, table
from segmentation_assets.tables.shared_columns import CHECKED, LENS
from segmentation_assets.tables.snapshots import stacked
from segmentation_assets.versions import given


def make(night: Night) -> pd.DataFrame:
    """Hold the day against the snapshot that the model in force the day before was trained on, lens by lens."""
    parts = [part for lens in night.portfolio.lenses if len(part := _lens_drift(night, lens))]
    return stacked(parts)


def _lens_drift(night: Night, lens: str) -> pd.DataFrame:
    earlier = [learned_on for learned_on in night.retraining_dates(lens) if learned_on < night.day]
    reference = earlier[-1] if earlier else night.day
    models = [night.earlier(table, reference) for table in ("segment_models", "segment_prototypes")]
    model, _ = models_in(*(rows[rows["lens"] == lens] for rows in models))[lens]
    features = night.rows("customer_features")
    then = features if reference == night.day else night.earlier("customer_features", reference)
    before, after = (_placed(rows, lens, model, night.portfolio) for rows in (then, features))
    return measure(before, after, lens, night.portfolio).assign(reference_snapshot=pd.Timestamp(reference))


def measure(reference: Snapshot, current: Snapshot, lens: str, portfolio: Portfolio) -> pd.DataFrame:
    """Return the drift of the features that a lens looks at, of the value and of the outcome."""
    names = dict.fromkeys([*portfolio.lenses[lens].features, *_aims(portfolio)])
    kinds = {name: portfolio.features[name].kind for name in names}
    return feature_drift(reference, current, kinds, min_group_size=portfolio.min_group_size).assign(lens=lens)


def _aims(portfolio: Portfolio) -> list[str]:
    return [portfolio.value.feature, *([portfolio.outcome.feature] if portfolio.outcome else [])]


def _placed(features: pd.DataFrame, lens: str, model: LensModel | None, portfolio: Portfolio) -> Snapshot:
    placements = place(features, lens, portfolio.lenses[lens], portfolio.features, model=model)
    ids = placements.set_index("customer_id")["segment_id"].reindex(features["customer_id"])
    return Snapshot(features, ids.reset_index(drop=True))


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show what drifted, and how far the feature of a lens did that drifted furthest."""
    columns = ["lens", "scope", "segment_id", "feature", "reference_snapshot", "psi", "p_value"]
    alarms = rows.loc[rows["is_alarm"], columns].sort_values("psi", ascending=False)
    shown = alarms.astype({"segment_id": object}).assign(reference_snapshot=alarms["reference_snapshot"].dt.date)
    words = as_table(shown, floatfmt=".3g") if len(shown) else as_sentence("No feature drifted past its alarm.")
    return {
        "drifting": words,
        "n_alarms": len(alarms),
        **night.by_lens("largest_psi", rows.groupby("lens")["psi"].max()),
    }


def _given(portfolio: Portfolio) -> str:
    aims = _aims(portfolio)
    measured = {name for lens in portfolio.lenses.values() for name in lens.features} | set(aims)
    decided = given(portfolio, "min_group_size", lens=["features"], feature=["kind", "needs"], features=measured)
    return "\n".join([decided, *aims])


def checks(_: Portfolio) -> list[Check]:
    """Warn, without stopping, of what has drifted."""
    return [
        Check(
            "no_feature_has_drifted",
            "No feature has drifted past its alarm from the snapshot its model was trained on.",
            f"""
            SELECT
              snapshot_date,
              CONCAT(
                lens, ': ', feature,
                IF(segment_id IS NULL, '', CONCAT(' in segment ', CAST(segment_id AS STRING)))
              ) AS detail,
              COUNTIF(is_alarm) AS broken
            FROM feature_drift WHERE {CHECKED}
            GROUP BY 1, 2
            """,
            is_blocking=False,
        )
    ]


FEATURE_DRIFT = Asset(
    table(
        "feature_drift",
        "insights",
        "How far each feature has moved from the snapshot that the model was trained on, over all customers and within "
        "each segment. A retraining day is held against the model before.",
        LENS,
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
    ),
    reads={"customer_features": ()},
    follows=("segment_models", "segment_prototypes"),
    other_days=learned_from,
    asks_for=("customer_features", "segment_models", "segment_prototypes"),
    make=make,
    given=_given,
    code=lambda portfolio: code_of(portfolio, "distances"),
    show=show,
    checks=checks,
    kinds=frozenset({"python", "scipy"}),
)
