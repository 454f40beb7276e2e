"""Planted migrations of a synthetic history, told by `customer_moves`: who moved, and between which snapshots.

python -m benchmarks.bench_migration             # 4,000 customers, 24 monthly snapshots, retrained each quarter
python -m benchmarks.bench_migration 1000 12
"""

import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from dagster import AssetKey

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.history.resolver import History
from segmentation_assets.insights.migration import compare_with_earlier
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.segments.workers import Workers
from segmentation_assets.sources.synthetic import SyntheticInsurer
from segmentation_assets.sources.synthetic.personas import PERSONAS
from segmentation_assets_tests.conftest import graph_on


def planted_portfolio(folder, n_customers):
    """The insurance portfolio with its primary lens alone and as many segments as were planted."""
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    k = len(PERSONAS)
    for old, new in {
        "customers: 4000": f"customers: {n_customers}",
        "dirty_share: 0.005": "dirty_share: 0",
        "n_clusters: 3\n": f"n_clusters: {k}\n    candidates: [{k}, {k}]\n",
    }.items():
        text = text.replace(old, new)
    before, others = text.split("  demographic:\n")
    path = folder / "planted.yaml"
    path.write_text(before + "\nvalue:" + others.split("\nvalue:")[1], encoding="utf-8")
    return str(path)


def told_moves(folder, n_customers, days):
    """Return the rows of `customer_moves`, and who was placed on each day."""
    graph = graph_on(None, folder, planted_portfolio(folder, n_customers))
    blueprint = draw_blueprint(load_portfolio(graph.settings.portfolio))
    raw = [AssetKey(name) for name in blueprint.tables if name.startswith("raw_")]
    for day in days:
        graph.run(day, asset_selection=raw)
    history = History(blueprint, graph.warehouse, Workers())
    placed = {day: history.rows("customer_segments", day) for day in days}
    told = [
        compare_with_earlier(day, days, placed.__getitem__).moves.assign(snapshot_date=pd.Timestamp(day))
        for day in days
    ]
    there = {pd.Timestamp(day): set(placed[day].dropna(subset="segment_id")["customer_id"]) for day in days}
    return pd.concat([moves for moves in told if len(moves)], ignore_index=True), there


def main(n_customers=4_000, n_months=24):
    """Print precision and recall of all moves and of the certain ones."""
    days = [day.date() for day in pd.date_range(date(2024, 1, 1), periods=n_months, freq="MS")]
    started = time.process_time()
    with TemporaryDirectory() as folder:
        moves, there = told_moves(Path(folder), n_customers, days)
    planted = SyntheticInsurer(n_customers).migrations(days[-1], since=days[0])
    shown = list(there)
    earlier = dict(zip(shown[1:], shown, strict=False))
    on = [next(day for day in shown if day >= moved) for moved in planted["migrated_on"]]
    pairs = zip(planted["customer_id"], on, strict=True)
    true = {(customer, day) for customer, day in pairs if customer in there[day] & there[earlier[day]]}
    print(f"{n_customers:,} customers, {n_months} months, {len(true)} planted moves")
    for name, rows in (("certain", moves[moves["is_certain"]]), ("all", moves)):
        told = set(zip(rows["customer_id"], rows["snapshot_date"], strict=True))
        right = len(told & true)
        print(f"{name:>8}: {len(told)} told, precision {right / len(told):.3f}, recall {right / len(true):.3f}")
    print(f"({time.process_time() - started:.0f} s of CPU)")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
