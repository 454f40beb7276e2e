"""A delivery in the shape of its raw table: core columns as text, the rest of each row as JSON beside them.

Raw rows stay in Arrow: they are text, of which pandas makes nothing but copies.
"""

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.portfolio import TableSource
from segmentation_assets.sources.delivery import MALFORMED_ROW, MALFORMED_TEXT, Delivery
from segmentation_assets.sources.headers import delivered_columns, match_headers
from segmentation_assets.tables import Table


def to_raw(delivery: Delivery, table: Table, source: TableSource) -> pa.Table:
    """Return a delivery as rows of the raw table, without `snapshot_date`.

    Parameters
    ----------
    delivery : what a source handed over.
    table : the core table it is meant for.
    source : the portfolio's words on that table; its `columns` name the headers that differ.

    Returns
    -------
    Rows with `source_row` (from 1, in a sheet the row's own number), `source`, `source_columns` (the letters of a
    sheet's columns as JSON, else NULL), `source_format` (a file's delimiter as JSON, else NULL), every core column as
    text (NULL where an optional one is not delivered) and `other_columns`: a JSON object of the columns the core table
    does not know, or NULL.

    Raises
    ------
    SourceError
        If a needed column is missing or stands twice.
    """
    matched = match_headers(delivery.description, delivery.headers, table, source, delivery.header_cells)
    rows, n = delivery.rows, delivery.n_rows
    columns = {
        "source_row": pa.array(np.arange(1, n + 1)) if delivery.row_numbers is None else delivery.row_numbers,
        "source": _on_every_row(delivery.description, n),
        "source_columns": _on_every_row(_letters(delivery, matched.known), n),
        "source_format": _on_every_row(
            json.dumps({"delimiter": delivery.delimiter}) if delivery.delimiter else None, n
        ),
    }
    for column in delivered_columns(table):
        position = matched.known.get(column)
        columns[column] = pa.nulls(n, pa.string()) if position is None else rows.column(position)
    columns["other_columns"] = _other_columns(delivery, matched.other)
    return pa.table(columns).cast(_raw_schema(table))


def empty_raw(table: Table) -> pa.Table:
    """Return the raw rows of a table that is not provided: none."""
    return _raw_schema(table).empty_table()


def _on_every_row(text: str | None, n: int) -> pa.DictionaryArray:
    """Return a text for all rows, held once and pointed at; NULL for none."""
    if text is None:
        return pa.nulls(n, pa.dictionary(pa.int8(), pa.string()))
    return pa.DictionaryArray.from_arrays(np.zeros(n, np.int8), pa.array([text], pa.string()))


def _letters(delivery: Delivery, known: Mapping[str, int]) -> str | None:
    """Return the letters of a sheet's columns, by core column, as JSON."""
    if not delivery.header_cells:
        return None
    return json.dumps({column: delivery.header_cells[i].rstrip("0123456789") for column, i in known.items()})


def _raw_schema(table: Table) -> pa.Schema:
    return pa.schema(
        {
            "source_row": pa.int64(),
            "source": pa.dictionary(pa.int8(), pa.string()),
            "source_columns": pa.dictionary(pa.int8(), pa.string()),
            "source_format": pa.dictionary(pa.int8(), pa.string()),
            **dict.fromkeys(delivered_columns(table), pa.string()),
            "other_columns": pa.large_string(),
        }
    )


def _other_columns(delivery: Delivery, positions: tuple[int, ...]) -> pa.Array | pa.ChunkedArray:
    """Return a JSON object a row of the delivered columns at these positions, and of what is wrong with the row."""
    rows, headers = delivery.rows, delivery.headers
    columns = {}
    for position in positions:
        values, header = rows.column(position), headers[position]
        if not header and not pc.any(pc.not_equal(values, "")).as_py():
            continue  # spreadsheets end each line with a delimiter; there is no column behind it
        name = header or f"column_{position + 1}"
        columns[name if name not in columns else f"{name} (column {position + 1})"] = values
    for name in (MALFORMED_ROW, MALFORMED_TEXT):
        if name in rows.column_names:
            columns[name] = rows.column(name)
    if not columns:
        return pa.nulls(rows.num_rows, pa.large_string())
    return _json_objects(columns)


def _json_objects(columns: dict[str, pa.ChunkedArray]) -> pa.Array:
    """Return one JSON object a row of the columns that are not NULL there, and NULL where all are.

    Whole columns are joined rather than rows dumped: a column added to a file of a million rows takes half a second
    and not ten.
    """
    members = [_json_members(name, values) for name, values in columns.items()]
    opening, closing, nothing = (pa.scalar(text, pa.large_string()) for text in ("{", "}", ""))
    # Not by skipping NULL, since Arrow 26 then drops the rows in which all are.
    inside = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*members, nothing), len(", "))
    objects = pc.binary_join_element_wise(opening, inside, closing, nothing)
    return pc.if_else(pc.equal(inside, ""), pa.scalar(None, objects.type), objects)


def _json_members(name: str, values: pa.ChunkedArray) -> pa.Array:
    """Return a column as members of JSON objects, each after a comma, and nothing where it is NULL."""
    encoded = values.cast(pa.large_string()).combine_chunks().dictionary_encode()
    start = f", {json.dumps(name, ensure_ascii=False)}: "
    members = [start + json.dumps(v, ensure_ascii=False) for v in encoded.dictionary.to_pylist()]
    return pc.fill_null(pa.array(members, pa.large_string()).take(encoded.indices), "")
