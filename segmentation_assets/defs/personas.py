"""Personas: what the segments look like, what they are called, and the customers under those names."""

from datetime import date

import pandas as pd
from dagster import AssetExecutionContext, AssetIn, AssetsDefinition, MetadataValue, Output, ResourceParam, asset

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.asset_specs import asset_arguments
from segmentation_assets.defs.frame_types import frame_type
from segmentation_assets.defs.markdown import as_picture, as_table
from segmentation_assets.defs.progress import GEMINI_NOTES
from segmentation_assets.defs.run_days import days_of
from segmentation_assets.history.calendar import TRAINING_SNAPSHOTS
from segmentation_assets.history.label_chain import LabelChain, known_answers
from segmentation_assets.history.model_registry import ModelRegistry
from segmentation_assets.history.versions import labels_version, models_version, profiles_version
from segmentation_assets.personas.gemini.namer import Namer, Report
from segmentation_assets.personas.labelling import label_customers
from segmentation_assets.personas.pictures.plots import plot_shares, plot_snake, to_markdown_image
from segmentation_assets.personas.profiles.segment_profiles import profile_segments
from segmentation_assets.segments.workers import Workers
from segmentation_assets.tables.frames import empty_frame
from segmentation_assets.tables.snapshots import day_by_day, on, stacked
from segmentation_assets.versions import fingerprint
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.provenance import IF_MADE

_PLACE = ["snapshot_date", "lens", "customer_id", "segment_id", "confidence", "is_outlier", "unassigned_reason"]
"""Columns of `customer_segments` that a reader of `labelled_customers` wants."""


def build_personas(blueprint: Blueprint) -> list[AssetsDefinition]:
    """Define the persona tables."""
    return [_segment_profiles(blueprint), _segment_labels(blueprint), _labelled_customers(blueprint)]


def _of_lens(frame: pd.DataFrame, lens: str) -> pd.DataFrame:
    return frame[frame["lens"] == lens]


def _segment_profiles(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["segment_profiles"]

    @asset(
        **asset_arguments(blueprint, table.name, version=profiles_version(portfolio), kinds={"python"}),
        ins={
            "customer_segments": AssetIn(metadata={"columns": ["snapshot_date", "lens", "customer_id", "segment_id"]})
        },
        dagster_type=frame_type(table),
    )
    def segment_profiles(
        context: AssetExecutionContext,
        customer_features: pd.DataFrame,
        customer_segments: pd.DataFrame,
        segment_models: pd.DataFrame,
    ) -> Output[pd.DataFrame]:
        def profile_all(day: date) -> pd.DataFrame:
            features, placements = on(customer_features, day), on(customer_segments, day)
            model_ids = on(segment_models, day).set_index("lens")["model_id"]
            parts = [
                profile_segments(
                    features,
                    _of_lens(placements, name),
                    lens=lens,
                    lens_name=name,
                    model_id=model_ids[name],
                    features=portfolio.features,
                    names=portfolio.profiled_features(name),
                    min_group_size=portfolio.min_group_size,
                )
                for name, lens in portfolio.lenses.items()
            ]
            return stacked(parts)

        days = days_of(context)
        frame = day_by_day(table, days, profile_all)
        shown = _of_lens(on(frame, days[-1]), portfolio.primary_lens)
        plots = {"snake_plot": as_picture(to_markdown_image(plot_snake(shown, None)))} if len(shown) else {}
        return Output(frame, metadata=plots)

    return segment_profiles


def _segment_labels(blueprint: Blueprint) -> AssetsDefinition:
    table = blueprint.tables["segment_labels"]
    versions = {
        "segment_profiles": profiles_version(blueprint.portfolio),
        "segment_labels": labels_version(blueprint.portfolio),
    }

    @asset(
        **asset_arguments(
            blueprint,
            table.name,
            version=versions[table.name],
            kinds={"python", "gemini"},
            further_upstream={"segment_profiles": TRAINING_SNAPSHOTS + IF_MADE},
        ),
        dagster_type=frame_type(table),
    )
    def segment_labels(  # noqa: PLR0917 - Dagster hands inputs and resources by name
        context: AssetExecutionContext,
        segment_profiles: pd.DataFrame,
        segment_models: pd.DataFrame,
        segment_prototypes: pd.DataFrame,
        warehouse: ResourceParam[Warehouse],
        workers: ResourceParam[Workers],
        namer: ResourceParam[Namer],
    ) -> Output[pd.DataFrame]:
        session = namer.session(lambda: known_answers(blueprint, warehouse, namer.version))
        features = empty_frame(blueprint.tables["customer_features"])  # the run's own days come with their models
        chain = LabelChain(
            blueprint,
            warehouse,
            ModelRegistry(blueprint, warehouse, workers, features, models_version(blueprint.portfolio)),
            session,
            profiles=segment_profiles,
            models=segment_models,
            prototypes=segment_prototypes,
            versions=versions,
        )
        days = days_of(context)
        frame = day_by_day(table, days, chain.on)
        for line in session.report.lines:
            context.log.warning(line)
        return Output(frame, metadata=_naming_metadata(on(frame, days[-1]), session.report))

    return segment_labels


def _naming_metadata(labels: pd.DataFrame, report: Report) -> dict[str, MetadataValue]:
    """Show the names of the last day, where they come from, and what asking for them came to."""
    names = labels[["lens", "segment_id", "segment_name", "label_source", "description"]]
    return {
        "names": as_table(names),
        "label_sources": MetadataValue.json({str(k): int(n) for k, n in labels["label_source"].value_counts().items()}),
        "gemini": MetadataValue.json(report.as_json()),
        **({GEMINI_NOTES: MetadataValue.text("\n".join(report.lines))} if report.lines else {}),
    }


def _labelled_customers(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["labelled_customers"]

    @asset(
        **asset_arguments(
            blueprint, table.name, version=fingerprint(label_customers, data=portfolio.primary_lens), kinds={"python"}
        ),
        ins={"customer_segments": AssetIn(metadata={"columns": _PLACE})},
        dagster_type=frame_type(table),
    )
    def labelled_customers(
        context: AssetExecutionContext,
        customer_features: pd.DataFrame,
        customer_segments: pd.DataFrame,
        segment_labels: pd.DataFrame,
    ) -> Output[pd.DataFrame]:
        placements = _of_lens(customer_segments, portfolio.primary_lens)
        labels = _of_lens(segment_labels, portfolio.primary_lens)

        def label_all(day: date) -> pd.DataFrame:
            return label_customers(on(customer_features, day), on(placements, day), on(labels, day))

        days = days_of(context)
        frame = day_by_day(table, days, label_all)
        value = portfolio.value
        figure = plot_shares(
            on(frame, days[-1]),
            on(labels, days[-1]),
            value.feature,
            value_label=value.label,
            min_group_size=portfolio.min_group_size,
        )
        return Output(frame, metadata={"segment_shares": as_picture(to_markdown_image(figure))})

    return labelled_customers
