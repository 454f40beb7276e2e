"""K-Prototypes side by side with kmodes: quality first, then time.

    python -m benchmarks.clustering.bench_kprototypes [peer] [seed] [scale] [quality] [micro] [dask] [first]

Without arguments every part runs; `peer` waits for kmodes at 100,000 rows (a minute or so), `scale` makes a table of
10 million rows (1 GB).
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from kmodes.kprototypes import KPrototypes as Peer

from benchmarks.clustering.mixed_tables import published_customers, wide_table
from benchmarks.timing import markdown, seconds, spell
from segmentation_assets.clustering import KPrototypes, MicroSegments, fit_sharded, gower_silhouette_score

K = 8


def as_numbers(table):
    """The table as kmodes likes it best: one float array, categories as codes, and their positions."""
    coded = table.copy()
    words = list(table.select_dtypes(exclude="number"))
    for name in words:
        coded[name] = table[name].astype("category").cat.codes.astype(float)
    return coded.to_numpy(float), [table.columns.get_loc(name) for name in words]


def peer(sizes=(10_000, 100_000)):
    """One fit from the same eight rows."""
    rows = []
    for n in sizes:
        table = wide_table(n)
        numbers, words = as_numbers(table)
        chosen = np.random.default_rng(3).choice(n, K, replace=False)
        start = table.iloc[chosen].reset_index(drop=True)
        seats = [np.delete(numbers[chosen], words, axis=1), numbers[chosen][:, words].astype(int)]
        began = time.perf_counter()
        theirs = Peer(K, init=seats, n_init=1, random_state=0).fit(numbers, categorical=words)
        slow = time.perf_counter() - began
        ours = KPrototypes(K, init=start).fit(table)
        quick = seconds(lambda table=table, start=start: KPrototypes(K, init=start).fit(table), repeats=15)
        excess = f"{100 * (ours.cost_ / theirs.cost_ - 1):+.4f} %"
        rows.append([f"{n:,}", spell(slow), theirs.n_iter_, spell(quick), ours.n_iter_, f"{slow / quick:,.0f}", excess])
    print(markdown(["rows", "kmodes", "its passes", "ours", "our passes", "times faster", "our cost over its"], rows))


def seed():
    """The published customers, k = 2 .. 9, ten starts, silhouettes included; kmodes with one start and without."""
    table = published_customers()
    numbers, words = as_numbers(table)

    def ours():
        for k in range(2, 10):
            gower_silhouette_score(table, KPrototypes(k).fit(table).labels_)

    began = time.perf_counter()
    for k in range(2, 10):
        Peer(k, init="Cao", n_init=1, random_state=42).fit(numbers, categorical=words)
    slow, quick = time.perf_counter() - began, seconds(ours, repeats=9)
    print(
        markdown(
            ["kmodes, 1 start", "ours, 10 starts and silhouettes", "times"],
            [[spell(slow), spell(quick), f"{slow / quick:,.0f}"]],
        )
    )


def scale():
    """Ten starts at 100 thousand, 1 million and 10 million rows."""
    rows = []
    for n, coarse in ((100_000, False), (1_000_000, False), (1_000_000, True), (10_000_000, True)):
        table = wide_table(n)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        model = KPrototypes(K, coarse=coarse)
        took = seconds(lambda model=model, table=table: model.fit(table), repeats=3)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        rows.append(
            [f"{n:,}", "coarse to fine" if coarse else "every start", spell(took), model.n_iter_, f"{grown:.0f} MB"]
        )
    print(markdown(["rows", "how", "seconds", "passes", "peak memory grown by"], rows))


def quality(seeds=20):
    """Best of ten, over twenty seeds, against the best that kmodes finds in ten starts."""
    rows = []
    for name, table, k in (("published", published_customers(), 8), ("wide", wide_table(1_500), K)):
        numbers, words = as_numbers(table)
        best = min(
            Peer(k, init=init, n_init=1, random_state=number).fit(numbers, categorical=words).cost_
            for number in range(5)
            for init in ("Cao", "Huang")
        )
        costs = [KPrototypes(k, random_state=number).fit(table).cost_ for number in range(seeds)]
        rows.append(
            [
                name,
                k,
                f"{best:.4f}",
                f"{np.mean(costs):.4f}",
                f"{max(costs):.4f}",
                f"{100 * (max(costs) / best - 1):+.4f} %",
            ]
        )
    print(
        markdown(
            ["table", "k", "kmodes best of 10", "ours, mean of 20", "ours, worst of 20", "worst over kmodes"], rows
        )
    )


def micro():
    """5,000 micro-segments in six personas at 1 million rows."""
    table = wide_table(1_000_000)
    personas = KPrototypes(6).fit(table).labels_
    began = time.perf_counter()
    model = MicroSegments(5_000).fit(table, personas)
    print(
        markdown(
            ["rows", "micro-segments", "time"], [["1,000,000", len(model.sizes_), spell(time.perf_counter() - began)]]
        )
    )


def dask(n=10_000_000, shards=8):
    """One fit and one assignment over shards with two workers of one thread, against two threads in one process."""
    from dask.distributed import Client, LocalCluster  # noqa: PLC0415 - only this part needs the optional extra

    table = wide_table(n)
    start = table.iloc[:K].reset_index(drop=True)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.parquet" for number in range(shards)]
        for path, part in zip(paths, np.array_split(np.arange(n), shards), strict=True):
            table.iloc[part].to_parquet(path)
        ours = {}
        for passes in (5, 5, 25):  # the first is a warm-up
            model = KPrototypes(K, init=start, max_iter=passes, n_jobs=2)
            began = time.perf_counter()
            model.fit(table)
            ours[passes] = time.perf_counter() - began, model
        del table
        theirs = {}
        options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
        with LocalCluster(**options) as cluster, Client(cluster) as client:
            for passes in (5, 5, 25):  # the first is a warm-up
                model = KPrototypes(K, init=start, max_iter=passes)
                began = time.perf_counter()
                fit_sharded(model, paths, client=client)
                theirs[passes] = time.perf_counter() - began, model
    same = all(ours[passes][1].to_dict() == theirs[passes][1].to_dict() for passes in ours)
    made = [ours[passes][1].n_iter_ for passes in (5, 25)]
    one, other = ((times[25][0] - times[5][0]) / (made[1] - made[0]) for times in (ours, theirs))
    print(
        markdown(
            ["rows", "a pass, one process", "a pass, Dask", "ratio", "same bits"],
            [[f"{n:,}", spell(one), spell(other), f"{other / one:.2f}", same]],
        )
    )


def first():
    """The first fit in a fresh process, with and without compiled code on disk."""
    program = (
        "import time, numpy as np, pandas as pd\n"
        "from segmentation_assets.clustering import KPrototypes\n"
        "r = np.random.default_rng(0)\n"
        "X = pd.DataFrame({'a': r.random(3000), 'b': r.random(3000), 'c': r.choice(list('abc'), 3000)})\n"
        "t = time.perf_counter(); KPrototypes(3).fit(X); print(time.perf_counter() - t)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {"NUMBA_CACHE_DIR": folder, "PATH": "/usr/bin:/bin", "PYTHONPATH": "."}
        times = [
            float(
                subprocess.run(
                    [sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True
                ).stdout
            )
            for _ in range(2)
        ]
    print(markdown(["cache cold", "cache warm"], [[spell(one) for one in times]]))


PARTS = (peer, seed, quality, scale, micro, dask, first)

if __name__ == "__main__":
    wanted = set(sys.argv[1:])
    for part in PARTS:
        if not wanted or part.__name__ in wanted:
            print(f"\n{part.__doc__.splitlines()[0]}\n")
            part()
