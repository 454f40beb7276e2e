"""The planted segments: who the synthetic insurer's customers are.

One declaration a persona; everything the other modules draw is read from here.
Money is in pounds, time in years, rates are a year. A pair is (mean, spread);
the spread of income and coverage is that of their logarithm.
"""

from dataclasses import dataclass, field

import numpy as np

from segmentation_assets.sources.synthetic.catalogue import product_weights

GENDERS = ("Female", "Male")
CITIES = (
    ("London", 0.209), ("Manchester", 0.129), ("Birmingham", 0.099), ("Liverpool", 0.079),
    ("Leeds", 0.059), ("Glasgow", 0.050), ("Bristol", 0.049), ("Sheffield", 0.049),
    ("Leicester", 0.039), ("Edinburgh", 0.039), ("Stoke-on-Trent", 0.022),
    ("Portsmouth", 0.021), ("Southampton", 0.021), ("Belfast", 0.021), ("Coventry", 0.021),
    ("Nottingham", 0.020), ("Newcastle upon Tyne", 0.019), ("Cardiff", 0.019),
    ("Bradford", 0.018), ("Kingston upon Hull", 0.018),
)  # fmt: skip
BIG_CITIES = ("London", "Manchester", "Birmingham", "Leeds", "Bristol")
MARITAL_STATUSES = ("Single", "Married", "Divorced", "Widowed", "Separated")
EDUCATIONS = (
    "High School Diploma", "Associate Degree", "Bachelor's Degree", "Master's Degree", "Doctorate",
)  # fmt: skip
OCCUPATIONS = (
    "Manager", "Lawyer", "Doctor", "Entrepreneur", "Nurse", "Teacher", "Engineer", "Artist",
    "Salesperson",
)  # fmt: skip
LANGUAGES = (
    ("English", 0.720), ("French", 0.080), ("Spanish", 0.060), ("Panjabi", 0.050),
    ("Chinese", 0.030), ("Urdu", 0.018), ("Portuguese", 0.017), ("Arabic", 0.014),
    ("Romanian", 0.011),
)  # fmt: skip
CHANNELS = ("Email", "Text", "Phone", "In-Person Meeting", "Mail")
TIMES = ("Morning", "Afternoon", "Evening", "Anytime", "Weekends")
QUESTIONS = (
    "risk_appetite", "price_sensitivity", "digital_affinity", "brand_loyalty",
    "health_consciousness", "advice_seeking",
)  # fmt: skip
CONTACT_TYPES = ("visit", "call", "email", "text", "complaint")


@dataclass(frozen=True)
class Persona:
    """One planted segment. Tuples of weights follow the vocabularies above."""

    name: str
    share: float
    """Share of the customers at the start of the history."""
    join_share: float
    """Share of the customers who join later."""
    age: tuple[float, float]
    income: tuple[float, float]
    tenure: tuple[float, float]
    rate: tuple[float, float]
    """Premium over coverage."""
    coverage: tuple[float, float]
    another: float
    """Chance that a customer buys one more policy, up to five."""
    leave_rate: float
    claim_rate: float
    late_share: float
    late_days: float
    contacts: float
    """Visits, calls, emails, texts and complaints a year."""
    response_rate: float
    """Share who answer a survey wave."""
    conversion: float
    uplift: float
    """Points of conversion that a campaign adds, 0.05 for five."""
    big_city_tilt: float
    """How many times likelier a big city is than in the country as a whole."""
    marital: tuple[float, ...]
    education: tuple[float, ...]
    occupation: tuple[float, ...]
    channel: tuple[float, ...]
    time: tuple[float, ...]
    contact_types: tuple[float, ...]
    answers: tuple[float, ...]
    """Mean answer to each question, 1 to 5."""
    products: dict[tuple[str, str], float] = field(default_factory=dict)


PERSONAS = (
    Persona(
        name="Young Urban Renters", share=0.21, join_share=0.45,
        age=(26.0, 4.0), income=(29_000, 0.28), tenure=(2.3, 1.1), rate=(0.0150, 0.0028),
        coverage=(122_000, 0.12), another=0.50, leave_rate=0.085,
        claim_rate=0.12, late_share=0.14, late_days=5.0, contacts=5.5, response_rate=0.34,
        conversion=0.040, uplift=0.070, big_city_tilt=1.7,
        marital=(0.87, 0.06, 0.03, 0.00, 0.04), education=(0.10, 0.20, 0.46, 0.20, 0.04),
        occupation=(0.06, 0.05, 0.05, 0.06, 0.16, 0.14, 0.14, 0.18, 0.16),
        channel=(0.42, 0.46, 0.07, 0.03, 0.02), time=(0.10, 0.20, 0.46, 0.14, 0.10),
        contact_types=(0.04, 0.10, 0.42, 0.40, 0.04), answers=(3.6, 3.7, 4.6, 2.3, 3.2, 2.2),
        products={("Auto", "Individual"): 0.72, ("Health", "Individual"): 0.22,
                  ("Life", "Individual"): 0.06},
    ),
    Persona(
        name="Established Families", share=0.24, join_share=0.0,
        age=(41.5, 5.6), income=(61_000, 0.21), tenure=(7.0, 2.2), rate=(0.0072, 0.0014),
        coverage=(760_000, 0.13), another=0.61, leave_rate=0.025,
        claim_rate=0.11, late_share=0.08, late_days=4.0, contacts=3.6, response_rate=0.38,
        conversion=0.050, uplift=0.040, big_city_tilt=0.85,
        marital=(0.05, 0.88, 0.04, 0.01, 0.02), education=(0.10, 0.22, 0.36, 0.25, 0.07),
        occupation=(0.19, 0.07, 0.09, 0.04, 0.17, 0.19, 0.14, 0.03, 0.08),
        channel=(0.50, 0.22, 0.18, 0.06, 0.04), time=(0.16, 0.16, 0.42, 0.10, 0.16),
        contact_types=(0.14, 0.30, 0.38, 0.14, 0.04), answers=(2.6, 3.1, 3.4, 3.9, 4.2, 3.3),
        products={("Health", "Family"): 0.36, ("Life", "Family"): 0.50,
                  ("Auto", "Individual"): 0.09, ("Life", "Group"): 0.05},
    ),
    Persona(
        name="Affluent Professionals", share=0.14, join_share=0.20,
        age=(45.0, 7.0), income=(122_000, 0.14), tenure=(4.8, 2.0), rate=(0.0262, 0.0033),
        coverage=(262_000, 0.08), another=0.57, leave_rate=0.030,
        claim_rate=0.10, late_share=0.04, late_days=3.0, contacts=4.2, response_rate=0.26,
        conversion=0.060, uplift=0.025, big_city_tilt=1.4,
        marital=(0.24, 0.58, 0.13, 0.02, 0.03), education=(0.01, 0.03, 0.18, 0.42, 0.36),
        occupation=(0.26, 0.30, 0.30, 0.03, 0.01, 0.01, 0.08, 0.01, 0.00),
        channel=(0.52, 0.10, 0.16, 0.20, 0.02), time=(0.40, 0.24, 0.18, 0.12, 0.06),
        contact_types=(0.26, 0.24, 0.40, 0.07, 0.03), answers=(4.1, 1.8, 3.7, 3.2, 3.9, 4.1),
        products={("Health", "Individual"): 0.46, ("Life", "Individual"): 0.30,
                  ("Health", "Group"): 0.12, ("Auto", "Individual"): 0.12},
    ),
    Persona(
        name="Mature Savers", share=0.17, join_share=0.0,
        age=(68.0, 5.4), income=(36_000, 0.29), tenure=(15.0, 2.8), rate=(0.0112, 0.0022),
        coverage=(330_000, 0.14), another=0.59, leave_rate=0.020,
        claim_rate=0.15, late_share=0.03, late_days=3.0, contacts=3.4, response_rate=0.46,
        conversion=0.030, uplift=0.0, big_city_tilt=0.75,
        marital=(0.03, 0.42, 0.08, 0.46, 0.01), education=(0.26, 0.28, 0.26, 0.14, 0.06),
        occupation=(0.18, 0.07, 0.08, 0.04, 0.20, 0.24, 0.08, 0.05, 0.06),
        channel=(0.14, 0.04, 0.34, 0.24, 0.24), time=(0.48, 0.38, 0.04, 0.08, 0.02),
        contact_types=(0.36, 0.48, 0.11, 0.01, 0.04), answers=(1.8, 2.9, 1.8, 4.5, 3.9, 3.8),
        products={("Life", "Individual"): 0.62, ("Health", "Individual"): 0.22,
                  ("Life", "Group"): 0.10, ("Auto", "Individual"): 0.06},
    ),
    Persona(
        name="Business Owners", share=0.11, join_share=0.0,
        age=(49.0, 6.6), income=(87_000, 0.16), tenure=(10.8, 2.2), rate=(0.0180, 0.0024),
        coverage=(340_000, 0.11), another=0.67, leave_rate=0.040,
        claim_rate=0.14, late_share=0.55, late_days=16.0, contacts=6.0, response_rate=0.22,
        conversion=0.045, uplift=0.045, big_city_tilt=1.0,
        marital=(0.10, 0.62, 0.22, 0.02, 0.04), education=(0.16, 0.26, 0.34, 0.19, 0.05),
        occupation=(0.12, 0.02, 0.03, 0.73, 0.00, 0.00, 0.04, 0.02, 0.04),
        channel=(0.28, 0.14, 0.32, 0.24, 0.02), time=(0.34, 0.16, 0.10, 0.34, 0.06),
        contact_types=(0.24, 0.44, 0.20, 0.05, 0.07), answers=(4.4, 3.0, 3.1, 2.9, 2.7, 2.8),
        products={("Property", "Business"): 0.62, ("Auto", "Business"): 0.20,
                  ("Auto", "Group"): 0.06, ("Health", "Group"): 0.12},
    ),
    Persona(
        name="Price-Sensitive Switchers", share=0.13, join_share=0.35,
        age=(39.5, 6.0), income=(20_500, 0.28), tenure=(1.4, 0.6), rate=(0.0092, 0.0016),
        coverage=(118_000, 0.10), another=0.31, leave_rate=0.150,
        claim_rate=0.17, late_share=0.32, late_days=9.0, contacts=4.8, response_rate=0.24,
        conversion=0.035, uplift=0.090, big_city_tilt=0.9,
        marital=(0.09, 0.06, 0.62, 0.04, 0.19), education=(0.30, 0.36, 0.25, 0.08, 0.01),
        occupation=(0.05, 0.01, 0.01, 0.06, 0.18, 0.10, 0.05, 0.18, 0.36),
        channel=(0.30, 0.34, 0.26, 0.03, 0.07), time=(0.16, 0.28, 0.28, 0.14, 0.14),
        contact_types=(0.05, 0.42, 0.22, 0.18, 0.13), answers=(2.3, 4.7, 3.2, 1.5, 2.6, 2.3),
        products={("Auto", "Individual"): 0.58, ("Health", "Individual"): 0.30,
                  ("Life", "Individual"): 0.12},
    ),
)  # fmt: skip

PERSONA_NAMES = tuple(persona.name for persona in PERSONAS)


def column(name: str) -> np.ndarray:
    """One number a persona, as an array to be indexed by persona codes."""
    return np.array([getattr(persona, name) for persona in PERSONAS])


def spread(name: str) -> np.ndarray:
    """(means, spreads) of a pair, one a persona."""
    return column(name).T


def shares(name: str) -> np.ndarray:
    """Cumulative category shares of shape (personas, categories)."""
    weights = column(name)
    return np.cumsum(weights / weights.sum(axis=-1, keepdims=True), axis=-1)


def city_shares() -> np.ndarray:
    """Cumulative shares of the cities, one row per persona."""
    base = np.array([share for _, share in CITIES])
    big = np.array([city in BIG_CITIES for city, _ in CITIES])
    weights = np.where(big, base * column("big_city_tilt")[:, None], base)
    return np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)


def product_shares() -> np.ndarray:
    """Cumulative shares of the products, one row per persona."""
    return np.array([product_weights(persona.products) for persona in PERSONAS])
