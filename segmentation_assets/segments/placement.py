"""Place customers with a model's tables alone.

The arithmetic is plain double precision, feature by feature in the model's order, so that SQL can repeat it.
"""

import numpy as np
import pandas as pd

from segmentation_assets.portfolio import Feature, Lens
from segmentation_assets.segments.eligibility import missing_reasons
from segmentation_assets.segments.model import IN_FORCE, LensModel


def distances(rows: pd.DataFrame, model: LensModel) -> np.ndarray:
    """Return the distance of each row to each prototype, shape (n, k), segments in the order of their ids.

    d(x, p) = sum over numbers w (x' - p')^2 + gamma * sum over categories w [x != p] (Huang 1998), with ' the
    scaled value. A category the model never saw differs from all, and adds the same to each distance.
    """
    total = np.zeros((len(rows), len(model.prototypes)))
    for scale in model.scales:
        values, centres = scale.apply(rows[scale.name]), scale.apply(model.prototypes[scale.name])
        for j, centre in enumerate(centres):
            if scale.is_numeric:
                total[:, j] += scale.weight * (values - centre) ** 2
            else:
                total[:, j] += np.where(values == centre, 0.0, scale.weight * model.gamma)
    return total


def place(
    features: pd.DataFrame,
    lens_name: str,
    lens: Lens,
    declared: dict[str, Feature],
    *,
    model: LensModel | None,
    status: str = IN_FORCE,
) -> pd.DataFrame:
    """Return exactly one row of `customer_segments` a customer, without the snapshot date.

    Parameters
    ----------
    features : frame of `customer_features`, one snapshot.
    model : the model in force, or None where the lens has none; `status` then says why.
    """
    reasons = missing_reasons(features, lens, declared)
    if model is None:
        reasons = reasons.where(reasons != "", status)
    placed = (reasons == "").to_numpy(dtype=bool)
    frame = pd.DataFrame(
        {
            "lens": lens_name,
            "customer_id": features["customer_id"],
            "segment_id": pd.Series(pd.NA, index=features.index, dtype="Int64"),
            "distance": np.nan,
            "runner_up_segment_id": pd.Series(pd.NA, index=features.index, dtype="Int64"),
            "confidence": np.nan,
            "is_outlier": pd.Series(pd.NA, index=features.index, dtype="boolean"),
            "unassigned_reason": reasons.where(reasons != "", pd.NA),
            "model_id": model.model_id if model else None,
        },
        index=features.index,
    )
    if model is not None and placed.any():
        found = _nearest(distances(features[placed], model), model.prototypes.index.to_numpy())
        for name, values in found.items():
            frame.loc[placed, name] = values
    return frame.sort_values("customer_id", ignore_index=True)


def _nearest(apart: np.ndarray, segment_ids: np.ndarray) -> dict[str, np.ndarray]:
    """Return nearest, runner-up and what follows from their distances; ties go to the lower segment_id."""
    order = np.argsort(apart, axis=1, kind="stable")
    rows = np.arange(len(apart))
    nearest, runner_up = order[:, 0], order[:, 1]
    first, second = apart[rows, nearest], apart[rows, runner_up]
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


def unseen_categories(features: pd.DataFrame, model: LensModel) -> dict[str, list[str]]:
    """Return the categories that the model never saw, by feature; they count as mismatches."""
    unseen = {
        scale.name: sorted(set(features[scale.name].dropna().unique()) - set(scale.categories))
        for scale in model.scales
        if not scale.is_numeric
    }
    return {name: categories for name, categories in unseen.items() if categories}
