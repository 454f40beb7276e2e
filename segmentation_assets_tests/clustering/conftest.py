"""Tables that several tests of the clustering library look at."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@pytest.fixture(scope="session")
def published_customers():
    """The 3,446 published customers as their study clustered them: min-max scaled numbers and marital_status.

    Tenure is the mean over a customer's policies of days to 2025-11-15 over 365,
    rounded to two decimals before the mean; premium_to_coverage the mean ratio.
    """
    folder = DATA / "insurance"
    if not folder.is_dir():
        pytest.skip(f"the published insurance tables are not at {folder}")
    people = pd.read_csv(folder / "customers.csv").set_index("Customer_ID").sort_index()
    policies = pd.read_csv(folder / "sales.csv")
    bought = pd.to_datetime(policies["Purchase_Date"], format="%m/%d/%Y", errors="coerce")
    bought = bought.fillna(pd.to_datetime(policies["Purchase_Date"], format="%d/%m/%Y", errors="coerce"))
    policies["tenure_years"] = ((pd.Timestamp("2025-11-15") - bought).dt.days / 365).round(2)
    policies["premium_to_coverage"] = policies["Premium"] / policies["Coverage"]
    means = policies.groupby("Customer_ID")[["tenure_years", "premium_to_coverage"]].mean().reindex(people.index)
    numbers = people[["Age", "Income"]].join(means)
    scaled = (numbers - numbers.min()) / (numbers.max() - numbers.min())
    return scaled.assign(marital_status=people["Marital_Status"]).rename(columns=str.lower)


@pytest.fixture(scope="session")
def published_labels(published_customers):
    """Cluster of each published customer by kmodes 0.12.2 (Cao, seed 42), from its prototypes for k = 2 .. 9."""
    prototypes = pd.read_csv(Path(__file__).with_name("published_prototypes.csv"))
    numbers = published_customers.drop(columns="marital_status").to_numpy()
    gamma = 0.5 * numbers.std(axis=0).mean()

    def labels(k):
        rows = prototypes[prototypes["n_clusters"] == k]
        places = rows[["age", "income", "tenure_years", "premium_to_coverage"]].to_numpy()
        gaps = ((numbers[:, None] - places) ** 2).sum(axis=2)
        differs = published_customers["marital_status"].to_numpy()[:, None] != rows["marital_status"].to_numpy()
        return np.argmin(gaps + gamma * differs, axis=1)

    return labels


@pytest.fixture
def mixed_table():
    """Make a table of n rows: two numbers, one of them skewed, a coarse number with ties, two categories."""

    def make(n, seed=0, missing=0.0):
        rng = np.random.default_rng(seed)
        table = pd.DataFrame(
            {
                "age": rng.normal(50, 12, n),
                "income": rng.lognormal(10, 1, n),
                "policies": rng.integers(0, 4, n).astype(float),
                "city": rng.choice(["Bath", "Leeds", "York"], n),
                "status": rng.choice(list("abcdefg"), n),
            }
        )
        return table.mask(rng.random(table.shape) < missing) if missing else table

    return make
