"""One sentence about a segment with the numbers of its profile, at most forty words."""

from collections.abc import Mapping, Sequence

import pandas as pd

from segmentation_assets.personas.claims.amounts import format_value
from segmentation_assets.personas.claims.evidence import Claim, find_claims, group_size
from segmentation_assets.personas.claims.feature_names import label
from segmentation_assets.personas.claims.vocabulary import phrase
from segmentation_assets.personas.profiles.shares import among_all
from segmentation_assets.personas.profiles.telling import tellable
from segmentation_assets.personas.texts.aims import aims_told
from segmentation_assets.personas.texts.company import ANY_COMPANY, Company
from segmentation_assets.portfolio.features import Feature

MAX_WORDS = 40
MAX_NUMBERS = 3
MAX_SHARES = 2


def describe(
    profile: pd.DataFrame,
    features: Mapping[str, Feature],
    *,
    every: Mapping[str, Feature] | None = None,
    min_group_size: int = 20,
    company: Company = ANY_COMPANY,
) -> str:
    """Return the sentence for the profile of one segment.

    Up to three numbers and two shares that set it apart, those of the lens first, the strongest first; then what it is
    worth and what is feared of it, where that stands out from the others. Of a segment of fewer than `min_group_size`
    customers that is all that is told: what a few are like is what somebody is like.

    Parameters
    ----------
    features : those that describe the segment.
    every : all that its profile has, the value and the outcome among them; `features` if not given.
    """
    claims = find_claims(profile, features, min_group_size=min_group_size)
    if group_size(profile) < min_group_size:
        return f"Fewer than {min_group_size} {company.customers}; too few for figures."
    ranked = sorted(claims, key=lambda c: (not c.is_lens_feature, -c.effect, c.topic))
    # What a lens does not look at is told of the aims beside the others' figures, and not twice.
    telling = [claim for claim in ranked if claim.is_lens_feature or claim.feature not in company.aims]
    worth_telling = [c for c in telling if c.kind == "numeric" and (c.is_lens_feature or c.grade != "mild")]
    numbers = [phrase(c, features[c.feature], least=min_group_size) for c in worth_telling[:MAX_NUMBERS]]
    shares = [phrase(c, features[c.feature], least=min_group_size) for c in _one_a_feature(telling)]
    told_numbers, told_shares = [p for p in numbers if p], [p for p in shares if p][:MAX_SHARES]
    known, every = tellable(profile, min_group_size), features if every is None else every
    of_the_lens = set(profile.loc[profile["is_lens_feature"], "feature"])
    aims = aims_told(among_all(known, every), every, company, min_group_size, of_the_lens)
    if not told_numbers and not told_shares:
        return _with_aims(_describe_average(known, features, company), aims)
    sentence = _with_aims(_sentence(told_numbers, told_shares, company), aims)
    while len(sentence.split()) > MAX_WORDS and (aims or len(told_numbers) + len(told_shares) > 1):
        several = len(told_numbers) + len(told_shares) > 1
        (aims if not several else told_numbers if len(told_numbers) > len(told_shares) else told_shares).pop()
        sentence = _with_aims(_sentence(told_numbers, told_shares, company), aims)
    return sentence


def _with_aims(sentence: str, aims: Sequence[str]) -> str:
    """Add the aims that stand out to the end of a sentence."""
    return f"{sentence.removesuffix('.')}; {join_words(aims)}." if aims else sentence


def _one_a_feature(claims: Sequence[Claim]) -> list[Claim]:
    """Return the strongest claim of each categorical feature."""
    first: dict[str, Claim] = {}
    for claim in claims:
        if claim.kind == "categorical":
            first.setdefault(claim.feature, claim)
    return list(first.values())


def _sentence(numbers: Sequence[str], shares: Sequence[str], company: Company) -> str:
    """Join the parts: Customers <numbers>; <shares>."""
    told = join_words(shares)
    if not numbers:
        return f"{company.title} of whom {told}."
    said = f"{company.title} {_join_phrases(numbers)}"
    return f"{said}; {told}." if told else f"{said}."


def _join_phrases(phrases: Sequence[str]) -> str:
    """Join phrases so that those with the same first word share it: with a and b who c and d."""
    groups: dict[str, list[str]] = {}
    for text in sorted(phrases, key=_place):
        lead, _, rest = text.partition(" ")
        groups.setdefault(lead, []).append(rest)
    said = {lead: f"{lead} {join_words(rests)}" for lead, rests in groups.items()}
    clauses = " and ".join(said.pop(lead) for lead in ("who", "whose", "for") if lead in said)
    return " ".join([*said.values(), *([clauses] if clauses else [])])


def _place(text: str) -> int:
    """Return where a phrase stands by its first word: what they have comes after what they are."""
    return 1 if text.startswith("with ") else 0


def join_words(parts: Sequence[str], joint: str = "and") -> str:
    """Return a list as it is said.

    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    return f" {joint} ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _describe_average(profile: pd.DataFrame, features: Mapping[str, Feature], company: Company) -> str:
    rows = profile[(profile["kind"] == "numeric") & profile["is_lens_feature"] & profile["mean"].notna()]
    told = [
        f"{label(name, features[name])} ({format_value(mean, features[name].unit)})"
        for name, mean in zip(rows["feature"].head(MAX_NUMBERS), rows["mean"], strict=False)
        if name in features
    ]
    where = f" in {join_words(told)}" if told else ""
    return f"{company.title} close to the average{where}."
