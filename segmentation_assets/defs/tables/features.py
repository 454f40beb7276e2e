"""Features: the portfolio's SQL file, run in the warehouse."""

from dagster import AssetExecutionContext, AssetsDefinition, asset

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import checked_feature_query, made_from, over_days
from segmentation_assets.defs.runs.run_days import days_of
from segmentation_assets.defs.tables.asset_specs import asset_arguments
from segmentation_assets.history.versions import features_version
from segmentation_assets.warehouse import Query


def build_features(blueprint: Blueprint) -> AssetsDefinition:
    """Define `customer_features`; PortfolioError where its SQL cannot be right."""
    written, version = checked_feature_query(blueprint.portfolio), features_version(blueprint.portfolio)

    @asset(
        **asset_arguments(blueprint, "customer_features", version=version, kinds={"sql"}, query=written),
        deps=made_from(written),
    )
    def customer_features(context: AssetExecutionContext) -> Query:
        days = days_of(context)
        return over_days(written, days[0], days[-1])

    return customer_features
