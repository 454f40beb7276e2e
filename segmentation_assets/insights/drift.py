"""Drift: which features have moved away from the snapshot that the model in force was trained on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation_assets.insights.divergence import Divergence, categorical_divergence, numeric_divergence

POPULATION = "population"
LARGE_PSI, LARGE_PSI_OF_SEGMENT = 0.1, 0.25
"""Least population stability index of an alarm. A shift of all customers by a third of a standard deviation comes to
0.1. Within a segment, which customers enter and leave and in which all grow older together, only what Siddiqi calls a
large change counts: a segment of newcomers gains a third of its spread in tenure within a quarter."""

FAMILY_ALPHA = 0.001
"""Chance of any false alarm among all features and groups of a lens on a day, if nothing drifts (Bonferroni)."""

STABLE, DRIFTING, CHANCE = "stable", "drifting", "apart, but no more than by chance"
TOO_FEW = "not judged: too few customers"


@dataclass(frozen=True)
class Snapshot:
    """Customers of one day: their features, and their segment by one model, NULL where it cannot place them."""

    features: pd.DataFrame
    segment_ids: pd.Series


def feature_drift(
    reference: Snapshot, current: Snapshot, kinds: Mapping[str, str], *, min_group_size: int
) -> pd.DataFrame:
    """Return the rows of `feature_drift` of one lens, without the lens and the dates.

    A difference is an alarm if it is large (`LARGE_PSI`) and more than chance: with many customers everything is
    significant, with few the index is large by chance alone, so neither will do by itself. The p-value is held
    against `FAMILY_ALPHA` shared among all that is judged.

    Parameters
    ----------
    reference, current : the training snapshot and the day, both placed by the model in force.
    kinds : feature -> numeric or categorical.
    min_group_size : groups of fewer customers with a value, then or now, are not judged.
    """
    rows = pd.DataFrame(
        [
            {"scope": scope, "segment_id": segment_id, "feature": name, "kind": kind}
            | _compared(then[name], now[name], kind, min_group_size)
            for scope, segment_id, then, now in _groups(reference, current)
            for name, kind in kinds.items()
        ]
    )
    least = np.where(rows["scope"] == POPULATION, LARGE_PSI, LARGE_PSI_OF_SEGMENT)
    threshold = FAMILY_ALPHA / max(int(rows["is_judged"].sum()), 1)
    is_large, is_certain = rows["psi"] >= least, rows["p_value"] < threshold
    rows["is_alarm"] = is_large & is_certain
    rows["verdict"] = np.select(
        [~rows["is_judged"], rows["is_alarm"], is_large], [TOO_FEW, DRIFTING, CHANCE], default=STABLE
    )
    return rows.astype({"segment_id": "Int64"})


def _groups(reference: Snapshot, current: Snapshot) -> Iterator[tuple[str, int | None, pd.DataFrame, pd.DataFrame]]:
    """Yield everybody, then each segment, as they were and as they are."""
    yield POPULATION, None, reference.features, current.features
    segment_ids = sorted(set(reference.segment_ids.dropna()) | set(current.segment_ids.dropna()))
    for segment_id in segment_ids:
        then, now = (
            day.features[day.segment_ids.eq(segment_id).fillna(False).to_numpy(bool)] for day in (reference, current)
        )
        yield f"segment {segment_id}", int(segment_id), then, now


def _compared(then: pd.Series, now: pd.Series, kind: str, min_group_size: int) -> dict[str, object]:
    expected, actual = then.dropna(), now.dropna()
    is_judged = min(len(expected), len(actual)) >= min_group_size
    found = _diverged(expected, actual, kind) if is_judged else Divergence(*[float("nan")] * 3)
    has_mean = is_judged and kind == "numeric"
    return {
        "n_reference": len(expected),
        "n_current": len(actual),
        "reference_mean": float(expected.mean()) if has_mean else float("nan"),
        "current_mean": float(actual.mean()) if has_mean else float("nan"),
        "psi": found.psi,
        "ks": found.ks,
        "chi2": found.chi2,
        "js": found.js,
        "p_value": found.p_value,
        "missing_share_change": float(now.isna().mean() - then.isna().mean()) if is_judged else float("nan"),
        "is_judged": is_judged,
    }


def _diverged(expected: pd.Series, actual: pd.Series, kind: str) -> Divergence:
    if kind == "categorical":
        return categorical_divergence(expected, actual)
    return numeric_divergence(expected.to_numpy(np.float64), actual.to_numpy(np.float64))
