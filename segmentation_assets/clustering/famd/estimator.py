"""Factor analysis of mixed data: principal components of numbers and categories together."""

import warnings
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks, worker_count
from segmentation_assets.clustering.famd.axes import mixed_correlation, principal_axes
from segmentation_assets.clustering.famd.kernels import TOP, project_rows
from segmentation_assets.clustering.famd.moments import collect_moments
from segmentation_assets.clustering.gower.kernels import extent
from segmentation_assets.clustering.mixed_tables.categories import category_codes, known_codes
from segmentation_assets.clustering.mixed_tables.columns import Schema, read_columns
from segmentation_assets.clustering.mixed_tables.sentinels import warn_of_sentinels

# The matrix of all numbers and levels is decomposed whole: 4,000 rows of it are 128 MB and some seconds.
MOST_LEVELS = 4_000
UNKNOWN_CHOICES = ("warn", "ignore", "error")


class FAMD(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Factor analysis of mixed data (Pages 2004): a PCA in which numbers and categories weigh alike.

    Numbers are standardised (divided by n), the indicator x of a category with
    share p becomes (x - p) / sqrt(p), and the principal axes of the whole are
    found. One pass sums the cross products exactly; the axes are eigenvectors of
    the (p + levels) squared matrix, so time is linear in the rows and no matrix of
    n rows is decomposed. The result does not depend on the rows' order or the threads.

    With categories alone this is multiple correspondence analysis (up to its
    scale), with numbers alone the PCA of standardised columns. A constant column,
    or one of a single category, has no inertia and no part in any component.

    Parameters
    ----------
    n_components : int, default 2
        At most p + the sum over categorical columns of (levels - 1).
    categorical : names or positions, optional
        The categorical columns. By default, every column of a DataFrame that is
        not numeric (booleans are categories) and no column of an array.
    handle_unknown : {"warn", "ignore", "error"}, default "warn"
        A category that `fit` did not see puts the row at the column's centre, where
        it has no influence, with or without a warning that names it; or raises.
    n_jobs : int, optional
        Threads; None decides by the number of rows.

    Attributes
    ----------
    eigenvalues_ : float array of shape (n_components,)
        Inertia of each component, descending.
    total_inertia_ : float
        p + the sum of (levels - 1), less one for each constant column.
    explained_inertia_ : float array of shape (n_components,)
        Shares of the total inertia, in [0, 1].
    components_ : float array of shape (n_components, p + levels)
        Unit axes over numbers, then levels. Their sign is fixed: the entry of
        greatest magnitude is positive.
    column_coordinates_ : DataFrame (p + levels, n_components), indexed by variable and category
        Axes times the root of the eigenvalue; for a number that is its correlation.
    column_contributions_ : DataFrame, same shape
        Share of each number or level in a component's inertia; a component adds up to 1.
    variable_contributions_ : DataFrame (d, n_components)
        The same by variable, levels added up.
    variable_correlations_ : DataFrame (d, n_components)
        Correlation with the component for a number, in [-1, 1]; correlation ratio
        eta squared for a categorical column, in [0, 1].
    means_, scales_ : float arrays of shape (p,)
        Mean and standard deviation (divided by n) in the columns' own units.
    categories_ : dict from column to list of categories
    level_shares_ : dict from column to float array, the share of rows in each category

    References
    ----------
    J. Pages, Analyse factorielle de donnees mixtes, Revue de Statistique Appliquee 52 (2004).

    Examples
    --------
    >>> people = pd.DataFrame({"age": [20, 30, 40, 50], "city": ["Bath", "Bath", "York", "York"]})
    >>> famd = FAMD(n_components=1).fit(people)
    >>> famd.explained_inertia_.round(4)
    array([0.9472])
    >>> famd.transform(people).round(3).ravel()
    array([-1.656, -1.023,  1.023,  1.656])
    """

    def __init__(self, n_components=2, *, categorical=None, handle_unknown="warn", n_jobs=None):
        self.n_components = n_components
        self.categorical = categorical
        self.handle_unknown = handle_unknown
        self.n_jobs = n_jobs

    def fit(self, X, y=None):  # noqa: ARG002 - scikit-learn's signature
        """Find the components of X, a DataFrame or array of shape (n, d) without missing values.

        Raises
        ------
        ValueError
            For a missing or infinite value, mixed types or too many categories in a
            column (each names it), fewer than 2 rows, more components than
            dimensions, or a table without any variation.
        """
        self._fit(X)
        return self

    def fit_transform(self, X, y=None):  # noqa: ARG002 - scikit-learn's signature
        """Fit and return the coordinates of the rows; X is read once."""
        return self._project(*self._fit(X))

    def _fit(self, X):
        check_parameters(self.n_components, self.handle_unknown)
        columns = read_columns(self, X, reset=True)
        n = len(columns[0].values)
        check_enough_rows(n)
        workers = worker_count(self.n_jobs, n)
        numbers, lows, highs = read_numbers([column for column in columns if not column.is_categorical], n, workers)
        warn_of_sentinels(columns, stacklevel=3)
        codes, categories = learn_categories([column for column in columns if column.is_categorical], n)
        self._learn_columns([column.name for column in columns], categories)
        self._learn(collect_moments(numbers, lows, highs, codes, self._offsets, workers), lows, highs)
        return numbers, codes

    def _learn_columns(self, names, categories):
        self.categories_, self._names = categories, names
        check_levels(categories)
        dimensions = len(self._numeric_names) + sum(len(levels) - 1 for levels in categories.values())
        if self.n_components > dimensions:
            raise ValueError(
                f"n_components = {self.n_components} is more than the {dimensions} dimensions of X "
                f"(n_features = {len(self._names)}: each number has one, a category one less than its levels)."
            )

    def _learn_names(self):
        """Remember the columns as scikit-learn does, where they were not read from one X."""
        self.n_features_in_ = len(self._names)
        self._schema = Schema(self._names, [name in self.categories_ for name in self._names], has_names=True)
        if all(isinstance(name, str) for name in self._names):
            self.feature_names_in_ = np.asarray(self._names, dtype=object)

    def _learn(self, moments, lows, highs):
        matrix, deviations, shares = mixed_correlation(moments)
        self.total_inertia_ = float(np.trace(matrix))
        if not self.total_inertia_ > 0.0:
            raise ValueError(f"Every column of X is constant, so there is no inertia to explain: {self._names}.")
        self.eigenvalues_, self.components_ = principal_axes(matrix, self.n_components)
        self.explained_inertia_ = self.eigenvalues_ / self.total_inertia_
        steps = highs / TOP - lows / TOP
        self.means_ = lows + moments.first.astype(np.float64) / moments.n * steps
        self.scales_ = deviations * steps
        ends = self._offsets
        self.level_shares_ = {
            name: shares[ends[place] : ends[place + 1]] for place, name in enumerate(self.categories_)
        }

    @property
    def column_coordinates_(self):
        """Axes times the root of the eigenvalue, by number and level."""
        check_is_fitted(self)
        return self._by_column((self.components_ * np.sqrt(self.eigenvalues_)[:, None]).T)

    @property
    def column_contributions_(self):
        """Share of each number or level in a component's inertia."""
        check_is_fitted(self)
        return self._by_column(self.components_.T**2)

    @property
    def variable_contributions_(self):
        """Share of each variable in a component's inertia."""
        return self.column_contributions_.groupby(level="variable", sort=False).sum().loc[self._names]

    @property
    def variable_correlations_(self):
        """Correlation of a number, correlation ratio of a categorical column, with each component."""
        correlations = (self.variable_contributions_ * self.eigenvalues_).clip(0.0, 1.0)
        numeric = self._numeric_names
        correlations.loc[numeric] = self.column_coordinates_.iloc[: len(numeric)].clip(-1.0, 1.0).to_numpy()
        return correlations

    def _by_column(self, values):
        labels = [(name, "") for name in self._numeric_names]
        labels += [(name, level) for name, levels in self.categories_.items() for level in levels]
        index = pd.MultiIndex.from_tuples(labels, names=["variable", "category"])
        return pd.DataFrame(values, index, self.get_feature_names_out())

    @property
    def _numeric_names(self):
        return [name for name in self._names if name not in self.categories_]

    def transform(self, X):
        """Coordinates of rows, those of `fit` or new ones, float array of shape (n, n_components).

        Raises
        ------
        ValueError
            For a missing or infinite value, and with handle_unknown="error" for an
            unknown category; the message names the column.
        """
        check_is_fitted(self)
        columns = read_columns(self, X, reset=False)
        n = len(columns[0].values)
        numeric = [column for column in columns if not column.is_categorical]
        numbers, _, _ = read_numbers(numeric, n, worker_count(self.n_jobs, n))
        return self._project(numbers, self._known_codes([column for column in columns if column.is_categorical], n))

    def _project(self, numbers, codes):
        p, n = numbers.shape
        factors = np.zeros((p, self.n_components))
        varies = self.scales_ > 0.0
        factors[varies] = self.components_[:, :p].T[varies] / self.scales_[varies, None]
        shares = np.concatenate([np.empty(0), *self.level_shares_.values()])
        # The centring of a column's indicators adds nothing: sqrt(p) of its levels is orthogonal to every axis.
        tables = self.components_[:, p:].T / np.sqrt(shares)[:, None]
        out = np.empty((n, self.n_components))

        def project(_, start, stop):
            project_rows(numbers, self.means_, factors, codes, self._offsets, tables, start, stop, out)

        run_blocks(project, blocks_of(n), worker_count(self.n_jobs, n))
        return out

    def _known_codes(self, columns, n):
        codes = np.empty((len(columns), n), np.int32)
        for place, column in enumerate(columns):
            codes[place], unknown = known_codes(column, self.categories_[column.name])
            missing = int((codes[place] == -1).sum())
            if missing:
                raise_missing(column.name, missing, n)
            if unknown and self.handle_unknown != "ignore":
                message = (
                    f"Column {column.name!r} has categories that fit did not see: {unknown[:5]} "
                    f"in {int((codes[place] == -2).sum())} of {n} rows"
                )
                if self.handle_unknown == "error":
                    raise ValueError(f"{message}; handle_unknown='warn' puts them at the column's centre.")
                warnings.warn(f"{message}; they are put at the column's centre.", UserWarning, stacklevel=3)
        return codes

    @property
    def _offsets(self):
        return np.cumsum([0, *(len(levels) for levels in self.categories_.values())]).astype(np.int64)

    @property
    def _n_features_out(self):
        return self.n_components

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags


def check_parameters(n_components, handle_unknown):
    """Raise ValueError for a parameter that no data could make right."""
    if not isinstance(n_components, Integral) or isinstance(n_components, bool) or n_components < 1:
        raise ValueError(f"n_components must be a whole number of at least 1, got {n_components!r}.")
    if handle_unknown not in UNKNOWN_CHOICES:
        raise ValueError(f"handle_unknown must be one of {UNKNOWN_CHOICES}, got {handle_unknown!r}.")


def read_numbers(columns, n, workers):
    """Read the numeric columns and their ranges; a NaN or an infinity is a ValueError that names its column.

    Returns
    -------
    numbers : float64 array of shape (p, n)
    lows, highs : float arrays of shape (p,)
    """
    numbers = np.empty((len(columns), n))

    def read(_, place, __):
        numbers[place] = columns[place].values
        return extent(numbers[place])

    extents = run_blocks(read, blocks_of(len(columns), 1), workers)
    for column, (_, _, missing, infinite) in zip(columns, extents, strict=True):
        if missing:
            raise_missing(column.name, missing, n)
        if infinite:
            raise_infinite(column.name, infinite, n)
    lows, highs, _, _ = np.array(extents).reshape(-1, 4).T
    return numbers, lows, highs


def learn_categories(columns, n):
    """Give the categories of each column numbers.

    Returns
    -------
    codes : int32 array of shape (q, n)
    categories : dict from column to list of categories
    """
    codes, categories = np.empty((len(columns), n), np.int32), {}
    for place, column in enumerate(columns):
        codes[place], categories[column.name] = category_codes(column)
        missing = int((codes[place] < 0).sum())
        if missing:
            raise_missing(column.name, missing, n)
    return codes, categories


def raise_missing(name, missing, n):
    """Say that a column has missing values, which a factor analysis cannot place."""
    raise ValueError(
        f"Column {name!r} contains {missing} missing values (NaN) among {n}: fill them, drop the rows, "
        "or make missing a category of its own."
    )


def raise_infinite(name, infinite, n):
    """Say that a column has infinite values, which have no place among finite ones."""
    raise ValueError(f"Column {name!r} contains {infinite} infinity among {n} values.")


def check_enough_rows(n):
    """Refuse a table that cannot vary."""
    if n < 2:
        raise ValueError(f"FAMD needs at least 2 rows, got n_samples = {n}: one row has no variation.")


def check_levels(categories):
    """Refuse more levels than a dense matrix can hold, naming the column that has most of them."""
    total = sum(map(len, categories.values()))
    if total > MOST_LEVELS:
        name = max(categories, key=lambda one: len(categories[one]))
        raise ValueError(
            f"Column {name!r} has {len(categories[name]):,} categories of {total:,} in all; FAMD decomposes a matrix "
            f"of all of them and takes at most {MOST_LEVELS:,}: leave the column out, or group its rare categories."
        )
