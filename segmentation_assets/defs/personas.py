"""Personas: what the segments look like, what they are called, and the customers under those names."""

from datetime import date

import pandas as pd
from dagster import AssetExecutionContext, AssetsDefinition, MetadataValue, Output, asset

from segmentation_assets.defs.asset_specs import asset_arguments
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.frame_types import frame_type
from segmentation_assets.defs.snapshots import day_by_day, days_of, on, stacked
from segmentation_assets.personas.labelling import label_customers
from segmentation_assets.personas.labels import label_segments
from segmentation_assets.personas.plots import plot_shares, plot_snake, to_markdown_image
from segmentation_assets.personas.profiles import profile_segments


def build_personas(blueprint: Blueprint) -> list[AssetsDefinition]:
    """Define the persona tables."""
    return [_segment_profiles(blueprint), _segment_labels(blueprint), _labelled_customers(blueprint)]


def _version(blueprint: Blueprint, *modules: str) -> str:
    portfolio = blueprint.portfolio
    return code_version(*modules, data=repr((portfolio.lenses, portfolio.features, portfolio.min_group_size)))


def _of_lens(frame: pd.DataFrame, lens: str) -> pd.DataFrame:
    return frame[frame["lens"] == lens]


def _segment_profiles(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["segment_profiles"]

    @asset(
        **asset_arguments(blueprint, table.name, version=_version(blueprint, "personas.profiles"), kinds={"python"}),
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
                )
                for name, lens in portfolio.lenses.items()
            ]
            return stacked(parts)

        days = days_of(context)
        frame = day_by_day(table, days, profile_all)
        shown = _of_lens(on(frame, days[-1]), portfolio.primary_lens)
        plots = {"snake_plot": MetadataValue.md(to_markdown_image(plot_snake(shown, None)))} if len(shown) else {}
        return Output(frame, metadata=plots)

    return segment_profiles


def _segment_labels(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["segment_labels"]

    @asset(
        **asset_arguments(blueprint, table.name, version=_version(blueprint, "personas"), kinds={"python"}),
        dagster_type=frame_type(table),
    )
    def segment_labels(context: AssetExecutionContext, segment_profiles: pd.DataFrame) -> Output[pd.DataFrame]:
        def label_all(day: date) -> pd.DataFrame:
            profiles = on(segment_profiles, day)
            return label_segments(profiles, portfolio.features, min_group_size=portfolio.min_group_size)

        days = days_of(context)
        frame = day_by_day(table, days, label_all)
        names = on(frame, days[-1])[["lens", "segment_id", "segment_name", "description"]]
        return Output(frame, metadata={"names": MetadataValue.md(names.to_markdown(index=False))})

    return segment_labels


def _labelled_customers(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["labelled_customers"]

    @asset(
        **asset_arguments(blueprint, table.name, version=_version(blueprint, "personas.labelling"), kinds={"python"}),
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
        figure = plot_shares(on(frame, days[-1]), on(labels, days[-1]), value.feature, value_label=value.label)
        return Output(frame, metadata={"segment_shares": MetadataValue.md(to_markdown_image(figure))})

    return labelled_customers
