"""FAMD against prince: python -m benchmarks.clustering.bench_famd [rows ...].

Equality is checked first, against prince's full decomposition (engine="scipy");
what is timed is fit and the rows' coordinates, prince with its default engine.
"""

import numpy as np
import prince

from benchmarks.clustering.mixed_tables import published_customers, wide_table
from benchmarks.timing import arguments, claim, figures, rows_of, seconds, spell
from segmentation_assets.clustering import FAMD

# A full decomposition of more rows than this takes prince minutes and some gigabytes.
LARGEST_FULL = 1_000_000


def theirs(table, **arguments):
    famd = prince.FAMD(n_components=2, random_state=0, **arguments).fit(table)
    return famd.eigenvalues_, famd.row_coordinates(table).to_numpy()


def ours(table):
    famd = FAMD(n_components=2)
    rows = famd.fit_transform(table)
    return famd.eigenvalues_, rows


def gap(table, **arguments):
    """Greatest difference of the eigenvalues and of the rows' coordinates, up to the sign of an axis."""
    (their_values, their_rows), (our_values, our_rows) = theirs(table, **arguments), ours(table)
    signs = np.sign((their_rows * our_rows).sum(axis=0))
    return max(np.abs(their_values - our_values).max(), np.abs(their_rows * signs - our_rows).max())


def main(sizes):
    rows = []
    for table in [published_customers(), *map(wide_table, sizes)]:
        n = len(table)
        full = gap(table, engine="scipy") if n <= LARGEST_FULL else None
        claim(full is None or full < 1e-6, f"components differ from the full decomposition by {full}")
        their_time = seconds(lambda table=table: theirs(table), 1 if n > 100_000 else 3, warm=n <= 100_000)
        our_time = seconds(lambda table=table: ours(table), 7)
        checked = "too large for the full decomposition" if full is None else f"full decomposition to {full:.0e}"
        rows.append(
            [f"FAMD, {n:,} x {table.shape[1]}", "140 times at 1M", spell(our_time), f"prince {spell(their_time)}",
             f"{their_time / our_time:,.0f}", f"{checked}; prince's default one is off by {gap(table):.0e}"]
        )  # fmt: skip
    print(figures(rows))


if __name__ == "__main__":
    main([int(float(size)) for size in arguments()] or rows_of(100_000, 1_000_000))
