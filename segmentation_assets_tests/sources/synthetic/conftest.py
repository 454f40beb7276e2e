"""One clean insurer and its typed tables, read once."""

from datetime import date

import pandas as pd
import pytest

from segmentation_assets.sources.synthetic import TABLES, SyntheticInsurer

AS_OF = date(2025, 3, 1)
NUMBERS = ("age", "income", "premium", "coverage", "amount", "days_late", "answer")


def typed(table):
    """A delivered table as a frame with numbers, dates and flags; blanks are missing."""
    frame = table.to_pandas()
    for name in frame:
        if name.endswith("_date"):
            frame[name] = pd.to_datetime(frame[name].replace("", None), format="%Y-%m-%d")
        elif name in NUMBERS:
            frame[name] = pd.to_numeric(frame[name].replace("", None))
        elif name.startswith(("is_", "has_")):
            frame[name] = frame[name].map({"true": True, "false": False})
    return frame


@pytest.fixture(scope="session")
def insurer():
    return SyntheticInsurer(n_customers=4000)


@pytest.fixture(scope="session")
def tables(insurer):
    return {table: typed(insurer.read(table, AS_OF)) for table in TABLES}
