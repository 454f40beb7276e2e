"""How fast the embedded warehouse is, and what crowds and kills do to it.

    python benchmarks/bench_warehouse.py                   # everything
    python benchmarks/bench_warehouse.py speed crowd kill  # or some of it

`speed` writes and reads back 1M rows x 20 columns in an order of chance, as Arrow and as pandas the way the IO manager
does, and side by side the stock manager where `dagster-duckdb-pandas` is installed, which this project does not pin.
`crowd` lets 8 processes write different partitions while 2 read; `kill` kills a writing process 200 times.
"""

import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import dagster as dg
import numpy as np
import pandas as pd

from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse

DAY = date(2025, 11, 15)
N_ROWS = 1_000_000
ROUNDS = 3
WIDE = table(
    "wide",
    "core",
    "Twenty columns, snapshot_date and key among them.",
    string("customer_id", "Key.", is_required=True),
    *(number(f"number_{i}", "A double.") for i in range(10)),
    *(integer(f"count_{i}", "An integer.") for i in range(4)),
    *(string(f"category_{i}", "One of fifty.") for i in range(4)),
    key=("customer_id",),
)
DAILY = dg.DailyPartitionsDefinition("2025-11-01", timezone="Europe/London")


def make_frame():
    chance = np.random.default_rng(0)
    ids = pd.array([f"C{i:07d}" for i in chance.permutation(N_ROWS)], dtype="string[pyarrow]")
    columns = {"snapshot_date": np.full(N_ROWS, np.datetime64(DAY, "s")), "customer_id": ids}
    for column in WIDE.columns[2:]:
        if column.type == "FLOAT64":
            columns[column.name] = chance.normal(size=N_ROWS)
        elif column.type == "INT64":
            columns[column.name] = pd.array(chance.integers(0, 1000, N_ROWS), dtype="Int64")
        else:
            words = np.array([f"category {i}" for i in range(50)])
            columns[column.name] = pd.array(words[chance.integers(0, 50, N_ROWS)], dtype="string[pyarrow]")
    return pd.DataFrame(columns)


def contexts(resource_config):
    """What Dagster hands the stock manager for one day of `wide`, to write and to read."""

    @dg.asset(partitions_def=DAILY, metadata={"partition_expr": "snapshot_date"})
    def wide() -> pd.DataFrame: ...

    given = {"asset_key": wide.key, "partition_key": str(DAY), "asset_partitions_def": DAILY}
    given["resource_config"] = resource_config
    metadata = {"partition_expr": "snapshot_date"}
    output = dg.build_output_context(definition_metadata=metadata, **given)
    kind = dg.PythonObjectDagsterType(pd.DataFrame)
    return output, lambda: dg.build_input_context(upstream_output=output, dagster_type=kind, **given)


def timed(work):
    """Return what the work gave, its seconds, and its seconds of computing, which a busy machine changes less."""
    started, computed = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - started, time.process_time() - computed


def clock(what, write, read):
    """Write and read a few times; the first write makes the table, the later ones replace the partition."""
    line = f"{what:<24}"
    for work in (write, read):
        results = [timed(work) for _ in range(ROUNDS)]
        if work is read and any(len(rows) != N_ROWS for rows, _, _ in results):
            raise SystemExit(f"{what} read {[len(rows) for rows, _, _ in results]} rows")
        line += f" {' '.join(f'{t:5.2f}' for _, t, _ in results):>18} {min(c for _, _, c in results):>7.2f}"
    print(line, flush=True)


def speed(folder):
    frame = make_frame()
    rows = to_arrow(frame, WIDE)
    title = f"{N_ROWS:,} x {len(WIDE.columns)}"
    print(f"{title:<24} {'write, s':>18} {'computing':>7} {'read, s':>16} {'computing':>7}")
    engine = DuckDBWarehouse(folder / "engine.duckdb", "segmentation")
    clock("engine, Arrow", lambda: engine.replace(WIDE, rows, DAY, DAY), lambda: engine.read(WIDE, DAY, DAY))
    ours = DuckDBWarehouse(folder / "ours.duckdb", "segmentation")
    clock(
        "engine, pandas",  # what the IO manager does with a frame
        lambda: ours.replace(WIDE, to_arrow(frame, WIDE), DAY, DAY),
        lambda: from_arrow(ours.read(WIDE, DAY, DAY), WIDE),
    )
    try:
        from dagster_duckdb_pandas import DuckDBPandasIOManager  # noqa: PLC0415  where it is installed
    except ImportError:
        print("dagster-duckdb-pandas is not installed here; it was not measured")
        return
    stock = DuckDBPandasIOManager(database=str(folder / "stock.duckdb"), schema="segmentation")
    config = {"database": stock.database, "schema": "segmentation", "connection_config": {}}
    manager = stock.create_io_manager(dg.build_init_resource_context(config=config))
    clock(
        "stock manager, pandas",
        lambda: manager.handle_output(contexts(config)[0], frame),
        lambda: manager.load_input(contexts(config)[1]()),
    )


def processes(*arguments):
    command = [sys.executable, "-m", "segmentation_assets_tests.warehouse.processes", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    print(*arguments[:1], json.dumps(json.loads(done.stdout), indent=2), flush=True)


def main(chosen):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "speed" in chosen:
            speed(folder)
        if "crowd" in chosen:
            processes("crowd", folder / "crowd.duckdb", 8, 2, 20, 2000)
        if "kill" in chosen:
            processes("kill", folder / "kill.duckdb", 200, 60_000, 1)


if __name__ == "__main__":
    main(sys.argv[1:] or ["speed", "crowd", "kill"])
