"""Further retraining dates: written down as rows before they count, so that a day's model follows from data alone."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

ALL_LENSES = "all"
"""Stands in `retraining_requests.lens` for every lens."""


def requested_dates(requests: pd.DataFrame, lens: str) -> list[date]:
    """Return the days from which a further model of a lens was asked for, ascending.

    Parameters
    ----------
    requests : rows of `retraining_requests` of any days.
    """
    for_it = requests[requests["lens"].isin([lens, ALL_LENSES])]
    return sorted(set(for_it["snapshot_date"].dt.date))


def with_request(written: pd.DataFrame, lenses: Sequence[str], reason: str, requested_by: str) -> pd.DataFrame:
    """Return a day's requests with further ones; a lens that is asked for already keeps the reason it was asked for.

    Parameters
    ----------
    written : rows of `retraining_requests` of one day, without the day.
    """
    new = [lens for lens in dict.fromkeys(lenses) if lens not in set(written["lens"])]
    rows = pd.DataFrame({"lens": new, "reason": reason, "requested_by": requested_by}, index=range(len(new)))
    return pd.concat([written, rows.astype(written.dtypes)], ignore_index=True)
