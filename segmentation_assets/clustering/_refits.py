"""Weighted refits of one K-Prototypes model on bootstrap draws of its rows.

The rows are encoded once and put into an order of their content, so that a draw,
made by position, does not depend on the order in which the caller has them: equal
rows are interchangeable. A refit is the same rows with other weights.
"""

import numpy as np

from ._columns import read_columns
from ._encoding import Moments, Rows, encode
from ._lloyd import Problem, lloyd
from ._missing import is_partial
from ._partial import PartialProblem, observed_levels, typical_row
from ._sampling import hash_rows
from ._seeding import seed_rows
from ._threads import worker_count

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

    Attributes
    ----------
    order : int array of shape (n,), the caller's row at each place
    """

    def __init__(self, model, X, sample_weight):
        columns = read_columns(model, X, reset=False)
        workers, keeps = worker_count(model.n_jobs, len(columns[0].values)), model._keeps_missing
        rows, _, moments = encode(model._encoding, columns, workers, keep_missing=keeps)
        self.encoding = model._encoding
        self.filling = None
        if keeps and is_partial(rows, self.encoding):
            self.filling = typical_row(self.encoding, moments, observed_levels(rows, self.encoding))
        self.n = rows.n
        hashes = np.empty(rows.n, np.uint64)
        hash_rows(rows.num.view(np.uint32), rows.codes, np.uint64(0), 0, rows.n, hashes)
        # Equal rows of unequal weight are told apart by it.
        self.order = np.argsort(hashes) if sample_weight is None else np.lexsort([sample_weight, hashes])
        self.weights = np.ones(rows.n) if sample_weight is None else sample_weight[self.order]
        self.rows = Rows(np.ascontiguousarray(rows.num[:, self.order]), np.ascontiguousarray(rows.codes[:, self.order]))
        seen = np.nan_to_num(self.rows.num)
        self.squares = np.einsum("ji,ji->i", seen, seen, dtype=np.float64)
        # Rows at equal steps in an order of content: a sample that holds each kind of row in its share.
        self.every = -(-rows.n // TRIAL_ROWS)
        self.trial = Rows(
            np.ascontiguousarray(self.rows.num[:, :: self.every]),
            np.ascontiguousarray(self.rows.codes[:, :: self.every]),
        )


class Refits:
    """A fitted model and its rows, ready to be refitted under other weights."""

    def __init__(self, model, table):
        self.table = table
        self.reference = model._prototypes
        self.prices = table.encoding.mismatch(model.gamma_)

    def draw(self, generator):
        """Draw n rows with replacement; return each row's weight times how often it was drawn."""
        n = self.table.n
        return np.bincount(generator.integers(0, n, n), minlength=n) * self.table.weights

    def labels(self, weights, generator, *, tol):
        """Fit the rows under `weights` and label them all, int32 of shape (n,), in the table's order.

        The reference prototypes and one fresh k-means++ start compete on a sample;
        the cheaper one is fitted to all rows. So a draw that favours other clusters
        finds them, and one that does not is not blamed for a bad start.
        """
        table = self.table
        everything = (table.rows, weights, table.squares)
        trial_weights = np.ascontiguousarray(weights[:: table.every])
        if not trial_weights.any():
            return self._solve(*everything, self.reference, tol).labels
        trial = (table.trial, trial_weights, table.squares[:: table.every])
        kept = self._solve(*trial, self.reference, tol)
        weighted = Rows(table.trial.num, table.trial.codes, trial_weights)
        problem = self._problem(*trial)
        seeds = seed_rows(problem.complete(weighted), self.reference.k, problem.mismatch, "kmeans++", generator)
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
