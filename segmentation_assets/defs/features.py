"""Features: the portfolio's SQL file, run in the warehouse."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from dagster import AssetExecutionContext, AssetsDefinition, asset

from segmentation_assets.cleaning import clean_all
from segmentation_assets.defs.asset_specs import asset_arguments
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.snapshots import days_of, on
from segmentation_assets.errors import PortfolioError
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import INPUT_TABLES
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets.warehouse import Query, Warehouse
from segmentation_assets.warehouse.duckdb import DuckDBWarehouse
from segmentation_assets.warehouse.sql import load_query, sql_folder

FEATURE_FILE = "customer_features.sql"


def build_features(blueprint: Blueprint) -> AssetsDefinition:
    """Define `customer_features`."""
    written = feature_query(blueprint.portfolio)

    @asset(
        **asset_arguments(blueprint, "customer_features", version=code_version(data=written.sql), kinds={"sql"}),
        deps=[table.name for table in INPUT_TABLES if table.name != "outreach"],
    )
    def customer_features(context: AssetExecutionContext) -> Query:
        days = days_of(context)
        return replace(written, params={"first_snapshot": days[0], "last_snapshot": days[-1]})

    return customer_features


def features_from_raw(blueprint: Blueprint, warehouse: Warehouse, day: date) -> pd.DataFrame:
    """Work out a day's features from its raw snapshot alone, writing nothing to the warehouse.

    A model is trained on the first snapshot of its period, which a backfill that runs backwards has not come to yet.
    """
    raw_tables = {table.name: blueprint.tables[f"raw_{table.name}"] for table in INPUT_TABLES}
    raw = {name: on(from_arrow(warehouse.read(table, day, day), table), day) for name, table in raw_tables.items()}
    cleaned, _ = clean_all(raw, blueprint.portfolio, day)
    features = blueprint.tables["customer_features"]
    query = replace(feature_query(blueprint.portfolio), params={"first_snapshot": day, "last_snapshot": day})
    with TemporaryDirectory() as folder:
        scratch = DuckDBWarehouse(Path(folder) / "scratch.duckdb", "features")
        for table in INPUT_TABLES:
            scratch.replace(table, to_arrow(cleaned[table.name].frame, table), day, day)
        scratch.replace(features, query, day, day)
        return on(from_arrow(scratch.read(features, day, day), features), day)


def feature_query(portfolio: Portfolio) -> Query:
    """Return the SQL of a portfolio's features: the file beside a portfolio of one's own, else the packaged one."""
    own = portfolio.folder / FEATURE_FILE if portfolio.folder else None
    if own is not None and own.is_file():
        return Query(own.read_text(encoding="utf-8"), origin=own.name)
    packaged = f"features/{portfolio.name}/{FEATURE_FILE}"
    if not (sql_folder() / packaged).is_file():
        raise PortfolioError(
            f"The portfolio {portfolio.name!r} has no SQL for its features. Put {FEATURE_FILE} beside the portfolio "
            "file; start from sql/features/insurance, or name the portfolio 'insurance' to use that as it is."
        )
    return load_query(packaged)
