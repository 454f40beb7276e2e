"""A delivery in the shape of its raw table: core columns as text, the rest of each row as JSON beside them."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.portfolio import TableSource
from segmentation_assets.sources.delivery import MALFORMED_ROW, MALFORMED_TEXT, Delivery
from segmentation_assets.sources.headers import delivered_columns, match_headers
from segmentation_assets.tables import Table
from segmentation_assets.tables.frames import empty_frame
from segmentation_assets.tables.raw import raw_table

_TEXT = pd.StringDtype("pyarrow")


def to_raw(delivery: Delivery, table: Table, source: TableSource) -> pd.DataFrame:
    """Return a delivery as rows of the raw table, without `snapshot_date`.

    Parameters
    ----------
    delivery : what a source handed over.
    table : the core table it is meant for.
    source : the portfolio's words on that table; its `columns` name the headers that differ.

    Returns
    -------
    Frame with `source_row` (from 1), `source`, every core column as text (NULL where an optional one is not
    delivered) and `other_columns`: a JSON object of the columns the core table does not know, or NULL.

    Raises
    ------
    SourceError
        If a needed column is missing or stands twice.
    """
    matched = match_headers(delivery.origin, delivery.headers, table, source)
    rows, n = delivery.rows, delivery.n_rows
    frame = {
        "source_row": pd.Series(range(1, n + 1), dtype="Int64"),
        "source": _as_series(pa.chunked_array([pa.repeat(delivery.description, n)])),
    }
    for column in delivered_columns(table):
        position = matched.known.get(column)
        values = pa.nulls(n, pa.string()) if position is None else rows.column(position)
        frame[column] = _as_series(values)
    frame["other_columns"] = _as_series(_other_columns(delivery, matched.other))
    return pd.DataFrame(frame)


def empty_raw(table: Table) -> pd.DataFrame:
    """Return the raw rows of a table that is not provided: none."""
    return empty_frame(raw_table(table)).drop(columns="snapshot_date")


def _as_series(values: pa.Array | pa.ChunkedArray) -> pd.Series:
    return pd.Series(pd.arrays.ArrowStringArray(values.cast(pa.large_string())), dtype=_TEXT)


def _other_columns(delivery: Delivery, positions: tuple[int, ...]) -> pa.Array | pa.ChunkedArray:
    """Return a JSON object a row of the delivered columns at these positions, and of what is wrong with the row."""
    rows = delivery.rows
    columns = {}
    for position in positions:
        values, header = rows.column(position), delivery.headers[position]
        if not header and not pc.any(pc.not_equal(values, "")).as_py():
            continue  # spreadsheets end each line with a delimiter; there is no column behind it
        name = header or f"column_{position + 1}"
        columns[name if name not in columns else f"{name} (column {position + 1})"] = values
    for name in (MALFORMED_ROW, MALFORMED_TEXT):
        if name in rows.column_names:
            columns[name] = rows.column(name)
    if not columns:
        return pa.nulls(rows.num_rows, pa.string())
    return _json_objects(columns)


def _json_objects(columns: dict[str, pa.ChunkedArray]) -> pa.Array:
    """Return one JSON object a row of the columns that are not NULL there, and NULL where all are.

    Whole columns are joined rather than rows dumped: a column added to a file of a million rows takes half a second
    and not ten.
    """
    members = [_json_members(name, values) for name, values in columns.items()]
    opening, comma, closing, nothing = (pa.scalar(text, pa.large_string()) for text in ("{", ", ", "}", ""))
    inside = pc.binary_join_element_wise(*members, comma, null_handling="skip")
    objects = pc.binary_join_element_wise(opening, inside, closing, nothing)
    return pc.if_else(pc.equal(inside, ""), pa.scalar(None, objects.type), objects)


def _json_members(name: str, values: pa.ChunkedArray) -> pa.Array:
    encoded = values.cast(pa.large_string()).combine_chunks().dictionary_encode()
    start = json.dumps(name, ensure_ascii=False) + ": "
    members = [start + json.dumps(v, ensure_ascii=False) for v in encoded.dictionary.to_pylist()]
    return pa.array(members, pa.large_string()).take(encoded.indices)
