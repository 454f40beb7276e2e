"""The fingerprint of a profile, by which it is known again when nothing in it has changed to speak of."""

import hashlib
import json
import math

import pandas as pd

from segmentation_assets.personas.claims.evidence import group_size

Z_STEP = 0.25
SHARE_STEP = 0.1
MEAN_STEP = math.log(1.1)
NEARLY_ZERO = 1e-3
HASH_LENGTH = 16

# Shares of small groups are often exactly 0.25 or 0.35; no step may end there, where the last bit would decide.
_OFF_ROUND_SHARES = 0.03


def profile_hash(profile: pd.DataFrame, *, min_group_size: int = 20) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of a segment's rounded profile.

    Z-scores are rounded to quarters, shares to tenths (categories that round to none are left out) and means to steps
    of ten per cent, so that a customer more or less, a day's tenure or the last digit of a float rename nobody. The
    segment's number, the model, the order of the rows and the size are left out, save for whether the segment is
    smaller than `min_group_size`, since that changes what may be said of it.
    """
    facts = []
    for row in profile.to_dict("records"):
        if row["kind"] == "numeric":
            if not math.isnan(row["mean"]):
                z = row["z_score"]
                z_step = None if math.isnan(z) else round(z / Z_STEP)  # there are too few others, or none
                facts.append([row["feature"], z_step, _log_step(row["mean"])])
        elif not math.isnan(row["share"]) and (step := round(row["share"] / SHARE_STEP - _OFF_ROUND_SHARES)):
            facts.append([row["feature"], row["category"], step])
    content = [group_size(profile) < min_group_size, sorted(facts, key=json.dumps)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()[:HASH_LENGTH]


def _log_step(mean: float) -> int:
    """Return the mean on a scale whose steps are ten per cent apart, with its sign; 0 within a thousandth of zero."""
    steps = max(0, round((math.log(abs(mean)) - math.log(NEARLY_ZERO)) / MEAN_STEP)) if mean else 0
    return int(math.copysign(steps, mean))
