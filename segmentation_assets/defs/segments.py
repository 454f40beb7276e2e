"""Segments: the models in force, every customer's place in them, and a map."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
from dagster import (
    AssetExecutionContext,
    AssetIn,
    AssetsDefinition,
    MetadataValue,
    Output,
    ResourceParam,
    asset,
    multi_asset,
)

from segmentation_assets.defs.asset_specs import asset_arguments, asset_out, multi_asset_arguments
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.frame_types import frame_type
from segmentation_assets.defs.snapshots import day_by_day, days_of, joined, on, stacked
from segmentation_assets.errors import ModelError
from segmentation_assets.personas.plots import (
    plot_elbow_and_silhouette,
    to_markdown_image,
)
from segmentation_assets.segments.model import IN_FORCE, LensModel, model_from_rows
from segmentation_assets.segments.placement import place, unseen_categories
from segmentation_assets.segments.projection import project
from segmentation_assets.segments.retraining import training_date
from segmentation_assets.segments.training import Training, train
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.warehouse import Warehouse

_MODEL_TABLES = ("model_selection", "segment_models", "segment_prototypes")


def build_segments(blueprint: Blueprint) -> list[AssetsDefinition]:
    """Define the segment tables."""
    return [_trained_lenses(blueprint), _customer_segments(blueprint), _customer_projection(blueprint)]


def _lens_version(blueprint: Blueprint, *modules: str) -> str:
    portfolio = blueprint.portfolio
    return code_version(*modules, data=repr((portfolio.lenses, portfolio.features, portfolio.retrain)))


def _trained_lenses(blueprint: Blueprint) -> AssetsDefinition:
    tables = [blueprint.tables[name] for name in _MODEL_TABLES]
    version = _lens_version(blueprint, "segments", "clustering")

    @multi_asset(
        **multi_asset_arguments(blueprint, "trained_lenses"),
        ins={"customer_features": AssetIn("customer_features")},
        outs={t.name: asset_out(blueprint, t.name, version=version, kinds={"python", "numba"}) for t in tables},
    )
    def trained_lenses(
        context: AssetExecutionContext, customer_features: pd.DataFrame, warehouse: ResourceParam[Warehouse]
    ) -> Iterator[Output[pd.DataFrame]]:
        registry = _Registry(blueprint, warehouse, customer_features)
        days = days_of(context)
        trained = {day: registry.in_force(day) for day in days}
        rows = {
            "model_selection": lambda t: t.candidates,
            "segment_models": lambda t: t.model_rows,
            "segment_prototypes": lambda t: t.prototype_rows,
        }
        for table in tables:
            frame = joined(table, ((day, rows[table.name](trained[day])) for day in days))
            yield Output(frame, table.name, metadata=_training_metadata(table.name, trained[days[-1]], blueprint))

    return trained_lenses


class _Registry:
    """Finds the model in force on a day: in the tables where it was written down, else trained, once a run."""

    def __init__(self, blueprint: Blueprint, warehouse: Warehouse, features: pd.DataFrame) -> None:
        self._blueprint = blueprint
        self._warehouse = warehouse
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
            self._known[learned_on] = written or train(self._features_on(learned_on), portfolio, learned_on)
        return self._known[learned_on]

    def _written(self, day: date) -> Training | None:
        """Return what the tables hold of an earlier training, unless a lens was configured otherwise then."""
        frames = [self._read(name, day) for name in _MODEL_TABLES]
        written = Training(*frames)
        return written if written.is_current(self._blueprint.portfolio) else None

    def _features_on(self, day: date) -> pd.DataFrame:
        features = on(self._features, day) if day in self._days else self._read("customer_features", day)
        if features.empty and day not in self._days:
            raise ModelError(
                f"The model in force is the one trained on {day}, the first snapshot of its period, and "
                f"customer_features has no rows for that day. Materialise it first: segmentation run --date {day}"
            )
        return features

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
    return {}


def models_on(models: pd.DataFrame, prototypes: pd.DataFrame, day: date) -> dict[str, LensModel | str]:
    """Return for each lens its model on a day, or the status that says why there is none."""
    rows, centres = on(models, day), on(prototypes, day)
    return {
        row["lens"]: model_from_rows(row, centres[centres["lens"] == row["lens"]])
        if row["status"] == IN_FORCE
        else row["status"]
        for _, row in rows.iterrows()
    }


def _customer_segments(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["customer_segments"]

    @asset(
        **asset_arguments(
            blueprint, table.name, version=_lens_version(blueprint, "segments.placement"), kinds={"python", "pandas"}
        ),
        dagster_type=frame_type(table),
    )
    def customer_segments(
        context: AssetExecutionContext,
        customer_features: pd.DataFrame,
        segment_models: pd.DataFrame,
        segment_prototypes: pd.DataFrame,
    ) -> Output[pd.DataFrame]:
        unseen: dict[str, dict[str, list[str]]] = {}

        def place_all(day: date) -> pd.DataFrame:
            features, models = on(customer_features, day), models_on(segment_models, segment_prototypes, day)
            parts = []
            for name, lens in portfolio.lenses.items():
                model = models[name] if isinstance(models[name], LensModel) else None
                status = IN_FORCE if model else str(models[name])
                parts.append(place(features, name, lens, portfolio.features, model=model, status=status))
                unseen[name] = unseen_categories(features, model) if model else {}
            return stacked(parts)

        days = days_of(context)
        frame = day_by_day(table, days, place_all)
        return Output(frame, metadata=_placement_metadata(on(frame, days[-1]), unseen, portfolio.primary_lens))

    return customer_segments


def _placement_metadata(frame: pd.DataFrame, unseen: dict, primary: str) -> dict[str, MetadataValue]:
    """Count the placed and the others a lens, on the last day of the run."""
    counts = frame.assign(placed=frame["segment_id"].notna()).groupby("lens")["placed"].agg(["sum", "size"])
    counts = counts.rename(columns={"sum": "placed", "size": "customers"}).reset_index()
    reasons = frame[frame["lens"] == primary]["unassigned_reason"].value_counts()
    return {
        "placed": MetadataValue.md(counts.to_markdown(index=False)),
        "unassigned_in_primary_lens": MetadataValue.json({str(k): int(v) for k, v in reasons.items()}),
        "unseen_categories": MetadataValue.json({lens: found for lens, found in unseen.items() if found}),
    }


def _customer_projection(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["customer_projection"]
    version = _lens_version(blueprint, "segments.projection", "clustering.famd")

    @asset(
        **asset_arguments(blueprint, table.name, version=version, kinds={"python", "pandas"}),
        dagster_type=frame_type(table),
    )
    def customer_projection(context: AssetExecutionContext, customer_features: pd.DataFrame) -> Output[pd.DataFrame]:
        inertia: dict[str, list[float]] = {}

        def project_all(day: date) -> pd.DataFrame:
            parts = []
            for name, lens in portfolio.lenses.items():
                coordinates, inertia[name] = project(on(customer_features, day), name, lens, portfolio.features)
                parts.append(coordinates)
            return stacked(parts)

        frame = day_by_day(table, days_of(context), project_all)
        return Output(frame, metadata={"explained_inertia": MetadataValue.json(inertia)})

    return customer_projection
