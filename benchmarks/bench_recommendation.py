"""Whether the number of segments stays where nothing has changed, and follows where something has.

python -m benchmarks.bench_recommendation          # 100 snapshots, each without another customer
python -m benchmarks.bench_recommendation 10

Three things are counted. The published data is trained on again and again, each time without one customer, as if it
were the first snapshot: how often does a lens recommend what it recommends for all of them? The synthetic insurer, in
whom nothing changes but who joins, leaves and moves, is retrained each quarter for two years. And so again, with a
new kind of customers from the second year on.
"""

import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from dagster import AssetKey

from benchmarks.bench_identity import published_features
from benchmarks.timing import markdown
from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.history.features import features_from_raw
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.segments.training import train
from segmentation_assets_tests.conftest import PUBLISHED_DAY, graph_on

QUARTERS = [date(2024 + n // 4, 1 + 3 * (n % 4), 1) for n in range(9)]
NEWCOMERS_FROM, NEWCOMERS = date(2025, 1, 1), 0.2
STUDENTS = {"age": (19, 1), "income": (4_000, 800), "total_premium": (150, 20), "total_coverage": (20_000, 2_000)}


def without_one(n_snapshots):
    """Recommended numbers of the published data, and of as many snapshots without another customer each."""
    features, portfolio = published_features(), load_portfolio("insurance")
    whole = train(features, portfolio, PUBLISHED_DAY).recommended()
    left_out = np.random.default_rng(0).choice(len(features), n_snapshots, replace=False)
    found = []
    for number in left_out:
        found.append(train(features.drop(features.index[number]), portfolio, PUBLISHED_DAY).recommended())
        changed = {lens: k for lens, k in found[-1].items() if k != whole[lens]}
        if changed:
            print(f"without customer {number}: {changed} instead of {whole}", flush=True)
    same = pd.DataFrame(found) == pd.Series(whole)
    rows = [[lens, k, f"{same[lens].sum()} of {n_snapshots}"] for lens, k in whole.items()]
    print(markdown(["lens", "recommended", "the same without one customer"], rows), flush=True)


def quarterly_features():
    """Features of the synthetic insurer on the first day of nine quarters."""
    blueprint = draw_blueprint(load_portfolio("insurance"))
    raw = [AssetKey(name) for name in blueprint.tables if name.startswith("raw_")]
    with TemporaryDirectory() as folder:
        graph = graph_on(None, Path(folder))
        for day in QUARTERS:
            graph.run(day, asset_selection=raw)
        return {day: features_from_raw(blueprint, graph.warehouse, day) for day in QUARTERS}


def with_students(features):
    """Join customers of a kind of their own: single, at school, 19 years old and without an income to speak of."""
    generator = np.random.default_rng(1)
    rows = features.sample(round(NEWCOMERS * len(features)), random_state=1)
    rows = rows.assign(customer_id="N" + rows["customer_id"], marital_status="Single", education="High School Diploma")
    rows = rows.assign(**{name: generator.normal(*shape, len(rows)) for name, shape in STUDENTS.items()})
    return pd.concat([features, rows], ignore_index=True)


def retrained(snapshots):
    """Recommended numbers by day (rows) and lens, each training after the one before."""
    portfolio, before, found = load_portfolio("insurance"), {}, {}
    for day, features in snapshots.items():
        before = found[day] = train(features, portfolio, day, before=before).recommended()
    return pd.DataFrame(found).T


def main(n_snapshots=100):
    """Print the three tables."""
    without_one(n_snapshots)
    snapshots = quarterly_features()
    changed = {day: with_students(rows) if day >= NEWCOMERS_FROM else rows for day, rows in snapshots.items()}
    for heading, days in (("nothing planted", snapshots), (f"a new kind from {NEWCOMERS_FROM} on", changed)):
        numbers = retrained(days)
        print(f"\n{heading}\n\n" + markdown(["day", *numbers], [[day, *row] for day, *row in numbers.itertuples()]))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
