"""100 bootstraps of a fitted model: python -m benchmarks.clustering.bench_stability [rows ...].

The statistics are checked first against scikit-learn's adjusted Rand index and
against sets of rows, and a refit from the reference against one from new starts.
There is no peer in Python to time; in R clustMixType's stability_kproto does the same.
"""

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks.clustering.mixed_tables import wide_table
from benchmarks.timing import arguments, claim, figures, rows_of, seconds, spell
from segmentation_assets.clustering import KPrototypes, bootstrap_stability
from segmentation_assets.clustering.evaluation.stability import adjusted_rand, jaccard_similarities

K, BOOTSTRAPS = 6, 100
TARGETS = {10_000: "0.35 s", 100_000: "1 s", 1_000_000: "7 s"}


def check_statistics():
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, K, (2, 10_000))
    right[:5_000] = left[:5_000]
    table = np.zeros((K, K), np.int64)
    np.add.at(table, (left, right), 1)
    claim(
        abs(adjusted_rand(table) - adjusted_rand_score(left, right)) < 1e-12,
        "the adjusted Rand index is scikit-learn's",
    )
    sets = [[set(np.flatnonzero(labels == k)) for k in range(K)] for labels in (left, right)]
    naive = [max(len(one & other) / len(one | other) for other in sets[1]) for one in sets[0]]
    claim(np.allclose(jaccard_similarities(table), naive), "Jaccard similarities are those of sets")


def check_a_cold_refit(table):
    """A refit that starts from the reference must not hide that a cold one would find a cheaper answer."""
    model = KPrototypes(K, random_state=0).fit(table)
    counts = np.bincount(np.random.default_rng(0).integers(0, len(table), len(table)), minlength=len(table))
    warm = KPrototypes(K, gamma=model.gamma_, init=model.prototypes_).fit(table, sample_weight=counts)
    cold = KPrototypes(K, gamma=model.gamma_, random_state=1).fit(table, sample_weight=counts)
    return adjusted_rand_score(warm.labels_, cold.labels_), warm.cost_ / cold.cost_ - 1


def main(sizes):
    check_statistics()
    agreement, excess = check_a_cold_refit(wide_table(10_000))
    rows = []
    for n in sizes:
        table = wide_table(n)
        model = KPrototypes(K, n_init=2, random_state=0).fit(table)
        found = bootstrap_stability(model, table, n_bootstraps=BOOTSTRAPS)
        time = seconds(
            lambda model=model, table=table: bootstrap_stability(model, table, n_bootstraps=BOOTSTRAPS), 1, warm=False
        )
        rows.append(
            [f"{BOOTSTRAPS} bootstraps, {n:,} x 14, k = {K}", TARGETS.get(n, ""), spell(time), "", "",
             f"least Jaccard {found.min_jaccard:.3f}, mean adjusted Rand {found.mean_ari:.3f}"]
        )  # fmt: skip
    rows[0][-1] += f"; refit warm and cold: adjusted Rand {agreement:.3f}, cost {excess:+.1e}"
    print(figures(rows))


if __name__ == "__main__":
    main([int(float(size)) for size in arguments()] or rows_of(10_000, 100_000, 1_000_000))
