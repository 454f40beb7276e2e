"""Features: the portfolio's SQL file, run in the warehouse."""

from dataclasses import replace

from dagster import AssetExecutionContext, AssetsDefinition, asset

from segmentation_assets.defs.asset_specs import asset_arguments
from segmentation_assets.defs.blueprint import Blueprint
from segmentation_assets.defs.code_versions import code_version
from segmentation_assets.defs.snapshots import days_of
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import INPUT_TABLES
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.sql import load_query

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


def feature_query(portfolio: Portfolio) -> Query:
    """Return the SQL of a portfolio's features: the file beside a portfolio of one's own, else the packaged one."""
    own = portfolio.folder / FEATURE_FILE if portfolio.folder else None
    if own is not None and own.is_file():
        return Query(own.read_text(encoding="utf-8"), origin=own.name)
    return load_query(f"features/{portfolio.name}/{FEATURE_FILE}")
