"""Rule-based words on what moves a segment and what to do about it: plain readings of its profile, nothing more.

A strategy says what the others hold and the segment lacks, what its customers buy second, how to reach them, what they
are worth, and what to beware of; each only where the figures are clear (`differences`), and what is to be feared
always where they are. Where nothing is clear it says what was looked at.
"""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from segmentation_assets.personas.claims.evidence import Claim, find_claims, group_size
from segmentation_assets.personas.claims.feature_names import AGE, COUNT
from segmentation_assets.personas.claims.vocabulary import called, comparative, figures_beside, phrase
from segmentation_assets.personas.profiles.differences import share_exceeds
from segmentation_assets.personas.profiles.shares import among_all
from segmentation_assets.personas.profiles.telling import ANY, has_enough, tellable, told_share
from segmentation_assets.personas.texts.aims import differing_number, feared, of_the_others, worth
from segmentation_assets.personas.texts.company import ANY_COMPANY, Company
from segmentation_assets.personas.texts.descriptions import join_words
from segmentation_assets.personas.texts.offers import (
    MOST,
    Product,
    held_products,
    lacked_product,
    next_product,
    rows_of_role,
)
from segmentation_assets.portfolio.features import Feature

_TOLD = 3
_TOO_FEW = "Too few {customers} for figures."


def motivation(
    profile: pd.DataFrame, features: Mapping[str, Feature], *, min_group_size: int = 20, company: Company = ANY_COMPANY
) -> str:
    """Return what sets the segment apart in what its customers do or say, beside all others.

    Features that are not personal come first: what somebody does tells more of what moves them than what they are.
    """
    if group_size(profile) < min_group_size:
        return _TOO_FEW.format(customers=company.customers)
    claims = find_claims(profile, features, min_group_size=min_group_size)
    ranked = sorted(claims, key=lambda c: (c.grade == "mild", features[c.feature].personal, -c.effect, c.topic))
    first = _one_a_feature(ranked)
    told = [words for claim in first if (words := beside_the_others(claim, features[claim.feature], min_group_size))]
    if not told:
        return (
            "No figure sets them clearly apart from the others."
            if profile["n_others"].max() > 0
            else ("There are no others to set them apart from.")
        )
    return f"What sets them apart: {'; '.join(told[:_TOLD])}."


def beside_the_others(claim: Claim, feature: Feature, least: int) -> str | None:
    """Return a claim with its figure and that of the others; None where its category must not be shown."""
    if claim.kind == "categorical":
        said = phrase(claim, feature, least=least)
        return f"{said}{of_the_others(claim.others, claim.n_others, least)}" if said else None
    return compared(claim, feature, least)


def compared(claim: Claim, feature: Feature, least: int) -> str:
    """Return a number that is clearly above or below the others': longer tenure (13 years, the others 4.4)."""
    how, figures = comparative(claim, feature), figures_beside(claim, feature, least=least)
    if claim.label == AGE:
        return f"{how} ({figures})"
    if claim.label.startswith(COUNT):
        return f"{'more' if how == 'higher' else 'fewer'} {claim.label.removeprefix(COUNT)} ({figures})"
    return f"{how} {claim.label} ({figures})"


def product_strategy(
    profile: pd.DataFrame, features: Mapping[str, Feature], *, min_group_size: int = 20, company: Company = ANY_COMPANY
) -> str:
    """Return what to offer, how to reach them, what they are worth and what to beware of."""
    if group_size(profile) < min_group_size:
        return _TOO_FEW.format(customers=company.customers)
    least, known = min_group_size, tellable(profile, min_group_size)
    profile = among_all(known, features)
    advice = [
        *_offers(known, features, company, least),
        *_channels(profile, features, least),
        *_worth(profile, features, company, least),
        *_fears(profile, features, company, least),
    ]
    return " ".join(advice) or _nothing_to_propose(profile, features, company)


def _offers(profile: pd.DataFrame, features: Mapping[str, Feature], company: Company, least: int) -> Iterator[str]:
    products = held_products(profile, features, least=least)
    told = held_products(among_all(profile, features), features, least=least)
    offered = {name: told[name] for name, p in products.items() if p.is_lacked and name in told}
    lacked = lacked_product(offered, profile, company.catalogue, least=least)
    second = next_product(products, profile, features, company.catalogue, least=least)
    if lacked and (name := called(lacked.name, lacked.words)):
        everyone = f"{told_share(lacked.others, lacked.n_others, least)} of the others {_have(lacked)}"
        yield f"Offer {name}: {everyone}, {told_share(lacked.own, lacked.n, least)} of these {company.customers}."
    if second and (name := called(second.name, second.words)):
        yield f"Next, {name}: {told_share(second.own, second.n, least)} of those with a second product chose it."


def _have(product: Product) -> str:
    if product.is_held:  # some of it may have lapsed
        return "have bought it"
    said = product.words.phrase if product.words else None
    return said if said and "{" not in said else "have it"


def _channels(profile: pd.DataFrame, features: Mapping[str, Feature], least: int) -> Iterator[str]:
    """Yield the channel that most prefer, or clearly more than elsewhere."""
    for name, rows in rows_of_role(profile, features, "channel"):
        words = features[name].values
        row = max(rows.to_dict("records"), key=lambda r: (r["share"], r["category"]))
        own, n, others, n_others = (row[key] for key in ("share", "n_customers", "others_share", "n_others"))
        said = called(row["category"], words.get(row["category"]) or words.get(ANY))
        is_clear = own > MOST or share_exceeds(own, n, others, n_others)
        if has_enough(own, n, least) and is_clear and said:
            told, of_others = told_share(own, n, least), of_the_others(others, n_others, least)
            yield f"Reach them by {said}: {told} prefer it{of_others}."


def _worth(profile: pd.DataFrame, features: Mapping[str, Feature], company: Company, least: int) -> Iterator[str]:
    """Yield what to do about customers who are worth clearly more or less than the others."""
    claim = worth(profile, features, company, least)
    if claim is None or company.value is None:
        return
    figures = figures_beside(claim, features[claim.feature], least=least)
    if claim.side == "high":
        yield f"Worth keeping: their {company.value.label} is higher ({figures})."
    else:
        yield f"Keep the cost of serving them low: their {company.value.label} is lower ({figures})."


def _fears(profile: pd.DataFrame, features: Mapping[str, Feature], company: Company, least: int) -> Iterator[str]:
    """Yield what the company fears of them, where it is clearly above what the others do."""
    told = [
        *feared(profile, company, least),
        *(
            compared(claim, features[claim.feature], least)
            for name, feature in features.items()
            if feature.role == "risk"
            and feature.kind == "numeric"
            and (claim := differing_number(name, profile, features, least))
            and claim.side == "high"
        ),
    ]
    if told:
        yield f"Beware: {'; '.join(told)}."


def _nothing_to_propose(profile: pd.DataFrame, features: Mapping[str, Feature], company: Company) -> str:
    """Return what was looked at in vain."""
    profiled = set(profile.loc[profile["n_customers"] > 0, "feature"])
    roles = {feature.role for name, feature in features.items() if name in profiled}
    differences = [
        *([company.value.label] if company.value and company.value.feature in profiled else []),
        *(["risk"] if "risk" in roles or (company.outcome and company.outcome.feature in profiled) else []),
    ]
    looked_at = [
        *(["no product that they lack"] if roles & {"product", "holdings"} else []),
        *(["no channel"] if "channel" in roles else []),
        *([f"no difference in {join_words(differences, 'or')}"] if differences else []),
    ]
    if profile["n_others"].max() == 0:
        return "Nothing is proposed: there are no others to set them beside."
    if not looked_at:
        return "Nothing is proposed: the data tells of no product, channel or value."
    return f"Nothing is proposed: {join_words(looked_at)} stands out."


def _one_a_feature(claims: Sequence[Claim]) -> list[Claim]:
    first: dict[str, Claim] = {}
    for claim in claims:
        first.setdefault(claim.feature, claim)
    return list(first.values())
