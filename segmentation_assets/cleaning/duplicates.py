"""Rows that share a key: the most complete one stays, whatever the order they were delivered in."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from segmentation_assets.cleaning.columns import ColumnRead


def duplicate_rows(
    key: ColumnRead,
    columns: Sequence[ColumnRead],
    rows: np.ndarray,
    source_rows: np.ndarray,
    references: Collection[str] = (),
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
    references : columns that name a row of another table. Rows that differ in one are no copies of one another but in
        conflict, such as a policy with two holders, and the reason says so.
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
    named = {c.column.name: dict(zip(contested, _texts(c, contested), strict=True)) for c in columns}
    losers = {}
    for name, found in rows_of.items():
        for row in found[1:]:
            conflict = [r for r in references if named[r][row] != named[r][found[0]]]
            losers[row] = _reason(key.column.name, name, found, {r: named[r] for r in conflict})
    return losers


def _reason(key: str, name: str, rows: Sequence[int], conflicts: Mapping[str, Mapping[int, str | None]]) -> str:
    """Return why the rows of a key but the first are rejected; `conflicts` has what each row refers to, by column."""
    stands = f"{name} stands {len(rows)} times"
    if not conflicts:
        return f"duplicate_key: {stands}; the most complete row was kept"
    between = ", ".join(f"{c} {' and '.join(sorted({str(of[row]) for row in rows}))}" for c, of in conflicts.items())
    kept = ", ".join(f"{c} {of[rows[0]]}" for c, of in conflicts.items())
    return (
        f"conflicting_key: {stands}, for {between}; the row with {kept} was kept. Give each of them a row with a "
        f"{key} of its own"
    )


def _texts(column: ColumnRead, rows: np.ndarray) -> list[str | None]:
    return [None if value is None else str(value) for value in column.values(rows).to_pylist()]
