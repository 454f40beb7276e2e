"""Every table that is made from others: its Dagster asset, as its object in `assets/` says."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
from dagster import AssetExecutionContext, AssetIn, AssetOut, AssetsDefinition, Output, multi_asset

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import over_days
from segmentation_assets.defs.runs.failures import sentence_first
from segmentation_assets.defs.runs.run_days import days_of
from segmentation_assets.defs.tables.asset_specs import asset_out, multi_asset_arguments
from segmentation_assets.defs.tables.metadata import tell
from segmentation_assets.history.asset_sql import query_of, upstream_of
from segmentation_assets.history.known_answers import known_answers
from segmentation_assets.history.night import GEMINI, Night
from segmentation_assets.history.resolver import History
from segmentation_assets.history.versions import remade_for, versions_of
from segmentation_assets.personas.gemini.namer import Namer, Session
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.snapshots import joined, on
from segmentation_assets.warehouse import Query

Made = pd.DataFrame | Query


def build_made(blueprint: Blueprint) -> list[AssetsDefinition]:
    """Define the asset of every table in `assets/`; tables that one step makes are made together."""
    versions = versions_of(blueprint)
    steps = [asset for asset in blueprint.assets.values() if not asset.made_by]
    return [_step(blueprint, asset, versions[asset.name]) for asset in steps]


def _step(blueprint: Blueprint, asset: Asset, version: str) -> AssetsDefinition:
    on_the_way = {asset.name, *remade_for(blueprint, asset)} & blueprint.assets.keys()
    needs_names = any(blueprint.assets[name].needs_names for name in on_the_way)
    query = query_of(blueprint, asset)

    @multi_asset(
        **multi_asset_arguments(blueprint, asset.name),
        ins={
            name: AssetIn(name, metadata={"columns": ["snapshot_date", *columns]} if columns else {})
            for name, columns in asset.reads.items()
        },
        deps=[name for name in upstream_of(blueprint, asset) if name not in asset.reads],
        outs=_outs(blueprint, asset, version, query),
        required_resource_keys={"warehouse", "workers", *(["namer"] if needs_names else [])},
    )
    def made(context: AssetExecutionContext, **given: pd.DataFrame) -> Iterator[Output[Made]]:
        days, resource = days_of(context), context.resources
        if asset.make is None and query is not None:
            yield Output(over_days(query, days[0], days[-1]), asset.name)
            return
        open_naming = partial(_open_naming, blueprint, resource) if needs_names else None
        opened = History(
            blueprint, resource.warehouse, resource.workers, open_naming, days=days, given=given, making=asset
        )
        with sentence_first(), opened as history:
            yield from _made(context, history, asset, days)
        for line in history.warnings:
            context.log.warning(line)

    return made


def _outs(blueprint: Blueprint, asset: Asset, version: str, query: Query | None) -> dict[str, AssetOut]:
    """Return the tables that a step makes, as its outputs."""
    further = asset.other_days(blueprint) if asset.other_days else None
    return {
        name: asset_out(
            blueprint,
            name,
            version=version,
            kinds={*blueprint.assets[name].kinds, *(["sql"] if asset.sql else [])},
            query=query if asset.make is None else None,
            further_upstream=further,
        )
        for name in (asset.name, *asset.makes_also)
    }


def _made(context: AssetExecutionContext, history: History, asset: Asset, days: list[date]) -> Iterator[Output[Made]]:
    """Make the days one by one, then hand on the tables one by one, each with what the page of each day shows."""
    parts: dict[str, list] = {name: [] for name in (asset.name, *asset.makes_also)}
    nights: dict[date, Night] = {}
    for day in days:
        with history.naming.reporting() if asset.needs_names else nullcontext() as report:
            nights[day], rows = history.make(asset, day)
        if report is not None:
            nights[day].notes[GEMINI] = report
        for name, of_days in parts.items():
            of_days.append((day, rows[name]))
    for name, of_days in parts.items():
        frame = joined(history.blueprint.tables[name], _let_go(of_days))
        if show := history.blueprint.assets[name].show:
            tell(context, name, {day: show(night, on(frame, day)) for day, night in nights.items()})
        yield Output(frame, name)


def _open_naming(blueprint: Blueprint, resource: Any) -> Session:
    namer: Namer = resource.namer
    return namer.session(partial(known_answers, blueprint, resource.warehouse, namer.version))


def _let_go(parts: list) -> Iterator[Any]:
    """Hand on the days' rows one by one, each held no longer than it takes to join it."""
    parts.reverse()
    while parts:
        yield parts.pop()
