"""Columns of keys: put in order, and found in one another, in Arrow and not as a Python object a key."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def is_ascending(rows: pa.Table, columns: Sequence[str]) -> bool:
    """Tell whether each row comes after the one before it by these columns, the first of them counting most.

    Text is compared byte by byte, as engines sort it. Where this holds no two rows share a key. A NULL among the
    columns compares with nothing, so rows with one are not said to be in order.

    >>> is_ascending(pa.table({"day": [1, 1, 2], "key": ["a", "b", "a"]}), ["day", "key"])
    True
    >>> is_ascending(pa.table({"day": [1, 1], "key": ["a", "a"]}), ["day", "key"])
    False
    """
    if any(rows[name].null_count for name in columns):
        return False
    comes_after: pa.ChunkedArray | None = None
    for name in reversed(columns):
        before, after = rows[name][:-1], rows[name][1:]
        is_less = pc.less(before, after)
        if comes_after is not None:
            is_less = pc.or_(is_less, pc.and_(pc.equal(before, after), comes_after))
        comes_after = is_less
    return comes_after is not None and bool(pc.all(comes_after, min_count=0).as_py())


def in_order_of(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the rows in ascending order of a key, numbered from 0; rows in that order already are not copied.

    >>> in_order_of(pd.DataFrame({"key": ["b", "a"], "size": [1, 2]}), "key")["size"].tolist()
    [2, 1]
    """
    keys = pa.table({key: pa.array(frame[key], pa.large_string())})
    if is_ascending(keys, [key]):
        return renumbered(frame)
    return frame.take(pc.sort_indices(keys[key]).to_numpy()).reset_index(drop=True)


def renumbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the same rows, not copied, numbered from 0."""
    return pd.DataFrame({name: frame[name].array for name in frame.columns}, copy=False)


def positions_of(keys: pd.Series, among: pd.Series) -> np.ndarray:
    """Return for each key the position of the first row with it `among` others, -1 where there is none.

    >>> positions_of(pd.Series(["a", "x"]), pd.Series(["b", "a"])).tolist()
    [1, -1]
    """
    others = pa.table({"key": pa.array(among, pa.large_string())})["key"].combine_chunks()
    found = pc.index_in(pa.array(keys, pa.large_string()), value_set=others)
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def n_repeated(keys: pd.Series) -> int:
    """Return how many rows hold a key that stands in a row before them.

    >>> n_repeated(pd.Series(["a", "b", "a", "a"]))
    2
    """
    return len(keys) - pc.count_distinct(pa.array(keys, pa.large_string()), mode="all").as_py()
