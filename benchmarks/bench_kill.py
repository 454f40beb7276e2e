"""A writing process is killed at random moments, on each engine: python -m benchmarks.bench_kill [KILLS].

Prints a row an engine: the kills, how many fell into a write, and how many partitions were torn, lost or doubled after.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from segmentation_assets_tests.emulator.running import emulator

MILLISECONDS = {"duckdb": 250, "bigquery": 3000}
N_ROWS = {"duckdb": 60_000, "bigquery": 200}


def killed(engine, place, n_kills):
    numbers = (n_kills, N_ROWS[engine], 1, MILLISECONDS[engine])
    command = [sys.executable, "-m", "segmentation_assets_tests.warehouse.processes", "kill", place, *map(str, numbers)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main():
    n_kills = int(sys.argv[1]) if sys.argv[1:] else 200
    print("| engine | kills | fell into a write | torn, lost or doubled | next run heals |")
    print("|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as running:
        places = {"bigquery": f"{running.host}#kills", "duckdb": str(Path(folder) / "kills.duckdb")}
        for engine, place in places.items():
            seen = killed(engine, place, n_kills)
            heals = seen["healed"][0].startswith("Replaced(")
            columns = (engine, seen["kills"], seen["interrupted_writes"], len(seen["wrong"]), "yes" if heals else "no")
            print("| " + " | ".join(map(str, columns)) + " |", flush=True)
            for fault in seen["wrong"]:
                print(f"  {fault}")


if __name__ == "__main__":
    main()
