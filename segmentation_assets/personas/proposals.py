"""Rule-based words on what moves a segment and what to offer it: plain readings of its profile, nothing more."""

from collections.abc import Mapping, Sequence

import pandas as pd

from segmentation_assets.personas.amounts import format_share, format_value
from segmentation_assets.personas.descriptions import join_words
from segmentation_assets.personas.evidence import Claim, find_claims, group_size
from segmentation_assets.personas.vocabulary import phrase, title
from segmentation_assets.portfolio.schema import Feature

_TOLD = 2


def motivation(profile: pd.DataFrame, features: Mapping[str, Feature], *, min_group_size: int = 20) -> str:
    """Return what sets the segment apart in what its customers do or say, beside all customers.

    Features that are not personal come first: what somebody does tells more of what moves them than what they are.
    """
    claims = [c for c in find_claims(profile, features, min_group_size=min_group_size) if c.grade != "mild"]
    if group_size(profile) < min_group_size or not claims:
        return "Nothing in the figures sets them apart."
    ranked = sorted(claims, key=lambda c: (features[c.feature].personal, -c.effect, c.topic))
    told = "; ".join(_beside_all(claim, features) for claim in _one_a_feature(ranked)[:_TOLD])
    return f"What sets them apart: {told}."


def product_strategy(profile: pd.DataFrame, features: Mapping[str, Feature], *, min_group_size: int = 20) -> str:
    """Return which product and channel stand out in the segment, of the features whose role that is."""
    claims = find_claims(profile, features, min_group_size=min_group_size)
    found = {}
    for claim in claims:
        role = features[claim.feature].role
        if role and role not in found and (words := phrase(claim, features[claim.feature])):
            found[role] = words
    if group_size(profile) < min_group_size or not found:
        return "Offer the whole range by any channel: no product and no channel stands out."
    advice = {"product": "offer that first", "channel": "reach them so"}
    return f"{_capital(join_words(list(found.values())))}: {join_words([advice[role] for role in found])}."


def _beside_all(claim: Claim, features: Mapping[str, Feature]) -> str:
    """Return a claim with its figure and that of all customers."""
    feature = features[claim.feature]
    if claim.kind == "categorical":
        return f"{phrase(claim, feature) or title(claim.feature)} (of all customers {format_share(claim.reference)})"
    own, everyone = (format_value(value, feature.unit) for value in (claim.value, claim.reference))
    return f"{claim.side} {title(claim.feature)} ({own}, of all customers {everyone})"


def _one_a_feature(claims: Sequence[Claim]) -> list[Claim]:
    first: dict[str, Claim] = {}
    for claim in claims:
        first.setdefault(claim.feature, claim)
    return list(first.values())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
