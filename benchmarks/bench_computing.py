"""The computing of a day alone, without Dagster, type checks or the warehouse: python -m benchmarks.bench_computing.

A fresh process with compiled code on disk; the features come from the warehouse's own SQL in a scratch file.
"""

import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pandas as pd

from benchmarks.bench_pipeline import DATA, DAY
from segmentation_assets.cleaning import clean_all
from segmentation_assets.defs.tables.features import feature_query
from segmentation_assets.personas.labelling import label_customers
from segmentation_assets.personas.labels import label_segments
from segmentation_assets.personas.profiles.segment_profiles import profile_segments
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.segments.model import model_from_rows
from segmentation_assets.segments.placement import place
from segmentation_assets.segments.projection import project
from segmentation_assets.segments.training import train
from segmentation_assets.sources import CsvFolder, read_all
from segmentation_assets.tables import build_tables
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets_tests.insurers import INPUT_TABLES


def main():
    """Print seconds by part."""
    if not DATA.is_dir():
        sys.exit("The published data is not beside the checkout (../shared/data/insurance).")
    day, portfolio, seconds = date.fromisoformat(DAY), load_portfolio("insurance"), {}
    words = portfolio.features

    def timed(part, work):
        started = time.perf_counter()
        result = work()
        seconds[part] = seconds.get(part, 0) + time.perf_counter() - started
        return result

    names = [table.name for table in INPUT_TABLES]
    raw = timed("reading the files", lambda: read_all(CsvFolder(DATA, portfolio), portfolio, names, day))
    cleaned, _ = timed("cleaning", lambda: clean_all(raw, portfolio, day))
    features = timed("features", lambda: features_in_sql(cleaned, portfolio, day))
    training = timed("training, scorecards, stability", lambda: train(features, portfolio, day))
    placements, profiles = [], []
    for name, lens in portfolio.lenses.items():
        row = training.model_rows.set_index("lens", drop=False).loc[name]
        own = training.prototype_rows[training.prototype_rows["lens"] == name]
        model = model_from_rows(row, own) if len(own) else None
        placed = timed("placing", lambda n=name, x=lens, m=model, s=row["status"]: place(
            features, n, x, words, model=m, status=s))  # fmt: skip
        timed("projection", lambda n=name, x=lens: project(features, n, x, words))
        profiles.append(timed("profiles", lambda n=name, x=lens, p=placed, i=row["model_id"]: profile_segments(
            features, p, lens=x, lens_name=n, model_id=i, features=words)))  # fmt: skip
        placements.append(placed)
    everything = pd.concat([part for part in profiles if len(part)], ignore_index=True)
    labels = timed("names", lambda: label_segments(everything, portfolio.features))
    primary = portfolio.primary_lens
    timed("joining by key", lambda: label_customers(
        features, placements[list(portfolio.lenses).index(primary)], labels[labels["lens"] == primary]))  # fmt: skip
    print("| computing alone, published data, five lenses | seconds |\n|---|---|")
    for part, value in seconds.items():
        print(f"| {part} | {value:.2f} |")
    print(f"| together | {sum(seconds.values()):.2f} |")


def features_in_sql(cleaned, portfolio, day):
    """Run the portfolio's feature SQL over the cleaned tables in a scratch warehouse."""
    table = build_tables(portfolio)["customer_features"]
    query = Query(feature_query(portfolio).sql, {"first_snapshot": day, "last_snapshot": day})
    with tempfile.TemporaryDirectory() as folder:
        scratch = DuckDBWarehouse(Path(folder) / "scratch.duckdb", "features")
        for core in INPUT_TABLES:
            scratch.replace(core, to_arrow(cleaned[core.name].frame, core), day, day)
        scratch.replace(table, query, day, day)
        return from_arrow(scratch.read(table, day, day), table).drop(columns="snapshot_date")


if __name__ == "__main__":
    main()
