"""Weighted refits of one K-Prototypes model on bootstrap draws of its rows.

The rows are encoded once and put into an order of their content, so that a draw,
made by position, does not depend on the order in which the caller has them: equal
rows are interchangeable. A refit is the same rows with other weights.
"""

import numpy as np
import pandas as pd

from segmentation_assets.clustering.compiled.threads import worker_count
from segmentation_assets.clustering.kprototypes.lloyd import Problem, lloyd
from segmentation_assets.clustering.kprototypes.partial_rows import PartialProblem, observed_levels, typical_row
from segmentation_assets.clustering.kprototypes.seeding import content_hashes, salts_of, seed_rows
from segmentation_assets.clustering.kprototypes.seeding_kernels import poisson_weights
from segmentation_assets.clustering.mixed_tables.columns import read_columns
from segmentation_assets.clustering.mixed_tables.encoding import Moments, Rows, encode
from segmentation_assets.clustering.mixed_tables.missing import is_partial

# Rows on which a fresh start competes with the reference before the winner is fitted to all rows.
TRIAL_ROWS = 16_384
MOST_PASSES = 100
# A fresh start replaces the reference only where it is cheaper by more than rounding.
BETTER = 1.0 - 1e-6


class CanonicalRows:
    """A table encoded once, in an order of its content, with the sample on which starts compete.

    Parameters
    ----------
    model : fitted KPrototypes, whose encoding is used
    X : DataFrame or array of shape (n, d)
    sample_weight : float array of shape (n,), or None for ones
    keys : uint64 array of shape (n,), optional
        Hashes of the rows' keys, see `hash_keys`.

    Attributes
    ----------
    order : int array of shape (n,), the caller's row at each place
    hashes : uint64 array of shape (n,), by which rows are told apart, equal ones too
    has_keys : bool, whether they are those of keys and not of content
    """

    def __init__(self, model, X, sample_weight, keys=None):
        columns = read_columns(model, X, reset=False)
        workers, keeps = worker_count(model.n_jobs, len(columns[0].values)), model._keeps_missing
        rows, _, moments = encode(model._encoding, columns, workers, keep_missing=keeps)
        self.encoding = model._encoding
        self.filling = None
        if keeps and is_partial(rows, self.encoding):
            self.filling = typical_row(self.encoding, moments, observed_levels(rows, self.encoding))
        self.n = rows.n
        hashes = content_hashes(rows)
        # Equal rows are told apart by what is known of them beside their content.
        known = [one for one in (sample_weight, keys, hashes) if one is not None]
        self.order = np.argsort(hashes) if len(known) == 1 else np.lexsort(known)
        self.has_keys = keys is not None
        self.hashes = keys[self.order] if self.has_keys else told_apart(hashes[self.order])
        self.weights = np.ones(rows.n) if sample_weight is None else sample_weight[self.order]
        self.rows = Rows(np.ascontiguousarray(rows.num[:, self.order]), np.ascontiguousarray(rows.codes[:, self.order]))
        seen = np.nan_to_num(self.rows.num)
        self.squares = np.einsum("ji,ji->i", seen, seen, dtype=np.float64)
        self.every = -(-rows.n // TRIAL_ROWS)
        self.tried = self._trial_places()
        self.trial = Rows(
            np.ascontiguousarray(self.rows.num[:, self.tried]), np.ascontiguousarray(self.rows.codes[:, self.tried])
        )

    def _trial_places(self):
        """Return the places of a sample that holds each kind of row in its share."""
        if self.has_keys and self.every > 1:
            return np.flatnonzero(self.hashes <= np.uint64(2**64 // self.every))
        return slice(None, None, self.every)  # equal steps in an order of content


def hash_keys(row_keys, n):
    """Return a hash of each row's key, uint64 of shape (n,); ValueError unless there are n of them."""
    keys = np.asarray(row_keys)
    if keys.shape != (n,):
        raise ValueError(f"row_keys has shape {keys.shape}, X has {n} rows: give one key a row.")
    return pd.util.hash_array(keys if keys.dtype.kind in "biuf" else keys.astype(object), categorize=False)


def told_apart(hashes):
    """Return sorted hashes with those that are equal numbered, so that equal rows have clocks of their own."""
    places = np.arange(len(hashes))
    begins = np.r_[True, hashes[1:] != hashes[:-1]]
    numbers = places - np.maximum.accumulate(np.where(begins, places, 0))
    return hashes + numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)


class Refits:
    """A fitted model and its rows, ready to be refitted under other weights."""

    def __init__(self, model, table):
        self.table = table
        self.reference = model._prototypes
        self.prices = table.encoding.mismatch(model.gamma_)

    def draw(self, generator):
        """Draw rows with replacement, about n by their keys or else n; return weight times draws of each row."""
        n = self.table.n
        if self.table.has_keys:
            drawn = np.empty(n)
            poisson_weights(self.table.hashes, salts_of(generator, 1)[0], drawn)
            return drawn * self.table.weights
        return np.bincount(generator.integers(0, n, n), minlength=n) * self.table.weights

    def labels(self, weights, generator, *, tol):
        """Fit the rows under `weights` and label them all, int32 of shape (n,), in the table's order.

        The reference prototypes and one fresh k-means++ start compete on a sample;
        the cheaper one is fitted to all rows. So a draw that favours other clusters
        finds them, and one that does not is not blamed for a bad start.
        """
        table = self.table
        everything = (table.rows, weights, table.squares)
        trial_weights = np.ascontiguousarray(weights[table.tried])
        if not trial_weights.any():
            return self._solve(*everything, self.reference, tol).labels
        trial = (table.trial, trial_weights, table.squares[table.tried])
        kept = self._solve(*trial, self.reference, tol)
        weighted = Rows(table.trial.num, table.trial.codes, trial_weights)
        problem = self._problem(*trial)
        seeds = seed_rows(
            problem.complete(weighted), self.reference.k, problem.mismatch, "kmeans++", generator,
            table.hashes[table.tried],
        )  # fmt: skip
        fresh = self._solve(*trial, problem.at(table.trial, seeds), tol)
        best = fresh if fresh.cost < BETTER * kept.cost else kept
        return best.labels if table.every == 1 else self._solve(*everything, best.prototypes, tol).labels

    def _problem(self, rows, weights, squares):
        # einsum and not a dot product: several of BLAS's threads at once spin and wait for one another.
        second = np.einsum("i,i", weights, squares)
        moments = Moments(float(weights.sum()), np.zeros(rows.num.shape[0]), np.array([second]))
        terms = Rows(rows.num, rows.codes, weights), self.table.encoding, moments, self.prices
        return Problem(*terms) if self.table.filling is None else PartialProblem(*terms, self.table.filling)

    def _solve(self, rows, weights, squares, start, tol):
        return lloyd(self._problem(rows, weights, squares), start, max_iter=MOST_PASSES, tol=tol, workers=1)
