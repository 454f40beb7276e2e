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
from segmentation_assets.defs.features import features_from_raw
from segmentation_assets.defs.frame_types import frame_type
from segmentation_assets.defs.snapshots import day_by_day, days_of, joined, on, stacked
from segmentation_assets.personas.plots import (
    plot_elbow_and_silhouette,
    plot_projection,
    plot_shares,
    to_markdown_image,
)
from segmentation_assets.portfolio.schema import Value
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
                model, status = models[name]
                parts.append(place(features, name, lens, portfolio.features, model=model, status=status))
                unseen[name] = unseen_categories(features, model) if model else {}
            return stacked(parts)

        days = days_of(context)
        frame = day_by_day(table, days, place_all)
        last = on(frame, days[-1])
        primary = last[last["lens"] == portfolio.primary_lens]
        return Output(
            frame,
            metadata={
                "segment_shares": _shares_plot(primary, on(customer_features, days[-1]), portfolio.value),
                "placed": _placed(last),
                "unassigned_in_primary_lens": _unassigned(primary),
                "unseen_categories": MetadataValue.json({lens: found for lens, found in unseen.items() if found}),
            },
        )

    return customer_segments


def _shares_plot(placements: pd.DataFrame, features: pd.DataFrame, value: Value) -> MetadataValue:
    """Draw the segments' shares of customers and value; their names do not exist yet at this stage."""
    worth = placements.merge(features[["customer_id", value.feature]], on="customer_id", validate="one_to_one")
    return MetadataValue.md(to_markdown_image(plot_shares(worth, None, value.feature, value_label=value.label)))


def _placed(placements: pd.DataFrame) -> MetadataValue:
    """Count the customers placed, a lens."""
    counts = placements["segment_id"].notna().groupby(placements["lens"]).agg(placed="sum", customers="size")
    return MetadataValue.md(counts.reset_index().to_markdown(index=False))


def _unassigned(placements: pd.DataFrame) -> MetadataValue:
    """Count the reasons for having no segment."""
    return MetadataValue.json({str(why): int(n) for why, n in placements["unassigned_reason"].value_counts().items()})


def _customer_projection(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["customer_projection"]
    version = _lens_version(blueprint, "segments.projection", "clustering.famd")

    @asset(
        **asset_arguments(blueprint, table.name, version=version, kinds={"python", "pandas"}),
        dagster_type=frame_type(table),
    )
    def customer_projection(
        context: AssetExecutionContext, customer_features: pd.DataFrame, customer_segments: pd.DataFrame
    ) -> Output[pd.DataFrame]:
        inertia: dict[str, list[float]] = {}

        def project_all(day: date) -> pd.DataFrame:
            parts = []
            for name, lens in portfolio.lenses.items():
                coordinates, inertia[name] = project(on(customer_features, day), name, lens, portfolio.features)
                parts.append(coordinates)
            return stacked(parts)

        days, primary = days_of(context), portfolio.primary_lens
        frame = day_by_day(table, days, project_all)
        shown, placed = on(frame, days[-1]), on(customer_segments, days[-1])
        figure = plot_projection(shown[shown["lens"] == primary], placed[placed["lens"] == primary], None)
        return Output(
            frame,
            metadata={
                "projection": MetadataValue.md(to_markdown_image(figure)),
                "explained_inertia": MetadataValue.json(inertia),
            },
        )

    return customer_projection
