"""Models: the five tables of the training in force on a day."""

from collections.abc import Iterator

import pandas as pd
from dagster import AssetExecutionContext, AssetIn, AssetsDefinition, MetadataValue, Output, ResourceParam, multi_asset

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.asset_specs import asset_out, multi_asset_arguments
from segmentation_assets.defs.markdown import as_list, as_picture, as_table
from segmentation_assets.defs.run_days import days_of
from segmentation_assets.history.calendar import learned_from
from segmentation_assets.history.model_registry import MODEL_TABLES, ModelRegistry
from segmentation_assets.history.turned_away import REJECTED_ROWS
from segmentation_assets.history.versions import models_version
from segmentation_assets.personas.pictures.plots import plot_elbow_and_silhouette, to_markdown_image
from segmentation_assets.segments.sentinels import sentinel_sentences
from segmentation_assets.segments.training import Training
from segmentation_assets.segments.workers import Workers
from segmentation_assets.tables.snapshots import joined, on
from segmentation_assets.warehouse import Warehouse


def build_trained_lenses(blueprint: Blueprint) -> AssetsDefinition:
    """Define the five tables that one training fills."""
    tables = [blueprint.tables[name] for name in MODEL_TABLES]
    version, further = models_version(blueprint.portfolio), learned_from(blueprint)

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
