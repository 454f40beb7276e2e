"""The nightly run on the published data, whole and in parts, beside the published method's own computing.

Run as ``python -m benchmarks.bench_pipeline`` with the published data in ../shared/data/insurance.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

DATA = Path(__file__).parents[2] / "shared" / "data" / "insurance"
DAY = "2025-11-15"
RUNS = 3
COMPUTING = {"core_snapshot", "retraining_requests", "customer_features", "segment_models", "customer_segments",
             "micro_segments", "customer_projection", "segment_migration", "feature_drift", "segment_profiles",
             "segment_labels", "labelled_customers"}  # fmt: skip


def one_run() -> None:
    """Run the day in this process and print seconds by part as JSON."""
    started = time.perf_counter()
    from segmentation_assets.definitions import build_definitions  # noqa: PLC0415 - the import is what is timed
    from segmentation_assets.defs.runs.running import run_day  # noqa: PLC0415
    from segmentation_assets.settings import read_settings  # noqa: PLC0415

    imported = time.perf_counter()
    definitions = build_definitions(read_settings())
    built = time.perf_counter()
    from datetime import date  # noqa: PLC0415

    result = run_day(definitions, date.fromisoformat(DAY), lambda _: None, has_home=False)
    ended = time.perf_counter()
    steps = {
        event.step_key: event.step_success_data.duration_ms / 1000
        for event in result.all_events
        if event.event_type_value == "STEP_SUCCESS"
    }
    computing = sum(seconds for step, seconds in steps.items() if step in COMPUTING)
    checks = sum(seconds for step, seconds in steps.items() if step not in COMPUTING | {"raw_snapshot", "marts"})
    parts = {
        "imports (Dagster, pandas, numba)": imported - started,
        "definitions of the graph": built - imported,
        "reading and writing raw": steps["raw_snapshot"],
        "computing, its reads and writes included": computing,
        "views": steps["marts"],
        "checks": checks,
        "Dagster between the steps": ended - built - sum(steps.values()),
        "whole process, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps({"parts": parts, "steps": steps}))


def peer() -> tuple[float, float]:
    """Return seconds of the published method and of ours for the same: k = 2..9, silhouette, projection."""
    import gower  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415
    from kmodes.kprototypes import KPrototypes as Published  # noqa: PLC0415
    from prince import FAMD as PublishedFAMD  # noqa: PLC0415, N811
    from sklearn.metrics import adjusted_rand_score, silhouette_score  # noqa: PLC0415

    from segmentation_assets.clustering import FAMD, k_scorecard  # noqa: PLC0415

    rows = published_rows(pd)
    k_scorecard(rows.head(200), [2], n_bootstraps=0)  # compile
    FAMD().fit(rows.head(200))
    started = time.perf_counter()
    ours = k_scorecard(rows, range(2, 10), n_init=30, n_bootstraps=20)
    FAMD().fit_transform(rows)
    our_seconds = time.perf_counter() - started
    started = time.perf_counter()
    theirs = {}
    for k in range(2, 10):
        model = Published(k, init="Cao", max_iter=20, random_state=42)  # ten starts, kmodes' default
        theirs[k] = model.fit_predict(rows.to_numpy(dtype=object), categorical=[4])
    silhouette = silhouette_score(gower.gower_matrix(rows), theirs[3], metric="precomputed")
    PublishedFAMD(n_components=2, random_state=42).fit_transform(rows)
    their_seconds = time.perf_counter() - started
    if (
        adjusted_rand_score(theirs[3], ours.models[3].labels_) < 1
        or abs(silhouette - ours.table["silhouette"][1]) > 1e-5
    ):
        raise SystemExit("The two sides did not find the same three segments; their times do not compare.")
    return their_seconds, our_seconds


def published_rows(pd):
    people = pd.read_csv(DATA / "customers.csv").set_index("Customer_ID").sort_index()
    policies = pd.read_csv(DATA / "sales.csv")
    bought = pd.to_datetime(policies["Purchase_Date"], format="%m/%d/%Y", errors="coerce")
    bought = bought.fillna(pd.to_datetime(policies["Purchase_Date"], format="%d/%m/%Y", errors="coerce"))
    policies["tenure"] = ((pd.Timestamp(DAY) - bought).dt.days / 365).round(2)
    policies["ratio"] = policies["Premium"] / policies["Coverage"]
    numbers = people[["Age", "Income"]].join(policies.groupby("Customer_ID")[["tenure", "ratio"]].mean())
    scaled = (numbers - numbers.min()) / (numbers.max() - numbers.min())
    return scaled.assign(status=people["Marital_Status"])


def main() -> None:
    if not DATA.is_dir():
        raise SystemExit("The published data is not beside the checkout (../shared/data/insurance).")
    runs, walls = [], []
    for attempt in range(RUNS + 1):
        with tempfile.TemporaryDirectory() as folder:
            variables = {"SEGMENTATION_DATA_DIR": str(DATA), "SEGMENTATION_DUCKDB_PATH": f"{folder}/w.duckdb"}
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.bench_pipeline", "one"],
                env={**os.environ, **variables}, capture_output=True, text=True, check=True,
            )  # fmt: skip
            if attempt:  # the first fills numba's and the system's caches
                walls.append(time.perf_counter() - started)
                runs.append(json.loads(done.stdout.splitlines()[-1]))
    print("| part of a warm run, published data | median of 3 |\n|---|---|")
    for part in runs[0]["parts"]:
        value = median(run["parts"][part] for run in runs)
        print(f"| {part} | {value:.0f} |" if "MB" in part else f"| {part} | {value:.2f} s |")
    print(f"| whole process | {median(walls):.1f} s |")
    theirs, ours = peer()
    print("\n| k = 2..9, silhouette, projection | seconds |\n|---|---|")
    print(f"| published method (kmodes, gower, prince; ten starts a k, one silhouette) | {theirs:.1f} |")
    print(f"| ours (30 starts and 20 bootstraps a k, every k's silhouette) | {ours:.2f} |")
    print(f"| ratio | {theirs / ours:.0f} |")


if __name__ == "__main__":
    one_run() if "one" in sys.argv[1:] else main()
