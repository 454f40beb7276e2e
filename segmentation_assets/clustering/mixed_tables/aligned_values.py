"""What is given beside X: a value for each column (weights) or for each row (weights, labels, a quantity).

A pandas Series is taken by its index, so a weight meets its column and a label its row in whatever order both come.
Only a Series with the default index 0, 1, 2, ... says nothing by it and is taken in its own order, as a list is.
"""

from collections.abc import Mapping
from difflib import get_close_matches

import numpy as np
import pandas as pd

from segmentation_assets.clustering.mixed_tables.categories import category_codes
from segmentation_assets.clustering.mixed_tables.columns import Column


def weight_of_columns(weights, names, parameter):
    """Return one weight for each column, float64 of shape (d,); 1 for a column that is not named.

    Raises
    ------
    ValueError
        If a name is unknown or given twice, or there are not d numbers.
    """
    if weights is None:
        return np.ones(len(names))
    if isinstance(weights, pd.Series) and not _is_default(weights.index):
        twice = weights.index[weights.index.duplicated()]
        if len(twice):
            raise ValueError(f"`{parameter}` gives the column {twice[0]!r} twice: give each column one weight.")
        weights = weights.to_dict()
    if isinstance(weights, Mapping):
        for name in weights:
            raise_if_unknown(name, names, parameter)
        weights = [weights.get(name, 1.0) for name in names]
    found = _as_numbers(weights, parameter)
    if found.shape != (len(names),):
        raise ValueError(f"{parameter} has shape {found.shape}, but X has {len(names)} columns: {list(names)}.")
    return found


def raise_if_unknown(name, names, parameter):
    """Say which column a parameter names wrongly, and what it may have meant."""
    if name not in names:
        near = get_close_matches(str(name), [str(one) for one in names], n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"`{parameter}` names {name!r}, which is no column of X.{hint} Its columns are {list(names)}.")


def index_of(X):
    """Return the labels of X's rows, None where X has none."""
    return X.index if isinstance(X, pd.DataFrame) else None


def numbers_of_rows(values, index, n, parameter):
    """Return one number for each row, float64 of shape (n,), NaN where it is missing; see `aligned`."""
    return _fitting(_as_numbers(aligned(values, index, parameter), parameter), n, parameter)


def labels_of_rows(labels, index, n, parameter, unit):
    """Return the number of each row's label among the labels in their order, and those labels.

    Returns
    -------
    codes : int array of shape (n,)
    labels : list of plain Python values

    Raises
    ------
    ValueError
        If there is not one for each row, one is missing, or they have no common order.
    """
    values = aligned(labels, index, parameter)
    if not hasattr(values, "dtype"):
        # numpy would write None and NaN among text as words.
        values = pd.Series(list(values) if np.iterable(values) else [values], dtype=object)
    _fitting(values, n, parameter)
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    missing = int(np.count_nonzero(pd.isna(values)))
    if missing:
        raise ValueError(
            f"{parameter} contains {missing} NaN, None or NA: it misses {missing} of its {n} values, and every row "
            f"needs a {unit}. Leave those rows out."
        )
    return category_codes(Column(parameter, is_categorical=True, values=values))


def aligned(values, index, parameter):
    """Return values in the order of the rows of X.

    Parameters
    ----------
    values : array, list or Series
    index : the labels of X's rows, or None

    Raises
    ------
    ValueError
        If a Series has an index of its own that does not hold the labels of X, each once.
    """
    if not isinstance(values, pd.Series) or index is None or values.index.equals(index):
        return values
    if values.index.is_unique and index.is_unique and len(index) == len(values):
        places = values.index.get_indexer(index)
        if (places >= 0).all():
            return values.iloc[places]
    if _is_default(values.index):
        return values
    raise ValueError(
        f"{parameter} is a Series whose index does not hold the index of X, each label once, so its values cannot be "
        f"matched with rows: give {parameter}.reindex(X.index), or, in the order of the rows, {parameter}.to_numpy()."
    )


def _is_default(index):
    return index.equals(pd.RangeIndex(len(index)))


def _as_numbers(values, parameter):
    try:
        if isinstance(values, pd.Series | pd.api.extensions.ExtensionArray):
            return values.to_numpy(np.float64, na_value=np.nan)
        return np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{parameter} must hold numbers ({error}).") from error


def _fitting(values, n, parameter):
    if values.shape != (n,):
        raise ValueError(
            f"{parameter} has shape {values.shape}, but X has {n} rows: give one {parameter.removesuffix('s')} a row."
        )
    return values
