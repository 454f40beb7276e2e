"""Missing and infinite values, before rows are encoded: refuse them by name, or leave them out.

Encoded, a missing number is NaN and a missing category the code
`Encoding.absent`; the kernels of `kprototypes.partial_kernels` pass over both.
"""

import numpy as np

from segmentation_assets.clustering.compiled.threads import blocks_of, run_blocks

MISSING = ("error", "ignore")


def extent(column, workers, *, keep_missing=False):
    """Return the least and the greatest value of a numeric column; (inf, -inf) where only missing values were kept.

    Raises
    ------
    ValueError
        If a value is infinite, or missing where missing values are not kept;
        the message names the column.
    """
    values = np.asarray(column.values)

    def block(_, start, stop):
        part = np.asarray(values[start:stop], np.float64)
        return part.min(), part.max()

    lows, highs = zip(*run_blocks(block, blocks_of(len(values)), workers), strict=True)
    low, high = min(lows), max(highs)
    # NaN is neither above nor below a number, so min and max of the blocks may hide one: ask every block.
    if np.isfinite(lows).all() and np.isfinite(highs).all():
        return low, high
    numbers = np.asarray(values, np.float64)
    seen = numbers[~np.isnan(numbers)]
    if not keep_missing or np.isinf(seen).any():
        raise_not_finite(column, numbers)
    return seen.min(initial=np.inf), seen.max(initial=-np.inf)


def refuse_infinite(column):
    """Raise ValueError, naming the column, if a number is infinite."""
    if np.isinf(numbers := np.asarray(column.values, np.float64)).any():
        raise_not_finite(column, numbers)


def raise_not_finite(column, numbers):
    """Say how many values of which column are NaN or infinite."""
    missing, infinite = int(np.isnan(numbers).sum()), int(np.isinf(numbers).sum())
    found = " and ".join(
        text for count, text in ((missing, f"{missing} NaN"), (infinite, f"{infinite} infinity")) if count
    )
    raise ValueError(
        f"Column {column.name!r} contains {found} among {len(numbers)} values: fill them (SimpleImputer), drop the "
        "rows, or (NaN alone, where the estimator has the parameter) choose missing='ignore'."
    )


def refuse_valueless(survey, columns):
    """Raise ValueError, naming the column, if a column holds missing values only."""
    numeric = [column.name for column in columns if not column.is_categorical]
    categorical = [column.name for column in columns if column.is_categorical]
    empty = [name for name, (low, high) in zip(numeric, survey.extents, strict=True) if low > high]
    empty += [name for name, levels in zip(categorical, survey.levels, strict=True) if not levels]
    if empty:
        raise ValueError(f"Column {empty[0]!r} holds no value at all: leave it out of X.")


def refuse_missing(column, codes):
    """Raise ValueError, naming the column, if a code is -1."""
    if codes.min(initial=0) < 0 and (missing := int((codes == -1).sum())):
        raise ValueError(
            f"Column {column.name!r} misses {missing} of its {len(codes)} values (NaN or None): fill them, for example "
            "with a category of their own, drop the rows, or (where the estimator has the parameter) choose "
            "missing='ignore'."
        )


def is_partial(rows, encoding):
    """Whether a number or a category of the encoded rows is missing."""
    return any(np.isnan(column).any() for column in rows.num) or any(
        (column == encoding.absent).any() for column in rows.codes
    )
