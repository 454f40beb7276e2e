"""Rows that were turned away, whole and with the reason: the table `rejected_rows`."""

import json
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.characters import EDGES
from segmentation_assets.tables import Table
from segmentation_assets.tables.core import REJECTED_ROWS
from segmentation_assets.tables.frames import conform, empty_frame

MALFORMED_ROW = "!malformed_row"
"""Key of `other_columns` under which a source says why a row could not be split into its fields."""


def rejected_frame(
    table: Table, raw: pa.Table, reasons: Mapping[int, str], as_of: date, customers: pa.Array | None
) -> pd.DataFrame:
    """Return the rows at these positions of a raw table as rows of `rejected_rows`, in the order of the delivery.

    Parameters
    ----------
    customers : the customer of each of these rows, NULL where it names none; None where the table has no customers.
    """
    if not reasons:
        return empty_frame(REJECTED_ROWS)
    rows = raw.take(pa.array(list(reasons)))
    (key,) = table.key
    frame = pd.DataFrame(
        {
            "snapshot_date": pd.Timestamp(as_of),
            "table_name": table.name,
            "source_row": rows["source_row"].to_numpy(),
            "row_key": [(k or "").strip(EDGES) for k in rows[key].to_pylist()],
            "reason": list(reasons.values()),
            "row_json": _as_json(table, rows),
            "customer_id": [None] * rows.num_rows if customers is None else customers.to_pylist(),
        }
    )
    return conform(frame.sort_values("source_row", ignore_index=True), REJECTED_ROWS)


def malformed_rows(other_columns: pa.ChunkedArray) -> dict[int, str]:
    """Return the positions of rows that the source could not split into fields, each with its reason."""
    marked = pc.fill_null(pc.match_substring(other_columns, f'"{MALFORMED_ROW}"'), fill_value=False)
    found = {}
    for i in np.flatnonzero(marked.to_numpy()):
        if fault := json.loads(other_columns[int(i)].as_py()).get(MALFORMED_ROW):
            found[int(i)] = f"malformed_row: {fault}"
    return found


def _as_json(table: Table, rows: pa.Table) -> list[str]:
    """Return each row as delivered: what the core table knows, and the columns it does not."""
    columns = [c for c in table.column_names if c != "snapshot_date"]
    documents = []
    for *values, other in zip(*(rows[c].to_pylist() for c in [*columns, "other_columns"]), strict=True):
        document = {c: v for c, v in zip(columns, values, strict=True) if v is not None}
        document.update(json.loads(other) if other else {})
        documents.append(json.dumps(document, ensure_ascii=False))
    return documents
