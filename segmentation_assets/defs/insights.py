"""Insights: who moved between segments, and which features drifted away from the model."""

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

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.asset_specs import asset_arguments, asset_out, multi_asset_arguments
from segmentation_assets.defs.frame_types import frame_type
from segmentation_assets.defs.markdown import as_sentence, as_table
from segmentation_assets.defs.run_days import days_of
from segmentation_assets.history.calendar import EARLIER_SNAPSHOTS, learned_from
from segmentation_assets.history.drift import drift_version, lens_drift
from segmentation_assets.history.features import raw_of_features
from segmentation_assets.history.past_days import History
from segmentation_assets.history.versions import models_version, placement_version
from segmentation_assets.insights.migration import compare_with_earlier
from segmentation_assets.segments.workers import Workers
from segmentation_assets.tables.snapshots import day_by_day, joined, on, stacked
from segmentation_assets.versions import fingerprint
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.provenance import IF_MADE


def build_insights(blueprint: Blueprint) -> list[AssetsDefinition]:
    """Define the insight tables."""
    return [_migrations(blueprint), _feature_drift(blueprint)]


def _migrations(blueprint: Blueprint) -> AssetsDefinition:
    """Define `segment_migration` and `customer_moves`, which come from the same pairs of days."""
    counted, moved = (blueprint.tables[name] for name in ("segment_migration", "customer_moves"))
    # An earlier snapshot may have to be placed anew, by a model learned anew.
    made_by = (models_version(blueprint.portfolio), placement_version(blueprint.portfolio))
    version = fingerprint(compare_with_earlier, History, data="\n".join(made_by))
    # Earlier snapshots are placed again from raw where that has not been done.
    compared_with = {
        **raw_of_features(blueprint, EARLIER_SNAPSHOTS),
        "customer_segments": EARLIER_SNAPSHOTS + IF_MADE,
    }

    @multi_asset(
        **multi_asset_arguments(blueprint, "migrations"),
        ins={"customer_segments": AssetIn("customer_segments", metadata={"columns": ["snapshot_date", *_COMPARED]})},
        outs={
            table.name: asset_out(
                blueprint, table.name, version=version, kinds={"python"}, further_upstream=compared_with
            )
            for table in (counted, moved)
        },
    )
    def migrations(
        context: AssetExecutionContext,
        customer_segments: pd.DataFrame,
        warehouse: ResourceParam[Warehouse],
        workers: ResourceParam[Workers],
    ) -> Iterator[Output[pd.DataFrame]]:
        history, days = History(blueprint, warehouse, workers), days_of(context)

        def placed(day: date) -> pd.DataFrame:
            return on(customer_segments, day) if day in days else history.placements(day, _COMPARED)

        found = {day: compare_with_earlier(day, history.snapshots, placed) for day in days}
        ways = joined(counted, ((day, found[day].ways) for day in days))
        shown = on(ways, days[-1])
        primary = shown[shown["lens"] == blueprint.portfolio.primary_lens]
        yield Output(ways, counted.name, metadata={"moves": _moves(primary)})
        moves = joined(moved, ((day, found[day].moves) for day in days))
        n_moves = {str(lens): int(n) for lens, n in on(moves, days[-1])["lens"].value_counts().items()}
        yield Output(moves, moved.name, metadata={"moves": MetadataValue.json(n_moves)})

    return migrations


_COMPARED = ["lens", "customer_id", "segment_id", "confidence", "model_id"]
"""What days are compared by: an engine that bills by bytes bills what is read."""


def _moves(rows: pd.DataFrame) -> MetadataValue:
    """Show how many customers moved, joined and left since each earlier snapshot."""
    if rows.empty:
        return as_sentence("There is no earlier snapshot.")
    counts = rows.pivot_table("n_customers", "from_snapshot", "movement", aggfunc="sum", fill_value=0)
    since = counts.reset_index().assign(from_snapshot=lambda shown: shown["from_snapshot"].dt.date)
    return as_table(since)


def _feature_drift(blueprint: Blueprint) -> AssetsDefinition:
    portfolio, table = blueprint.portfolio, blueprint.tables["feature_drift"]
    version = drift_version(blueprint)

    @asset(
        **asset_arguments(
            blueprint, table.name, version=version, kinds={"python", "scipy"}, further_upstream=learned_from(blueprint)
        ),
        dagster_type=frame_type(table),
        deps=["segment_models", "segment_prototypes"],
    )
    def feature_drift(
        context: AssetExecutionContext,
        customer_features: pd.DataFrame,
        warehouse: ResourceParam[Warehouse],
        workers: ResourceParam[Workers],
    ) -> Output[pd.DataFrame]:
        history, days = History(blueprint, warehouse, workers), days_of(context)

        def measure_all(day: date) -> pd.DataFrame:
            features = on(customer_features, day)
            parts = [
                part for lens in portfolio.lenses if len(part := lens_drift(lens, day, features, history, portfolio))
            ]
            return stacked(parts)

        frame = day_by_day(table, days, measure_all)
        return Output(frame, metadata=_alarms(on(frame, days[-1])))

    return feature_drift


def _alarms(rows: pd.DataFrame) -> dict[str, MetadataValue]:
    """Show what drifted on the last day of the run."""
    columns = ["lens", "scope", "segment_id", "feature", "reference_snapshot", "psi", "p_value"]
    alarms = rows.loc[rows["is_alarm"], columns].sort_values("psi", ascending=False)
    shown = alarms.astype({"segment_id": object}).assign(reference_snapshot=alarms["reference_snapshot"].dt.date)
    words = as_table(shown, floatfmt=".3g") if len(shown) else as_sentence("No feature drifted past its alarm.")
    return {"drifting": words, "n_alarms": MetadataValue.int(len(alarms))}
