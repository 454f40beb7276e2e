"""A small company with two lenses, two input tables and words of its own, and what a night makes of it.

`python society.py FOLDER` runs the night in whichever tree PYTHONPATH puts first, and prints what it made as JSON.
"""

import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

DAYS = date(2025, 6, 1), date(2025, 6, 2)

PORTFOLIO = """
name: society
title: Members of a society
currency: EUR
history_start: 2025-01-01
customer_noun: members
min_group_size: 20
retrain: quarterly
sources:
  customers:
    csv: members.csv
    required: true
    ranges: {age: {min: 0, max: 120}}
    categories: {gender: [Male, Female], city: [Bath, Ely, Ripon, Wells]}
    not_delivered: [education, occupation, preferred_language, preferred_channel, preferred_time]
  policies:
    csv: sold.csv
    date_formats: {purchase_date: ["%m/%d/%Y", "%d/%m/%Y"]}
    ranges: {premium: {above: 0}}
features:
  age:
    kind: numeric
    description: Age.
    unit: years
    low: {adjective: Young, phrase: "aged about {number}", synonyms: [youthful]}
    high: {adjective: Old, phrase: "aged about {number}", synonyms: [aged]}
  income:
    kind: numeric
    description: Yearly income.
    unit: EUR a year
    low: {adjective: Modest, phrase: "with modest incomes"}
    high: {adjective: Affluent, phrase: "with high incomes ({value})"}
  city:
    kind: categorical
    description: City of residence.
    values:
      Bath: {phrase: "live in the west", covers: [Bath, Wells]}
  premium: {kind: numeric, description: Yearly premium of all policies., unit: EUR, needs: [policies]}
  gender: {kind: categorical, description: Gender.}
  has_left: {kind: categorical, description: Whether the member left.}
lenses:
  main:
    title: Main
    primary: true
    features: [age, income]
    n_clusters: auto
    candidates: [2, 3]
    describe_by: [premium]
  place:
    title: Place
    features: [income, city]
    n_clusters: 2
    candidates: [2, 2]
    micro_segments: 6
value: {feature: premium, label: premium, unit: EUR}
outcome: {feature: has_left, category: "yes", label: left}
"""

FEATURES = """
-- One row per member.
WITH sold AS (
  SELECT snapshot_date, customer_id, SUM(premium) AS premium
  FROM policies
  WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot
  GROUP BY snapshot_date, customer_id
)
SELECT
  c.snapshot_date,
  c.customer_id,
  CAST(c.age AS FLOAT64) AS age,
  c.income,
  c.city,
  COALESCE(s.premium, 0) AS premium,
  c.gender,
  IF(c.marital_status = 'Divorced', 'yes', 'no') AS has_left
FROM customers AS c
LEFT JOIN sold AS s ON s.snapshot_date = c.snapshot_date AND s.customer_id = c.customer_id
  AND s.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
WHERE c.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
"""


def found_society(at: Path) -> Path:
    """Write the society's portfolio, SQL, and deliveries for both days into a folder; return the portfolio."""
    at.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    n = 320
    is_old = rng.random(n) < 0.45
    members = pd.DataFrame(
        {
            "customer_id": [f"M{i:03}" for i in range(n)],
            "age": np.where(is_old, 62, 30) + rng.integers(-9, 10, n),
            "gender": rng.choice(["Male", "Female"], n),
            "city": np.where(is_old, rng.choice(["Bath", "Wells"], n), rng.choice(["Ely", "Ripon"], n)),
            "marital_status": np.where(is_old & (rng.random(n) < 0.7), "Divorced", "Single"),
            "income": np.where(is_old, 58_000, 24_000) + 10 * rng.integers(-900, 900, n),
        }
    )
    members.loc[:2, "age"] = [130, 121, 119]  # two are turned away
    members = members.astype({"income": object})
    members.loc[3:5, "income"] = ["1.234,5", "31 000", "EUR 2,345"]
    members.to_csv(at / "members.csv", index=False)
    sold = pd.DataFrame(
        {
            "policy_id": [f"P{i:03}" for i in range(n)],
            "customer_id": members["customer_id"],
            "product_id": "one",
            "purchase_date": [f"{1 + i % 12:02}/{1 + i % 28:02}/2024" for i in range(n)],
            "premium": np.round(np.where(is_old, 900, 300) * (1 + rng.random(n)), 2),
            "coverage": 10_000,
        }
    )
    sold.to_csv(at / "sold.csv", index=False)
    (at / "society.yaml").write_text(PORTFOLIO)
    (at / "customer_features.sql").write_text(FEATURES)
    return at / "society.yaml"


def night(folder: Path) -> dict[str, dict[str, str]]:
    """Make both days in one run; return the code version of every table and view, and of a table what its rows are."""
    from segmentation_assets.definitions import build_definitions  # noqa: PLC0415 - of the tree that is asked for
    from segmentation_assets.defs.jobs import JOB_NAME  # noqa: PLC0415
    from segmentation_assets.settings import read_settings  # noqa: PLC0415
    from segmentation_assets.warehouse import open_warehouse  # noqa: PLC0415

    portfolio = str(folder / "society.yaml")
    settings = read_settings(data_dir=folder, duckdb_path=folder / "warehouse.duckdb", portfolio=portfolio)
    job = build_definitions(settings).resolve_job_def(JOB_NAME)
    tags = dict(zip(_RANGE_TAGS, (str(day) for day in DAYS), strict=True))
    if not job.execute_in_process(tags=tags, raise_on_error=True).success:
        raise RuntimeError("The night failed.")
    made: dict[str, dict[str, str]] = {}
    for partition in open_warehouse(settings).ledger():
        found = made.setdefault(partition.table_name, {"version": partition.code_version, "rows": ""})
        found["rows"] += f"{partition.snapshot_date}:{partition.data_version};"
    return made


_RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")

if __name__ == "__main__":
    sys.stdout.write(f"\n{json.dumps(night(Path(sys.argv[1])))}\n")
