"""Backfill a month of the whole graph in one run, and show that no order of days changes a row.

    python benchmarks/bench_backfill.py [--data FOLDER] [--days 30] [--check-days 4] [--last 2025-11-15]

Without a folder the synthetic insurer of the portfolio stands in. The equality is shown on fewer days: made forwards
day by day, backwards day by day (from raw snapshots that are there, as a backfill starts) and as one range.
"""

import argparse
import resource
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.runs.running import run_range
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings, read_settings
from segmentation_assets.warehouse import open_warehouse


def main() -> None:
    arguments = _arguments()
    with TemporaryDirectory() as folder:
        settings = _settings(arguments, Path(folder) / "month")
        first = arguments.last - timedelta(days=arguments.days - 1)
        wall, cpu = _timed(settings, [(first, arguments.last)])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{arguments.days} days in one run: {wall:.1f} s, {cpu:.1f} s of CPU, peak {peak:.2f} GB")
        _check_orders(arguments, Path(folder))


def _check_orders(arguments: argparse.Namespace, folder: Path) -> None:
    days = [arguments.last - timedelta(days=n) for n in reversed(range(arguments.check_days))]
    raw = [name for name in _tables(arguments) if name.startswith("raw_")]
    rest = [name for name in _tables(arguments) if not name.startswith("raw_")]
    orders = {
        "range": [(days[0], days[-1], None)],
        "forwards": [(day, day, None) for day in days],
        "backwards": [(days[0], days[-1], raw), *((day, day, rest) for day in reversed(days))],
    }
    found = {}
    for name, runs in orders.items():
        settings = _settings(arguments, folder / name)
        _timed(settings, runs)
        found[name] = _contents(settings, days, arguments)
    for name in ("forwards", "backwards"):
        differing = [key for key, content in found["range"].items() if content != found[name][key]]
        if differing:
            sys.exit(f"{name} differs from the range in {', '.join(differing)}.")
    print(f"{arguments.check_days} days as one range, forwards and backwards: {len(found['range'])} tables equal.")


def _timed(settings: Settings, runs: list) -> tuple[float, float]:
    """Make the runs, each a first and a last day and perhaps tables, and return seconds of clock and CPU."""
    definitions = build_definitions(settings)
    wall, cpu = time.perf_counter(), time.process_time()
    for first, last, *tables in runs:
        run_range(definitions, first, last, lambda _: None, tables=tables[0] if tables else None, has_home=False)
    return time.perf_counter() - wall, time.process_time() - cpu


def _contents(settings: Settings, days: list[date], arguments: argparse.Namespace) -> dict[str, list]:
    """Return what every table and view holds, as sorted rows."""
    warehouse = open_warehouse(settings)
    return {
        name: sorted(warehouse.read(table, days[0], days[-1]).to_pylist(), key=repr)
        for name, table in _tables(arguments).items()
    }


def _tables(arguments: argparse.Namespace) -> dict:
    return draw_blueprint(load_portfolio(arguments.portfolio)).tables


def _settings(arguments: argparse.Namespace, at: Path) -> Settings:
    return read_settings(data_dir=arguments.data, portfolio=arguments.portfolio, duckdb_path=at / "warehouse.duckdb")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of CSV files")
    parser.add_argument("--portfolio", default="insurance")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--check-days", type=int, default=4)
    parser.add_argument("--last", type=date.fromisoformat, default=date(2025, 11, 15))
    return parser.parse_args()


if __name__ == "__main__":
    main()
