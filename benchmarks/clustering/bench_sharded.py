"""Silhouette and FAMD over Parquet shards on Dask: python -m benchmarks.clustering.bench_sharded [rows ...].

Two workers of one thread on this machine, against the single process with two
threads, in memory. The same bits are checked first; the single process is not
timed with the reading of its table, the workers are: twice, once to survey and
once to work.
"""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from distributed import Client, LocalCluster

from benchmarks.clustering.mixed_tables import wide_table
from benchmarks.timing import arguments, claim, figures, once, rows_of, spell
from segmentation_assets.clustering import (
    FAMD,
    GowerSilhouette,
    ShardedGowerSilhouette,
    fit_famd_sharded,
    gower_silhouette_samples,
)

K, SHARDS = 8, 8
WORKERS = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "host": "127.0.0.1"}


def written(table, folder):
    """Write the table as shards and return their paths."""
    paths = [Path(folder) / f"{number}.parquet" for number in range(SHARDS)]
    for path, part in zip(paths, np.array_split(np.arange(len(table)), SHARDS), strict=True):
        table.iloc[part].to_parquet(path)
    return paths


def peaks(client):
    """Greatest size so far of each worker in megabytes."""

    def peak():
        import resource  # noqa: PLC0415 - runs on the worker

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    return client.run(peak).values()


def silhouette_rows(table, paths, client):
    labels = np.random.default_rng(0).integers(0, K, len(table))
    here, expected = once(lambda: gower_silhouette_samples(table, labels))
    again_here, score = once(partial(GowerSilhouette(table).score, labels))

    def fresh():
        prepared = ShardedGowerSilhouette(paths, client=client)
        return prepared, prepared.samples(labels)

    there, (prepared, found) = once(fresh)
    claim((found == expected).all(), "silhouettes over shards are those of one process to the bit")
    again_there, together = once(lambda: prepared.score(labels))
    claim(together == score, "so is their mean")
    bits = f"the same bits; a worker's peak {max(peaks(client)):,.0f} MB"
    yield f"Gower silhouette, {len(table):,} rows", "", spell(there), f"one process {spell(here)}", there / here, bits
    yield (
        "its mean, a further labeling",
        "",
        spell(again_there),
        f"one process {spell(again_here)}",
        (again_there / again_here),
        "the same bits",
    )


def famd_row(table, paths, client):
    here, alone = once(lambda: FAMD(2).fit(table))
    there, together = once(lambda: fit_famd_sharded(FAMD(2), paths, client=client))
    claim((together.components_ == alone.components_).all(), "components over shards are those of one process")
    name = f"FAMD, {len(table):,} rows"
    return name, "", spell(there), f"one process {spell(here)}", there / here, "the same bits"


def main(sizes):
    lines = []
    for n in sizes:
        table = wide_table(n)
        with (
            tempfile.TemporaryDirectory() as folder,
            LocalCluster(**WORKERS) as cluster,
            Client(cluster) as client,
        ):
            small = written(table.iloc[:10_000], folder)  # compiled code is read, connections are made
            warm = np.arange(10_000) % K
            ShardedGowerSilhouette(small, client=client).score(warm)
            GowerSilhouette(table.iloc[:10_000]).score(warm)
            fit_famd_sharded(FAMD(2), small, client=client)
            FAMD(2).fit(table.iloc[:10_000])
            paths = written(table, folder)
            lines += [famd_row(table, paths, client), *silhouette_rows(table, paths, client)]
    print(figures([[*line[:4], f"{line[4]:.2f}", line[5]] for line in lines]))


if __name__ == "__main__":
    main([int(float(size)) for size in arguments()] or rows_of(1_000_000, 10_000_000))
