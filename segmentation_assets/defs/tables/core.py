"""Core: type, key and clean a day's raw tables; keep what was turned away in `rejected_rows`.

One op for all of them, because a foreign key is checked against the keys that survived, and because every rejected
row must land in the one table of rejects. All are cleaned before the first is written, so that a delivery of which too
much is rejected changes no table; it holds one table at a time all the same.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
from dagster import (
    AssetExecutionContext,
    AssetIn,
    AssetsDefinition,
    Output,
    multi_asset,
)

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.cleaning import Cleaned, Cleaner, Tally, count_rejections, refuse_mass_rejection
from segmentation_assets.cleaning.rejected.told_reasons import words_shared_in
from segmentation_assets.defs.runs.failures import sentence_first
from segmentation_assets.defs.runs.run_days import days_of
from segmentation_assets.defs.tables.asset_specs import asset_out, multi_asset_arguments
from segmentation_assets.defs.tables.frame_types import STORED_ROWS
from segmentation_assets.defs.tables.metadata import tell
from segmentation_assets.history.versions import core_version
from segmentation_assets.markdown import as_sentence, as_table
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import Table
from segmentation_assets.tables.set_aside import SetAside
from segmentation_assets.tables.snapshots import joined, rows_on
from segmentation_assets.warehouse.stored_rows import StoredRows

MOST_WORDS = 20
"""Unlisted words that the metadata of a table show, a column."""
NOT_SHOWN = "(not shown)"
"""Stands for the words that too few customers share, or that are one too many."""


def build_core(blueprint: Blueprint) -> AssetsDefinition:
    """Define the core table of every input table, and `rejected_rows`."""
    portfolio = blueprint.portfolio
    version, inputs = core_version(blueprint.portfolio), portfolio.input_tables
    raw_tables = [blueprint.tables[f"raw_{table.name}"] for table in inputs]
    names = [*(table.name for table in inputs), "rejected_rows"]

    @multi_asset(
        **multi_asset_arguments(blueprint, "core_snapshot"),
        ins={raw.name: AssetIn(raw.name, dagster_type=STORED_ROWS) for raw in raw_tables},
        outs={name: asset_out(blueprint, name, version=version, kinds={"python", "pandas"}) for name in names},
    )
    def core_snapshot(context: AssetExecutionContext, **raw_rows: StoredRows) -> Iterator[Output[pd.DataFrame]]:
        cleaners = {day: Cleaner(portfolio, day) for day in days_of(context)}
        findings: dict[str, dict[date, dict[str, Any]]] = {}
        with sentence_first(), SetAside() as aside:
            for raw, table in zip(raw_tables, inputs, strict=True):
                rows = raw_rows[raw.name].read([name for name in raw.column_names if name != "source"])
                parts = {day: cleaner.clean(table, rows_on(rows, day)) for day, cleaner in cleaners.items()}
                del rows
                findings[table.name] = {
                    day: _findings(table, part, portfolio.min_group_size) for day, part in parts.items()
                }
                aside.put(table, joined(table, ((day, part.frame) for day, part in parts.items())))
                del parts
            refuse_mass_rejection(portfolio, {day: cleaner.tally for day, cleaner in cleaners.items()})
            for table in inputs:
                tell(context, table.name, findings[table.name])
                yield Output(aside.take(table), table.name)
        table = blueprint.tables["rejected_rows"]
        frame = joined(table, ((day, cleaner.rejected) for day, cleaner in cleaners.items()))
        tell(context, table.name, {day: _rejections(cleaner.tally, portfolio) for day, cleaner in cleaners.items()})
        yield Output(frame, table.name)

    return core_snapshot


def _findings(table: Table, part: Cleaned, least: int) -> dict[str, Any]:
    """Count what cleaning a day repaired, fell back on, turned away and did not know."""
    n_rejected = len(part.rejects)
    return {
        "rejected_rows": n_rejected,
        **_share("rejected_share", n_rejected, n_rejected + len(part.frame)),
        "date_fallback_rows": part.date_fallbacks,
        "repaired_values": part.repaired,
        "unlisted_words": _unlisted(table, part, least),
    }


def _share(title: str, n: int, n_delivered: int) -> dict[str, float]:
    return {title: n / n_delivered} if n_delivered else {}


def _unlisted(table: Table, part: Cleaned, least: int) -> dict[str, dict[str, int]]:
    """Count the rows outside of open lists of categories by column, and by word where enough customers share it."""
    told = {}
    for column, found in part.unlisted.items():
        shared = words_shared_in(table, part.frame, column, found, least)
        shown = dict(list(shared.items())[:MOST_WORDS])
        rest = sum(found.values()) - sum(shown.values())
        told[column] = shown | ({NOT_SHOWN: rest} if rest else {})
    return told


def _rejections(tally: Tally, portfolio: Portfolio) -> dict[str, Any]:
    """Count a day's rejects by table and by the code of their first reason, each with an example that names nobody."""
    rows = [
        {"table_name": found.table, "reason": found.code, "rows": found.n_rows,
         "example": f"row {found.source_row}: {found.words}"}
        for found in count_rejections(tally.rejected, portfolio)
    ]  # fmt: skip
    return {
        "reasons": as_table(pd.DataFrame(rows)) if rows else as_sentence("No row was rejected."),
        **_share("rejected_share", len(tally.rejected), sum(tally.delivered.values())),
    }
