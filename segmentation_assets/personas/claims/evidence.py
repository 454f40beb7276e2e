"""Which claims about a segment its profile backs, and how strongly.

A claim is one thing that may be said: "income is high", "most are married". The rules that decide are here, once, for
names, descriptions and whatever checks them.

**How far apart** is measured as an effect size, on one scale for numbers and categories: for a number the absolute
z-score of the segment's mean, for a category Cohen's h, 2 asin(sqrt(share)) - 2 asin(sqrt(population share)) (Cohen,
Statistical Power Analysis, 1988, where 0.2 is small, 0.5 medium and 0.8 large).

**A number** gives a claim from |z| 0.3. From 0.5 the difference can be said outright ("Young"); below it is a
comparison ("Younger"); from 1.5 it may be strengthened ("Very Young", or a word of its own such as "Senior"). An
absolute word, such as Young, also needs the mean beyond its bound, which is the portfolio's `beyond` or the usual one
(`portfolio/absolute_words.py`): customers of 49 are not young, however old the others are. An absolute word that is
strengthened needs `very_beyond`.

**A category** of at least half of the segment's customers can stand in a name as an adjective, and of 0.55 as the
noun, from h 0.3. It can be told with its share from h 0.2, and one of a quarter to a half of the customers from h 0.3.
Either way the share exceeds the population's by ten percentage points, since h makes much of 100 against 96 %. A group
of categories (`covers`) is judged by its summed shares. Shares are told among all customers (`shares`).

**Beside the others**: what falls short of this beside all customers and still differs clearly from the others alone
(`differences`: a segment of two thirds of the customers is most of the mean it is held against) is a mild claim.

**Chance**: every effect must reach 2 / sqrt(n), about two standard errors, with n the customers of the segment that
have a value. What fewer than `min_group_size` customers have gives no claim (`telling`): a mean or a share of a handful
of people describes persons, not a group.

**Held claims**: what a segment was once called is judged by `HELD`, whose thresholds are about two thirds of those
above and know no chance, so that a name holds until it is clearly false and does not come and go with the last digit.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from segmentation_assets.personas.claims.feature_names import label
from segmentation_assets.personas.profiles.differences import (
    CLEARLY,
    Clearly,
    Sample,
    cohen_h,
    means_differ,
    share_exceeds,
)
from segmentation_assets.personas.profiles.segment_profiles import OTHER
from segmentation_assets.personas.profiles.shares import among_all
from segmentation_assets.personas.profiles.telling import ANY, has_enough, is_share, tellable
from segmentation_assets.portfolio.absolute_words import is_absolute, judges, usual_bound
from segmentation_assets.portfolio.features import Feature, Words

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
    clearly: Clearly = CLEARLY


GIVEN = Thresholds()
"""For a claim that is made."""
HELD = Thresholds(
    mild_z=0.2, plain_z=0.35, very_z=1.2, telling_h=0.13, naming_h=0.2, telling_share=0.2, min_gap=0.06,
    adjective_share=0.45, noun_share=0.5, standard_errors=0.0, slack=0.05,
    clearly=Clearly(d=0.2, ratio=1.15, ratio_d=0.1, gap=0.06, h=0.13, standard_errors=0.0),
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
    others : mean or share of the customers outside of the segment; NaN where there are none.
    n_others : how many of them have a value.
    label : what the feature is called.
    n : customers of the segment that have a value.
    is_share : True for a share of them; of a number where it is 0 or 1 for each.
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
    others: float = math.nan
    n_others: int = 0
    label: str = ""
    n: int = 0
    is_share: bool = False

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
    profile = among_all(tellable(profile, min_group_size), features)
    for name, rows in profile.groupby("feature", sort=True):
        feature = features.get(str(name))
        if feature is None or feature.role in ("holdings", "next_product"):
            continue  # what somebody holds or bought next is told in a strategy
        if feature.kind == "numeric":
            claims += _numeric_claims(str(name), rows.iloc[0], feature, thresholds, min_group_size)
        else:
            claims += _category_claims(str(name), rows, feature, thresholds, min_group_size)
    return sorted(claims, key=lambda claim: (-claim.effect, claim.topic))


def group_size(profile: pd.DataFrame) -> int:
    """Return the size of a segment: its customers with a value in its most complete feature.

    A lens places nobody without a value in every one of its features, so this is all of them.
    """
    return int(profile["n_customers"].max()) if len(profile) else 0


def _numeric_claims(name: str, row: pd.Series, feature: Feature, needed: Thresholds, least: int) -> Iterable[Claim]:
    """Yield the claim of a numeric feature, if it has one."""
    z = float(row["z_score"]) if pd.notna(row["z_score"]) else 0.0
    stands_out = abs(z) >= needed.mild_z and not _is_chance(abs(z), row["n_customers"], needed)
    others = Sample(int(row["n_others"]), float(row["others_mean"]), float(row["others_standard_deviation"]))
    own = Sample(int(row["n_customers"]), float(row["mean"]), float(row["standard_deviation"]))
    if not z or own.n < least or not (stands_out or means_differ(own, others, needed.clearly)):
        return
    if is_share(own.mean, own.deviation) and not has_enough(own.mean if z > 0 else 1 - own.mean, own.n, least):
        return
    side: Literal["low", "high"] = "low" if z < 0 else "high"
    words = feature.low if z < 0 else feature.high
    mean = float(row["mean"])
    grade: Grade = "mild"
    if stands_out and abs(z) >= needed.plain_z and _is_beyond(mean, _bound(words, side, feature.unit), side, needed):
        grade = "plain"
        if abs(z) >= needed.very_z and _is_beyond(mean, _very_bound(words, side, feature.unit), side, needed):
            grade = "very"
    yield Claim(
        name, side, "numeric", grade, abs(z), mean, float(row["population_mean"]), bool(row["is_lens_feature"]),
        words=words, others=others.mean, n_others=others.n, label=label(name, feature), n=own.n,
        is_share=is_share(own.mean, own.deviation),
    )  # fmt: skip


def _bound(words: Words | None, side: Literal["low", "high"], unit: str) -> float | None:
    """Return the mean beyond which the words hold; None where they speak of the others alone."""
    if words is None or words.beyond is not None:
        return words.beyond if words else None
    said = [text for text in (words.adjective, words.noun, *words.synonyms) if text and is_absolute(text)]
    said += [words.phrase] if judges(words.phrase) else []
    bounds = [_usual_bound(text, side, unit) for text in said]
    return (min(bounds) if side == "low" else max(bounds)) if bounds else None


def _usual_bound(text: str, side: Literal["low", "high"], unit: str) -> float:
    """Return the usual bound of an absolute word; one that no mean reaches where there is none."""
    usual = usual_bound(text, side, unit)
    return usual if usual is not None else -math.inf if side == "low" else math.inf


def _very_bound(words: Words | None, side: Literal["low", "high"], unit: str) -> float | None:
    """Return the mean beyond which a strengthened word holds; "Very Young" has no usual one."""
    if words is None or words.very_beyond is not None:
        return words.very_beyond if words else None
    if words.very:
        return _usual_bound(words.very, side, unit) if is_absolute(words.very) else None
    is_bounded = words.adjective and is_absolute(words.adjective)
    return (-math.inf if side == "low" else math.inf) if is_bounded else None


def _is_beyond(mean: float, limit: float | None, side: str, needed: Thresholds) -> bool:
    if limit is None:
        return True
    if math.isinf(limit):
        return False
    slack = abs(limit) * needed.slack
    return mean <= limit + slack if side == "low" else mean >= limit - slack


def _is_chance(effect: float, n_customers: int, needed: Thresholds) -> bool:
    """Tell whether a group of that size differs so much by chance."""
    return n_customers < 1 or effect < needed.standard_errors / math.sqrt(n_customers)


def _category_claims(
    name: str, rows: pd.DataFrame, feature: Feature, needed: Thresholds, least: int
) -> Iterable[Claim]:
    """Yield the claims of a categorical feature: single categories, and groups that have words."""
    figures = zip(rows["share"], rows["population_share"], rows["others_share"], strict=True)
    shares = dict(zip(rows["category"], figures, strict=True))
    groups: dict[str, tuple[str, ...]] = {c: (c,) for c in shares if c != OTHER and not _covers(feature, c)}
    groups |= {key: tuple(words.covers) for key, words in feature.values.items() if words.covers}
    n_customers, is_lens_feature = rows["n_customers"].iloc[0], bool(rows["is_lens_feature"].iloc[0])
    n_others = int(rows["n_others"].iloc[0])
    for side, categories in groups.items():
        found = [shares[c] for c in categories if c in shares]
        share, population_share, others_share = (_total(own[i] for own in found) for i in range(3))
        if math.isnan(share + population_share) or share < needed.telling_share:
            continue
        if not has_enough(share, n_customers, least):
            continue
        effect, is_half = cohen_h(share, population_share), share >= needed.adjective_share
        stands_out = (
            share - population_share >= needed.min_gap
            and effect >= (needed.telling_h if is_half else needed.naming_h)
            and not _is_chance(effect, n_customers, needed)
        )
        if not stands_out and not share_exceeds(share, n_customers, others_share, n_others, needed.clearly):
            continue
        grade: Grade = "plain" if stands_out and is_half and effect >= needed.naming_h else "mild"
        yield Claim(
            name, side, "categorical", grade, effect, share,
            population_share, is_lens_feature, categories, share >= needed.noun_share,
            feature.values.get(side) or feature.values.get(ANY), others_share, n_others,
            label(name, feature), int(n_customers), is_share=True,
        )  # fmt: skip


def _total(shares: Iterable[float]) -> float:
    """Return the sum of shares, without the last digits, in which all of them may fall short of 1."""
    return round(math.fsum(shares), _DIGITS)


def _covers(feature: Feature, key: str) -> bool:
    """Tell whether the key is the name of a group rather than of a category."""
    return key in feature.values and bool(feature.values[key].covers)
