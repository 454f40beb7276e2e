"""Which customers a lens can place, and why not the others."""

import numpy as np
import pandas as pd

from segmentation_assets.portfolio import Feature, Lens

_TEXT = pd.StringDtype("pyarrow")


def missing_reasons(rows: pd.DataFrame, lens: Lens, features: dict[str, Feature]) -> pd.Series:
    """Return a reason a row: empty where every feature of the lens is there.

    ``not_provided: interactions`` where a feature of the lens is missing for everybody, with the input tables it is
    made of; otherwise ``no_policy`` where all that is missing comes from policies; otherwise
    ``missing_feature: age, income``.
    """
    absent = rows[lens.features].isna()
    if absent.empty:
        return pd.Series(dtype=_TEXT, index=rows.index)
    if undelivered := undelivered_inputs(absent, features):
        return pd.Series(f"not_provided: {', '.join(undelivered)}", index=rows.index, dtype=_TEXT)
    patterns, pattern_of_row = _patterns(absent)
    reasons = pd.array([_reason(pattern, lens, features) for pattern in patterns], dtype=_TEXT)
    return pd.Series(reasons.take(pattern_of_row), index=rows.index)


def _patterns(absent: pd.DataFrame) -> tuple[list[tuple[bool, ...]], np.ndarray]:
    """Return the combinations of missing features that occur, and which of them each row has.

    One column at a time, so that a million rows take a fraction of a second.
    """
    pattern_of_row = np.zeros(len(absent), dtype=np.intp)
    for name in absent:
        pattern_of_row, _ = pd.factorize(2 * pattern_of_row + absent[name].to_numpy())
    _, first_rows = np.unique(pattern_of_row, return_index=True)
    return list(absent.iloc[first_rows].itertuples(index=False, name=None)), pattern_of_row


def undelivered_inputs(absent: pd.DataFrame, features: dict[str, Feature]) -> list[str]:
    """Return the input tables behind features that no customer has, in alphabetical order."""
    empty = [name for name in absent.columns if absent[name].all()]
    return sorted({needed for name in empty for needed in features[name].needs})


def _reason(pattern: tuple[bool, ...], lens: Lens, features: dict[str, Feature]) -> str:
    missing = [name for name, is_missing in zip(lens.features, pattern, strict=True) if is_missing]
    if not missing:
        return ""
    if all("policies" in features[name].needs for name in missing):
        return f"no_policy: {', '.join(missing)} cannot be known"
    return f"missing_feature: {', '.join(missing)}"
