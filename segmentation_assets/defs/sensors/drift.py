"""A sensor that sees drift past its alarm, and asks for the drifting lenses to be trained anew."""

import hashlib
from datetime import date

import pandas as pd
from dagster import (
    AssetSelection,
    DefaultSensorStatus,
    ResourceParam,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    sensor,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.history.requests import REQUESTS, read_requests
from segmentation_assets.segments.requests import requested_dates
from segmentation_assets.segments.retraining import training_date
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.warehouse import Warehouse

SENSOR_NAME = "drift_past_its_alarm"
SECONDS_BETWEEN_LOOKS = 300
_NAMED = 3


def build_drift_sensor(blueprint: Blueprint, job: UnresolvedAssetJobDefinition) -> SensorDefinition:
    """Define the sensor; its run writes the request down and makes the day again from there.

    The drift of a day is told against the model before, so a day that was retrained still says why. It is not asked
    for again: the model in force on it is no longer the one that the drift is told against.
    """

    @sensor(
        name=SENSOR_NAME,
        job=job,
        default_status=DefaultSensorStatus.STOPPED,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        description="Where a feature drifted past its alarm on the latest day, trains its lens anew on that day.",
    )
    def drift_past_its_alarm(
        context: SensorEvaluationContext, warehouse: ResourceParam[Warehouse]
    ) -> RunRequest | SkipReason:
        days = warehouse.snapshots(blueprint.tables["feature_drift"])
        if not days:
            return SkipReason("No drift was measured yet.")
        alarms = unanswered_alarms(blueprint, warehouse, days[-1])
        if alarms.empty:
            return SkipReason(f"No feature drifted past its alarm on {days[-1]} that has not been answered.")
        asset_graph = context.repository_def.asset_graph  # type: ignore[union-attr]
        remade = AssetSelection.assets(REQUESTS).downstream().resolve(asset_graph)
        lenses = alarms["lens"].drop_duplicates().tolist()
        request = {"lenses": lenses, "reason": _reason(alarms), "requested_by": SENSOR_NAME}
        return RunRequest(
            run_key=_run_key(days[-1], alarms),
            partition_key=days[-1].isoformat(),
            run_config={"ops": {REQUESTS: {"config": request}}},
            asset_selection=sorted(remade),
            tags={"segmentation/started_by": SENSOR_NAME},
        )

    return drift_past_its_alarm


def unanswered_alarms(blueprint: Blueprint, warehouse: Warehouse, day: date) -> pd.DataFrame:
    """Return the alarms of a day in lenses whose model in force is still the one they are told against."""
    table = blueprint.tables["feature_drift"]
    rows = from_arrow(warehouse.read(table, day, day), table)
    alarms = rows[rows["is_alarm"]].sort_values(["lens", "psi"], ascending=[True, False], ignore_index=True)
    snapshots = warehouse.snapshots(blueprint.tables["raw_customers"])
    requests, cadence = read_requests(blueprint, warehouse), blueprint.portfolio.retrain
    in_force = {
        lens: pd.Timestamp(training_date(day, snapshots, cadence, requested_dates(requests, lens)))
        for lens in blueprint.portfolio.lenses
    }
    return alarms[alarms["reference_snapshot"] == alarms["lens"].map(in_force)]


def _reason(alarms: pd.DataFrame) -> str:
    """Name the features that drifted most; an aggregate names nobody."""
    worst = alarms.sort_values("psi", ascending=False).drop_duplicates("feature")
    named = ", ".join(f"{row.feature} (PSI {row.psi:.2f})" for row in worst.head(_NAMED).itertuples())
    further = f" and {len(worst) - _NAMED} more" if len(worst) > _NAMED else ""
    return f"drift past its alarm: {named}{further}"


def _run_key(day: date, alarms: pd.DataFrame) -> str:
    told = sorted(set(zip(alarms["lens"], alarms["reference_snapshot"].dt.date.astype(str), strict=True)))
    return f"{day}-{hashlib.sha256(repr(told).encode()).hexdigest()[:12]}"
