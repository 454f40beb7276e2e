"""Rows that share a key: the most complete one stays, whatever the order they were delivered in."""

from collections.abc import Sequence

import numpy as np

from segmentation_assets.cleaning.columns import ColumnRead


def duplicate_rows(
    key: ColumnRead, columns: Sequence[ColumnRead], rows: np.ndarray, source_rows: np.ndarray
) -> dict[int, str]:
    """Return the rows that lose to another row of their key, each with its reason.

    The row with the fewest NULLs wins; of equally complete ones the one whose content sorts first, then the one whose
    delivered text does. Only of rows alike to the letter does the earlier one win, and then it makes no difference.

    Parameters
    ----------
    key : the column that must differ from row to row.
    columns : all columns of the table.
    rows : positions of the rows that contend; none has a NULL key.
    source_rows : place in the delivery of every row of the table.
    """
    keys = key.distinct(rows)
    is_contested = np.bincount(keys)[keys] > 1 if keys.size else np.zeros(0, dtype=bool)
    contested = rows[is_contested]
    if not contested.size:
        return {}
    cleaned = [_texts(column, contested) for column in columns]
    delivered = [column.delivered(contested).to_pylist() for column in columns]
    n_nulls = [sum(value is None for value in row) for row in zip(*cleaned, strict=True)]
    contents = [tuple(value or "" for value in row) for row in zip(*cleaned, *delivered, strict=True)]
    best_first = sorted(range(len(contested)), key=lambda i: (n_nulls[i], contents[i], int(source_rows[contested[i]])))
    names = key.values(contested).to_pylist()
    rows_of: dict[str, list[int]] = {}
    for i in best_first:
        rows_of.setdefault(names[i], []).append(int(contested[i]))
    losers = {}
    for name, (_, *others) in rows_of.items():
        reason = f"duplicate_key: {name} stands {len(others) + 1} times; the most complete row was kept"
        losers.update(dict.fromkeys(others, reason))
    return losers


def _texts(column: ColumnRead, rows: np.ndarray) -> list[str | None]:
    return [None if value is None else str(value) for value in column.values(rows).to_pylist()]
