"""The policies table: what customers have bought, and when it lapsed.

A customer has one policy from the day of joining and up to four more, bought
mostly in the first years. Premium, coverage and product are those of the day:
a migration converts the policies held to what fits the new life, and keeps
their numbers and dates of purchase.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from segmentation_assets.sources.synthetic.catalogue import PRODUCT_IDS, TYPE_OF_PRODUCT
from segmentation_assets.sources.synthetic.customers import customer_ids
from segmentation_assets.sources.synthetic.delivery import Rows, amounts, dates, identifiers, words
from segmentation_assets.sources.synthetic.personas import column, product_shares, spread
from segmentation_assets.sources.synthetic.population import NEVER, YEAR, Days, People
from segmentation_assets.sources.synthetic.randomness import choose, exponential, normal

SLOTS = 5
PURCHASE_GAP = 0.7
"""Mean years between one policy and the next."""

LAPSE_RATE = 0.03
"""Rate a year at which a single policy lapses while the customer stays."""

RATE_OF_TYPE = np.array([1.04, 0.97, 1.05, 0.98])
"""Premium over coverage of Health, Life, Auto and Property against the customer's own."""

COVERAGE_RANGE = (93_000.0, 1_080_000.0)


@dataclass(frozen=True)
class Policies:
    """When each policy of a block runs, in arrays of shape (customers, SLOTS).

    `bought` is NEVER where a slot holds no policy; `lapsed` is NEVER where the
    policy outlives every snapshot.
    """

    bought: np.ndarray
    lapsed: np.ndarray


def policies_of(people: People) -> Policies:
    """Every policy these people will ever buy."""
    slot = np.arange(SLOTS)
    gap = exponential(people.uniform("policy.gap", slot), PURCHASE_GAP * YEAR).astype(np.int64)
    gap[:, 0] = 0
    bought = people.joined[:, None] + np.cumsum(gap, axis=1)
    stops = people.uniform("policy.another", slot) >= column("another")[people.before][:, None]
    stops[:, 0] = False
    exists = ~np.logical_or.accumulate(stops, axis=1) & (bought + 30 < people.left[:, None])
    alone = exponential(people.uniform("policy.lapse", slot), YEAR / LAPSE_RATE)
    lapsed = bought + np.maximum(alone, 120.0).astype(np.int64)
    # The first policy lasts as long as the customer does: there would be
    # customers without cover who never left.
    lapsed[:, 0] = NEVER
    lapsed = np.minimum(lapsed, people.left[:, None])
    return Policies(np.where(exists, bought, NEVER), np.where(exists, lapsed, NEVER))


def products(people: People, day: Days) -> np.ndarray:
    """Positions in PRODUCTS of each policy on a day, of shape (customers, SLOTS)."""
    era = people.era(day)[:, None]
    persona = np.broadcast_to(people.persona(day)[:, None], (len(people), SLOTS))
    drawn = people.uniform("policy.product", np.arange(SLOTS) + SLOTS * era)
    return choose(drawn, persona, product_shares())


def coverages(people: People, day: Days) -> np.ndarray:
    """Sum insured of each policy on a day, of shape (customers, SLOTS)."""
    persona, era = people.persona(day)[:, None], people.era(day)[:, None]
    median, deviation = spread("coverage")
    own = normal(people.uniform("coverage", era))
    each = normal(people.uniform("policy.coverage", np.arange(SLOTS)))
    score = 0.8 * own + 0.6 * each
    return np.clip(median[persona] * np.exp(deviation[persona] * score), *COVERAGE_RANGE)


def premiums(people: People, day: Days) -> np.ndarray:
    """Yearly premium of each policy on a day, of shape (customers, SLOTS)."""
    persona, era = people.persona(day)[:, None], people.era(day)[:, None]
    mean, deviation = spread("rate")
    rate = mean[persona] + deviation[persona] * normal(people.uniform("rate", era))
    of_type = RATE_OF_TYPE[TYPE_OF_PRODUCT[products(people, day)]]
    return coverages(people, day) * rate * of_type


def policy_rows(people: People, day: int) -> Rows:
    """Return the policies table of a block on a day: what was bought by then."""
    policies = policies_of(people)
    row, slot = np.nonzero(policies.bought <= day)
    lapsed = policies.lapsed[row, slot]
    codes = policy_codes(people.number[row], slot)
    return Rows(
        codes,
        {
            "policy_id": policy_ids(codes),
            "customer_id": customer_ids(people.number[row]),
            "product_id": words(products(people, day)[row, slot], PRODUCT_IDS),
            "purchase_date": dates(policies.bought[row, slot]),
            "premium": amounts(premiums(people, day)[row, slot]),
            "coverage": amounts(coverages(people, day)[row, slot]),
            "lapse_date": dates(np.where(lapsed <= day, lapsed, NEVER), never=NEVER),
        },
    )


def policy_codes(numbers: np.ndarray, slot: np.ndarray) -> np.ndarray:
    """Return the identity of a customer's policy."""
    return numbers * 10 + slot


def policy_ids(codes: np.ndarray) -> pa.Array:
    """Keys of policies."""
    return identifiers("P", codes, 9)
