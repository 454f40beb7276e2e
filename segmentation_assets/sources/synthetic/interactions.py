"""The interactions table: payments and contacts of the last year."""

import numpy as np

from segmentation_assets.sources.synthetic.customers import channel_codes, customer_ids
from segmentation_assets.sources.synthetic.delivery import Rows, amounts, dates, identifiers, integers, words
from segmentation_assets.sources.synthetic.personas import CHANNELS, CONTACT_TYPES, column, shares
from segmentation_assets.sources.synthetic.policies import SLOTS, policies_of, premiums
from segmentation_assets.sources.synthetic.population import ALWAYS, NEVER, People
from segmentation_assets.sources.synthetic.randomness import choose, exponential

DAYS_KEPT = 365
QUARTER = 91
CONTACTS_A_QUARTER = 4
TYPES = ("payment", *CONTACT_TYPES)
COMPLAINT = TYPES.index("complaint")
PAYMENT_SLOT = 9

UNREST = 270
"""Days before leaving in which payments get late and complaints come."""

# The channel of a contact type is its own; a payment's and a complaint's is
# the one that the customer prefers (-1).
CHANNEL_OF_TYPE = np.array(
    [-1, CHANNELS.index("In-Person Meeting"), CHANNELS.index("Phone"),
     CHANNELS.index("Email"), CHANNELS.index("Text"), -1]
)  # fmt: skip


def interaction_rows(people: People, day: int) -> Rows:
    """Return the interactions table of a block on a day, by customer."""
    quarter = np.arange((day - DAYS_KEPT) // QUARTER - 2, day // QUARTER + 1)
    paid = _payments(people, quarter)
    contacted = _contacts(people, quarter)
    held = {name: np.concatenate([paid[name], contacted[name]], axis=1) for name in paid}
    row, column_ = np.nonzero((held["day"] > day - DAYS_KEPT) & (held["day"] <= day))
    held = {name: values[row, column_] for name, values in held.items()}
    codes = people.number[row] * 10_000 + held["code"]
    is_contact = held["type"] > 0
    channel = CHANNEL_OF_TYPE[held["type"]]
    return Rows(
        codes,
        {
            "interaction_id": identifiers("I", codes, 12),
            "customer_id": customer_ids(people.number[row]),
            "interaction_date": dates(held["day"]),
            "interaction_type": words(held["type"], TYPES),
            "channel": words(np.where(channel < 0, channel_codes(people)[row], channel), CHANNELS),
            "amount": amounts(held["amount"], blank=is_contact),
            "days_late": integers(held["late"], blank=is_contact),
        },
    )


def _payments(people: People, quarter: np.ndarray) -> dict[str, np.ndarray]:
    """Return a payment a quarter while a policy is in force; it shows on the day it is made."""
    phase = (people.uniform("payment.phase") * QUARTER).astype(np.int64)[:, None]
    due = phase + quarter * QUARTER
    policies = policies_of(people)
    amount = np.zeros(due.shape)
    before = premiums(people, ALWAYS)
    after = premiums(people, NEVER)
    era = people.era(due)
    for slot in range(SLOTS):
        premium = np.where(era == 1, after[:, [slot]], before[:, [slot]])
        is_due = (policies.bought[:, [slot]] <= due) & (due < policies.lapsed[:, [slot]])
        amount += np.where(is_due, premium / 4.0, 0.0)
    late = _days_late(people, quarter, due)
    return {
        "day": np.where(amount > 0, due + late, NEVER),
        "type": np.zeros(due.shape, dtype=np.int8),
        "code": np.broadcast_to(quarter * 10 + PAYMENT_SLOT, due.shape),
        "amount": amount,
        "late": late,
    }


def _days_late(people: People, quarter: np.ndarray, due: np.ndarray) -> np.ndarray:
    """Days between due and paid; they grow as a leaver's day comes near."""
    persona = people.persona(due)
    unrest = np.clip(1.0 - (people.left[:, None] - due) / UNREST, 0.0, 1.0)
    share = np.maximum(column("late_share")[persona], 0.85 * np.sqrt(unrest))
    mean = column("late_days")[persona] + 25.0 * unrest
    is_late = people.uniform("payment.late", quarter) < share
    days = 1 + exponential(people.uniform("payment.days", quarter), mean).astype(np.int64)
    return np.where(is_late, np.minimum(days, QUARTER - 1), 0)


def _contacts(people: People, quarter: np.ndarray) -> dict[str, np.ndarray]:
    """Up to four contacts a quarter, of the types that the persona of the day makes."""
    code = (quarter[:, None] * 10 + np.arange(CONTACTS_A_QUARTER)).ravel()
    made = np.repeat(quarter, CONTACTS_A_QUARTER) * QUARTER + (people.uniform("contact.day", code) * QUARTER).astype(
        np.int64
    )
    persona = people.persona(made)
    unrest = np.clip(1.0 - (people.left[:, None] - made) / UNREST, 0.0, 1.0)
    chance = column("contacts")[persona] * (QUARTER / 365 / CONTACTS_A_QUARTER) * (1.0 + unrest)
    is_customer = (people.joined[:, None] <= made) & (made < people.left[:, None])
    happens = is_customer & (people.uniform("contact.happens", code) < chance)
    kind = 1 + choose(people.uniform("contact.type", code), persona, shares("contact_types"))
    is_complaint = people.uniform("contact.complaint", code) < 0.5 * unrest
    nothing = np.zeros(made.shape)
    return {
        "day": np.where(happens, made, NEVER),
        "type": np.where(is_complaint, COMPLAINT, kind).astype(np.int8),
        "code": np.broadcast_to(code, made.shape),
        "amount": nothing,
        "late": nothing.astype(np.int64),
    }
