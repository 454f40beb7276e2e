"""Raw: read every input table of a day, check them all, then hand them on as delivered.

One op for all seven, because nothing may be written before every required file and column is known to be there.
"""

from collections.abc import Iterator

import pandas as pd
from dagster import AssetExecutionContext, AssetsDefinition, Output, ResourceParam, multi_asset

from segmentation_assets.defs.asset_specs import asset_out, multi_asset_arguments
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.snapshots import days_of, joined
from segmentation_assets.sources import Source, read_all
from segmentation_assets.tables import INPUT_TABLES


def build_raw(blueprint: Blueprint) -> AssetsDefinition:
    """Define the seven raw tables."""
    portfolio = blueprint.portfolio
    version = code_version("sources", data=repr(portfolio.sources))
    names = [f"raw_{table.name}" for table in INPUT_TABLES]

    @multi_asset(
        **multi_asset_arguments(blueprint, "raw_snapshot"),
        outs={
            name: asset_out(blueprint, name, version=version, kinds={"python", "pandas"}, is_required=False)
            for name in names
        },
        can_subset=True,
    )
    def raw_snapshot(context: AssetExecutionContext, source: ResourceParam[Source]) -> Iterator[Output[pd.DataFrame]]:
        selected = context.op_execution_context.selected_output_names
        wanted = [table for table in INPUT_TABLES if f"raw_{table.name}" in selected]
        days = days_of(context)
        deliveries = {day: read_all(source, portfolio, [core.name for core in wanted], day) for day in days}
        for core in wanted:
            raw = blueprint.tables[f"raw_{core.name}"]
            frame = joined(raw, ((day, deliveries[day][core.name]) for day in days))
            yield Output(frame, raw.name, metadata={"read_from": _origins(frame)})

    return raw_snapshot


def _origins(frame: pd.DataFrame) -> str:
    """Name what was read, or say that the table was not provided."""
    return ", ".join(sorted(frame["source"].dropna().unique())) or "not provided"
