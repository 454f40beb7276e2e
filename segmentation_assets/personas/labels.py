"""The rule-based labels of a lens: name, description and the hash of the profile they were written for."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from segmentation_assets.personas.descriptions import describe
from segmentation_assets.personas.evidence import find_claims, group_size
from segmentation_assets.personas.naming import name_segments
from segmentation_assets.personas.vocabulary import adjective, noun, spoken_versions
from segmentation_assets.portfolio.schema import Feature
from segmentation_assets.tables.frames import conform, empty_frame
from segmentation_assets.tables.personas import SEGMENT_LABELS

Z_STEP = 0.25
SHARE_STEP = 0.1
MEAN_STEP = math.log(1.1)
NEARLY_ZERO = 1e-3
HASH_LENGTH = 16

# Shares of small groups are often exactly 0.25 or 0.35; no step may end there, where the last bit would decide.
_OFF_ROUND_SHARES = 0.03
_UNDATED = replace(SEGMENT_LABELS, columns=SEGMENT_LABELS.columns[1:])


def label_segments(
    profiles: pd.DataFrame, features: Mapping[str, Feature], *, min_group_size: int = 20
) -> pd.DataFrame:
    """Name and describe every segment.

    Parameters
    ----------
    profiles : rows of `segment_profiles` of one snapshot; several lenses may come together, each is named by itself.
    features : the portfolio's features, for their words.
    min_group_size : smaller segments are named and described without shares and figures.

    Returns
    -------
    DataFrame in the shape of `segment_labels` without `snapshot_date`, ordered by lens and segment_id. Numbering the
    segments otherwise numbers the labels otherwise and changes nothing else, save between segments whose profiles are
    equal to the last digit.
    """
    rows = []
    for (lens, model_id), of_lens in profiles.groupby(["lens", "model_id"], sort=True):
        own = {int(i): of_lens[of_lens["segment_id"] == i] for i in sorted(of_lens["segment_id"].unique())}
        canonical = dict(sorted(own.items(), key=lambda item: _canonical_place(item[1])))
        names = name_segments(canonical, features, min_group_size=min_group_size)
        rows += [
            {
                "lens": lens,
                "model_id": model_id,
                "segment_id": segment_id,
                "segment_name": names[segment_id],
                "description": describe(profile, features, min_group_size=min_group_size),
                "label_source": "rules",
                "profile_hash": profile_hash(profile, min_group_size=min_group_size),
            }
            for segment_id, profile in own.items()
        ]
    return conform(pd.DataFrame(rows), _UNDATED) if rows else empty_frame(_UNDATED)


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
                facts.append([row["feature"], round(row["z_score"] / Z_STEP), _log_step(row["mean"])])
        elif not math.isnan(row["share"]) and (step := round(row["share"] / SHARE_STEP - _OFF_ROUND_SHARES)):
            facts.append([row["feature"], row["category"], step])
    content = [group_size(profile) < min_group_size, sorted(facts, key=json.dumps)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()[:HASH_LENGTH]


def name_evidence(
    profiles: pd.DataFrame, labels: pd.DataFrame, features: Mapping[str, Feature], *, min_group_size: int = 20
) -> pd.DataFrame:
    """Return which claim, with its numbers, stands behind the words of each name.

    Returns
    -------
    DataFrame with lens, segment_id, words, feature, side (low, high or the category), grade, effect, value, reference.
    """
    rows = []
    for label in labels.to_dict("records"):
        profile = profiles[(profiles["lens"] == label["lens"]) & (profiles["segment_id"] == label["segment_id"])]
        claims = find_claims(profile, features, min_group_size=min_group_size)
        rows += [
            {"lens": label["lens"], "segment_id": label["segment_id"], "words": words}
            | {key: getattr(version, key) for key in _EVIDENCE}
            for claim in claims
            for version in spoken_versions(claim)
            for words in (adjective(version), noun(version))
            if words and f" {words} " in f" {label['segment_name']} "
        ]
    return pd.DataFrame(rows, columns=["lens", "segment_id", "words", *_EVIDENCE])


_EVIDENCE = ("feature", "side", "grade", "effect", "value", "reference")


def _log_step(mean: float) -> int:
    """Return the mean on a scale whose steps are ten per cent apart, with its sign; 0 within a thousandth of zero."""
    steps = max(0, round(math.log(abs(mean) / NEARLY_ZERO) / MEAN_STEP)) if mean else 0
    return int(math.copysign(steps, mean))


def _canonical_place(profile: pd.DataFrame) -> tuple:
    """Return what orders segments by their profiles alone: the largest first, then by their exact numbers."""
    columns = ["feature", "category", "n_customers", "mean", "median", "share"]
    facts = sorted(tuple(map(repr, row.values())) for row in profile[columns].to_dict("records"))
    return -group_size(profile), facts
