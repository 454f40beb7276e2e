"""The customers table: who they are, as the company's file says on a day."""

import numpy as np
import pyarrow as pa

from segmentation_assets.sources.synthetic.delivery import Rows, amounts, identifiers, integers, words
from segmentation_assets.sources.synthetic.personas import (
    CHANNELS,
    CITIES,
    EDUCATIONS,
    GENDERS,
    LANGUAGES,
    MARITAL_STATUSES,
    OCCUPATIONS,
    TIMES,
    city_shares,
    shares,
    spread,
)
from segmentation_assets.sources.synthetic.population import YEAR, People
from segmentation_assets.sources.synthetic.randomness import choose, normal

INCOME_RANGE = (7_000.0, 169_000.0)


def customer_rows(people: People, day: int) -> Rows:
    """Return the customers table of a block on a day."""
    own = people.before
    return Rows(
        people.number,
        {
            "customer_id": customer_ids(people.number),
            "age": integers(ages(people, day)),
            "gender": words((people.uniform("gender") < 0.513).astype(int), GENDERS),
            "city": words(choose(people.uniform("city"), own, city_shares()), [city for city, _ in CITIES]),
            "marital_status": words(marital_codes(people, day), MARITAL_STATUSES),
            "education": words(choose(people.uniform("education"), own, shares("education")), EDUCATIONS),
            "occupation": words(
                choose(_era_uniform(people, "occupation", day), people.persona(day), shares("occupation")),
                OCCUPATIONS,
            ),
            "income": amounts(incomes(people, day)),
            "preferred_language": words(language_codes(people), [name for name, _ in LANGUAGES]),
            "preferred_channel": words(channel_codes(people), CHANNELS),
            "preferred_time": words(choose(people.uniform("time"), own, shares("time")), TIMES),
        },
    )


def customer_ids(numbers: np.ndarray) -> pa.Array:
    """Keys of customers' numbers."""
    return identifiers("C", numbers, 8)


def ages(people: People, day: int) -> np.ndarray:
    """Completed years on a day."""
    return np.floor((day - people.born) / YEAR).astype(np.int64)


def incomes(people: People, day: int) -> np.ndarray:
    """Yearly income on a day; it rises a little with age within a persona."""
    persona = people.persona(day)
    median, deviation = spread("income")
    mean_age, age_deviation = spread("age")
    age = (people.joined - people.born) / YEAR
    seniority = np.clip((age - mean_age[persona]) / age_deviation[persona], -2, 2)
    score = 0.95 * normal(_era_uniform(people, "income", day)) + 0.15 * seniority
    return np.clip(median[persona] * np.exp(deviation[persona] * score), *INCOME_RANGE)


def marital_codes(people: People, day: int) -> np.ndarray:
    """Positions in MARITAL_STATUSES on a day."""
    return choose(_era_uniform(people, "marital", day), people.persona(day), shares("marital"))


def channel_codes(people: People) -> np.ndarray:
    """Positions in CHANNELS; a preference that lasts."""
    return choose(people.uniform("channel"), people.before, shares("channel"))


def language_codes(people: People) -> np.ndarray:
    """Positions in LANGUAGES."""
    cumulative = np.cumsum([share for _, share in LANGUAGES])
    return np.searchsorted(cumulative[:-1], people.uniform("language"), side="right")


def _era_uniform(people: People, purpose: str, day: int) -> np.ndarray:
    """Return a number a customer, drawn anew by a migration."""
    return people.uniform(purpose, people.era(day)[:, None])[:, 0]
