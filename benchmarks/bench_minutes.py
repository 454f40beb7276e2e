"""What someone waits for in the first minutes, beside another checkout in the same run: commands as they are typed.

Run as ``python -m benchmarks.bench_minutes [OTHER]`` with the published data in ../shared/data/insurance; OTHER is
another checkout with its own .venv (a worktree of an earlier commit, after `make test` there). Without it only this
checkout is timed.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb

HERE = Path(__file__).parents[1]
DATA = HERE.parent / "shared" / "data" / "insurance"
DAY, WEEK = "2025-11-15", ("2025-11-09", "2025-11-15")
RUNS = 3
SEGMENTS = (
    "SELECT segment_id, COUNT(*) FROM segmentation.customer_segments WHERE lens = 'overall' GROUP BY 1 ORDER BY 1"
)
PUBLISHED = ("run", "--date", DAY, "--data", str(DATA))


class Checkout:
    """A checkout with its environment, and a scratch folder for its warehouse and Dagster's records."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = root
        self.scratch = scratch / root.name / str(len(list(scratch.iterdir())))
        (self.scratch / "home").mkdir(parents=True)
        settings = next(root / place for place in ("deploy/dagster.yaml", "dagster.yaml") if (root / place).exists())
        (self.scratch / "home" / "dagster.yaml").write_text(settings.read_text())

    def time(self, *arguments: str, warehouse: str, **variables: str) -> float:
        """Run the command line and return its seconds; wrong usage may end with 2."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.root),
            "SEGMENTATION_DUCKDB_PATH": str(self.scratch / warehouse),
            "DAGSTER_HOME": str(self.scratch / "home"),
            **variables,
        }
        started = time.perf_counter()
        done = subprocess.run(
            [self.root / ".venv" / "bin" / "segmentation", *arguments],
            cwd=self.scratch, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - started
        if done.returncode not in {0, 2}:
            raise SystemExit(f"{self.root}: {' '.join(arguments)} failed:\n{done.stderr}")
        return seconds

    def segments(self, warehouse: str) -> list:
        with duckdb.connect(str(self.scratch / warehouse), read_only=True) as connection:
            return connection.execute(SEGMENTS).fetchall()


def _fresh(checkout: Checkout, name: str, *arguments: str, **variables: str) -> float:
    (checkout.scratch / name).unlink(missing_ok=True)
    return checkout.time(*arguments, warehouse=name, **variables)


def _first_run(checkout: Checkout) -> float:
    """Return the seconds of a run on a machine that has compiled no kernel yet."""
    with tempfile.TemporaryDirectory() as cache:
        return _fresh(checkout, "first.duckdb", *PUBLISHED, NUMBA_CACHE_DIR=cache)


WAITED_FOR = {
    "first run, no kernel compiled": _first_run,
    "run, published data, warm": lambda c: _fresh(c, "published.duckdb", *PUBLISHED),
    "run, published data, into a warehouse that has the day": lambda c: c.time(
        *PUBLISHED, warehouse="published.duckdb"
    ),
    "run, the synthetic insurer, warm": lambda c: _fresh(c, "synthetic.duckdb", "run", "--date", DAY),
    "segmentation --help": lambda c: c.time("--help", warehouse="none.duckdb"),
    "segmentation runn": lambda c: c.time("runn", warehouse="none.duckdb"),
    "segmentation run --date yesterday": lambda c: c.time("run", "--date", "yesterday", warehouse="none.duckdb"),
    "segmentation plan, a week": lambda c: c.time("plan", warehouse="week.duckdb"),
}


def main() -> None:
    if not DATA.is_dir():
        raise SystemExit("The published data is not beside the checkout (../shared/data/insurance).")
    with tempfile.TemporaryDirectory() as folder:
        checkouts = [Checkout(Path(root).resolve(), Path(folder)) for root in (HERE, *sys.argv[1:2])]
        for checkout in checkouts:
            checkout.time("backfill", "--from", WEEK[0], "--to", WEEK[1], "--data", str(DATA), warehouse="week.duckdb")
        found = [checkout.segments("week.duckdb") for checkout in checkouts]
        if any(one != found[0] for one in found):
            raise SystemExit("The two checkouts do not find the same segments; their times do not compare.")
        columns = ["here", "there", "ratio"] if len(checkouts) > 1 else ["here"]
        print(f"| seconds, median of {RUNS} | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
        for what, wait in WAITED_FOR.items():
            seconds: list[list[float]] = [[] for _ in checkouts]
            for _ in range(RUNS):
                for kept, checkout in zip(seconds, checkouts, strict=True):
                    kept.append(wait(checkout))
            medians = [median(kept) for kept in seconds]
            ratio = [f"{medians[1] / medians[0]:.1f}"] if len(medians) > 1 else []
            print(f"| {what} | {' | '.join([*(f'{value:.2f}' for value in medians), *ratio])} |", flush=True)


if __name__ == "__main__":
    main()
