"""Every benchmark, one after another, each under its heading: python -m benchmarks [clustering] [--quick].

`clustering` leaves out what is not of the clustering library, `--quick` takes tables of a hundredth of the size there.

Each runs in a process of its own, so that none inherits another's memory, threads or compiled code. What needs an
optional package that is not installed says so, and the rest goes on.
"""

import subprocess
import sys
import time

SCRIPTS = (
    ("First minutes", "benchmarks.bench_minutes"),
    ("Nightly run", "benchmarks.bench_pipeline"),
    ("Computing of a day", "benchmarks.bench_computing"),
    ("Synthetic insurer", "benchmarks.bench_synthetic"),
    ("Identity", "benchmarks.bench_identity"),
    ("Number of segments", "benchmarks.bench_recommendation"),
    ("Migration", "benchmarks.bench_migration"),
    ("Embedded warehouse", "benchmarks.bench_warehouse", "speed", "crowd"),
    ("The graph as customers grow", "benchmarks.bench_scale"),
    ("K-Prototypes", "benchmarks.clustering.bench_kprototypes"),
    ("Choosing k", "benchmarks.clustering.bench_scorecard"),
    ("Gower silhouette", "benchmarks.clustering.bench_gower"),
    ("Stability", "benchmarks.clustering.bench_stability"),
    ("FAMD", "benchmarks.clustering.bench_famd"),
    ("Sharded", "benchmarks.clustering.bench_sharded"),
)


def main():
    """Run them all; return 1 if one failed."""
    failed, only, quick = [], "clustering" in sys.argv[1:], [one for one in sys.argv[1:] if one == "--quick"]
    for heading, script, *given in SCRIPTS:
        of_clustering = ".clustering." in script
        if only and not of_clustering:
            continue
        command = [script, *given, *(quick if of_clustering else [])]
        print(f"\n## {heading}\n", flush=True)
        started = time.perf_counter()
        if subprocess.run([sys.executable, "-m", *command], check=False).returncode:
            failed.append(heading)
        print(f"\n({time.perf_counter() - started:.0f} s)", flush=True)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
