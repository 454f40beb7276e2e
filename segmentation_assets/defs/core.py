"""Core: type, key and clean a day's raw tables; keep what was turned away in `rejected_rows`.

One op for all of them, because a foreign key is checked against the keys that survived, and because every rejected
row must land in the one table of rejects.
"""

from collections.abc import Iterator

import pandas as pd
from dagster import AssetExecutionContext, AssetIn, AssetsDefinition, MetadataValue, Output, multi_asset

from segmentation_assets.cleaning import Cleaned, clean_all
from segmentation_assets.defs.asset_specs import asset_out, multi_asset_arguments
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.snapshots import days_of, joined, on
from segmentation_assets.tables import INPUT_TABLES


def build_core(blueprint: Blueprint) -> AssetsDefinition:
    """Define the seven core tables and `rejected_rows`."""
    portfolio = blueprint.portfolio
    version = code_version("cleaning", "tables.core", data=repr(portfolio.sources))
    names = [*(table.name for table in INPUT_TABLES), "rejected_rows"]

    @multi_asset(
        **multi_asset_arguments(blueprint, "core_snapshot"),
        ins={f"raw_{table.name}": AssetIn(f"raw_{table.name}") for table in INPUT_TABLES},
        outs={name: asset_out(blueprint, name, version=version, kinds={"python", "pandas"}) for name in names},
    )
    def core_snapshot(context: AssetExecutionContext, **raw_frames: pd.DataFrame) -> Iterator[Output[pd.DataFrame]]:
        cleaned, rejected = {}, {}
        for day in (days := days_of(context)):
            raw = {table.name: on(raw_frames[f"raw_{table.name}"], day) for table in INPUT_TABLES}
            cleaned[day], rejected[day] = clean_all(raw, portfolio, day)
        for table in INPUT_TABLES:
            parts = [cleaned[day][table.name] for day in days]
            frame = joined(table, zip(days, (part.frame for part in parts), strict=True))
            yield Output(frame, table.name, metadata=_findings(parts))
        table = blueprint.tables["rejected_rows"]
        frame = joined(table, rejected.items())
        yield Output(frame, table.name, metadata=_rejections(frame))

    return core_snapshot


def _findings(parts: list[Cleaned]) -> dict[str, MetadataValue]:
    """Count what cleaning repaired, fell back on and turned away, over the days of the run."""
    fallbacks: dict[str, int] = {}
    repairs: dict[str, int] = {}
    for part in parts:
        for column, count in part.date_fallbacks.items():
            fallbacks[column] = fallbacks.get(column, 0) + count
        for column, count in part.repaired.items():
            repairs[column] = repairs.get(column, 0) + count
    return {
        "rejected_rows": MetadataValue.int(sum(len(part.rejects) for part in parts)),
        "date_fallback_rows": MetadataValue.json(fallbacks),
        "repaired_values": MetadataValue.json(repairs),
    }


def _rejections(frame: pd.DataFrame) -> dict[str, MetadataValue]:
    """Count the rejects by table and by the code of their first reason; a code holds nobody's data."""
    codes = frame["reason"].str.split(":").str[0].fillna("")
    counts = frame.assign(reason=codes).groupby(["table_name", "reason"]).size().reset_index(name="rows")
    return {"reasons": MetadataValue.md(counts.to_markdown(index=False) if len(counts) else "No row was rejected.")}
