"""Raw rows become core rows: typed, keyed and cleaned, or rejected with every reason there is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.characters import seen
from segmentation_assets.cleaning.columns import ColumnRead, Keys, read_column
from segmentation_assets.cleaning.duplicates import duplicate_rows
from segmentation_assets.cleaning.leftovers import stray_rows
from segmentation_assets.cleaning.numbers.style import number_styles
from segmentation_assets.cleaning.order import disordered_rows, earliest_births
from segmentation_assets.cleaning.origins import Origin
from segmentation_assets.cleaning.places import Places
from segmentation_assets.cleaning.reading import code, trimmed
from segmentation_assets.cleaning.rejected.rejections import Tally, refuse_mass_rejection
from segmentation_assets.cleaning.rejected.rows import malformed_rows, rejected_frame
from segmentation_assets.portfolio import AGE, Portfolio, TableSource
from segmentation_assets.tables import Table
from segmentation_assets.tables.core import REJECTED_ROWS
from segmentation_assets.tables.frames import empty_frame, from_arrow
from segmentation_assets.tables.schema import CUSTOMERS


@dataclass(frozen=True)
class Cleaned:
    """A core table of one snapshot, and what became of the rows that are not in it.

    `frame` is sorted by key. `date_fallbacks` counts, by date column, the dates that another than the first format
    read; `repaired`, by column, the values written otherwise than delivered (spelling, blanks, separators, dates that
    stand for none); `unlisted`, by column and word, the values that an open list of categories does not have.
    """

    frame: pd.DataFrame
    rejects: pd.DataFrame
    date_fallbacks: dict[str, int]
    repaired: dict[str, int]
    unlisted: dict[str, dict[str, int]]


class Cleaner:
    """Cleans the tables of one snapshot, each after those that it refers to, and forgets all but keys.

    Parameters
    ----------
    as_of : the snapshot date; only dates that the portfolio says so of may lie after it.
    """

    def __init__(self, portfolio: Portfolio, as_of: date) -> None:
        self._sources: dict[str, TableSource] = dict(portfolio.sources.items())
        self._referred_to = {name for table in portfolio.input_tables for name in table.references.values()}
        self._as_of = as_of
        self._currency = portfolio.currency
        self._keys: dict[str, Keys] = {}
        self._rejects: list[pd.DataFrame] = []
        self._delivered: dict[str, int] = {}

    def clean(self, table: Table, raw: pa.Table) -> Cleaned:
        """Clean a table; tables that it refers to must have been cleaned before.

        One without rows is not provided: it stays empty, and keys that would have to be found in it are not looked
        for.
        """
        if not raw.num_rows:
            return Cleaned(empty_frame(table), empty_frame(REJECTED_ROWS), {}, {}, {})
        source = self._sources.get(table.name) or TableSource(csv=f"{table.name}.csv")
        done = clean(table, raw, source, as_of=self._as_of, keys=self._keys, currency=self._currency)
        if table.name in self._referred_to:
            (key,) = table.key
            known = pa.array(done.frame[key], type=pa.large_string(), from_pandas=True)
            births = earliest_births(done.frame[AGE], self._as_of) if _has_ages(table) else None
            self._keys[table.name] = Keys(known, frozenset(map(seen, done.rejects["row_key"])), births)
        self._delivered[table.name] = raw.num_rows
        if not done.rejects.empty:
            self._rejects.append(done.rejects)
        return done

    @property
    def rejected(self) -> pd.DataFrame:
        """Rows of `rejected_rows` of the tables cleaned so far."""
        return pd.concat(self._rejects, ignore_index=True) if self._rejects else empty_frame(REJECTED_ROWS)

    @property
    def tally(self) -> Tally:
        """How much of the tables cleaned so far was rejected."""
        return Tally(self._delivered, self.rejected)


def clean_all(
    raw: Mapping[str, pa.Table], portfolio: Portfolio, as_of: date
) -> tuple[dict[str, Cleaned], pd.DataFrame]:
    """Clean every input table of a snapshot at once.

    Parameters
    ----------
    raw : core table name -> its raw rows; a table that is not named is not provided.

    Returns
    -------
    The cleaned tables by name, and the rows of `rejected_rows` of all of them. A delivered row is in one or the other.
    """
    cleaner = Cleaner(portfolio, as_of)
    nothing = pa.table({})
    cleaned = {table.name: cleaner.clean(table, raw.get(table.name, nothing)) for table in portfolio.input_tables}
    return cleaned, cleaner.rejected


def refuse_bad_deliveries(
    portfolio: Portfolio, days: Sequence[date], read: Callable[[str], Mapping[date, pa.Table]]
) -> None:
    """Refuse what was delivered for some days, before it is written down, if too much of it would be rejected.

    Parameters
    ----------
    read : returns the raw rows of a core table by day, none where it is not delivered with the others; keys that would
        have to be found in it are then not looked for. One table is held at a time.

    Raises
    ------
    RejectionError
        See `refuse_mass_rejection`.
    """
    cleaners = {day: Cleaner(portfolio, day) for day in days}
    for table in portfolio.input_tables:
        for day, rows in read(table.name).items():
            cleaners[day].clean(table, rows)
    refuse_mass_rejection(portfolio, {day: cleaner.tally for day, cleaner in cleaners.items()})


def clean(
    table: Table, raw: pa.Table, source: TableSource, *, as_of: date, keys: Mapping[str, Keys], currency: str
) -> Cleaned:
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
    currency : the portfolio's.
    """
    columns = [column for column in table.columns if column.name != "snapshot_date"]
    with ThreadPoolExecutor() as pool:  # most of reading is Arrow's, which lets other threads run
        delivered = dict(zip((c.name for c in columns), pool.map(code, (raw[c.name] for c in columns)), strict=True))
        styles = number_styles(table, delivered, source.decimal_sign, Origin.of(raw), currency)
        read = partial(read_column, table=table, source=source, as_of=as_of, keys=keys, styles=styles)
        reads = list(pool.map(read, columns, delivered.values()))
    places = Places(raw)
    held = {name: coded for name, coded in delivered.items() if raw[name].null_count < raw.num_rows}
    strays = stray_rows(table, source, held, raw["other_columns"])
    whole = {row: places.after(reason, row, table.key[0]) for row, reason in strays.items()}
    customer = next((name for name, to in table.references.items() if to == CUSTOMERS), None)
    disordered = disordered_rows(source.orders, reads, customer, keys.get(CUSTOMERS))
    reasons = _faults(reads, disordered, whole | malformed_rows(raw["other_columns"]), places)
    faultless = np.ones(raw.num_rows, dtype=bool)
    faultless[list(reasons)] = False
    rows = np.flatnonzero(faultless)
    key = next(read for read in reads if (read.column.name,) == table.key)
    lost = duplicate_rows(key, reads, rows, raw["source_row"].to_numpy(), table.references)
    losers = {row: places.after(reason, row, key.column.name) for row, reason in lost.items()}
    reasons |= losers
    faultless[list(losers)] = False
    rows = np.flatnonzero(faultless)
    rows = rows[pc.sort_indices(key.values(rows)).to_numpy()]
    reads = [read.with_one_spelling(rows) for read in reads]
    return Cleaned(
        frame=_core_frame(table, reads, rows, as_of),
        rejects=rejected_frame(table, raw, reasons, as_of, _customers(table, reads, list(reasons))),
        date_fallbacks={r.column.name: r.n_fallbacks(rows) for r in reads if r.column.type == "DATE"},
        repaired={r.column.name: n for r in reads if (n := r.n_repaired(rows))},
        unlisted={r.column.name: words for r in reads if (words := r.unlisted(rows))},
    )


def _has_ages(table: Table) -> bool:
    return table.name == CUSTOMERS and AGE in table.column_names and table.column(AGE).type == "INT64"


def _faults(
    reads: Sequence[ColumnRead],
    disordered: Iterable[tuple[int, str, str]],
    malformed: Mapping[int, str],
    places: Places,
) -> dict[int, str]:
    """Return the rows at fault, each with its reasons in column order; a malformed row has no columns to judge."""
    found: dict[int, list[str]] = {row: [reason] for row, reason in malformed.items()}
    of_columns = ((row, read.column.name, reason) for read in reads for row, reason in read.faults())
    for row, column, reason in chain(of_columns, disordered):
        if row not in malformed:
            found.setdefault(row, []).append(places.after(reason, row, column))
    return {row: "; ".join(reasons) for row, reasons in found.items()}


def _customers(table: Table, reads: Sequence[ColumnRead], rows: Sequence[int]) -> pa.Array | None:
    """Return the customer that each of these rows names, known or not; None where the table knows of no customers."""
    named = next((read for read in reads if read.column.name == table.customer_column), None)
    if named is None:
        return None
    at = np.asarray(rows, dtype=np.intp)
    delivered = trimmed(named.delivered(at))
    return pc.coalesce(named.values(at), pc.if_else(pc.equal(delivered, ""), None, delivered))


def _core_frame(table: Table, reads: Sequence[ColumnRead], rows: np.ndarray, as_of: date) -> pd.DataFrame:
    columns = {"snapshot_date": pa.repeat(pa.scalar(as_of, pa.date32()), len(rows))}
    columns.update({read.column.name: read.values(rows) for read in reads})
    return from_arrow(pa.table(columns), table)
