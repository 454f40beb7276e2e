"""Wall-clock medians and markdown tables for the benchmarks."""

import statistics
import time


def seconds(task, repeats=5, *, warm=True):
    """Median wall-clock seconds of `task()`; once beforehand, untimed, where `warm`."""
    if warm:
        task()
    return statistics.median(_once(task) for _ in range(repeats))


def _once(task):
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


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


def claim(holds, words):
    """Stop the benchmark where what it relies on does not hold: a fast wrong answer is none."""
    if not holds:
        raise SystemExit(f"not so: {words}")
