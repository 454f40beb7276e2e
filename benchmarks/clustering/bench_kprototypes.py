"""K-Prototypes side by side with kmodes: quality first, then time.

    python -m benchmarks.clustering.bench_kprototypes [peer] [seed] [quality] [scale] [micro] [dask] [first]

Without arguments every part runs; `peer` waits for kmodes at 100,000 rows (a minute or so), `scale` and `dask` make
tables of 10 million rows (1 GB).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from kmodes.kprototypes import KPrototypes as Peer

from benchmarks.clustering.mixed_tables import published_customers, separated_table, wide_table
from benchmarks.timing import claim, figures, once, peak_memory, resident, seconds, spell
from segmentation_assets.clustering import KPrototypes, MicroSegments, fit_sharded, gower_silhouette_score

K = 8
# The peer's best of ten may be missed by this share (`quality`), its single fit from the same start by the other.
ALLOWED, SAME_START = 5e-4, 1e-2
TABLES = {"overlapping": wide_table, "separated": separated_table}


def as_numbers(table):
    """The table as kmodes likes it best: one float array, categories as codes, and their positions."""
    coded = table.copy()
    words = list(table.select_dtypes(exclude="number"))
    for name in words:
        coded[name] = table[name].astype("category").cat.codes.astype(float)
    return coded.to_numpy(float), [table.columns.get_loc(name) for name in words]


def peer(sizes=(10_000, 100_000)):
    """One fit from the same eight rows: what kmodes finds must not be better by more than `SAME_START`."""
    for n in sizes:
        table = wide_table(n)
        numbers, words = as_numbers(table)
        chosen = np.random.default_rng(3).choice(n, K, replace=False)
        start = table.iloc[chosen].reset_index(drop=True)
        seats = [np.delete(numbers[chosen], words, axis=1), numbers[chosen][:, words].astype(int)]
        model = Peer(K, init=seats, n_init=1, random_state=0)
        slow, theirs = once(lambda model=model, numbers=numbers, words=words: model.fit(numbers, categorical=words))
        ours = KPrototypes(K, init=start).fit(table)
        excess = ours.cost_ / theirs.cost_ - 1
        claim(excess < SAME_START, f"cost over kmodes' from the same start: {excess}")
        quick = seconds(lambda table=table, start=start: KPrototypes(K, init=start).fit(table), repeats=9)
        yield (
            f"one fit, {n:,} rows, same start", "1,000 times", spell(quick), f"kmodes {spell(slow)}",
            f"{slow / quick:,.0f}",
            f"cost {100 * excess:+.3f} % of kmodes', {ours.n_iter_} passes against {theirs.n_iter_}",
        )  # fmt: skip


def seed():
    """The published customers, k = 2 .. 9, ten starts, silhouettes included; kmodes with one start and without."""
    table = published_customers()
    numbers, words = as_numbers(table)

    def ours():
        models = [KPrototypes(k).fit(table) for k in range(2, 10)]
        for model in models:
            gower_silhouette_score(table, model.labels_)
        return [model.cost_ for model in models]

    def theirs():
        fits = (Peer(k, init="Cao", n_init=1, random_state=42) for k in range(2, 10))
        return [fit.fit(numbers, categorical=words).cost_ for fit in fits]

    slow, their_costs = once(theirs)
    excess = max(our / their - 1 for our, their in zip(ours(), their_costs, strict=True))
    claim(excess < ALLOWED, f"cost over kmodes': {excess}")
    quick = seconds(ours, repeats=9)
    yield (
        f"{len(table):,} rows, k = 2 .. 9, 10 starts, silhouettes", "0.2 s, 90 times", spell(quick),
        f"kmodes, 1 start, none {spell(slow)}", f"{slow / quick:,.0f}", f"cost at any k at most {100 * excess:+.3f} %",
    )  # fmt: skip


def quality(seeds=20):
    """Best of ten, over twenty seeds, against the best that kmodes finds in ten starts."""
    for name, table, k in (("published", published_customers(), 8), ("wide, 1,500 rows", wide_table(1_500), K)):
        numbers, words = as_numbers(table)
        best = min(
            Peer(k, init=init, n_init=1, random_state=number).fit(numbers, categorical=words).cost_
            for number in range(5)
            for init in ("Cao", "Huang")
        )
        costs = [KPrototypes(k, random_state=number).fit(table).cost_ for number in range(seeds)]
        yield (
            f"cost, worst of {seeds} seeds, {name}, k = {k}", "+0.05 %", f"{100 * (max(costs) / best - 1):+.4f} %",
            f"kmodes, best of 10: {best:.4f}", "", f"mean of ours {100 * (np.mean(costs) / best - 1):+.4f} %",
        )  # fmt: skip


def scale():
    """Ten starts, each size in a process of its own, so that its memory is its own."""
    for n, coarse, target in (
        (100_000, False, "0.3 s"),
        (1_000_000, False, "2 s"),
        (1_000_000, True, "0.5 s, 400 MB"),
        (10_000_000, True, "2 s, 1.5 GB"),
    ):
        for kind in TABLES:
            command = [sys.executable, "-m", __spec__.name, "--one", str(n), str(int(coarse)), kind]
            found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
            yield (
                f"{n:,} rows, {kind}, 10 starts, coarse={coarse}", target,
                f"{spell(found['seconds'])}, {found['peak']:,.0f} MB", "", "",
                f"{found['passes']} passes; {found['before']:,.0f} MB of it before the fit, table included",
            )  # fmt: skip


def one(n, coarse, kind):
    """Time and memory of one size, as JSON."""
    table, model = TABLES[kind](n), KPrototypes(K, coarse=coarse)
    KPrototypes(K, coarse=coarse).fit(TABLES[kind](250_000))  # compiled code is read, threads are started
    before, peak = resident(), peak_memory(lambda: model.fit(table))
    took = seconds(lambda: model.fit(table), 3, warm=False)
    print(json.dumps({"seconds": took, "before": before, "peak": peak, "passes": model.n_iter_}))


def micro():
    """5,000 micro-segments in six personas at 1 million rows."""
    table = wide_table(1_000_000)
    personas = KPrototypes(6).fit(table).labels_
    took, model = once(lambda: MicroSegments(5_000).fit(table, personas))
    owners = model.segment_personas_[model.labels_]
    claim((owners == personas).all(), "no micro-segment crosses two personas")
    yield (
        f"1,000,000 rows, {len(model.sizes_):,} micro-segments", "60 s", spell(took), "", "",
        "every row in a micro-segment of its persona",
    )  # fmt: skip


def dask(n=10_000_000, shards=8, passes=(5, 65)):
    """A pass over shards with two workers of one thread, against two threads in one process."""
    from dask.distributed import Client, LocalCluster  # noqa: PLC0415 - only this part needs the optional extra

    table = wide_table(n)
    start = table.iloc[:K].reset_index(drop=True)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.parquet" for number in range(shards)]
        for path, part in zip(paths, np.array_split(np.arange(n), shards), strict=True):
            table.iloc[part].to_parquet(path)
        ours = two_lengths(start, passes, lambda model: model.fit(table), n_jobs=2)
        options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
        with LocalCluster(**options) as cluster, Client(cluster) as client:
            theirs = two_lengths(start, passes, lambda model: fit_sharded(model, paths, client=client))
    claim(ours[1] == theirs[1], "shards on Dask give the bits of one process")
    yield (
        f"{n:,} rows, one pass, Dask with 2 workers", "1.25 times", spell(theirs[0]), f"one process {spell(ours[0])}",
        f"{theirs[0] / ours[0]:.2f}", "the same model to the bit",
    )  # fmt: skip


def two_lengths(start, passes, fit, **options):
    """Seconds of a pass, from a short and a long fit, the best of three each, and what they found.

    Both read the table, which takes longer than a few passes and wavers more; only many passes stand out of it.
    """
    short, long = (KPrototypes(K, init=start, max_iter=most, **options) for most in passes)
    fit(short)  # a warm-up
    times = [min(once(lambda model=model: fit(model))[0] for _ in range(3)) for model in (short, long)]
    return (times[1] - times[0]) / (long.n_iter_ - short.n_iter_), [short.to_dict(), long.to_dict()]


def first():
    """The first fit in a fresh process, without and with compiled code on disk."""
    program = (
        "import time, numpy as np, pandas as pd\n"
        "from segmentation_assets.clustering import KPrototypes\n"
        "r = np.random.default_rng(0)\n"
        "X = pd.DataFrame({'a': r.random(3000), 'b': r.random(3000), 'c': r.choice(list('abc'), 3000)})\n"
        "t = time.perf_counter(); KPrototypes(3).fit(X); print(time.perf_counter() - t)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {"NUMBA_CACHE_DIR": folder, "PATH": "/usr/bin:/bin", "PYTHONPATH": "."}
        for what, target in (("cold", "10 s"), ("warm", "0.5 s")):
            done = subprocess.run(
                [sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True
            )
            yield f"first fit of a process, cache {what}", target, spell(float(done.stdout))


PARTS = (peer, seed, quality, scale, micro, dask, first)


def main(wanted):
    """Print a table of the parts wanted, or of all."""
    print(figures([row for part in PARTS if not wanted or part.__name__ in wanted for row in part()]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(int(sys.argv[2]), bool(int(sys.argv[3])), sys.argv[4])
    else:
        main(set(sys.argv[1:]))
