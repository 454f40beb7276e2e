"""Rule-based names: two to four words, true to the profile, no two segments of a lens alike.

A name is made of one to three claims: one gives the noun, the others the adjectives. Every set of claims a segment
could be named by has a strength, the sum of its claims' effect sizes (see `evidence`), with less for features that
only describe, for comparisons, and for words that need explaining. The names are then dealt to the segments so that no
two share one and the total strength is greatest, which gives the twin of a segment its next strongest evidence.

A segment that no claim can name is called by a neutral name. Where names run out, as with segments that are equal in
everything, a letter tells them apart: it claims nothing. So naming cannot fail: of names with letters there are as many
as there are segments and names taken.
"""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, count, product
from string import ascii_uppercase

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from segmentation_assets.personas.claims.evidence import Claim, find_claims, group_size
from segmentation_assets.personas.claims.vocabulary import adjective, noun, spoken_versions
from segmentation_assets.personas.texts.company import ANY_COMPANY, Company
from segmentation_assets.portfolio.features import Feature

GENERIC_NOUN = "Customers"
TYPICAL_NAMES = (
    "Typical Customers", "Mainstream Middle", "Everyday Customers", "Average Customers", "Middle Ground",
    "Mainstream Customers", "Core Customers", "General Customers",
)  # fmt: skip
MIXED_NAMES = ("Mixed Customers", "Assorted Customers", "Varied Customers", "General Mix")
MAX_WORDS = 4
MAX_CLAIMS = 3

_CONSIDERED = 8
_EFFECT_CAP = 2.0
_DESCRIBING = 0.3
_COMPARING = 0.5
_THIRD_CLAIM = 0.4
_PEOPLE_NOUN = 0.3
_GENERIC_NOUN = 0.2
_OWN_WORD, _VERY = 0.1, 0.15
_COMPARATIVE = 0.3
_LAST_RESORT = -3.0
"""A category without words, such as Gold-Plan: it tells twins apart better than a letter, and reads worse."""
_NEVER = -1e6


def name_segments(
    profiles: Mapping[int, pd.DataFrame],
    features: Mapping[str, Feature],
    *,
    min_group_size: int = 20,
    taken: Collection[str] = (),
    company: Company = ANY_COMPANY,
) -> dict[int, str]:
    """Return a name for every segment of one lens.

    Parameters
    ----------
    profiles : segment_id -> its rows of `segment_profiles`. Ties are settled by the order of the mapping, so give it
        in one that does not hang on the numbering.
    features : the portfolio's features; where they stand in it decides the order of words in a name.
    taken : names that other segments of the lens have, whatever their case.
    """
    if not profiles:
        return {}
    candidates = []
    for profile in profiles.values():
        claims = find_claims(profile, features, min_group_size=min_group_size)
        ranked = dict(_claimed_names(claims, features))
        ranked = ranked or _neutral_names(is_known=not claims and group_size(profile) >= min_group_size)
        candidates.append({_calling(company.title, name): strength for name, strength in ranked.items()})
    lettered = [_with_letters(ranked, len(profiles) + len(taken)) for ranked in candidates]
    others = {spelling(name) for name in taken}
    names = _deal([{n: s for n, s in ranked.items() if spelling(n) not in others} for ranked in lettered])
    return dict(zip(profiles, names, strict=True))


def spelling(name: str) -> str:
    """Return what two names have in common that are one to a reader: whatever their case, and how letters are coded.

    >>> spelling("YORK-Based Customers") == spelling("York-Based customers")
    True
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _calling(customers: str, name: str) -> str:
    """Put what the company calls its customers in the place of Customers."""
    return " ".join(customers if word == GENERIC_NOUN else word for word in name.split(" "))


def render(claims: Sequence[Claim], features: Mapping[str, Feature]) -> str | None:
    """Return the name that a set of claims makes, or None where it makes none.

    The noun comes from a category if one can give it ("Singles"), else from a number ("Loyalists"), from the feature
    that stands last in the portfolio where several can. A single claim is its noun if that has two words ("Late
    Payers"), else its adjective and "Customers".
    """
    rank = {name: i for i, name in enumerate(features)}
    head = max((c for c in claims if noun(c)), key=lambda c: (c.kind == "categorical", rank[c.feature]), default=None)
    last = noun(head) if head else None
    if len(claims) == 1 and " " not in (last or ""):
        head, last = None, None
    adjectives = {claim.topic: adjective(claim) for claim in claims if claim is not head}
    if not all(adjectives.values()):
        return None
    before = sorted(
        (claim for claim in claims if claim is not head),
        key=lambda c: _place(c, str(adjectives[c.topic]), rank[c.feature], features[c.feature]),
    )
    name = " ".join([*(str(adjectives[claim.topic]) for claim in before), last or GENERIC_NOUN])
    return name if len(name.split()) <= MAX_WORDS and not _repeats_itself(name) else None


def _place(claim: Claim, word: str, rank: int, feature: Feature) -> tuple:
    """Return what orders adjectives: single words before compounds, conduct before person, categories last.

    What a person is stands nearer to the noun than what the person does, and of that the first of the portfolio
    nearest: Loyal Affluent Young Multi-Policy Married Professionals.
    """
    return claim.kind == "categorical", "-" in word, feature.personal, -rank if feature.personal else rank


def _repeats_itself(name: str) -> bool:
    """Tell whether two words share a stem, as in Loyal Loyalists."""
    stems = [word[:5].lower() for word in name.replace("-", " ").split()]
    return len(set(stems)) < len(stems)


def _claimed_names(claims: Sequence[Claim], features: Mapping[str, Feature]) -> Iterator[tuple[str, float]]:
    """Yield the names that the strongest claims make, each with its strength, weakest first.

    Weakest first, so that of two sets of claims with one name a dictionary keeps the stronger.
    """
    spoken = [version for claim in claims for version in spoken_versions(claim)]
    spoken = sorted(spoken, key=lambda c: (-_weight(c), c.topic, c.grade))[:_CONSIDERED]
    found = []
    for size in range(1, MAX_CLAIMS + 1):
        for chosen in combinations(spoken, size):
            if len({claim.feature for claim in chosen}) == size and (name := render(chosen, features)):
                found.append((_strength(chosen, name), name))  # noqa: PERF401  a nest of four in one line hides more
    yield from ((name, strength) for strength, name in sorted(found))


def _strength(chosen: Sequence[Claim], name: str) -> float:
    """Return the strength of a name; two claims read better than three, and Singles better than Customers."""
    strength = sum(_weight(claim) for claim in chosen) - _THIRD_CLAIM * (len(chosen) == MAX_CLAIMS)
    if any(claim.kind == "categorical" and noun(claim) for claim in chosen):
        return strength + _PEOPLE_NOUN
    return strength - _GENERIC_NOUN * name.endswith(GENERIC_NOUN)


def _weight(claim: Claim) -> float:
    """Return what a claim adds to the strength of a name."""
    if claim.kind == "categorical" and claim.words is None:
        return _LAST_RESORT
    weight = min(claim.effect, _EFFECT_CAP)
    weight *= claim.words.appeal if claim.words else 0.5
    weight *= 1.0 if claim.is_lens_feature else _DESCRIBING
    if claim.grade == "mild":
        return weight * _COMPARING - _COMPARATIVE
    if claim.grade == "very":
        return weight + _OWN_WORD if claim.words and claim.words.very else weight - _VERY
    return weight


def _neutral_names(*, is_known: bool) -> dict[str, float]:
    """Return names that claim nothing: typical where it is known that nothing stands out, mixed where it is not."""
    names = TYPICAL_NAMES if is_known else MIXED_NAMES
    return {name: -1.0 - i / 100 for i, name in enumerate(names)}


def _with_letters(ranked: dict[str, float], n_segments: int) -> dict[str, float]:
    """Add the strongest name with a letter behind it, once for every segment that may want it."""
    short = [name for name in ranked if len(name.split()) < MAX_WORDS]
    base = max(short, key=lambda name: (ranked[name], name), default=MIXED_NAMES[0])
    return ranked | {f"{base} {letter}": -10.0 - i for i, letter in zip(range(n_segments), _letters(), strict=False)}


def _letters() -> Iterator[str]:
    """Yield B, C, ... Z, AA, AB, ...: the first bearer of a name has none."""
    found = ("".join(letters) for n in count(1) for letters in product(ascii_uppercase, repeat=n))
    next(found)
    yield from found


def _deal(candidates: Sequence[dict[str, float]]) -> list[str]:
    """Deal one name to each so that none is dealt twice and the sum of strengths is greatest (Kuhn 1955)."""
    spelled = [_as_spelled(ranked) for ranked in candidates]
    spellings = sorted(set().union(*spelled))
    column = {spelled_name: i for i, spelled_name in enumerate(spellings)}
    strengths = np.full((len(candidates), len(spellings)), _NEVER)
    for i, ranked in enumerate(spelled):
        for spelled_name, (strength, _) in ranked.items():
            strengths[i, column[spelled_name]] = round(strength, 6)
    _, chosen = linear_sum_assignment(strengths, maximize=True)
    return [ranked[spellings[i]][1] for ranked, i in zip(spelled, chosen, strict=True)]


def _as_spelled(ranked: Mapping[str, float]) -> dict[str, tuple[float, str]]:
    """Return the strongest of the names that are one to a reader, with its strength, by its spelling."""
    found: dict[str, tuple[float, str]] = {}
    for strength, name in sorted((strength, name) for name, strength in ranked.items()):
        found[spelling(name)] = (strength, name)
    return found
