"""What a segment is worth and what is feared of it, beside the others: the company's aims, where they stand out."""

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from segmentation_assets.personas.claims.evidence import Claim
from segmentation_assets.personas.claims.feature_names import label
from segmentation_assets.personas.claims.vocabulary import figures_beside
from segmentation_assets.personas.profiles.differences import Sample, means_differ, rate_exceeds
from segmentation_assets.personas.profiles.telling import has_enough, is_share, told_share
from segmentation_assets.personas.texts.company import Company
from segmentation_assets.portfolio.features import Feature


def differing_number(name: str, profile: pd.DataFrame, features: Mapping[str, Feature], least: int) -> Claim | None:
    """Return a number that is clearly above or below that of the others; None where it is not."""
    rows = profile[(profile["feature"] == name) & (profile["kind"] == "numeric")].to_dict("records")
    if not rows or rows[0]["n_customers"] < least:
        return None
    row = rows[0]
    own = Sample(row["n_customers"], row["mean"], row["standard_deviation"])
    others = Sample(row["n_others"], row["others_mean"], row["others_standard_deviation"])
    if not means_differ(own, others):
        return None
    side = "high" if own.mean > others.mean else "low"
    return Claim(
        name, side, "numeric", "mild", abs(row["z_score"]), own.mean, row["population_mean"], row["is_lens_feature"],
        others=others.mean, n_others=others.n, label=label(name, features[name]), n=own.n,
        is_share=is_share(own.mean, own.deviation),
    )  # fmt: skip


def worth(profile: pd.DataFrame, features: Mapping[str, Feature], company: Company, least: int) -> Claim | None:
    """Return what the customers are worth, where that is clearly more or less than the others."""
    if company.value is None or company.value.feature not in features:
        return None
    return differing_number(company.value.feature, profile, features, least)


def feared(profile: pd.DataFrame, company: Company, least: int) -> Iterator[str]:
    """Yield how many met what the company fears, where that is clearly more than of the others.

    Parameters
    ----------
    profile : with shares among all customers (`profiles.shares`).
    """
    outcome = company.outcome
    if outcome is None:
        return
    rows = profile[(profile["feature"] == outcome.feature) & (profile["category"] == outcome.category)]
    for row in rows.to_dict("records"):
        own, n, others, n_others = (row[key] for key in ("share", "n_customers", "others_share", "n_others"))
        if has_enough(own, n, least) and rate_exceeds(own, n, others, n_others):
            yield f"{told_share(own, n, least)} {outcome.label}{of_the_others(others, n_others, least)}"


def of_the_others(share: float, n_others: int, least: int) -> str:
    """Return the share of the others in brackets; in words where too few of them are in it."""
    return f" ({told_share(share, n_others, least)} of the others)" if n_others >= least else ""


def aims_told(
    profile: pd.DataFrame, features: Mapping[str, Feature], company: Company, least: int, said: Collection[str] = ()
) -> list[str]:
    """Return the aims that stand out as clauses of a description, such as "their premium is higher (900, ...)".

    Parameters
    ----------
    said : features that the description tells of itself.
    """
    told = []
    claim = worth(profile, features, company, least)
    if claim and company.value and claim.feature not in said:
        figures = figures_beside(claim, features[claim.feature], least=least)
        told.append(f"their {company.value.label} is {'higher' if claim.side == 'high' else 'lower'} ({figures})")
    is_said = company.outcome is not None and company.outcome.feature in said
    return told if is_said else [*told, *feared(profile, company, least)]
