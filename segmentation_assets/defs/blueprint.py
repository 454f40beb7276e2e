"""What every stage is built from: the portfolio and the tables it declares."""

from dataclasses import dataclass

from dagster import DailyPartitionsDefinition

from segmentation_assets.checking.marts import with_its_marts
from segmentation_assets.days import TIMEZONE
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import Table, build_tables


@dataclass(frozen=True)
class Blueprint:
    """The portfolio, its tables, and the days that have a partition."""

    portfolio: Portfolio
    tables: dict[str, Table]
    partitions: DailyPartitionsDefinition


def draw_blueprint(portfolio: Portfolio) -> Blueprint:
    """Declare the tables and the daily partitions of a portfolio.

    `end_offset=1` lets today's partition exist while today lasts; without it the run at 22:00 would be refused its
    own day.
    """
    partitions = DailyPartitionsDefinition(portfolio.history_start.isoformat(), timezone=TIMEZONE, end_offset=1)
    return Blueprint(portfolio, with_its_marts(portfolio, build_tables(portfolio.feature_columns())), partitions)
