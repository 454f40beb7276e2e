"""Which claims about a segment its profile backs, and how strongly.

A claim is one thing that may be said: "income is high", "most are married". The rules that decide are here, once, for
names, descriptions and whatever checks them.

**How far apart** is measured as an effect size, on one scale for numbers and categories: for a number the absolute
z-score of the segment's mean, for a category Cohen's h, 2 asin(sqrt(share)) - 2 asin(sqrt(population share)) (Cohen,
Statistical Power Analysis, 1988, where 0.2 is small, 0.5 medium and 0.8 large).

**A number** gives a claim from |z| 0.3. From 0.5 the difference can be said outright ("Young"); below it is a
comparison ("Younger"); from 1.5 it may be strengthened ("Very Young", or a word of its own such as "Senior"). A word
with a `beyond` is an absolute one and also needs the mean beyond that number: customers of 55 are not young, however
old the others are.

**A category** of at least half of the segment's customers can stand in a name as an adjective, and of 0.55 as the
noun, from h 0.3. It can be told with its share from h 0.2, and one of a quarter to a half of the customers from h 0.3.
Either way the share exceeds the population's by ten percentage points, since h makes much of 100 against 96 %. A group
of categories (`covers`) is judged by its summed shares.

**Chance**: every effect must reach 2 / sqrt(n), about two standard errors, with n the customers of the segment that
have a value. Segments of fewer than `min_group_size` customers give no claims about categories: a share of a handful
of people describes persons, not a group.

**Held claims**: what a segment was once called is judged by `HELD`, whose thresholds are about two thirds of those
above and know no chance, so that a name holds until it is clearly false and does not come and go with the last digit.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from segmentation_assets.personas.profiles import OTHER
from segmentation_assets.portfolio.schema import Feature, Words

ANY = "any"

_DIGITS = 12

Grade = Literal["mild", "plain", "very"]
GRADES: tuple[Grade, ...] = ("mild", "plain", "very")
"""Weakest first."""


@dataclass(frozen=True)
class Thresholds:
    """How much is needed for a claim; see the module's words.

    `slack` is how far the mean may fall short of a word's `beyond`, as a share of it.
    """

    mild_z: float = 0.3
    plain_z: float = 0.5
    very_z: float = 1.5
    telling_h: float = 0.2
    naming_h: float = 0.3
    telling_share: float = 0.25
    min_gap: float = 0.1
    adjective_share: float = 0.5
    noun_share: float = 0.55
    standard_errors: float = 2.0
    slack: float = 0.0


GIVEN = Thresholds()
"""For a claim that is made."""
HELD = Thresholds(
    mild_z=0.2, plain_z=0.35, very_z=1.2, telling_h=0.13, naming_h=0.2, telling_share=0.2, min_gap=0.06,
    adjective_share=0.45, noun_share=0.5, standard_errors=0.0, slack=0.05,
)  # fmt: skip
"""For a claim that was made on another day."""


@dataclass(frozen=True)
class Claim:
    """One thing a profile backs, with the rows that back it.

    Attributes
    ----------
    side : ``low`` or ``high`` of a number; the category, or the name of a group of categories, otherwise.
    grade : ``mild``, ``plain`` or ``very``; a category that is no name is ``mild``.
    effect : |z| or Cohen's h, at least 0.
    value : mean, or share.
    reference : mean or share of the population.
    categories : the profile rows' categories; empty for a number.
    is_noun : False for a category too rare to be the noun of a name.
    words : how the portfolio speaks of it; None where it has no words.
    """

    feature: str
    side: str
    kind: Literal["numeric", "categorical"]
    grade: Grade
    effect: float
    value: float
    reference: float
    is_lens_feature: bool
    categories: tuple[str, ...] = ()
    is_noun: bool = True
    words: Words | None = None

    @property
    def topic(self) -> tuple[str, str]:
        """What is claimed, whatever its strength."""
        return self.feature, self.side


def find_claims(
    profile: pd.DataFrame,
    features: Mapping[str, Feature],
    *,
    min_group_size: int = 20,
    thresholds: Thresholds = GIVEN,
) -> list[Claim]:
    """Return every claim that the profile of one segment backs, strongest first.

    Parameters
    ----------
    profile : the rows of `segment_profiles` of one segment.
    features : the portfolio's features, for their words.
    thresholds : `GIVEN` to say something new, `HELD` to see whether what was said still holds.
    """
    claims: list[Claim] = []
    for name, rows in profile.groupby("feature", sort=True):
        feature = features.get(str(name))
        if feature is None:
            continue
        if feature.kind == "numeric":
            claims += _numeric_claims(str(name), rows.iloc[0], feature, thresholds)
        elif group_size(profile) >= min_group_size:
            claims += _category_claims(str(name), rows, feature, thresholds)
    return sorted(claims, key=lambda claim: (-claim.effect, claim.topic))


def group_size(profile: pd.DataFrame) -> int:
    """Return the size of a segment: its customers with a value in its most complete feature.

    A lens places nobody without a value in every one of its features, so this is all of them.
    """
    return int(profile["n_customers"].max()) if len(profile) else 0


def _numeric_claims(name: str, row: pd.Series, feature: Feature, needed: Thresholds) -> Iterable[Claim]:
    """Yield the claim of a numeric feature, if it has one."""
    z = float(row["z_score"]) if pd.notna(row["z_score"]) else 0.0
    if abs(z) < needed.mild_z or _is_chance(abs(z), row["n_customers"], needed):
        return
    side = "low" if z < 0 else "high"
    words = feature.low if z < 0 else feature.high
    mean = float(row["mean"])
    grade: Grade = "mild"
    if abs(z) >= needed.plain_z and _is_beyond(mean, words.beyond if words else None, side, needed):
        grade = "plain"
        limit = words.very_beyond if words else None
        if abs(z) >= needed.very_z and _is_beyond(mean, limit, side, needed):
            grade = "very"
    yield Claim(
        name, side, "numeric", grade, abs(z), mean, float(row["population_mean"]), bool(row["is_lens_feature"]),
        words=words,
    )  # fmt: skip


def _is_beyond(mean: float, limit: float | None, side: str, needed: Thresholds) -> bool:
    if limit is None:
        return True
    slack = abs(limit) * needed.slack
    return mean <= limit + slack if side == "low" else mean >= limit - slack


def _is_chance(effect: float, n_customers: int, needed: Thresholds) -> bool:
    """Tell whether a group of that size differs so much by chance."""
    return n_customers < 1 or effect < needed.standard_errors / math.sqrt(n_customers)


def _category_claims(name: str, rows: pd.DataFrame, feature: Feature, needed: Thresholds) -> Iterable[Claim]:
    """Yield the claims of a categorical feature: single categories, and groups that have words."""
    shares = dict(zip(rows["category"], zip(rows["share"], rows["population_share"], strict=True), strict=True))
    groups: dict[str, tuple[str, ...]] = {c: (c,) for c in shares if c != OTHER and not _covers(feature, c)}
    groups |= {key: tuple(words.covers) for key, words in feature.values.items() if words.covers}
    n_customers, is_lens_feature = rows["n_customers"].iloc[0], bool(rows["is_lens_feature"].iloc[0])
    for side, categories in groups.items():
        found = [shares[c] for c in categories if c in shares]
        share, population_share = _total(own for own, _ in found), _total(everyone for _, everyone in found)
        if math.isnan(share) or share < needed.telling_share or share - population_share < needed.min_gap:
            continue
        effect, is_half = cohen_h(share, population_share), share >= needed.adjective_share
        if effect < (needed.telling_h if is_half else needed.naming_h) or _is_chance(effect, n_customers, needed):
            continue
        yield Claim(
            name, side, "categorical", "plain" if is_half and effect >= needed.naming_h else "mild", effect, share,
            population_share, is_lens_feature, categories, share >= needed.noun_share,
            feature.values.get(side) or feature.values.get(ANY),
        )  # fmt: skip


def _total(shares: Iterable[float]) -> float:
    """Return the sum of shares, without the last digits, in which all of them may fall short of 1."""
    return round(math.fsum(shares), _DIGITS)


def _covers(feature: Feature, key: str) -> bool:
    """Tell whether the key is the name of a group rather than of a category."""
    return key in feature.values and bool(feature.values[key].covers)


def cohen_h(share: float, reference: float) -> float:
    """Return Cohen's effect size h between two shares, positive where the first is larger.

    >>> round(cohen_h(0.5, 0.25), 4)
    0.5236
    """
    own, other = min(max(share, 0.0), 1.0), min(max(reference, 0.0), 1.0)
    return 2 * math.asin(math.sqrt(own)) - 2 * math.asin(math.sqrt(other))
