"""The composition root: settings and a portfolio in, Dagster definitions out.

Importing this module reads nothing; Dagster's loader calls `defs`, and everyone else `build_definitions`.
"""

import warnings
from collections.abc import Mapping
from typing import Any

from dagster import (
    BetaWarning,
    Definitions,
    InitResourceContext,
    IOManagerDefinition,
    ResourceDefinition,
    definitions,
    in_process_executor,
)

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.defs.checks import build_checks
from segmentation_assets.defs.jobs import build_job, build_schedule
from segmentation_assets.defs.runs.failures import SpokenIOManager
from segmentation_assets.defs.schema_check import build_schema_check
from segmentation_assets.defs.sensors.drift import build_drift_sensor
from segmentation_assets.defs.sensors.sources import build_source_sensor
from segmentation_assets.defs.sensors.staleness import build_staleness_sensor
from segmentation_assets.defs.tables.core import build_core
from segmentation_assets.defs.tables.features import build_features
from segmentation_assets.defs.tables.made import build_made
from segmentation_assets.defs.tables.marts import build_marts, build_stored_marts
from segmentation_assets.defs.tables.raw import build_raw
from segmentation_assets.defs.tables.requests import build_retraining_requests
from segmentation_assets.history.calendar import open_calendar
from segmentation_assets.personas.gemini.namer import open_namer
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.segments.workers import Workers
from segmentation_assets.settings import Settings, read_settings
from segmentation_assets.sources import open_source_or_none
from segmentation_assets.warehouse import Warehouse, open_warehouse

# Backfill policies and dagster-pandas are marked beta; the version is pinned, and a user can do nothing about it.
warnings.filterwarnings("ignore", category=BetaWarning)


def build_definitions(settings: Settings, resource_overrides: Mapping[str, Any] | None = None) -> Definitions:
    """Return the definitions of the graph for the given settings.

    The graph follows from the portfolio alone; the environment chooses resources: `source`, `warehouse`,
    `warehouse_io`, `workers` and `namer`. `resource_overrides` replaces any of them, for tests.
    """
    portfolio = load_portfolio(settings.portfolio)
    blueprint = draw_blueprint(portfolio)
    job = build_job()
    warehouse = (resource_overrides or {}).get("warehouse") or open_warehouse(settings)

    def labelled(context: InitResourceContext) -> Warehouse:
        """Return the warehouse as a run is given it: what its jobs cost can be told apart from every other run's."""
        run = {"run": context.run.run_id} if context.run else {}
        return warehouse.labelled(portfolio=portfolio.name, **run)

    def open_io(context: InitResourceContext) -> SpokenIOManager:
        of_run = labelled(context)
        return SpokenIOManager(of_run, blueprint.tables, open_calendar(blueprint, of_run), portfolio.name)

    return Definitions(
        assets=[
            build_raw(blueprint),
            build_core(blueprint),
            build_features(blueprint),
            build_retraining_requests(blueprint),
            *build_made(blueprint),
            build_marts(blueprint),
            *build_stored_marts(blueprint),
        ],
        asset_checks=[*build_checks(blueprint), build_schema_check(blueprint)],
        jobs=[job],
        schedules=[build_schedule(job)],
        sensors=[
            build_staleness_sensor(blueprint, job),
            build_source_sensor(blueprint, job),
            build_drift_sensor(blueprint, job),
        ],
        resources={
            "source": ResourceDefinition(lambda _: open_source_or_none(settings, portfolio)),
            "warehouse": ResourceDefinition(labelled),
            "warehouse_io": IOManagerDefinition(open_io),
            "workers": Workers(settings.dask_scheduler),
            "namer": ResourceDefinition(lambda _: open_namer(settings)),
            **(resource_overrides or {}),
        },
        executor=in_process_executor,
    )


@definitions
def defs() -> Definitions:
    """Build the code location that the environment asks for."""
    return build_definitions(read_settings())
