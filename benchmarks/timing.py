"""Wall-clock times, memory and markdown tables for the benchmarks."""

import statistics
import sys
import time
from pathlib import Path

QUICK = "--quick" in sys.argv
"""Tables of a hundredth of the size: whether everything runs, and no figure to quote."""

FIGURES = ["what", "target", "measured", "peer", "ratio", "checked"]


def rows_of(*sizes):
    """The sizes of tables to measure at, a hundredth of them where it is to be quick, and no fewer than 1,500 rows."""
    return [max(n // 100, 1_500) if QUICK else n for n in sizes]


def arguments():
    """What the command line says besides how quick it is to be."""
    if QUICK:
        print("*Quick: tables of a hundredth of the size, no figures to quote.*\n")
    return [one for one in sys.argv[1:] if one != "--quick"]


def seconds(task, repeats=5, *, warm=True):
    """Median wall-clock seconds of `task()`; once beforehand, untimed, where `warm`."""
    if warm:
        task()
    return statistics.median(once(task)[0] for _ in range(repeats))


def once(task):
    """Wall-clock seconds of one `task()`, and what it returned."""
    start = time.perf_counter()
    result = task()
    return time.perf_counter() - start, result


def spell(value):
    """Seconds with the unit that suits them."""
    for factor, unit in ((1.0, "s"), (1e-3, "ms")):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value / 1e-6:.3g} us"


def markdown(columns, rows):
    """A markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def figures(rows):
    """Rows of `FIGURES` as a markdown table, a missing cell left blank."""
    return markdown(FIGURES, [[*row, *[""] * (len(FIGURES) - len(row))] for row in rows])


def claim(holds, words):
    """Stop the benchmark where what it relies on does not hold: a fast wrong answer is none."""
    if not holds:
        raise SystemExit(f"not so: {words}")


def resident(name="VmRSS"):
    """Megabytes of the process now, or at its greatest (VmHWM), as Linux counts them."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def peak_memory(task):
    """Megabytes of the process at its greatest during `task()`."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew from here
    task()
    return resident("VmHWM")
