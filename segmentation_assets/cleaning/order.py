"""Dates of one row in the order the portfolio declares: nothing ends before it began, nobody buys before being born."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.cleaning.columns import ColumnRead, Keys
from segmentation_assets.portfolio import BIRTH, DateOrder


def disordered_rows(
    orders: Iterable[DateOrder], reads: Sequence[ColumnRead], customer: str | None, customers: Keys | None
) -> Iterator[tuple[int, str, str]]:
    """Yield each row whose dates break an order, with the later date's column and the reason; a blank breaks none.

    Parameters
    ----------
    orders : the table's, as declared.
    reads : its columns.
    customer : its column that refers to customers, which an order by birth goes through.
    customers : the customers that are known, where they are provided.
    """
    columns = {read.column.name: read for read in reads}
    for order in orders:
        later = _days(columns[order.later])
        if order.earlier != BIRTH:
            earlier = _days(columns[order.earlier])
        elif customer is not None and customers is not None and customers.births is not None:
            earlier = _births(columns[customer], customers.known, customers.births, later)
        else:
            continue
        is_broken = later <= earlier if order.is_strict else later < earlier  # never where either is NaT
        for row in np.flatnonzero(is_broken):
            relation = "before" if later[row] < earlier[row] else "not after"
            than = f"{order.earlier} {earlier[row]}"
            if order.earlier == BIRTH:
                than = f"the customer's birth, {earlier[row]} at the earliest"
            yield int(row), order.later, f"dates_out_of_order: {order.later} {later[row]} is {relation} {than}"


def earliest_births(ages: pd.Series, as_of: date) -> pa.Array:
    """Return the earliest day on which customers of these ages can have been born; NULL where there is no age.

    Whoever is 52 has yet to turn 53, so was born on the day after today 53 years ago, or later.
    """
    encoded = pa.array(ages, pa.int64(), from_pandas=True).dictionary_encode()
    births = [_earliest_birth(age, as_of) for age in encoded.dictionary.to_pylist()]
    return pa.array(births, pa.date32()).take(encoded.indices)


def _earliest_birth(age: int, as_of: date) -> date | None:
    year = as_of.year - age - 1
    if age < 0 or year < date.min.year:
        return None
    try:
        turning_older = as_of.replace(year=year)
    except ValueError:  # the 29th of February of a year without one
        turning_older = date(year, 2, 28)
    return turning_older + timedelta(days=1)


def _days(read: ColumnRead) -> np.ndarray:
    """Return the days of every row, NaT where there is none."""
    return _as_days(read.reading.values)[read.coded.codes]


def _births(read: ColumnRead, known: pa.Array, births: pa.Array, days: np.ndarray) -> np.ndarray:
    """Return the earliest birth of each row's customer, NaT where it is not known or cannot lie after the row's day."""
    found = np.full(len(days), np.datetime64("NaT"), dtype="datetime64[D]")
    youngest = pc.max(births).as_py()
    if youngest is not None:
        rows = np.flatnonzero(days <= np.datetime64(youngest))  # few, so that millions of keys need not be looked up
        keys = read.values(rows)
        found[rows] = _as_days(births.take(pc.index_in(keys, value_set=known.cast(keys.type))))
    return found


def _as_days(values: pa.Array) -> np.ndarray:
    days: np.ndarray = values.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return days
