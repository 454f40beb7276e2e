"""Twelve customers, small enough to add up by hand.

2025-01-31: nine of them and one who leaves after; two policies; no lapse was delivered.
2025-02-28: all twelve, eleven policies, four of them lapsed and one with a lapse still to come.
2025-06-30: three customers, nothing else was delivered; a segment has a new name.
"""

import pandas as pd

from segmentation_assets.insights.migration import count_ways, pair_up
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import own_tables
from segmentation_assets.tables.features import customer_features
from segmentation_assets.tables.frames import conform
from segmentation_assets.tables.schema import Table
from segmentation_assets_tests.insurers import CUSTOMERS, POLICIES, PRODUCTS

SEGMENT_MIGRATION = own_tables()["segment_migration"]
LABELLED_CUSTOMERS = own_tables()["labelled_customers"]
SEGMENT_LABELS = own_tables()["segment_labels"]
CUSTOMER_SEGMENTS = own_tables()["customer_segments"]

JANUARY, FEBRUARY, JUNE = "2025-01-31", "2025-02-28", "2025-06-30"
YOUNG, LOYAL, EMPTY, SETTLED, NONE = (
    "Young Starters", "Loyal Families", "Empty Nest", "Settled Households", "Unclassified"
)  # fmt: skip

# customer, age, city, marital status, income, language, channel, time
PEOPLE = [
    ("c01", 17, "London", "Single", 10_000, "English", "Email", "Morning"),
    ("c02", 18, "London", "Single", 20_000, "English", "Email", "Evening"),
    ("c03", 30, "Leeds", "Single", 30_000, "French", "Text", "Morning"),
    ("c04", 31, "Leeds", "Married", 40_000, "English", "Email", None),
    ("c05", 40, "London", "Married", 50_000, "English", "Phone", "Morning"),
    ("c06", 41, "London", "Married", 60_000, "English", "Phone", "Evening"),
    ("c07", 50, None, "Divorced", 70_000, None, "Phone", "Morning"),
    ("c08", 51, "York", "Married", 80_000, "French", "Email", "Morning"),
    ("c09", 60, "York", "Widowed", 90_000, "English", "Email", "Morning"),
    ("c10", 61, "Leeds", "Widowed", 100_000, "English", "Text", "Evening"),
    ("c11", None, "York", "Single", None, "English", "Email", "Morning"),
    ("c12", 25, "London", "Single", 25_000, "English", "Email", "Morning"),
    ("c13", 70, "York", "Widowed", 15_000, "English", "Mail", "Anytime"),
]

# policy, customer, product, bought, premium, coverage, lapse; behind each the days to 2025-02-28 and days / 365
SOLD = [
    ("p01", "c01", "X", "2025-02-18", 100, 10_000, None),  # 10: 0.03
    ("p02", "c02", "X", "2024-03-01", 200, 10_000, None),  # 364: 0.997, that is 1.00
    ("p03", "c02", "Y", "2024-03-03", 300, 10_000, "2025-02-28"),  # 362: 0.99; lapsed on the day
    ("p04", "c03", "X", "2022-02-28", 400, 20_000, "2024-02-29"),  # 1096: 3.00; paid for 731: 2.00
    ("p05", "c04", "Y", "2020-03-01", 500, 50_000, None),  # 1825: 5.00
    ("p06", "c05", "X", "2015-02-28", 600, 60_000, "2025-03-31"),  # 3653: 10.01; lapses later
    ("p07", "c06", "X", "2010-02-28", 700, 35_000, "2025-01-31"),  # 5479: 15.01; paid for 5451: 14.93
    ("p08", "c06", "X", "2005-02-28", 800, 80_000, "2025-02-27"),  # 7305: 20.01; paid for 7304: 20.01
    ("p09", "c08", "Y", "2024-02-29", 700, 70_000, None),  # 365: 1.00
    ("p10", "c09", "X", "2024-02-29", 800, 80_000, None),
    ("p11", "c11", "Y", "2024-02-29", 400, 40_000, None),
]

ON_SALE = [
    ("X", "LifeOne", "Life", "Family"),
    ("Y", "DriveOne", "Auto", "Individual"),
    ("Z", "HomeOne", "Property", "Business"),  # nobody buys it
]

FEATURES = customer_features(load_portfolio("insurance").feature_columns())

# snapshot -> customer -> segment
PLACED = {
    JANUARY: dict.fromkeys(["c01", "c02", "c03", "c04", "c05"], 0)
    | dict.fromkeys(["c06", "c07", "c08", "c13"], 1)
    | {"c09": None},
    FEBRUARY: dict.fromkeys(["c01", "c02", "c03", "c04"], 0)
    | dict.fromkeys(["c05", "c06", "c07", "c08", "c09", "c10"], 1)
    | dict.fromkeys(["c11", "c12"]),
    JUNE: {"c01": 0, "c05": 1, "c11": None},
}
NAMES = {
    JANUARY: {0: YOUNG, 1: LOYAL},
    FEBRUARY: {0: YOUNG, 1: LOYAL, 2: EMPTY},
    JUNE: {0: YOUNG, 1: SETTLED},
}
CONFIDENCE = {"c01": 0.9, "c02": 0.8, "c03": 0.7, "c04": 0.6}


def frames() -> dict[str, pd.DataFrame]:
    """Return the tables that marts read."""
    days = pd.to_datetime
    people = {person[0]: person for person in PEOPLE}
    customers = [
        (days(day), c, age, "Other", city, marital, "Doctorate", "Nurse", income, language, channel, time)
        for day, placed in PLACED.items()
        for c, age, city, marital, income, language, channel, time in (people[c] for c in placed)
    ]
    policies = [
        (days(day), policy, c, product, days(bought), premium, coverage, days(lapse if day == FEBRUARY else None))
        for day in (JANUARY, FEBRUARY)
        for policy, c, product, bought, premium, coverage, lapse in SOLD
        if day == FEBRUARY or policy in {"p02", "p05"}
    ]
    labelled = [
        (days(day), c, "overall", segment, NAMES[day].get(segment, NONE),
         None if segment is None else CONFIDENCE.get(c, 0.5), None if segment is None else c == "c04",
         "missing_feature: tenure_years" if segment is None else None)
        for day, placed in PLACED.items()
        for c, segment in placed.items()
    ]  # fmt: skip
    labels = [
        (days(day), lens, "m1", segment, name, f"{name} of {lens}.", "rules", "h", *[None] * 6)
        for day, names in NAMES.items()
        for segment, name in names.items()
        for lens in ("overall", "demographic")
    ]
    return {
        "customers": _frame(CUSTOMERS, customers),
        "policies": _frame(POLICIES, policies),
        "products": _frame(PRODUCTS, [(days(day), *row) for day in (JANUARY, FEBRUARY) for row in ON_SALE]),
        "labelled_customers": _frame(LABELLED_CUSTOMERS, labelled),
        "segment_migration": migrations(),
        "segment_labels": _frame(SEGMENT_LABELS, labels),
        "customer_segments": _of_columns(CUSTOMER_SEGMENTS, pd.concat(map(_placed_on, PLACED))),
        "customer_features": _of_columns(FEATURES, pd.concat(map(_judged_on, PLACED))),
    }


def _placed_on(day: str) -> pd.DataFrame:
    return placements(day).assign(snapshot_date=pd.Timestamp(day))


def _judged_on(day: str) -> pd.DataFrame:
    """Return the value and the outcome of a day's customers; of c12 neither is known."""
    ids = [c for c in PLACED[day] if c != "c12"]
    worth = {c: float(sum(sale[4] for sale in SOLD if sale[1] == c)) for c in ids}
    status = {c: "lapsed" if c in {"c02", "c05"} else "active" for c in ids}
    rows = [(pd.Timestamp(day), c, worth.get(c), status.get(c)) for c in PLACED[day]]
    return pd.DataFrame(rows, columns=["snapshot_date", "customer_id", "total_premium", "policy_status"])


def _of_columns(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame under all declared columns, in their order, with None where it has none."""
    whole = frame.reindex(columns=table.column_names).astype(object)
    return whole.where(whole.notna(), None)


def placements(day: str) -> pd.DataFrame:
    """Return what `customer_segments` says of a day and its one lens, as far as days are compared by it."""
    rows = [
        ("overall", c, segment, None if segment is None else CONFIDENCE.get(c, 0.5), "m1")
        for c, segment in PLACED[day].items()
    ]
    frame = pd.DataFrame(rows, columns=["lens", "customer_id", "segment_id", "confidence", "model_id"])
    return frame.astype({"segment_id": "Int64", "confidence": "float64"})


def migrations() -> pd.DataFrame:
    """Return `segment_migration`: every day against the one before, and one that no matrix is to show."""
    pairs = [(JANUARY, FEBRUARY), (FEBRUARY, JUNE), (JANUARY, JUNE)]
    ways = [
        count_ways(pair_up(placements(before), placements(after))).assign(
            snapshot_date=pd.Timestamp(after), from_snapshot=pd.Timestamp(before), to_snapshot=pd.Timestamp(after)
        )
        for before, after in pairs
    ]
    return conform(pd.concat(ways), SEGMENT_MIGRATION)


def _frame(table: Table, rows: list[tuple]) -> pd.DataFrame:
    """Frame the rows under the declared columns, with None as NULL."""
    return pd.DataFrame(rows, columns=table.column_names, dtype=object).replace({pd.NaT: None})
