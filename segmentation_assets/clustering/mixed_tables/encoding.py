"""From columns of numbers and categories to the arrays that the kernels read.

A number x becomes y = (x - centre) * factor, rounded to a power-of-two step
that gives it 24 bits, so that it is exact in float32. Any sum of such numbers
is exact in float64 while n * max|y| / step < 2^53, and an exact sum does not
depend on the order of its terms: this is why row order, threads and shards
leave no trace in a fit. `factor` holds the root of the feature's weight and one
power of two common to all columns, so a squared difference of y is the
weighted squared difference of x, scaled.
"""

from dataclasses import dataclass, field

import numpy as np

from segmentation_assets.clustering.compiled.kernels import kernel
from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks
from segmentation_assets.clustering.mixed_tables.categories import category_codes, declared_order, known_codes
from segmentation_assets.clustering.mixed_tables.missing import (
    extent,
    refuse_infinite,
    refuse_missing,
    refuse_valueless,
)

# Every row counts once.
NO_WEIGHTS = np.empty(0, np.float64)


@dataclass
class Rows:
    """Encoded rows: `num` (d_num, n) float32, `codes` (d_cat, n) unsigned, `weights` (n,) or empty for ones."""

    num: np.ndarray
    codes: np.ndarray
    weights: np.ndarray = field(default_factory=lambda: NO_WEIGHTS)

    @property
    def n(self):
        """Number of rows."""
        return self.num.shape[1]


@dataclass
class Encoding:
    """How each column is encoded; learned by `learn_encoding`, kept by the model.

    Attributes
    ----------
    names, is_categorical : lists of length d
    feature_weights : float array of shape (d,)
    centres, factors, steps : float arrays of shape (d_num,)
    scale : power of two common to all numeric columns
    categories : list of d_cat lists
    """

    names: list
    is_categorical: list
    feature_weights: np.ndarray
    centres: np.ndarray
    factors: np.ndarray
    steps: np.ndarray
    scale: float
    categories: list

    @property
    def offsets(self):
        """Where each category column starts among all levels, shape (d_cat + 1,)."""
        return np.concatenate([[0], np.cumsum([len(levels) for levels in self.categories])]).astype(np.int64)

    @property
    def code_type(self):
        """Smallest unsigned type with room for every level and two more, "unknown" and "missing"."""
        most = max((len(levels) for levels in self.categories), default=0)
        return np.uint8 if most < 255 else np.uint16 if most < 65535 else np.uint32

    @property
    def absent(self):
        """The code of a missing category."""
        return np.array(np.iinfo(self.code_type).max, self.code_type)[()]

    @property
    def numeric_names(self):
        """Names of the numeric columns, in the order of `num`."""
        return [name for name, flag in zip(self.names, self.is_categorical, strict=True) if not flag]

    @property
    def categorical_names(self):
        """Names of the categorical columns, in the order of `codes`."""
        return [name for name, flag in zip(self.names, self.is_categorical, strict=True) if flag]

    def mismatch(self, gamma):
        """Price of a differing category by column, float64 of shape (d_cat,), in encoded units."""
        return gamma * self.feature_weights[np.asarray(self.is_categorical, bool)] * self.scale**2


@dataclass
class Moments:
    """Sums over the fitted rows: total weight, sum(w y) and sum(w y^2) of each numeric column (encoded units).

    `observed` is the weight of the rows whose number is there, by column; None where none is missing.
    """

    total: float
    first: np.ndarray
    second: np.ndarray
    observed: np.ndarray | None = None

    @property
    def means(self):
        """Mean of each numeric column."""
        return self.first / (self.total if self.observed is None else self.observed)


def power_of_two_above(value):
    """Return the smallest power of two that is at least `value` (1 for zero)."""
    return 2.0 ** np.ceil(np.log2(value)) if value > 0 else 1.0


def exact_grid(bound):
    """Return the constant that rounds a term to a grid on which sums up to `bound` are exact.

    (t + c) - c rounds t to a multiple of ulp(c); c = 1.5 * 2^e with 2^e above the
    bound keeps the sum of c and any term inside one binade.
    """
    return 1.5 * power_of_two_above(2.0 * bound)


@dataclass
class Survey:
    """What must be known of all rows before any can be encoded.

    Attributes
    ----------
    n : int
        Number of rows.
    extents : list of (least, greatest), one a numeric column
    levels : list of lists, one a categorical column, in order
    declared : list of lists or None
        The declared order of an ordered pandas categorical.
    """

    n: int
    extents: list
    levels: list
    declared: list


def survey_of(columns, workers, *, keep_missing=False):
    """Look at every column once.

    Returns
    -------
    survey : Survey
    codes : list of int arrays of shape (n,), one a categorical column; -1 is missing
    """
    extents = [extent(column, workers, keep_missing=keep_missing) for column in columns if not column.is_categorical]
    levels, codes, declared = [], [], []
    for column in columns:
        if not column.is_categorical:
            continue
        found, categories = category_codes(column)
        if not keep_missing:
            refuse_missing(column, found)
        codes.append(found)
        levels.append(categories)
        declared.append(declared_order(column))
    return Survey(len(columns[0].values), extents, levels, declared), codes


def encoding_of(survey, columns, feature_weights):
    """Return the encoding that fits the survey.

    Parameters
    ----------
    survey : Survey
    columns : list of Column
        Only their names and kinds are read.
    feature_weights : float array of shape (d,), positive
    """
    flags = np.array([column.is_categorical for column in columns], bool)
    lows, highs = np.array(survey.extents, float).reshape(-1, 2).T
    centres = lows + (highs - lows) / 2.0
    roots = np.sqrt(feature_weights[~flags])
    reach = np.maximum(highs - centres, centres - lows) * roots
    scale = 1.0 / power_of_two_above(reach.max(initial=0.0))
    return Encoding(
        names=[column.name for column in columns],
        is_categorical=flags.tolist(),
        feature_weights=feature_weights,
        centres=centres,
        factors=roots * scale,
        steps=np.array([power_of_two_above(one) * 2.0**-23 for one in reach * scale]),
        scale=scale,
        categories=survey.levels,
    )


def learn_encoding(columns, feature_weights, weights, workers, *, keep_missing=False):
    """Learn the encoding of `columns` and encode them.

    Parameters
    ----------
    columns : list of Column
    feature_weights : float array of shape (d,), positive
    weights : float array of shape (n,), positive; empty for ones
    workers : int
        Threads.
    keep_missing : bool
        Encode missing values as such instead of refusing them.

    Returns
    -------
    encoding : Encoding
    rows : Rows
    moments : Moments
    """
    survey, codes = survey_of(columns, workers, keep_missing=keep_missing)
    refuse_valueless(survey, columns)
    encoding = encoding_of(survey, columns, feature_weights)
    rows = empty_rows(encoding, survey.n, weights)
    total = float(weights.sum()) if len(weights) else float(survey.n)
    numeric = [column for column in columns if not column.is_categorical]
    moments = encode_numbers(encoding, numeric, rows, total, workers, keep_missing=keep_missing)
    for j, one in enumerate(codes):
        rows.codes[j] = np.where(one < 0, encoding.absent, one) if keep_missing else one
    return encoding, rows, moments


def empty_rows(encoding, n, weights=NO_WEIGHTS):
    """Return room for n encoded rows."""
    num = np.empty((len(encoding.centres), n), np.float32)
    return Rows(num, np.empty((len(encoding.categories), n), encoding.code_type), weights)


def encode(encoding, columns, workers, total=None, *, keep_missing=False, weights=NO_WEIGHTS):
    """Encode new columns as the model's own were.

    Returns
    -------
    rows : Rows
    unknown : dict of column name to the list of categories never seen in `fit`
    moments : Moments
        Exact where these are some of `total` rows of a fit.
    """
    numeric = [column for column in columns if not column.is_categorical]
    for column in numeric:
        if keep_missing:
            refuse_infinite(column)
        else:
            extent(column, workers)
    rows = empty_rows(encoding, len(columns[0].values), weights)
    moments = encode_numbers(encoding, numeric, rows, float(total or rows.n), workers, keep_missing=keep_missing)
    unknown = {}
    categorical = (column for column in columns if column.is_categorical)
    for j, (column, categories) in enumerate(zip(categorical, encoding.categories, strict=True)):
        codes, strangers = known_codes(column, categories)
        if keep_missing:
            codes = np.where(codes == -1, encoding.absent, codes)
        else:
            refuse_missing(column, codes)
        if strangers:
            unknown[column.name] = strangers
            codes = np.where(codes == -2, len(categories), codes)
        rows.codes[j] = codes
    return rows, unknown, moments


def encode_numbers(encoding, numeric, rows, total, workers, *, keep_missing=False):
    """Fill `rows.num` and return the moments of each column."""
    first, second, observed = np.zeros((3, len(numeric)))
    blocks = blocks_of(rows.n, 1 << 18)
    for j, column in enumerate(numeric):
        values = np.asarray(column.values)
        reach = encoding.steps[j] * 2.0**23
        exact = np.array([exact_grid(total * reach), exact_grid(total * reach * reach)])

        def block(_, start, stop, j=j, values=values, exact=exact):
            part, out = np.ascontiguousarray(values[start:stop], np.float64), rows.num[j, start:stop]
            weights, centre = rows.weights[start:stop], encoding.centres[j]
            gone = np.flatnonzero(np.isnan(part)) if keep_missing else ()
            if len(gone):
                # The centre adds nothing to the moments, and every NaN put in afterwards has the same bits.
                part = part.copy()
                part[gone] = centre
            sums = encode_column(part, centre, encoding.factors[j], encoding.steps[j], exact, weights, out)
            if len(gone):
                out[gone] = np.nan
            lost = weights[gone].sum() if len(gone) and len(weights) else float(len(gone))
            return *sums, lost

        parts = run_blocks(block, blocks, workers)
        first[j] = sum(part[0] for part in parts)
        second[j] = sum(part[1] for part in parts)
        observed[j] = total - sum(part[2] for part in parts)
    return Moments(total, first, second, observed if keep_missing else None)


def mean_standard_deviation(encoding, moments):
    """Mean over the numeric columns of the population standard deviation, in the columns' own units."""
    if not len(moments.first):
        return 0.0
    means = moments.means
    observed = moments.total if moments.observed is None else moments.observed
    variances = np.maximum(moments.second / observed - means * means, 0.0)
    return float(np.mean(np.sqrt(variances) / encoding.factors))


@kernel
def encode_column(values, centre, factor, step, exact, weights, out):
    """Write `(values - centre) * factor` on the grid of `step`; return its first two moments.

    The moments are sum(w y) and sum(w y^2), every term rounded to the grids of
    `exact` so that they are exact sums; eight of each run side by side.
    """
    weighted = weights.shape[0] > 0
    n, lanes = values.shape[0], 8
    first, second = np.zeros(lanes), np.zeros(lanes)
    per_step = 1.0 / step
    for i in range(n):
        # Adding zero turns a negative zero into the positive one: equal values, equal bits.
        out[i] = np.float32(np.rint((values[i] - centre) * factor * per_step) * step) + np.float32(0.0)
    for lo in range(0, n, lanes):
        for lane in range(min(lanes, n - lo)):
            value = np.float64(out[lo + lane])
            square = (value * value + exact[1]) - exact[1]
            weight = weights[lo + lane] if weighted else 1.0
            first[lane] += (weight * value + exact[0]) - exact[0]
            second[lane] += (weight * square + exact[1]) - exact[1]
    for lane in range(1, lanes):
        first[0] += first[lane]
        second[0] += second[lane]
    return first[0], second[0]
