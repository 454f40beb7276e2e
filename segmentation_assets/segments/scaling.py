"""How a lens's features are brought to one scale, learned once and kept with the model."""

import json
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd

from segmentation_assets.portfolio import Feature, Lens


@dataclass(frozen=True)
class FeatureScale:
    """One feature as the model sees it: (value - center) / spread for a number, the category itself otherwise.

    `weight` multiplies the squared difference of a number and the mismatch of a category.
    """

    name: str
    kind: str
    weight: float
    scaling: str = ""
    center: float = 0.0
    spread: float = 1.0
    categories: list[str] = field(default_factory=list)

    @property
    def is_numeric(self) -> bool:
        """True for a number, False for a category."""
        return self.kind == "numeric"

    def apply(self, values: pd.Series) -> np.ndarray:
        """Return the values scaled (float64) or as they are (objects); shape (n,)."""
        if self.is_numeric:
            return (values.to_numpy(np.float64) - self.center) / self.spread
        return values.to_numpy(dtype=object)


def learn_scales(rows: pd.DataFrame, lens: Lens, features: dict[str, Feature]) -> list[FeatureScale]:
    """Learn the scale of each of a lens's features from rows without missing values."""
    return [_learn(rows[name], name, features[name]) for name in lens.features]


def _learn(values: pd.Series, name: str, feature: Feature) -> FeatureScale:
    if feature.kind == "categorical":
        return FeatureScale(name, feature.kind, feature.weight, categories=sorted(values.unique()))
    center, spread = _center_and_spread(values.to_numpy(np.float64), feature.scaling)
    return FeatureScale(name, feature.kind, feature.weight, feature.scaling, center, spread)


def _center_and_spread(values: np.ndarray, scaling: str) -> tuple[float, float]:
    """Return what is subtracted and what is divided by.

    A constant feature is divided by 1, so it decides nothing. One whose middle half is a single value has no
    interquartile range, and `robust` divides it by its whole range.
    """
    ordered = np.sort(values)  # sums of floats depend on their order, and the rows' order must not matter
    low, high = ordered[0], ordered[-1]
    if low == high:
        return float(low), 1.0
    if scaling == "minmax":
        center, spread = low, high - low
    elif scaling == "standard":
        center, spread = ordered.mean(), ordered.std() or high - low  # tiny deviations underflow
    else:
        lower, center, upper = np.quantile(ordered, [0.25, 0.5, 0.75])
        spread = upper - lower or high - low
    return float(center), float(spread)


def scaled_frame(rows: pd.DataFrame, scales: list[FeatureScale]) -> pd.DataFrame:
    """Return the features of the rows as the model sees them, in the model's order."""
    return pd.DataFrame({scale.name: scale.apply(rows[scale.name]) for scale in scales})


def scales_to_json(scales: list[FeatureScale]) -> str:
    """Write the scales down for `segment_models.features`; numbers keep every bit."""
    return json.dumps([asdict(scale) for scale in scales], ensure_ascii=False, sort_keys=True, allow_nan=False)


def scales_from_json(text: str) -> list[FeatureScale]:
    """Read what `scales_to_json` wrote."""
    return [FeatureScale(**entry) for entry in json.loads(text)]
