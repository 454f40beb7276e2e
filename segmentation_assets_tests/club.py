"""A company small enough to be run through the real graph again and again: 200 members, two features, one lens."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

FIRST, SECOND = date(2025, 6, 1), date(2025, 6, 2)
FEATURES = {"age": ("numeric", "CAST(age AS FLOAT64)"), "income": ("numeric", "income")}
"""Features by name: their kind, and the SQL of their column."""


def found_club(at: Path, features: Mapping[str, tuple[str, str]] = FEATURES) -> str:
    """Write the club's portfolio, SQL and members into a folder; return the portfolio's path."""
    rng = np.random.default_rng(0)
    is_old = rng.random(200) < 0.4
    members = pd.DataFrame(
        {
            "Customer ID": [f"M{i:03}" for i in range(200)],
            "Age": np.where(is_old, 65, 25) + rng.integers(-4, 5, 200),
            "Income": np.where(is_old, 60_000, 20_000) + rng.integers(-4000, 4000, 200),
        }
    )
    blank = ["gender", "city", "marital_status", "education", "occupation"]
    blank += ["preferred_language", "preferred_channel", "preferred_time"]
    members.assign(**dict.fromkeys(blank, "")).to_csv(at / "members.csv", index=False)
    return declare(at, features)


def declare(at: Path, features: Mapping[str, tuple[str, str]], value: str = "income") -> str:
    """Write the portfolio and the SQL for these features; the lens looks at those that are numbers."""
    numbers = ", ".join(name for name, (kind, _) in features.items() if kind == "numeric")
    listed = "\n".join(f"  {name}: {{kind: {kind}, description: Words.}}" for name, (kind, _) in features.items())
    (at / "club.yaml").write_text(
        f"""
name: club
title: Club members
currency: EUR
history_start: 2025-01-01
sources:
  customers: {{csv: members.csv}}
features:
{listed}
lenses:
  main: {{title: Main, primary: true, features: [{numbers}], n_clusters: 2, candidates: [2, 2]}}
value: {{feature: {value}, label: value, unit: EUR}}
"""
    )
    columns = ", ".join(f"{sql} AS {name}" for name, (_, sql) in features.items())
    (at / "customer_features.sql").write_text(
        f"SELECT snapshot_date, customer_id, {columns} FROM customers "
        "WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot\n"
    )
    return str(at / "club.yaml")
