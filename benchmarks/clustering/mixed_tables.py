"""Tables to measure on: the published customers where they are at hand, and a wide synthetic table."""

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "insurance"
LEVELS = (3, 5, 8, 12, 20, 30)
GROUPS = 6


def published_customers():
    """The 3,446 published customers, or synthetic ones of the same size and columns."""
    if not DATA.is_dir():
        table = wide_table(3_446).iloc[:, [0, 1, 2, 3, 9]]
        return table.set_axis(["age", "income", "tenure_years", "premium_to_coverage", "marital_status"], axis=1)
    people = pd.read_csv(DATA / "customers.csv").set_index("Customer_ID").sort_index()
    policies = pd.read_csv(DATA / "sales.csv")
    bought = pd.to_datetime(policies["Purchase_Date"], format="mixed")
    policies["tenure_years"] = ((pd.Timestamp("2025-11-15") - bought).dt.days / 365).round(2)
    policies["premium_to_coverage"] = policies["Premium"] / policies["Coverage"]
    means = policies.groupby("Customer_ID")[["tenure_years", "premium_to_coverage"]].mean()
    numbers = people[["Age", "Income"]].join(means)
    scaled = (numbers - numbers.min()) / (numbers.max() - numbers.min())
    return scaled.assign(marital_status=people["Marital_Status"]).rename(columns=str.lower)


def wide_table(n, seed=0, *, groups=GROUPS, spread=1.2):
    """n rows of 8 numbers and 6 categories of 3 to 30 levels, in overlapping groups."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, n)
    centres = np.random.default_rng(1).normal(0, spread, (groups, 8))
    columns = {f"x{place}": rng.normal(centres[group, place]) for place in range(8)}
    for place, levels in enumerate(LEVELS):
        typical = rng.random(n) < 0.4
        codes = np.where(typical, (group * 7 + place) % levels, rng.integers(0, levels, n))
        columns[f"c{place}"] = pd.Categorical.from_codes(codes, [f"v{level:02d}" for level in range(levels)])
    return pd.DataFrame(columns)


def separated_table(n):
    """The same columns in 8 groups that hardly overlap."""
    return wide_table(n, groups=8, spread=4.0)
