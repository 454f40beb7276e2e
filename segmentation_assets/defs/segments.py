"""Segments: every customer's place in the models in force, and a map."""

from datetime import date

import pandas as pd
from dagster import AssetExecutionContext, AssetIn, AssetsDefinition, MetadataValue, Output, ResourceParam, asset

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.asset_specs import asset_arguments
from segmentation_assets.defs.frame_types import frame_type
from segmentation_assets.defs.markdown import as_picture, as_table
from segmentation_assets.defs.models import build_trained_lenses
from segmentation_assets.defs.run_days import days_of
from segmentation_assets.history.turned_away import REJECTED_ROWS, read_turned_away
from segmentation_assets.history.versions import placement_version
from segmentation_assets.personas.pictures.plots import plot_projection, plot_shares, to_markdown_image
from segmentation_assets.personas.profiles.segment_profiles import OTHER
from segmentation_assets.personas.profiles.telling import known_categories
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.micro import micro_segments as cut_segments
from segmentation_assets.segments.model import LensModel, models_in, models_on
from segmentation_assets.segments.placement import place_all, unseen_categories
from segmentation_assets.segments.projection import project
from segmentation_assets.segments.workers import Workers
from segmentation_assets.tables.keys import positions_of
from segmentation_assets.tables.snapshots import day_by_day, on, stacked
from segmentation_assets.versions import fingerprint, given
from segmentation_assets.warehouse import Warehouse


def build_segments(blueprint: Blueprint) -> list[AssetsDefinition]:
    """Define the segment tables."""
    return [
        build_trained_lenses(blueprint),
        _customer_segments(blueprint),
        _customer_projection(blueprint),
        _micro_segments(blueprint),
    ]


def _customer_segments(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["customer_segments"]
    version = placement_version(portfolio)

    @asset(
        **asset_arguments(blueprint, table.name, version=version, kinds={"python", "pandas"}),
        dagster_type=frame_type(table),
        deps=[REJECTED_ROWS],
    )
    def customer_segments(
        context: AssetExecutionContext,
        customer_features: pd.DataFrame,
        segment_models: pd.DataFrame,
        segment_prototypes: pd.DataFrame,
        warehouse: ResourceParam[Warehouse],
    ) -> Output[pd.DataFrame]:
        days = days_of(context)
        turned = read_turned_away(blueprint, warehouse, days)
        unseen: dict[str, dict[str, dict[str, int]]] = {}

        def placed_on(day: date) -> pd.DataFrame:
            features, models = on(customer_features, day), models_on(segment_models, segment_prototypes, day)
            unseen.update({name: _unseen(features, model, portfolio) for name, (model, _) in models.items()})
            return place_all(features, models, portfolio, turned[day])

        frame = day_by_day(table, days, placed_on)
        last = on(frame, days[-1])
        primary = last[last["lens"] == portfolio.primary_lens]
        return Output(
            frame,
            metadata={
                "segment_shares": _shares_plot(primary, on(customer_features, days[-1]), portfolio),
                "placed": _placed(last),
                "unassigned_in_primary_lens": _unassigned(primary),
                "unseen_categories": MetadataValue.json({lens: found for lens, found in unseen.items() if found}),
            },
        )

    return customer_segments


def _unseen(features: pd.DataFrame, model: LensModel | None, portfolio: Portfolio) -> dict[str, dict[str, int]]:
    """Return how many customers have categories that a model never saw, by text where it may be told."""
    told: dict[str, dict[str, int]] = {}
    for name, counts in (unseen_categories(features, model) if model else {}).items():
        known = known_categories(counts, portfolio.features[name], portfolio.min_group_size)
        told[name] = {category: n for category, n in counts.items() if category in known}
        if rest := sum(n for category, n in counts.items() if category not in known):
            told[name][OTHER] = rest
    return told


def _shares_plot(placements: pd.DataFrame, features: pd.DataFrame, portfolio: Portfolio) -> MetadataValue:
    """Draw the segments' shares of customers and value; their names do not exist yet at this stage."""
    value = portfolio.value
    at = positions_of(placements["customer_id"], features["customer_id"])
    worth = pd.DataFrame(
        {"segment_id": placements["segment_id"].array, value.feature: features[value.feature].array[at]}
    )
    figure = plot_shares(worth, None, value.feature, value_label=value.label, min_group_size=portfolio.min_group_size)
    return as_picture(to_markdown_image(figure))


def _placed(placements: pd.DataFrame) -> MetadataValue:
    """Count the customers placed, a lens."""
    counts = placements["segment_id"].notna().groupby(placements["lens"]).agg(placed="sum", customers="size")
    return as_table(counts.reset_index())


def _unassigned(placements: pd.DataFrame) -> MetadataValue:
    """Count the reasons for having no segment."""
    return MetadataValue.json({str(why): int(n) for why, n in placements["unassigned_reason"].value_counts().items()})


def _customer_projection(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["customer_projection"]
    version = fingerprint(project, data=given(portfolio, lens=["features"], feature=["kind", "needs"]))

    @asset(
        **asset_arguments(blueprint, table.name, version=version, kinds={"python", "pandas"}),
        ins={
            "customer_segments": AssetIn(metadata={"columns": ["snapshot_date", "lens", "customer_id", "segment_id"]})
        },
        dagster_type=frame_type(table),
    )
    def customer_projection(
        context: AssetExecutionContext,
        customer_features: pd.DataFrame,
        customer_segments: pd.DataFrame,
        workers: ResourceParam[Workers],
    ) -> Output[pd.DataFrame]:
        inertia: dict[str, list[float]] = {}

        def project_all(day: date) -> pd.DataFrame:
            features, parts = on(customer_features, day), []
            for name, lens in sorted(portfolio.lenses.items()):
                coordinates, inertia[name] = project(features, name, lens, portfolio.features, client)
                parts.append(coordinates)
            return stacked(parts)

        days, primary = days_of(context), portfolio.primary_lens
        with workers.connected() as client:
            frame = day_by_day(table, days, project_all)
        shown, placed = on(frame, days[-1]), on(customer_segments, days[-1])
        figure = plot_projection(shown[shown["lens"] == primary], placed[placed["lens"] == primary], None)
        return Output(
            frame,
            metadata={
                "projection": as_picture(to_markdown_image(figure)),
                "explained_inertia": MetadataValue.json(inertia),
            },
        )

    return customer_projection


def _micro_segments(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["micro_segments"]
    version = fingerprint(cut_segments, models_in, data=given(portfolio, lens=["micro_segments"]))

    @asset(
        **asset_arguments(blueprint, table.name, version=version, kinds={"python", "numba"}),
        dagster_type=frame_type(table),
    )
    def micro_segments(
        context: AssetExecutionContext,
        customer_features: pd.DataFrame,
        segment_models: pd.DataFrame,
        segment_prototypes: pd.DataFrame,
        customer_segments: pd.DataFrame,
    ) -> Output[pd.DataFrame]:
        def cut_all(day: date) -> pd.DataFrame:
            features, placements = on(customer_features, day), on(customer_segments, day)
            models, parts = models_on(segment_models, segment_prototypes, day), []
            for name, lens in sorted(portfolio.lenses.items()):
                model = models[name][0]
                if model is not None and lens.micro_segments is not None:
                    of_lens = placements[placements["lens"] == name]
                    parts.append(cut_segments(features, of_lens, model, lens.micro_segments))
            return stacked(parts)

        days = days_of(context)
        frame = day_by_day(table, days, cut_all)
        counts = on(frame, days[-1]).groupby("lens").size().to_dict()
        asked = {name: lens.micro_segments for name, lens in portfolio.lenses.items()}
        shown = {name: int(counts.get(name, 0)) if wanted else "not asked for" for name, wanted in asked.items()}
        return Output(frame, metadata={"micro_segments": MetadataValue.json(shown)})

    return micro_segments
