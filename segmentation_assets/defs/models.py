"""Models: the training in force on a day, found where it was written down or learned once."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
from dagster import AssetExecutionContext, AssetIn, AssetsDefinition, MetadataValue, Output, ResourceParam, multi_asset

from segmentation_assets.defs.asset_specs import asset_out, multi_asset_arguments
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.features import features_from_raw
from segmentation_assets.defs.snapshots import days_of, joined, on
from segmentation_assets.defs.workers import Workers
from segmentation_assets.personas.plots import plot_elbow_and_silhouette, to_markdown_image
from segmentation_assets.segments.model import IN_FORCE, LensModel, model_from_rows
from segmentation_assets.segments.retraining import training_date
from segmentation_assets.segments.training import Training, train
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.warehouse import Warehouse

_MODEL_TABLES = ("model_selection", "segment_models", "segment_prototypes", "segment_stability")


def lens_version(blueprint: Blueprint, *modules: str) -> str:
    """Return the version of what the lenses and the named modules decide."""
    portfolio = blueprint.portfolio
    return code_version(
        *modules, data=repr((portfolio.lenses, portfolio.features, portfolio.retrain, portfolio.engine))
    )


def build_trained_lenses(blueprint: Blueprint) -> AssetsDefinition:
    """Define the four tables that one training fills."""
    tables = [blueprint.tables[name] for name in _MODEL_TABLES]
    version = lens_version(blueprint, "segments", "clustering")

    @multi_asset(
        **multi_asset_arguments(blueprint, "trained_lenses"),
        ins={"customer_features": AssetIn("customer_features")},
        outs={t.name: asset_out(blueprint, t.name, version=version, kinds={"python", "numba"}) for t in tables},
    )
    def trained_lenses(
        context: AssetExecutionContext,
        customer_features: pd.DataFrame,
        warehouse: ResourceParam[Warehouse],
        workers: ResourceParam[Workers],
    ) -> Iterator[Output[pd.DataFrame]]:
        registry = _Registry(blueprint, warehouse, workers, customer_features)
        days = days_of(context)
        trained = {day: registry.in_force(day) for day in days}
        rows = {
            "model_selection": lambda t: t.candidates,
            "segment_models": lambda t: t.model_rows,
            "segment_prototypes": lambda t: t.prototype_rows,
            "segment_stability": lambda t: t.stability_rows,
        }
        for table in tables:
            frame = joined(table, ((day, rows[table.name](trained[day])) for day in days))
            yield Output(frame, table.name, metadata=_training_metadata(table.name, trained[days[-1]], blueprint))

    return trained_lenses


class _Registry:
    """Finds the model in force on a day: in the tables where it was written down, else trained, once a run."""

    def __init__(self, blueprint: Blueprint, warehouse: Warehouse, workers: Workers, features: pd.DataFrame) -> None:
        self._blueprint = blueprint
        self._warehouse = warehouse
        self._workers = workers
        self._features = features
        self._days = set(features["snapshot_date"].dt.date)
        self._snapshots = warehouse.snapshots(blueprint.tables["raw_customers"])
        self._known: dict[date, Training] = {}

    def in_force(self, day: date) -> Training:
        """Return the training in force on a day."""
        portfolio = self._blueprint.portfolio
        learned_on = training_date(day, self._snapshots, portfolio.retrain)
        if learned_on not in self._known:
            written = None if learned_on in self._days else self._written(learned_on)
            self._known[learned_on] = written or self._train(learned_on)
        return self._known[learned_on]

    def _train(self, day: date) -> Training:
        features = self._features_on(day)
        with self._workers.connected() as client:
            return train(features, self._blueprint.portfolio, day, client)

    def _written(self, day: date) -> Training | None:
        """Return what the tables hold of an earlier training, unless a lens was configured otherwise then."""
        frames = [self._read(name, day) for name in _MODEL_TABLES]
        written = Training(*frames)
        return written if written.is_current(self._blueprint.portfolio) else None

    def _features_on(self, day: date) -> pd.DataFrame:
        if day in self._days:
            return on(self._features, day)
        if day in self._warehouse.snapshots(self._blueprint.tables["customer_features"]):
            return self._read("customer_features", day)
        return features_from_raw(self._blueprint, self._warehouse, day)

    def _read(self, name: str, day: date) -> pd.DataFrame:
        table = self._blueprint.tables[name]
        return on(from_arrow(self._warehouse.read(table, day, day), table), day)


def _training_metadata(name: str, training: Training, blueprint: Blueprint) -> dict[str, MetadataValue]:
    """Show the elbow and silhouette of the primary lens, and what each lens came to, for the last day of the run."""
    primary = blueprint.portfolio.primary_lens
    if name == "model_selection":
        candidates = training.candidates[training.candidates["lens"] == primary]
        if candidates.empty:
            return {}
        return {"elbow_and_silhouette": MetadataValue.md(to_markdown_image(plot_elbow_and_silhouette(candidates)))}
    if name == "segment_models":
        columns = ["lens", "model_id", "trained_on", "n_clusters", "cost", "silhouette", "n_customers", "status"]
        return {"models": MetadataValue.md(training.model_rows.reindex(columns=columns).to_markdown(index=False))}
    if name == "segment_stability":
        columns = ["lens", "segment_id", "n_customers", "jaccard", "jaccard_q05", "verdict", "mean_ari"]
        shown = training.stability_rows.reindex(columns=columns).round(3)
        return {"stability": MetadataValue.md(shown.to_markdown(index=False))}
    return {}


def models_on(models: pd.DataFrame, prototypes: pd.DataFrame, day: date) -> dict[str, tuple[LensModel | None, str]]:
    """Return for each lens its model on a day and its status, which says why where there is no model."""
    rows, centres = on(models, day), on(prototypes, day)
    found: dict[str, tuple[LensModel | None, str]] = {}
    for _, row in rows.iterrows():
        has_model = row["status"] == IN_FORCE
        model = model_from_rows(row, centres[centres["lens"] == row["lens"]]) if has_model else None
        found[row["lens"]] = (model, row["status"])
    return found
