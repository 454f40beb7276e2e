"""The model of a lens, and its form as rows of `segment_models` and `segment_prototypes`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from segmentation_assets.errors import ModelError
from segmentation_assets.segments.scaling import FeatureScale, scales_from_json, scales_to_json
from segmentation_assets.tables.snapshots import on

IN_FORCE = "in_force"


@dataclass(frozen=True)
class LensModel:
    """What was learned about a lens on one day, enough to place any customer on any day.

    `prototypes` has one row per segment, indexed by segment_id, one column a feature in the feature's own unit.
    `knowledge` is what a method knows of each segment besides, by segment_id, in terms of JSON.
    """

    lens: str
    trained_on: date
    method: str
    gamma: float
    cost: float
    silhouette: float | None
    n_customers: int
    scales: list[FeatureScale]
    prototypes: pd.DataFrame
    configuration_hash: str
    knowledge: Mapping[int, Any] = field(default_factory=dict)

    @property
    def model_id(self) -> str:
        """Hash of the lens and all that decides a placement; the same knowledge has the same id."""
        centres = [
            [segment, *(float(row[s.name]).hex() if s.is_numeric else str(row[s.name]) for s in self.scales)]
            for segment, (_, row) in zip(self.prototypes.index.tolist(), self.prototypes.iterrows(), strict=True)
        ]
        parts = [self.lens, self.method, float(self.gamma).hex(), scales_to_json(self.scales), centres]
        known = json.dumps([*parts, *([self._knowledge()] if self.knowledge else [])])
        return f"{self.lens}-{self.trained_on:%Y%m%d}-{hashlib.sha256(known.encode()).hexdigest()[:10]}"

    def _knowledge(self) -> str | None:
        """Return the knowledge as it is written down, keys in order."""
        known = {str(segment): self.knowledge[segment] for segment in sorted(self.knowledge)}
        return json.dumps(known, ensure_ascii=False, allow_nan=False) if known else None

    def renumbered(self, numbers: Mapping[int, int]) -> "LensModel":
        """Return the model with other numbers for its segments, in the order of those."""
        prototypes = self.prototypes.rename(index=numbers).sort_index()
        return replace(self, prototypes=prototypes, knowledge={numbers[i]: told for i, told in self.knowledge.items()})

    def model_row(self) -> dict[str, object]:
        """Return the row of `segment_models`, without its snapshot date."""
        return {
            "lens": self.lens,
            "model_id": self.model_id,
            "trained_on": self.trained_on,
            "method": self.method,
            "n_clusters": len(self.prototypes),
            "gamma": self.gamma,
            "cost": self.cost,
            "silhouette": self.silhouette,
            "n_customers": self.n_customers,
            "features": scales_to_json(self.scales),
            "configuration_hash": self.configuration_hash,
            "status": IN_FORCE,
            "knowledge": self._knowledge(),
        }

    def prototype_rows(self) -> pd.DataFrame:
        """Return the rows of `segment_prototypes`, without their snapshot date."""
        return pd.DataFrame(
            [
                {
                    "lens": self.lens,
                    "model_id": self.model_id,
                    "segment_id": segment_id,
                    "feature": scale.name,
                    "kind": scale.kind,
                    "numeric_value": float(row[scale.name]) if scale.is_numeric else np.nan,
                    "categorical_value": None if scale.is_numeric else row[scale.name],
                    "position": position,
                    "weight": scale.weight,
                    "gamma": self.gamma,
                    "scale_center": scale.center if scale.is_numeric else np.nan,
                    "scale_spread": scale.spread if scale.is_numeric else np.nan,
                }
                for segment_id, row in self.prototypes.iterrows()
                for position, scale in enumerate(self.scales, start=1)
            ]
        )


def model_from_rows(model: pd.Series, prototypes: pd.DataFrame) -> LensModel:
    """Rebuild a model from its row of `segment_models` and its rows of `segment_prototypes`.

    Raises
    ------
    ModelError
        If the prototypes do not hold a value of every feature for every segment that the model has.
    """
    scales = scales_from_json(model["features"])
    by_segment = prototypes.astype({"segment_id": np.int64}).set_index("segment_id")
    centres = pd.DataFrame(
        {
            scale.name: by_segment.loc[by_segment["feature"] == scale.name, _value_column(scale)].astype(
                np.float64 if scale.is_numeric else object
            )
            for scale in scales
        }
    )
    if len(centres) != model["n_clusters"] or centres.isna().to_numpy().any():
        raise ModelError(
            f"segment_prototypes does not hold all {model['n_clusters']} segments of the model {model['model_id']} "
            f"in segment_models. Materialise both tables again for {pd.Timestamp(model['trained_on']):%Y-%m-%d}."
        )
    return LensModel(
        lens=model["lens"],
        trained_on=pd.Timestamp(model["trained_on"]).date(),
        method=model["method"],
        gamma=float(model["gamma"]),
        cost=float(model["cost"]),
        silhouette=None if pd.isna(model["silhouette"]) else float(model["silhouette"]),
        n_customers=int(model["n_customers"]),
        scales=scales,
        prototypes=centres.sort_index(),
        configuration_hash=model["configuration_hash"],
        knowledge={int(i): told for i, told in json.loads(_text(model.get("knowledge")) or "{}").items()},
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""  # NULL, or a table of before there was such a column


def _value_column(scale: FeatureScale) -> str:
    return "numeric_value" if scale.is_numeric else "categorical_value"


def absent_model_row(lens: str, trained_on: date, method: str, configuration: str, status: str) -> dict[str, object]:
    """Return the row of `segment_models` of a lens that has no model, saying why."""
    return {
        "lens": lens,
        "model_id": f"{lens}-{trained_on:%Y%m%d}-none",
        "trained_on": trained_on,
        "method": method,
        "features": "[]",
        "configuration_hash": configuration,
        "status": status,
    }


def models_on(models: pd.DataFrame, prototypes: pd.DataFrame, day: date) -> dict[str, tuple[LensModel | None, str]]:
    """Return for each lens its model on a day and its status, which says why where there is no model."""
    return models_in(on(models, day), on(prototypes, day))


def models_in(rows: pd.DataFrame, centres: pd.DataFrame) -> dict[str, tuple[LensModel | None, str]]:
    """Return the same from rows of one day."""
    found: dict[str, tuple[LensModel | None, str]] = {}
    for _, row in rows.iterrows():
        has_model = row["status"] == IN_FORCE
        model = model_from_rows(row, centres[centres["lens"] == row["lens"]]) if has_model else None
        found[row["lens"]] = (model, row["status"])
    return found
