"""K-Prototypes side by side with kmodes: quality first, then time.

    python -m benchmarks.clustering.bench_kprototypes [peer] [seed] [quality] [labelled] [scale] [micro] [dask] [first]
    [--quick]

Without arguments every part runs; `peer` waits for kmodes at 100,000 rows (a minute or so), `scale` and `dask` make
tables of 10 million rows (1 GB). `--quick` takes a hundredth of the rows.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
from kmodes.kmodes import KModes as PeerModes
from kmodes.kprototypes import KPrototypes as Peer
from sklearn.metrics import adjusted_rand_score

from benchmarks.clustering.mixed_tables import published_customers, separated_table, wide_table
from benchmarks.timing import QUICK, arguments, claim, figures, once, rows_of, seconds, spell
from segmentation_assets.clustering import KPrototypes, MicroSegments, fit_sharded, gower_silhouette_score
from segmentation_assets.clustering.kprototypes import estimator
from segmentation_assets.clustering.kprototypes.lloyd import lloyd
from segmentation_assets.clustering.sharded.kprototypes import Fleet
from segmentation_assets_tests.clustering.labelled import FOLDER, SETS, accuracy

K = 8
# The peer's best of ten may be missed by this share (`quality`), its single fit from the same start by the other.
ALLOWED, SAME_START = 5e-4, 1e-2
SEED = 42
TABLES = {"overlapping": wide_table, "separated": separated_table}


def as_numbers(table):
    """The table as kmodes likes it best: one float array, categories as codes, and their positions."""
    coded = table.copy()
    words = list(table.select_dtypes(exclude="number"))
    for name in words:
        coded[name] = table[name].astype("category").cat.codes.astype(float)
    return coded.to_numpy(float), [table.columns.get_loc(name) for name in words]


def peer():
    """One fit from the same eight rows: what kmodes finds must not be better by more than `SAME_START`."""
    for n in rows_of(10_000, 100_000):
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


def quality():
    """Best of ten, over twenty seeds, against the best that kmodes finds in ten starts."""
    seeds, starts = (3, 1) if QUICK else (20, 5)
    for name, table, k in (("published", published_customers(), 8), ("wide, 1,500 rows", wide_table(1_500), K)):
        numbers, words = as_numbers(table)
        best = min(
            Peer(k, init=init, n_init=1, random_state=number).fit(numbers, categorical=words).cost_
            for number in range(starts)
            for init in ("Cao", "Huang")
        )
        costs = [KPrototypes(k, random_state=number).fit(table).cost_ for number in range(seeds)]
        yield (
            f"cost, worst of {seeds} seeds, {name}, k = {k}", "+0.05 %", f"{100 * (max(costs) / best - 1):+.4f} %",
            f"kmodes, best of 10: {best:.4f}", "", f"mean of ours {100 * (np.mean(costs) / best - 1):+.4f} %",
        )  # fmt: skip


def labelled():
    """Sets with known classes: how close each side comes, kmodes as its documentation has it, with one seed."""
    for load in SETS if FOLDER.is_dir() else ():
        X, truth, k = load()
        words = [X.columns.get_loc(name) for name in X.select_dtypes(exclude="number")]
        if len(words) == X.shape[1]:
            theirs = PeerModes(k, random_state=SEED).fit_predict(X.to_numpy())
        else:
            theirs = Peer(k, random_state=SEED).fit_predict(X.to_numpy(dtype=object), categorical=words)
        ours = KPrototypes(k).fit(X).labels_
        sides = [(accuracy(truth, labels), adjusted_rand_score(truth, labels)) for labels in (ours, theirs)]
        claim((np.round(sides[0], 3) >= np.round(sides[1], 3)).all(), f"{load.__name__}: {sides}")
        own, peers = (f"{share:.3f}, {rand:.3f}" for share, rand in sides)
        yield f"{load.__name__}, {len(X):,} rows, k = {k}: accuracy, adjusted Rand", "kmodes'", own, f"kmodes {peers}"


def scale():
    """Ten starts, each size in a process of its own that reads its table from Parquet, as a user's would."""
    whole, large, huge = rows_of(100_000, 1_000_000, 10_000_000)
    plan = (
        (whole, (False,), ("0.3 s",)),
        (large, (False, True), ("2 s", "0.5 s, 400 MB")),
        (huge, (True,), ("2 s, 1.5 GB",)),
    )
    for n, modes, targets in plan:
        for kind, make in TABLES.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "table.parquet"
                make(n).to_parquet(path)
                for coarse, target in zip(modes, targets, strict=True):
                    command = [sys.executable, "-m", "benchmarks.clustering.one_fit", str(path), str(int(coarse))]
                    found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
                    yield scale_row(f"{n:,} rows, {kind}, 10 starts, coarse={coarse}", target, found)


def scale_row(what, target, found):
    """One row of `scale`, with what the process's greatest size is made of."""
    parts = f"{found['empty']:,.0f} MB of libraries, {found['table']:,.0f} of table as read, {found['fit']:,.0f} of fit"
    measured = f"{spell(found['seconds'])}, {found['peak']:,.0f} MB"
    return what, target, measured, "", "", f"{found['passes']} passes; {parts}"


def micro():
    """5,000 micro-segments in six personas at 1 million rows."""
    (n,) = rows_of(1_000_000)
    table = wide_table(n)
    personas = KPrototypes(6).fit(table).labels_
    took, model = once(lambda: MicroSegments(n // 200).fit(table, personas))
    owners = model.segment_personas_[model.labels_]
    claim((owners == personas).all(), "no micro-segment crosses two personas")
    yield (
        f"{n:,} rows, {len(model.sizes_):,} micro-segments", "60 s", spell(took), "", "",
        "every row in a micro-segment of its persona",
    )  # fmt: skip


def dask(shards=8, passes=(3, 13)):
    """A pass over shards with two workers of one thread, against two threads in one process.

    The first passes from eight rows, of which each still has most rows to look at; and what an empty question costs.
    """
    from dask.distributed import Client, LocalCluster  # noqa: PLC0415 - only this part needs the optional extra

    (n,) = rows_of(10_000_000)
    table = wide_table(n)
    start = table.iloc[:K].reset_index(drop=True)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.parquet" for number in range(shards)]
        for path, part in zip(paths, np.array_split(np.arange(n), shards), strict=True):
            table.iloc[part].to_parquet(path)
        ours = two_lengths(start, passes, lambda model: model.fit(table), n_jobs=2)
        options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
        with LocalCluster(**options) as cluster, Client(cluster) as client:
            fleet = Fleet(client, paths)
            empty = seconds(lambda: fleet.each(ask_nothing), 50)
            theirs = two_lengths(start, passes, lambda model: fit_sharded(model, paths, client=client))
    claim(ours[1] == theirs[1], "shards on Dask give the bits of one process")
    yield (
        f"{n:,} rows, one pass, Dask with 2 workers", "1.25 times", spell(theirs[0]), f"one process {spell(ours[0])}",
        f"{theirs[0] / ours[0]:.2f}", f"the same model to the bit; to ask both for nothing {spell(empty)}",
    )  # fmt: skip


def ask_nothing(paths):
    """Return one answer a file."""
    return [None for _ in paths]


def two_lengths(start, passes, fit, **options):
    """Seconds of a pass, from a short and a long fit, the median of five differences, and what they found.

    The passes alone are timed: reading and encoding the table takes longer than a few of them and wavers more.
    """
    times = []

    def timed(*given, **named):
        seconds_taken, solution = once(lambda: lloyd(*given, **named))
        times.append(seconds_taken)
        return solution

    short, long = (KPrototypes(K, init=start, max_iter=most, **options) for most in passes)
    with mock.patch.object(estimator, "lloyd", timed):
        for _ in range(6):
            fit(short)
            fit(long)
    more = [after - before for before, after in zip(times[2::2], times[3::2], strict=True)]  # the first warmed up
    return float(np.median(more)) / (long.n_iter_ - short.n_iter_), [short.to_dict(), long.to_dict()]


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


PARTS = (peer, seed, quality, labelled, scale, micro, dask, first)


def main(wanted):
    """Print a table of the parts wanted, or of all."""
    print(figures([row for part in PARTS if not wanted or part.__name__ in wanted for row in part()]))


if __name__ == "__main__":
    main(set(arguments()))
