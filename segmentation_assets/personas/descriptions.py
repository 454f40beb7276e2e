"""One sentence about a segment with the numbers of its profile, at most forty words."""

from collections.abc import Mapping, Sequence

import pandas as pd

from segmentation_assets.personas.amounts import format_value
from segmentation_assets.personas.company import ANY_COMPANY, Company
from segmentation_assets.personas.evidence import Claim, find_claims, group_size
from segmentation_assets.personas.feature_names import label
from segmentation_assets.personas.vocabulary import adjective, phrase, spoken_versions
from segmentation_assets.portfolio.schema import Feature

MAX_WORDS = 40
MAX_NUMBERS = 3
MAX_SHARES = 2


def describe(
    profile: pd.DataFrame, features: Mapping[str, Feature], *, min_group_size: int = 20, company: Company = ANY_COMPANY
) -> str:
    """Return the sentence for the profile of one segment.

    Up to three numbers and two shares that set it apart, those of the lens first, the strongest first. A segment of
    fewer than `min_group_size` customers is told in words alone: the mean of a few incomes is nearly somebody's income.
    """
    claims = find_claims(profile, features, min_group_size=min_group_size)
    if group_size(profile) < min_group_size:
        return _describe_few(claims, min_group_size, company)
    told = [claim for claim in claims if claim.n >= min_group_size]
    ranked = sorted(told, key=lambda c: (not c.is_lens_feature, -c.effect, c.topic))
    worth_telling = [c for c in ranked if c.kind == "numeric" and (c.is_lens_feature or c.grade != "mild")]
    numbers = [phrase(c, features[c.feature], least=min_group_size) for c in worth_telling[:MAX_NUMBERS]]
    shares = [phrase(c, features[c.feature]) for c in _one_a_feature(ranked)]
    told_numbers, told_shares = [p for p in numbers if p], [p for p in shares if p][:MAX_SHARES]
    if not told_numbers and not told_shares:
        return _describe_average(profile[profile["n_customers"] >= min_group_size], features, company)
    sentence = _sentence(told_numbers, told_shares, company)
    while len(sentence.split()) > MAX_WORDS and len(told_numbers) + len(told_shares) > 1:
        (told_numbers if len(told_numbers) > len(told_shares) else told_shares).pop()
        sentence = _sentence(told_numbers, told_shares, company)
    return sentence


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


def _describe_few(claims: Sequence[Claim], min_group_size: int, company: Company) -> str:
    plainest = [spoken_versions(claim)[-1:] for claim in claims if claim.kind == "numeric"]
    words = [word for versions in plainest for claim in versions if (word := adjective(claim))]
    traits = join_words([word.lower() for word in words[:MAX_NUMBERS]])
    on_the_whole = f"{traits} on the whole" if traits else "close to the average"
    return f"Fewer than {min_group_size} {company.customers}, {on_the_whole}; too few for figures."


def _describe_average(profile: pd.DataFrame, features: Mapping[str, Feature], company: Company) -> str:
    rows = profile[(profile["kind"] == "numeric") & profile["is_lens_feature"] & profile["mean"].notna()]
    told = [
        f"{label(name, features[name])} ({format_value(mean, features[name].unit)})"
        for name, mean in zip(rows["feature"].head(MAX_NUMBERS), rows["mean"], strict=False)
        if name in features
    ]
    where = f" in {join_words(told)}" if told else ""
    return f"{company.title} close to the average{where}."
