"""The claims table: the claims of the last five years and what became of them."""

import numpy as np

from segmentation_assets.sources.synthetic.catalogue import TYPE_OF_PRODUCT
from segmentation_assets.sources.synthetic.customers import customer_ids
from segmentation_assets.sources.synthetic.delivery import Rows, amounts, dates, identifiers, words
from segmentation_assets.sources.synthetic.personas import column
from segmentation_assets.sources.synthetic.policies import (
    SLOTS,
    coverages,
    policies_of,
    policy_codes,
    policy_ids,
    products,
)
from segmentation_assets.sources.synthetic.population import People
from segmentation_assets.sources.synthetic.randomness import exponential, normal

DAYS_KEPT = 5 * 365
PERIOD = 365
"""A policy has at most one claim in a period of so many days, counted from
1970-01-01, so that a claim's number is the same in each snapshot."""

STATUSES = ("paid", "declined", "open")
PAID_SHARE = 0.86

# Against the persona's own rate, for Health, Life, Auto and Property.
FREQUENCY_OF_TYPE = np.array([1.2, 0.4, 1.4, 0.9])

# Typical share of the sum insured that a claim asks for.
SEVERITY_OF_TYPE = np.array([0.030, 0.070, 0.032, 0.050])


def claim_rows(people: People, day: int) -> Rows:
    """Return the claims table of a block on a day, by policy and then by date."""
    row, slot, code, made = _possible(people, day)
    claimants = people.take(row)
    # What is insured, and for how much, is that of the day of the claim,
    # whatever a later migration did: a claim in the file must not change.
    here = np.arange(len(row)), slot
    kind = TYPE_OF_PRODUCT[products(claimants, made)[here]]
    chance = column("claim_rate")[claimants.before] * FREQUENCY_OF_TYPE[kind]
    happens = _draw(claimants, "claim.happens", code) < chance
    cover = coverages(claimants, made)[here]
    claimants, slot, code, made = claimants.take(happens), slot[happens], code[happens], made[happens]
    score = normal(_draw(claimants, "claim.amount", code))
    severity = SEVERITY_OF_TYPE[kind[happens]] * np.exp(0.9 * score - 0.4)
    settled = made + 15 + exponential(_draw(claimants, "claim.settled", code), 45.0)
    decided = np.where(_draw(claimants, "claim.decided", code) < PAID_SHARE, 0, 1)
    policy = policy_codes(claimants.number, slot)
    codes = policy * 1000 + code % 1000
    return Rows(
        codes,
        {
            "claim_id": identifiers("CL", codes, 12),
            "policy_id": policy_ids(policy),
            "customer_id": customer_ids(claimants.number),
            "claim_date": dates(made),
            "amount": amounts(cover[happens] * np.minimum(severity, 1.0)),
            "status": words(np.where(settled <= day, decided, 2), STATUSES),
        },
    )


def _possible(people: People, day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(row, slot, code, day) of each policy's one possible claim a period."""
    policies = policies_of(people)
    period = np.arange((day - DAYS_KEPT) // PERIOD, day // PERIOD + 1)
    found = []
    for slot in range(SLOTS):
        code = slot * 1000 + period % 1000
        made = period * PERIOD + (people.uniform("claim.day", code) * PERIOD).astype(np.int64)
        is_insured = (policies.bought[:, [slot]] <= made) & (made < policies.lapsed[:, [slot]])
        row, which = np.nonzero(is_insured & (day - DAYS_KEPT < made) & (made <= day))
        found.append((row, np.full(len(row), slot), code[which], made[row, which]))
    row, slots, code, made = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((made, slots, row))
    return row[order], slots[order], code[order], made[order]


def _draw(claimants: People, purpose: str, code: np.ndarray) -> np.ndarray:
    return claimants.uniform(purpose, code[:, None])[:, 0]
