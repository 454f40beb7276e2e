"""The exact Gower silhouette against gower and scikit-learn: python -m benchmarks.clustering.bench_gower [rows ...].

Equality is checked first: all rows against the peers' matrix at 3,446 rows, a
sample of rows against their distances to every other row above.
"""

import gower
import numpy as np
from sklearn.metrics import silhouette_samples

from benchmarks.clustering.mixed_tables import published_customers, wide_table
from benchmarks.timing import arguments, claim, figures, rows_of, seconds, spell
from segmentation_assets.clustering import GowerSilhouette, gower_distance_blocks, gower_silhouette_samples

K = 8
TARGETS = {1_000_000: "0.4 s", 10_000_000: "5 s"}


def peer(table, labels):
    return silhouette_samples(gower.gower_matrix(table), labels, metric="precomputed")


def naive_sample(table, labels, rows):
    """Silhouette of a few rows from their distances to all."""
    sizes, found = np.bincount(labels), []
    for part, block in gower_distance_blocks(table.iloc[rows], table):
        for row, line in zip(rows[part], block, strict=True):
            sums = np.bincount(labels, line)
            own = sums[labels[row]] / (sizes[labels[row]] - 1)
            other = np.delete(sums / sizes, labels[row]).min()
            found.append((other - own) / max(own, other))
    return np.array(found)


def main(sizes):
    table = published_customers()
    labels = np.random.default_rng(0).integers(0, 3, len(table))
    gap = np.abs(gower_silhouette_samples(table, labels) - peer(table, labels)).max()
    claim(gap < 1e-6, f"silhouettes differ from the peers' by {gap}")
    theirs, ours = seconds(lambda: peer(table, labels), 3), seconds(lambda: gower_silhouette_samples(table, labels), 21)
    rows = [
        [f"Gower silhouette, {len(table):,} x {table.shape[1]}, k = 3", "1,500 times", spell(ours),
         f"gower + scikit-learn {spell(theirs)}", f"{theirs / ours:,.0f}", f"equal to {gap:.0e}"]
    ]  # fmt: skip
    for n in sizes:
        table, labels = wide_table(n), np.random.default_rng(0).integers(0, K, n)
        chosen = np.random.default_rng(1).choice(n, 20, replace=False)
        samples = gower_silhouette_samples(table, labels)
        gap = np.abs(samples[chosen] - naive_sample(table, labels, chosen)).max()
        claim(gap < 1e-6, f"silhouettes of a sample differ by {gap}")
        ours = seconds(lambda table=table, labels=labels: gower_silhouette_samples(table, labels), 2, warm=False)
        matrix = f"a matrix of {n * n * 4 / 1e9:,.0f} GB"
        rows.append(
            [f"Gower silhouette, {n:,} x 14, k = {K}", TARGETS.get(n, ""), spell(ours), matrix, "",
             f"20 rows equal to {gap:.0e}"]
        )  # fmt: skip
        prepared = GowerSilhouette(table)
        again = seconds(lambda labels=labels, prepared=prepared: prepared.samples(labels), 2)
        rows.append(["the same, a further labeling", "", spell(again)])
        del prepared, samples
    print(figures(rows))


if __name__ == "__main__":
    main([int(float(size)) for size in arguments()] or rows_of(1_000_000, 10_000_000))
