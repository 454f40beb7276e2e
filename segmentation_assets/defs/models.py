"""Models: the five tables of the training in force on a day."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
from dagster import AssetExecutionContext, AssetIn, AssetsDefinition, MetadataValue, Output, ResourceParam, multi_asset

from segmentation_assets.defs.asset_specs import asset_out, multi_asset_arguments
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.core import core_version
from segmentation_assets.defs.features import features_version, raw_of_features
from segmentation_assets.defs.markdown import as_list, as_picture, as_table
from segmentation_assets.defs.model_registry import MODEL_TABLES, ModelRegistry
from segmentation_assets.defs.other_days import TRAINING_SNAPSHOTS
from segmentation_assets.defs.snapshots import days_of, joined, on
from segmentation_assets.defs.turned_away import REJECTED_ROWS, read_turned_away
from segmentation_assets.defs.workers import Workers
from segmentation_assets.personas.pictures.plots import plot_elbow_and_silhouette, to_markdown_image
from segmentation_assets.segments.model import IN_FORCE, LensModel, model_from_rows
from segmentation_assets.segments.placement import place
from segmentation_assets.segments.sentinels import sentinel_sentences
from segmentation_assets.segments.training import Training, configuration_hash
from segmentation_assets.versions import fingerprint, given
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.provenance import IF_MADE


def learned_from(blueprint: Blueprint) -> dict[str, str]:
    """Return what a day's model is learned from: raw snapshots of its training days, their features if made."""
    return {
        **raw_of_features(blueprint, TRAINING_SNAPSHOTS),
        "customer_features": TRAINING_SNAPSHOTS + IF_MADE,
    }


def models_version(blueprint: Blueprint) -> str:
    """Return the version of what makes the model tables: their code, the lenses, and when they are retrained.

    A model may be learned from features worked out from the raw snapshot of its day, so what makes features counts.
    """
    portfolio = blueprint.portfolio
    decided = [configuration_hash(name, portfolio) for name in sorted(portfolio.lenses)]
    made_by = [core_version(blueprint), features_version(blueprint)]
    return fingerprint(ModelRegistry, data="\n".join([*decided, portfolio.retrain, *made_by]))


def placement_version(blueprint: Blueprint) -> str:
    """Return the version of what makes `customer_segments`."""
    decided = given(blueprint.portfolio, lens=["features"], feature=["needs"])
    return fingerprint(place, models_in, read_turned_away, data=decided)


def build_trained_lenses(blueprint: Blueprint) -> AssetsDefinition:
    """Define the five tables that one training fills."""
    tables = [blueprint.tables[name] for name in MODEL_TABLES]
    version, further = models_version(blueprint), learned_from(blueprint)

    @multi_asset(
        **multi_asset_arguments(blueprint, "trained_lenses"),
        ins={"customer_features": AssetIn("customer_features")},
        deps=["retraining_requests", REJECTED_ROWS],
        outs={
            t.name: asset_out(blueprint, t.name, version=version, kinds={"python", "numba"}, further_upstream=further)
            for t in tables
        },
    )
    def trained_lenses(
        context: AssetExecutionContext,
        customer_features: pd.DataFrame,
        warehouse: ResourceParam[Warehouse],
        workers: ResourceParam[Workers],
    ) -> Iterator[Output[pd.DataFrame]]:
        registry = ModelRegistry(blueprint, warehouse, workers, customer_features, version)
        days = days_of(context)
        trained = {day: registry.in_force(day) for day in days}
        for table in tables:
            frame = joined(table, ((day, getattr(trained[day], MODEL_TABLES[table.name])) for day in days))
            metadata = _training_metadata(table.name, trained[days[-1]], blueprint)
            if table.name == "segment_models":
                metadata |= _sentinel_metadata(on(customer_features, days[-1]), blueprint)
            yield Output(frame, table.name, metadata=metadata)

    return trained_lenses


def _training_metadata(name: str, training: Training, blueprint: Blueprint) -> dict[str, MetadataValue]:
    """Show the elbow and silhouette of the primary lens, what each lens came to and why, for the run's last day."""
    primary = blueprint.portfolio.primary_lens
    if name == "model_selection":
        candidates = training.candidates[training.candidates["lens"] == primary]
        if candidates.empty:
            return {}
        decided = training.candidates[training.candidates[["is_recommended", "is_chosen"]].any(axis=1)]
        columns = ["lens", "n_clusters", "is_recommended", "is_chosen", "reason"]
        return {
            "elbow_and_silhouette": as_picture(to_markdown_image(plot_elbow_and_silhouette(candidates))),
            "number_of_segments": as_table(decided.reindex(columns=columns)),
        }
    if name == "segment_models":
        columns = ["lens", "model_id", "trained_on", "n_clusters", "cost", "silhouette", "n_customers", "status"]
        return {"models": as_table(training.model_rows.reindex(columns=columns))}
    if name == "segment_stability":
        columns = ["lens", "segment_id", "n_customers", "jaccard", "jaccard_q05", "moved_share", "verdict", "mean_ari"]
        shown = training.stability_rows.reindex(columns=columns).round(3)
        return {"stability": as_table(shown)}
    if name == "segment_lineage":
        columns = ["lens", "segment_id", "event", "predecessor_segment_ids", "successor_segment_ids", "jaccard"]
        shown = training.lineage_rows.reindex(columns=columns).astype(object)
        return {"lineage": as_table(shown.where(shown.notna(), ""), floatfmt=".3f")}
    return {}


def _sentinel_metadata(features: pd.DataFrame, blueprint: Blueprint) -> dict[str, MetadataValue]:
    """Warn of features of the last day that hold a number written for "not known"."""
    sentences = sentinel_sentences(features, blueprint.portfolio)
    return {"values_to_look_at": as_list(sentences)} if sentences else {}


def models_on(models: pd.DataFrame, prototypes: pd.DataFrame, day: date) -> dict[str, tuple[LensModel | None, str]]:
    """Return for each lens its model on a day and its status, which says why where there is no model."""
    return models_in(on(models, day), on(prototypes, day))


def models_in(rows: pd.DataFrame, centres: pd.DataFrame) -> dict[str, tuple[LensModel | None, str]]:
    """Return the same from rows of one day."""
    found: dict[str, tuple[LensModel | None, str]] = {}
    for _, row in rows.iterrows():
        has_model = row["status"] == IN_FORCE
        model = model_from_rows(row, centres[centres["lens"] == row["lens"]]) if has_model else None
        found[row["lens"]] = (model, row["status"])
    return found
