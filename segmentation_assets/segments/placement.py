"""Place customers with a model's tables alone: each at the segment that its method finds nearest."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike

from segmentation_assets.portfolio import Feature, Lens, Portfolio
from segmentation_assets.segments.eligibility import NOTHING_TURNED_AWAY, TurnedAway, missing_reasons
from segmentation_assets.segments.methods._found import method_of
from segmentation_assets.segments.model import IN_FORCE, LensModel
from segmentation_assets.tables.keys import in_order_of
from segmentation_assets.tables.snapshots import stacked

_FOUND = {
    "segment_id": "Int64",
    "distance": "float64",
    "runner_up_segment_id": "Int64",
    "confidence": "float64",
    "is_outlier": "boolean",
}


def distances(rows: pd.DataFrame, model: LensModel) -> np.ndarray:
    """Return the distance of each row to each segment, shape (n, k), by the model's own method.

    Parameters
    ----------
    rows : `customer_id` and the features of the model, none missing.
    """
    return method_of(model.method).distances(rows, model)


def place(
    features: pd.DataFrame,
    lens_name: str,
    lens: Lens,
    declared: dict[str, Feature],
    *,
    model: LensModel | None,
    status: str = IN_FORCE,
    turned: TurnedAway = NOTHING_TURNED_AWAY,
) -> pd.DataFrame:
    """Return exactly one row of `customer_segments` a customer, without the snapshot date.

    Parameters
    ----------
    features : frame of `customer_features`, one snapshot.
    model : the model in force, or None where the lens has none; `status` then says why.
    turned : what of the snapshot was rejected, which explains some of what is missing.
    """
    features = in_order_of(features, "customer_id")
    reasons = missing_reasons(features, lens, declared, turned)
    if model is None:
        reasons = reasons.where(reasons != "", status)
    placed = (reasons == "").to_numpy(dtype=bool)
    found: dict[str, np.ndarray] = {}
    if model is not None and placed.any():
        rows = features.loc[placed, ["customer_id", *(scale.name for scale in model.scales)]]
        found = _nearest(distances(rows, model), model.prototypes.index.to_numpy())
    return pd.DataFrame(
        {
            "lens": _repeated(lens_name, len(features)),
            "customer_id": features["customer_id"],
            **{name: _where(placed, found.get(name, []), dtype) for name, dtype in _FOUND.items()},
            "unassigned_reason": reasons.where(reasons != "", pd.NA),
            "model_id": _repeated(model.model_id if model else None, len(features)),
        },
        copy=False,
    )


def place_all(
    features: pd.DataFrame,
    models: Mapping[str, tuple[LensModel | None, str]],
    portfolio: Portfolio,
    turned: TurnedAway = NOTHING_TURNED_AWAY,
) -> pd.DataFrame:
    """Return the rows of `customer_segments` of one day: every customer in every lens.

    Parameters
    ----------
    models : for each lens its model and its status, see `segments.model.models_in`.
    turned : what was rejected of that day, which says why a customer has no place.
    """
    parts = []
    for name, lens in sorted(portfolio.lenses.items()):  # the order of the table's key
        model, status = models[name]
        parts.append(place(features, name, lens, portfolio.features, model=model, status=status, turned=turned))
    return stacked(parts)


def _where(placed: np.ndarray, values: ArrayLike, dtype: str) -> pd.Series:
    """Return the values on the rows that are placed, and NULL on the others."""
    return pd.Series(np.asarray(values), index=np.flatnonzero(placed), dtype=dtype).reindex(range(len(placed)))


def _repeated(text: str | None, n: int) -> pd.Series:
    return pd.Series(pd.arrays.ArrowStringArray(pa.repeat(pa.scalar(text, pa.large_string()), n)))


def _nearest(apart: np.ndarray, segment_ids: np.ndarray) -> dict[str, np.ndarray]:
    """Return nearest, runner-up and what follows from their distances; ties go to the lower segment_id."""
    rows = np.arange(len(apart))
    nearest = apart.argmin(axis=1)  # of equal ones the first
    first = apart[rows, nearest]
    apart[rows, nearest] = np.inf
    runner_up = apart.argmin(axis=1)
    second = apart[rows, runner_up]
    ratio = np.divide(first, second, out=np.ones_like(first), where=second > 0)
    return {
        "segment_id": segment_ids[nearest],
        "distance": first,
        "runner_up_segment_id": segment_ids[runner_up],
        "confidence": 1.0 - ratio,
        "is_outlier": _beyond_fence(first, nearest),
    }


def _beyond_fence(distance: np.ndarray, nearest: np.ndarray) -> np.ndarray:
    """Flag distances beyond Q3 + 3 IQR of their segment, Tukey's outer fence (Exploratory Data Analysis, 1977)."""
    flags = np.zeros(len(distance), bool)
    for segment in np.unique(nearest):
        members = nearest == segment
        lower, upper = np.quantile(distance[members], [0.25, 0.75])
        flags[members] = distance[members] > upper + 3 * (upper - lower)
    return flags


def unseen_categories(features: pd.DataFrame, model: LensModel) -> dict[str, dict[str, int]]:
    """Count the customers of categories that the model never saw, by feature; they count as mismatches."""
    unseen: dict[str, dict[str, int]] = {}
    for scale in model.scales:
        if not scale.is_numeric:
            counts = features[scale.name].value_counts()
            unseen[scale.name] = {str(c): int(n) for c, n in sorted(counts.items()) if c not in set(scale.categories)}
    return {name: categories for name, categories in unseen.items() if any(categories.values())}
