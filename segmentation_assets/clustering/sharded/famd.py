"""The factor analysis of mixed data over Parquet files that lie with Dask workers.

Two passes: one for the columns' ranges and categories, one for the moments.
Moments are exact integers, so those of the files add up to those of the whole
table, and the components are those of `FAMD.fit` on all rows at once, to the bit.
"""

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from segmentation_assets.clustering.famd.estimator import (
    check_enough_rows,
    check_parameters,
    raise_infinite,
    raise_missing,
)
from segmentation_assets.clustering.famd.moments import collect_moments
from segmentation_assets.clustering.mixed_tables.categories import known_codes
from segmentation_assets.clustering.sharded.kprototypes import Fleet
from segmentation_assets.clustering.sharded.table_summary import merge_surveys, read_table, survey_tables


def fit_famd_sharded(famd, shards, *, client, columns=None):
    """Fit a `FAMD` to the rows of Parquet files, in place.

    Parameters
    ----------
    famd : FAMD
    shards : sequence of paths
        Parquet files that every worker can read, with the same columns. A file
        may be empty.
    client : dask.distributed.Client
    columns : list of str, optional
        The columns to analyse; all without it.

    Returns
    -------
    famd, fitted

    Raises
    ------
    TypeError
        If `client` is no Dask client.
    ValueError
        As `FAMD.fit`; also if the shards' columns differ or there is none.
    """
    check_parameters(famd.n_components, famd.handle_unknown)
    fleet, reader = Fleet(client, shards), clone(famd)
    survey = merge_surveys(fleet.each(survey_tables, columns, before=(reader,)), fleet.shards)
    check_enough_rows(survey.n)
    lows, highs = check_complete(survey)
    famd._learn_columns([name for name, _ in survey.kinds], dict(zip(survey.categorical, survey.levels, strict=True)))
    famd._learn_names()
    plan = (reader, lows, highs, famd.categories_, famd._offsets, fleet.threads)
    each = fleet.each(moments_of_tables, columns, before=(plan,))
    first, *others = [one for one in each if one is not None]
    famd._learn(sum(others, first), lows, highs)
    return famd


def transform_sharded(famd, shards, *, client):
    """Coordinates of the rows of Parquet files, see `FAMD.transform`.

    Returns
    -------
    list of DataFrames, one a shard, with a column a component
    """
    check_is_fitted(famd)
    names = list(getattr(famd, "feature_names_in_", ())) or None
    return Fleet(client, shards).each(project_tables, names, before=(famd,))


def check_complete(survey):
    """Return the numbers' lows and highs, float arrays of shape (p,); ValueError where a value is missing."""
    for name, (_, _, missing, infinite) in zip(survey.numeric, survey.extents, strict=True):
        if missing:
            raise_missing(name, missing, survey.n)
        if infinite:
            raise_infinite(name, infinite, survey.n)
    for name, missing in zip(survey.categorical, survey.absent, strict=True):
        if missing:
            raise_missing(name, missing, survey.n)
    lows, highs, _, _ = np.array(survey.extents).reshape(-1, 4).T
    return lows, highs


def moments_of_tables(plan, paths, names):
    """Return the moments of each file, None of one without rows."""
    return [moments_of_table(plan, path, names) for path in paths]


def moments_of_table(plan, path, names):
    """Return the moments of one file's rows, which are taken on the grid of the whole table."""
    reader, lows, highs, categories, offsets, threads = plan
    numeric, categorical = read_table(reader, path, names)
    columns = numeric or categorical
    if not columns:
        return None
    n = len(columns[0].values)
    numbers, codes = np.empty((len(numeric), n)), np.empty((len(categorical), n), np.int32)
    for place, column in enumerate(numeric):
        numbers[place] = column.values
    for place, column in enumerate(categorical):
        codes[place], _ = known_codes(column, categories[column.name])
    return collect_moments(numbers, lows, highs, codes, offsets, threads)


def project_tables(famd, paths, names):
    """Return the coordinates of each file's rows."""
    titles, found = famd.get_feature_names_out(), []
    for path in paths:
        frame = pd.read_parquet(path, columns=names)
        rows = famd.transform(frame) if len(frame) else np.empty((0, len(titles)))
        found.append(pd.DataFrame(rows, columns=titles))
    return found
