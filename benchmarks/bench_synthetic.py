"""Time and memory of the synthetic insurer as its customers grow.

    python benchmarks/bench_synthetic.py            # 4k, 100k and 1M customers
    python benchmarks/bench_synthetic.py 10000000   # or any number

Each size runs in a process of its own, so that its peak memory is its own: once
with `read`, which holds a table at a time, and once with `read_batches`.
"""

import resource
import subprocess
import sys
import time
from datetime import date

from segmentation_assets.sources.synthetic import TABLES, SyntheticInsurer

AS_OF = date(2025, 3, 1)
SIZES = (4_000, 100_000, 1_000_000)
LARGEST_READ_WHOLE = 2_000_000


def measure(n_customers, way):
    """Rows of the seven tables, one after another, with the time they took."""
    insurer = SyntheticInsurer(n_customers=n_customers)
    started, rows = time.perf_counter(), 0
    for table in TABLES:
        if way == "read":
            rows += insurer.read(table, AS_OF).num_rows
        else:
            rows += sum(batch.num_rows for batch in insurer.read_batches(table, AS_OF))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n_customers:>12,}  {way:<13} {rows:>12,} {seconds:>9.2f} {peak:>9.0f}")


def main(arguments):
    """Measure the sizes named, or the usual three."""
    if arguments[:1] == ["--one"]:
        measure(int(arguments[1]), arguments[2])
        return
    print(f"{'customers':>12}  {'way':<13} {'rows':>12} {'seconds':>9} {'peak MB':>9}", flush=True)
    for size in [int(argument) for argument in arguments] or SIZES:
        for way in ("read", "read_batches"):
            if way == "read_batches" or size <= LARGEST_READ_WHOLE:
                subprocess.run([sys.executable, __file__, "--one", str(size), way], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
