"""Where a fit starts: a canonical sample of rows, and seeds drawn from it.

A seed must not depend on the order of the rows. So rows are sampled by a hash
of their content, equal rows are merged into one with their weights added, and
the sample is put in order of the hash. Everything drawn from it is then a
function of the multiset of rows and of `random_state` alone.
"""

import numpy as np

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks
from segmentation_assets.clustering.kprototypes.border_rows import taken
from segmentation_assets.clustering.kprototypes.seeding_kernels import greedy_seeds, hash_rows
from segmentation_assets.clustering.mixed_tables.columns import read_columns
from segmentation_assets.clustering.mixed_tables.encoding import Rows, encode

SEED_SAMPLE = 20_000


EVERY_HASH = 2**64 - 1


def canonical_sample(rows, size, seed, workers):
    """Sample `size` distinct rows by the hash of their content, equal rows merged, in order of the hash.

    Returns
    -------
    sample : Rows
        With weights: how much each distinct row weighs in all of `rows`.
    """
    return sample_by_hash(lambda threshold: [candidates(rows, threshold, seed, workers)], rows.n, size)


def sample_by_hash(ask, n, size):
    """Sample rows that may lie in several parts.

    Parameters
    ----------
    ask : function of a threshold to a list of (hashes, Rows), one a part
    n : int
        Rows in all parts.
    size : int
    """
    # A little more than needed is asked for: the number found varies by its root.
    threshold = int(2.0**64 * (size + 8.0 * size**0.5) / n) if n > 2 * size else EVERY_HASH
    while True:
        parts = ask(threshold)
        hashes = np.concatenate([part[0] for part in parts])
        distinct, first, group = np.unique(hashes, return_index=True, return_inverse=True)
        if len(distinct) >= size or threshold == EVERY_HASH:
            break
        threshold = min(threshold * 16, EVERY_HASH)
    num, codes, weights = (
        np.concatenate([getattr(part[1], name) for part in parts], axis=-1) for name in ("num", "codes", "weights")
    )
    mass = np.bincount(group, weights=weights if len(weights) else None, minlength=len(distinct)).astype(np.float64)
    kept = first[:size]
    return Rows(np.ascontiguousarray(num[:, kept]), np.ascontiguousarray(codes[:, kept]), mass[:size])


def rows_by_hash(rows, n, size, seed, workers):
    """Return the rows whose hash is among about the least `size` of n, in the order in which they lie.

    What is exact in its sums may be run on them; nothing may be drawn from them by position.
    """
    return candidates(rows, int(2.0**64 * size / n), seed, workers)[1]


def candidates(rows, threshold, seed, workers):
    """Return the hashes up to `threshold`, and their rows."""
    bits, start_state = rows.num.view(np.uint32), np.uint64((seed * 2 + 1) * 0x9E3779B97F4A7C15 % 2**64)

    def block(_, start, stop):
        hashes = np.empty(stop - start, np.uint64)
        hash_rows(bits, rows.codes, start_state, start, stop, hashes)
        chosen = np.flatnonzero(hashes <= np.uint64(threshold))
        return hashes[chosen], chosen + start

    parts = run_blocks(block, blocks_of(rows.n), workers)
    numbers = np.concatenate([part[1] for part in parts])
    return np.concatenate([part[0] for part in parts]), taken(rows, numbers, workers)


def first_rows(sample, size):
    """Return the first `size` rows of a canonical sample: a smaller canonical sample."""
    if sample.n <= size:
        return sample
    return Rows(
        np.ascontiguousarray(sample.num[:, :size]), np.ascontiguousarray(sample.codes[:, :size]), sample.weights[:size]
    )


def seed_rows(sample, k, mismatch, init, generator, hashes=None):
    """Choose k rows of the sample as seeds by the method `init`.

    Parameters
    ----------
    hashes : uint64 array of shape (n,), optional
        One of its own for each row, by which "kmeans++" draws; that of its content if left out, so equal rows
        must have been merged.

    Returns
    -------
    int array of shape (k,), row numbers in the sample
        Where fewer than k distinct rows are there, the rest repeat the first.
    """
    method = {"kmeans++": _plus_plus, "huang": _huang, "cao": _cao}[init]
    seeds = method(sample, k, mismatch, generator, hashes)
    return np.where(seeds >= 0, seeds, seeds[0])


def content_hashes(rows):
    """Return a hash of the content of each row, uint64 of shape (n,)."""
    hashes = np.empty(rows.n, np.uint64)
    hash_rows(rows.num.view(np.uint32), rows.codes, np.uint64(0), 0, rows.n, hashes)
    return hashes


def salts_of(generator, *shape):
    """Draw numbers that make as many draws from the same hashes independent, uint64 of the given shape."""
    return generator.integers(0, 2**64, shape, dtype=np.uint64)


def _plus_plus(sample, k, mismatch, generator, hashes):
    """Greedy k-means++ in the mixed distance, 2 + ln k trials a seed as in scikit-learn."""
    hashes = content_hashes(sample) if hashes is None else hashes
    salts = salts_of(generator, k, 2 + int(np.log(k)))
    return greedy_seeds(sample.num, sample.codes, sample.weights, hashes, mismatch, salts)


def _cao(sample, k, mismatch, generator, hashes):  # noqa: ARG001 - nothing is drawn: Cao's start is deterministic
    """Density times distance (Cao, Liang and Bai 2009), the distance being the mixed one.

    The density of a row is the mean frequency of its categories; the first
    seed is the densest, each further one maximises the least density-weighted
    distance to the seeds before.
    """
    if not sample.codes.shape[0]:
        raise ValueError("init='cao' measures density by categories and X has none: use init='kmeans++'.")
    total = sample.weights.sum()
    density = np.zeros(len(sample.weights))
    for codes in sample.codes:
        density += np.bincount(codes, weights=sample.weights)[codes] / total / sample.codes.shape[0]
    seeds, nearest = np.full(k, -1, np.int64), np.full(len(density), np.inf)
    row = int(np.argmax(density))
    for step in range(k):
        seeds[step] = row
        nearest = np.minimum(nearest, _distance_to(sample, row, mismatch) * density)
        row = int(np.argmax(nearest))
        if not nearest[row] > 0:
            break
    return seeds


def _huang(sample, k, mismatch, generator, hashes):  # noqa: ARG001 - what it draws are no rows
    """Draw artificial rows, then take the nearest real one not taken yet (Huang 1998).

    Categories are drawn by their frequency and numbers from a normal
    distribution with the column's mean and standard deviation.
    """
    shares = sample.weights / sample.weights.sum()
    num = sample.num.astype(np.float64)
    means = (num * shares).sum(axis=1)
    spread = np.sqrt(((num - means[:, None]) ** 2 * shares).sum(axis=1))
    seeds, taken = np.full(k, -1, np.int64), np.zeros(len(shares), bool)
    running = np.cumsum(shares)
    for step in range(min(k, len(shares))):
        drawn = np.minimum(np.searchsorted(running, generator.random(sample.codes.shape[0])), len(shares) - 1)
        modes = sample.codes[np.arange(sample.codes.shape[0]), drawn]
        point = means + spread * generator.standard_normal(len(means))
        gaps = ((num - point[:, None]) ** 2).sum(0) + (mismatch[:, None] * (sample.codes != modes[:, None])).sum(0)
        gaps[taken] = np.inf
        seeds[step] = int(np.argmin(gaps))
        taken |= _distance_to(sample, seeds[step], mismatch) == 0
        if taken.all():
            break
    return seeds


def _distance_to(sample, row, mismatch):
    num = sample.num.astype(np.float64)
    gaps = ((num - num[:, [row]]) ** 2).sum(0)
    return gaps + (mismatch.astype(np.float64)[:, None] * (sample.codes != sample.codes[:, [row]])).sum(0)


def given_start(problem, init, model):
    """Read the prototypes a caller gave: a DataFrame or array of k rows with the columns of X.

    Raises
    ------
    ValueError
        If there are not k rows, the columns differ, or a category is unknown.
    """
    columns = read_columns(model, init, reset=False)
    k = len(columns[0].values)
    if k != model.n_clusters:
        raise ValueError(f"init holds {k} prototypes, n_clusters={model.n_clusters}: make them agree.")
    rows, unknown, _ = encode(problem.encoding, columns, 1)
    if unknown:
        raise ValueError(f"init holds categories that X does not: {unknown}.")
    readable = [np.asarray(column.values, float) for column in columns if not column.is_categorical]
    return problem.encoded(np.reshape(readable, (len(readable), k)).T, rows.codes.T)
