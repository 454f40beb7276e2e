"""Raw rows become core rows: typed, keyed and cleaned, or rejected with every reason there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.cleaning.columns import ColumnRead, Keys, read_column
from segmentation_assets.cleaning.duplicates import duplicate_rows
from segmentation_assets.cleaning.rejects import malformed_rows, rejected_frame
from segmentation_assets.portfolio import Portfolio, TableSource
from segmentation_assets.tables import INPUT_TABLES, Table
from segmentation_assets.tables.core import REJECTED_ROWS
from segmentation_assets.tables.frames import empty_frame, from_arrow


@dataclass(frozen=True)
class Cleaned:
    """A core table of one snapshot, and what became of the rows that are not in it.

    `frame` is sorted by key. `date_fallbacks` counts, by date column, the dates that another than the first format
    read; `repaired`, by column, the values written otherwise than delivered (spelling, blanks, separators).
    """

    frame: pd.DataFrame
    rejects: pd.DataFrame
    date_fallbacks: dict[str, int]
    repaired: dict[str, int]


def clean_all(
    raw: Mapping[str, pd.DataFrame], portfolio: Portfolio, as_of: date
) -> tuple[dict[str, Cleaned], pd.DataFrame]:
    """Clean every input table of a snapshot, those that are referred to before those that refer.

    Parameters
    ----------
    raw : core table name -> its raw rows. A table without rows is not provided: it stays empty, and keys that would
        have to be found in it are not looked for.
    as_of : the snapshot date; no date may lie after it.

    Returns
    -------
    The cleaned tables by name, and the rows of `rejected_rows` of all of them. A delivered row is in one or the other.
    """
    sources: dict[str, TableSource] = dict(portfolio.sources.items())
    cleaned: dict[str, Cleaned] = {}
    keys: dict[str, Keys] = {}
    for table in INPUT_TABLES:
        rows = raw.get(table.name)
        if rows is None or rows.empty:
            cleaned[table.name] = Cleaned(empty_frame(table), empty_frame(REJECTED_ROWS), {}, {})
            continue
        source = sources.get(table.name) or TableSource(csv=f"{table.name}.csv")
        cleaned[table.name] = done = clean(table, rows, source, as_of=as_of, keys=keys)
        (key,) = table.key
        known = pa.array(done.frame[key], type=pa.large_string(), from_pandas=True)
        keys[table.name] = Keys(known, frozenset(done.rejects["row_key"]))
    rejected = [done.rejects for done in cleaned.values() if not done.rejects.empty]
    return cleaned, pd.concat(rejected, ignore_index=True) if rejected else empty_frame(REJECTED_ROWS)


def clean(table: Table, raw: pd.DataFrame, source: TableSource, *, as_of: date, keys: Mapping[str, Keys]) -> Cleaned:
    """Clean one table.

    A row is rejected for every fault that is found in it, in column order. Rows without fault that share a key contend
    last, so that a broken row never ousts a whole one. The result does not depend on the order of the rows.

    Parameters
    ----------
    table : the core table.
    raw : its raw rows.
    source : the portfolio's formats, ranges and categories for it.
    as_of : the snapshot date.
    keys : the keys of the tables it refers to, those alone that are provided.
    """
    reads = [
        read_column(column, raw[column.name], table, source, as_of=as_of, keys=keys)
        for column in table.columns
        if column.name != "snapshot_date"
    ]
    reasons = _faults(reads, malformed_rows(raw["other_columns"]))
    faultless = np.ones(len(raw), dtype=bool)
    faultless[list(reasons)] = False
    rows = np.flatnonzero(faultless)
    key = next(read for read in reads if (read.column.name,) == table.key)
    losers = duplicate_rows(key, reads, rows, raw["source_row"].to_numpy(dtype=np.int64))
    reasons |= losers
    faultless[list(losers)] = False
    rows = np.flatnonzero(faultless)
    rows = rows[pc.sort_indices(key.values(rows)).to_numpy()]
    reads = [read.with_one_spelling(rows) for read in reads]
    return Cleaned(
        frame=_core_frame(table, reads, rows, as_of),
        rejects=rejected_frame(table, raw, reasons, as_of),
        date_fallbacks={r.column.name: r.n_fallbacks(rows) for r in reads if r.column.type == "DATE"},
        repaired={r.column.name: n for r in reads if (n := r.n_repaired(rows))},
    )


def _faults(reads: Sequence[ColumnRead], malformed: Mapping[int, str]) -> dict[int, str]:
    """Return the rows at fault, each with its reasons in column order; a malformed row has no columns to judge."""
    found: dict[int, list[str]] = {row: [reason] for row, reason in malformed.items()}
    for read in reads:
        for row, reason in read.faults():
            if row not in malformed:
                found.setdefault(row, []).append(reason)
    return {row: "; ".join(reasons) for row, reasons in found.items()}


def _core_frame(table: Table, reads: Sequence[ColumnRead], rows: np.ndarray, as_of: date) -> pd.DataFrame:
    columns = {"snapshot_date": pa.repeat(pa.scalar(as_of, pa.date32()), len(rows))}
    columns.update({read.column.name: read.values(rows) for read in reads})
    return from_arrow(pa.table(columns), table)
