"""Raw: read every input table of a day, check them all, then hand them on as delivered, in Arrow.

One op for all of them, because nothing may be written before every required file and column is known to be there, nor
before it is known that cleaning will not reject most of it: what is written here is a snapshot from then on, which
later days learn from and are compared with.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

import pyarrow as pa
from dagster import AssetExecutionContext, AssetsDefinition, Output, ResourceParam, multi_asset

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.warehouse_inputs import staging_queries
from segmentation_assets.cleaning import refuse_bad_deliveries
from segmentation_assets.days import today_in_london
from segmentation_assets.defs.runs.failures import sentence_first
from segmentation_assets.defs.runs.run_days import days_of
from segmentation_assets.defs.tables.asset_specs import asset_out, multi_asset_arguments
from segmentation_assets.defs.tables.deliveries import last_checksum, read_days, reading_metadata, rows_to_judge
from segmentation_assets.defs.tables.metadata import tell
from segmentation_assets.errors import SourceError, choices
from segmentation_assets.history.versions import raw_version
from segmentation_assets.safeguards import refuse_made_up_days, refuse_other_portfolio, refuse_pretence
from segmentation_assets.sources import Source
from segmentation_assets.sources.warehouse_table import placed_tables, source_of
from segmentation_assets.tables.snapshots import dated
from segmentation_assets.warehouse import Query, Warehouse


def build_raw(blueprint: Blueprint) -> AssetsDefinition:
    """Define the raw table of every input table."""
    portfolio = blueprint.portfolio
    version = raw_version(portfolio)
    in_warehouse = placed_tables(portfolio)

    @multi_asset(
        **multi_asset_arguments(blueprint, "raw_snapshot"),
        outs={
            f"raw_{table.name}": asset_out(
                blueprint,
                f"raw_{table.name}",
                version=version,
                kinds={"sql"} if table.name in in_warehouse else {"python", "arrow"},
                is_required=False,
                is_staged=table.name in in_warehouse,
            )
            for table in portfolio.input_tables
        },
        can_subset=True,
    )
    def raw_snapshot(
        context: AssetExecutionContext, source: ResourceParam[Source], warehouse: ResourceParam[Warehouse]
    ) -> Iterator[Output[pa.Table | Query]]:
        selected = context.op_execution_context.selected_output_names
        wanted = [table for table in portfolio.input_tables if f"raw_{table.name}" in selected]
        days = days_of(context)
        with sentence_first():
            refuse_other_portfolio(warehouse, portfolio)
            refuse_pretence(source, warehouse, portfolio)
            refuse_made_up_days(source, warehouse, portfolio, days)
            refuse_past(source, [core.name for core in wanted], days, today_in_london())
            staged = [core.name for core in wanted if core.name in in_warehouse]
            queries = staging_queries(portfolio, blueprint.tables, warehouse, staged, days)
            readings = read_days(source, portfolio, [core.name for core in wanted if core.name not in queries], days)
            refuse_bad_deliveries(portfolio, days, partial(rows_to_judge, readings, warehouse, queries))
        for core in wanted:
            raw = blueprint.tables[f"raw_{core.name}"]
            if core.name in queries:
                lies_at = source_of(portfolio, core.name).table
                yield Output(queries[core.name], raw.name, metadata={"read_from": lies_at})
                continue
            tell(context, raw.name, reading_metadata(readings, core.name, last_checksum(context.instance, raw.name)))
            rows = dated((day, readings.rows[day].pop(core.name)) for day in days)  # what is written is let go
            yield Output(rows, raw.name)

    return raw_snapshot


def refuse_past(source: Source, tables: Sequence[str], days: Sequence[date], today: date) -> None:
    """Refuse to read a live source for a past day, under whose date it would put what is there today.

    Raises
    ------
    SourceError
        Naming the tables that are live; nothing has been read by then.
    """
    past = [day for day in days if day < today]
    live = [name for name in tables if not source.is_replayable(name)]
    if past and live:
        several = f" and {len(past) - 1} more days" if len(past) > 1 else ""
        raise SourceError(
            f"The source of {choices(live)} is live: it can be read for today, {today}, not for {past[0]}{several}. "
            "Nothing was read or changed. Make the other tables of that day from the raw snapshot that there is, as "
            "segmentation backfill does, or give a folder of the files as they were by --data."
        )
