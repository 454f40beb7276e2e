"""`segment_models`: the model in force of every lens, and the step that learns it."""

from typing import Any

import pandas as pd

from segmentation_assets.history.calendar import learned_from
from segmentation_assets.history.model_registry import MODEL_TABLES, ModelRegistry
from segmentation_assets.history.night import Night
from segmentation_assets.markdown import Markdown, as_list, as_table
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.methods._found import code_of
from segmentation_assets.segments.sentinels import sentinel_sentences
from segmentation_assets.segments.training import configuration_hash
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.schema import day, integer, number, string, table
from segmentation_assets.tables.shared_columns import LENS, MODEL_ID


def make(night: Night) -> dict[str, pd.DataFrame]:
    """Find or learn the training in force on the day, and return the rows of every table that it fills."""
    training = night.training()
    return {name: getattr(training, part) for name, part in MODEL_TABLES.items()}


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show what each lens came to, and which values of the features to look at."""
    columns = ["lens", "model_id", "trained_on", "n_clusters", "cost", "silhouette", "n_customers", "status"]
    odd = values_to_look_at(night.rows("customer_features"), night.portfolio)
    return {"models": as_table(rows.reindex(columns=columns)), **odd}


def values_to_look_at(features: pd.DataFrame, portfolio: Portfolio) -> dict[str, Markdown]:
    """Warn of features that hold a number written for "not known"."""
    sentences = sentinel_sentences(features, portfolio)
    return {"values_to_look_at": as_list(sentences)} if sentences else {}


def _given(portfolio: Portfolio) -> str:
    decided = [configuration_hash(name, portfolio) for name in sorted(portfolio.lenses)]
    return "\n".join([*decided, portfolio.retrain])


SEGMENT_MODELS = Asset(
    table(
        "segment_models",
        "segments",
        "The model in force on the snapshot date, one row per lens, complete enough to score with.",
        LENS,
        MODEL_ID,
        day("trained_on", "Snapshot the model learned from."),
        string("method", "Clustering method.", is_required=True),
        integer("n_clusters", "Number of segments."),
        number("gamma", "Weight of one category mismatch against squared numeric distance."),
        number("cost", "Cost on the training snapshot."),
        number("silhouette", "Mean Gower silhouette on the training snapshot."),
        integer("n_customers", "Customers it learned from.", unit="customers"),
        string(
            "features", "JSON: for each feature kind, scaling with its numbers, weight, categories.", is_required=True
        ),
        string("configuration_hash", "Hash of the lens's configuration when it was trained.", is_required=True),
        string(
            "status",
            "in_force, or why the lens has no model (not_provided: ..., policies_rejected: ...).",
            is_required=True,
        ),
        string(
            "knowledge",
            "JSON: what the method knows of each segment besides its prototype, by segment_id; NULL where that is all.",
        ),
        string("predecessor_model_id", "The lens's model before it, whose segments it carries on; NULL for the first."),
        string(
            "chain_hash",
            "Hash of the configuration and of the lens's retraining dates up to this one.",
            is_required=True,
        ),
        key=("lens",),
        unit_of_row="lens",
    ),
    reads={"customer_features": ()},
    follows=("retraining_requests", "rejected_rows"),
    other_days=learned_from,
    asks_for=("customer_features", "rejected_rows"),
    make=make,
    makes_also=tuple(name for name in MODEL_TABLES if name != "segment_models"),
    given=_given,
    code=lambda portfolio: [ModelRegistry, *code_of(portfolio)],
    show=show,
    kinds=frozenset({"python", "numba"}),
)
