"""Features: the portfolio's SQL file, run in the warehouse."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from dagster import AssetExecutionContext, AssetsDefinition, asset

from segmentation_assets.cleaning import Cleaner, refuse_mass_rejection
from segmentation_assets.defs.asset_specs import asset_arguments
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.snapshots import days_of, on
from segmentation_assets.errors import PortfolioError
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.eligibility import TurnedAway, turned_away
from segmentation_assets.tables import INPUT_TABLES
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets.warehouse import Query, Warehouse
from segmentation_assets.warehouse.duckdb import DuckDBWarehouse
from segmentation_assets.warehouse.sql import load_query, sql_folder

FEATURE_FILE = "customer_features.sql"
MADE_FROM = [table.name for table in INPUT_TABLES if table.name != "outreach"]
"""Core tables that features are made from."""


def features_version(blueprint: Blueprint) -> str:
    """Return the version of the SQL that makes features."""
    return code_version(data=feature_query(blueprint.portfolio).sql)


def build_features(blueprint: Blueprint) -> AssetsDefinition:
    """Define `customer_features`."""
    written = feature_query(blueprint.portfolio)

    @asset(
        **asset_arguments(blueprint, "customer_features", version=features_version(blueprint), kinds={"sql"}),
        deps=MADE_FROM,
    )
    def customer_features(context: AssetExecutionContext) -> Query:
        days = days_of(context)
        return replace(written, params={"first_snapshot": days[0], "last_snapshot": days[-1]})

    return customer_features


def features_from_raw(blueprint: Blueprint, warehouse: Warehouse, day: date) -> pd.DataFrame:
    """Work out a day's features from its raw snapshot alone, writing nothing to the warehouse.

    A model is trained on the first snapshot of its period, which a backfill that runs backwards has not come to yet.

    Raises
    ------
    RejectionError
        If more of the snapshot is rejected than the portfolio allows: nobody is to be placed by what is left of it.
    """
    return worked_out_from_raw(blueprint, warehouse, day)[0]


def worked_out_from_raw(blueprint: Blueprint, warehouse: Warehouse, day: date) -> tuple[pd.DataFrame, TurnedAway]:
    """Return what `features_from_raw` does, and what of the snapshot was rejected."""
    cleaner, kept = Cleaner(blueprint.portfolio, day), {}
    features = blueprint.tables["customer_features"]
    query = replace(feature_query(blueprint.portfolio), params={"first_snapshot": day, "last_snapshot": day})
    with TemporaryDirectory() as folder:
        scratch = DuckDBWarehouse(Path(folder) / "scratch.duckdb", "features")
        for table in INPUT_TABLES:
            raw = warehouse.read(blueprint.tables[f"raw_{table.name}"], day, day)
            frame = cleaner.clean(table, raw).frame
            kept[table.name] = len(frame)
            scratch.replace(table, to_arrow(frame, table), day, day)
        refuse_mass_rejection(blueprint.portfolio, {day: cleaner.tally})
        scratch.replace(features, query, day, day)
        found = on(from_arrow(scratch.read(features, day, day), features), day)
    return found, turned_away(cleaner.rejected, kept)


def feature_query(portfolio: Portfolio) -> Query:
    """Return the SQL of a portfolio's features: the file beside a portfolio of one's own, else the packaged one."""
    own = portfolio.folder / FEATURE_FILE if portfolio.folder else None
    if own is not None and own.is_file():
        try:
            return Query(own.read_text(encoding="utf-8-sig"), origin=own.name)
        except UnicodeDecodeError:
            raise PortfolioError(f"{own} is not UTF-8 text. Save it as UTF-8.") from None
    packaged = f"features/{portfolio.name}/{FEATURE_FILE}"
    if not (sql_folder() / packaged).is_file():
        raise PortfolioError(
            f"The portfolio {portfolio.name!r} has no SQL for its features. Put {FEATURE_FILE} beside the portfolio "
            "file; start from sql/features/insurance, or name the portfolio 'insurance' to use that as it is."
        )
    return load_query(packaged)
