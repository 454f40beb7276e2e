"""Retraining requests: the one table that is written down and never worked out."""

from datetime import date
from typing import Any

import pandas as pd
from dagster import AssetExecutionContext, AssetsDefinition, Config, Output, ResourceParam, asset
from pydantic import Field

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.defs.runs.failures import sentence_first
from segmentation_assets.defs.runs.run_days import days_of
from segmentation_assets.defs.tables.asset_specs import asset_arguments
from segmentation_assets.defs.tables.frame_types import frame_type
from segmentation_assets.defs.tables.metadata import tell
from segmentation_assets.errors import ModelError, choices, did_you_mean
from segmentation_assets.history.versions import requests_version
from segmentation_assets.markdown import as_sentence, as_table
from segmentation_assets.segments.requests import ALL_LENSES, with_request
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets.tables.snapshots import day_by_day, on
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.ledger import Provenance

REQUESTS = "retraining_requests"


class RetrainingRequest(Config):
    """What is asked for, from the first day of the run on; without a reason nothing is, and the rows stay."""

    lenses: list[str] = Field(default=[ALL_LENSES])
    reason: str = ""
    requested_by: str = ""


def build_retraining_requests(blueprint: Blueprint) -> AssetsDefinition:
    """Define `retraining_requests`: made again, it holds what it held, and a request only ever comes on top."""
    table = blueprint.tables[REQUESTS]

    @asset(
        **asset_arguments(blueprint, table.name, version=requests_version(), kinds={"python"}),
        dagster_type=frame_type(table),
        deps=["raw_customers"],  # not read: a run whose delivery is refused writes nothing, this table included
    )
    def retraining_requests(
        context: AssetExecutionContext, config: RetrainingRequest, warehouse: ResourceParam[Warehouse]
    ) -> Output[pd.DataFrame]:
        days = days_of(context)
        with sentence_first():
            written = from_arrow(warehouse.read(table, days[0], days[-1]), table)

        def with_new(day: date) -> pd.DataFrame:
            there = on(written, day)
            return requested(there, config, blueprint) if config.reason and day == days[0] else there

        with sentence_first():
            frame = day_by_day(table, days, with_new)
        tell(context, table.name, {day: _shown(on(frame, day)) for day in days})
        return Output(frame)

    return retraining_requests


def _shown(rows: pd.DataFrame) -> dict[str, Any]:
    """Show the requests of a day."""
    return {"requests": as_table(rows) if len(rows) else as_sentence("Nobody asked for a further model.")}


def write_request(blueprint: Blueprint, warehouse: Warehouse, day: date, request: RetrainingRequest) -> pd.DataFrame:
    """Write a request down and return all that are there of its day.

    Raises
    ------
    ModelError
        If there is no such lens.
    """
    table = blueprint.tables[REQUESTS]
    written = on(from_arrow(warehouse.read(table, day, day), table), day)
    frame = day_by_day(table, [day], lambda _: requested(written, request, blueprint))
    warehouse.replace(
        table, to_arrow(frame, table), day, day, Provenance(requests_version(), portfolio=blueprint.portfolio.name)
    )
    return frame


def requested(written: pd.DataFrame, request: RetrainingRequest, blueprint: Blueprint) -> pd.DataFrame:
    """Return a day's requests with a further one; ModelError, with the lenses there are, if it names none of them."""
    lenses = [ALL_LENSES, *blueprint.portfolio.lenses]
    for lens in request.lenses:
        if lens not in lenses:
            raise ModelError(
                f"There is no lens {lens!r} to retrain; there are {choices(lenses)}.{did_you_mean(lens, lenses)}"
            )
    return with_request(written, request.lenses, request.reason, request.requested_by)
