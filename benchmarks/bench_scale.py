"""The whole graph as customers grow: time, memory and rows of a day on the synthetic insurer.

    python -m benchmarks.bench_scale                  # 10,000, 100,000 and 1,000,000 customers
    python -m benchmarks.bench_scale 300000 --steps   # or any number, and where the time went

Each size runs in a process of its own on a warehouse of its own, after a small one that compiles. Seconds of computing
are those of all threads, user and system; on a machine that does other work they say more than the clock does.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.timing import markdown

DAY = date(2025, 11, 15)
SIZES = (10_000, 100_000, 1_000_000)
WARM_UP = 1_000
COLUMNS = ["customers", "on the day", "delivered rows", "seconds", "computing, s", "peak MB", "file MB"]


def one_run(n_customers: int, folder: Path) -> None:
    """Run the day in this process and print what it took as JSON."""
    started = time.perf_counter()
    from segmentation_assets.definitions import build_definitions  # noqa: PLC0415 - the import is part of a run
    from segmentation_assets.defs.runs.progress import ROW_COUNT  # noqa: PLC0415
    from segmentation_assets.defs.runs.running import run_day  # noqa: PLC0415
    from segmentation_assets.settings import read_settings  # noqa: PLC0415

    warehouse = folder / f"customers_{n_customers}.duckdb"
    settings = read_settings(portfolio=str(portfolio_of(n_customers, folder)), duckdb_path=warehouse)
    result = run_day(build_definitions(settings), DAY, lambda _: None, has_home=False)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    steps = {
        event.step_key: event.step_success_data.duration_ms / 1000
        for event in result.all_events
        if event.event_type_value == "STEP_SUCCESS"
    }
    made = {
        event.asset_key.path[-1]: event.materialization.metadata[ROW_COUNT].value
        for event in result.get_asset_materialization_events()
        if ROW_COUNT in event.materialization.metadata
    }
    delivered = sum(n for name, n in made.items() if name.startswith("raw_"))
    figures = [
        f"{n_customers:,}",
        f"{made['customer_features']:,}",
        f"{delivered:,}",
        f"{seconds:.1f}",
        f"{used.ru_utime + used.ru_stime:.1f}",
        f"{used.ru_maxrss / 1024:,.0f}",
        f"{warehouse.stat().st_size / 2**20:,.0f}",
    ]
    print(json.dumps({"figures": figures, "steps": steps}))


def portfolio_of(n_customers: int, folder: Path) -> Path:
    """Write the insurance portfolio with another number of synthetic customers."""
    from segmentation_assets.portfolio.loading import PACKAGED  # noqa: PLC0415

    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    own = folder / str(n_customers) / "insurance.yaml"
    own.parent.mkdir()
    own.write_text(text.replace("  customers: 4000\n", f"  customers: {n_customers}\n"), encoding="utf-8")
    if own.read_text(encoding="utf-8") == text:
        raise SystemExit("The insurance portfolio no longer says how many synthetic customers there are, as 4000.")
    return own


def measured(n_customers: int, folder: str) -> dict:
    """Run one size in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_scale", "one", str(n_customers), folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith('{"figures"')))


def main(arguments: list[str]) -> None:
    """Measure the sizes named, or the usual three."""
    if arguments[:1] == ["one"]:
        one_run(int(arguments[1]), Path(arguments[2]))
        return
    sizes = [int(argument) for argument in arguments if argument.isdigit()] or SIZES
    rows, steps = [], {}
    with tempfile.TemporaryDirectory() as folder:
        measured(WARM_UP, folder)
        for size in sizes:
            found = measured(size, folder)
            rows.append(found["figures"])
            steps[size] = found["steps"]
            print(f"{size:,}: done", file=sys.stderr, flush=True)
    print(markdown(COLUMNS, rows))
    if "--steps" in arguments:
        names = list(steps[sizes[-1]])
        print()
        print(markdown(["step, s", *(f"{size:,}" for size in sizes)],
                       [[name, *(f"{steps[size].get(name, 0):.1f}" for size in sizes)] for name in names]))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
