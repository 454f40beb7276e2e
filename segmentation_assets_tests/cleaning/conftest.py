"""Raw rows made by hand, and the published ones."""

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from segmentation_assets import cleaning
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.sources import CsvFolder, read_all
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.tables.raw import raw_table
from segmentation_assets_tests.insurers import INPUT_TABLES

AS_OF = date(2025, 11, 15)
TABLES = {table.name: table for table in INPUT_TABLES}
PUBLISHED = Path(__file__).parents[2].parent / "shared" / "data" / "insurance"

CUSTOMER = {
    "customer_id": "C1", "age": "41", "gender": "Male", "city": "Leeds", "marital_status": "Single",
    "education": "Doctorate", "occupation": "Lawyer", "income": "18719.316", "preferred_language": "French",
    "preferred_channel": "Email", "preferred_time": "Morning",
}  # fmt: skip
PRODUCT = {"product_id": "R1", "product_name": "Well", "product_type": "Health", "category": "Group"}
POLICY = {
    "policy_id": "P1", "customer_id": "C1", "product_id": "R1", "purchase_date": "5/4/2022", "premium": "861.83",
    "coverage": "97928.79", "lapse_date": None,
}  # fmt: skip
OUTREACH = {
    "outreach_id": "O1", "campaign_id": "CMP", "customer_id": "C1", "outreach_date": "2025-01-05", "channel": "Email",
    "is_control": "false", "has_responded": "", "has_converted": "no",
}  # fmt: skip
INTERACTION = {
    "interaction_id": "I1", "customer_id": "C1", "interaction_date": "2025-01-05", "interaction_type": "payment",
    "channel": "app", "amount": "71.81", "days_late": "3",
}  # fmt: skip


def raw_rows(table, *rows):
    """Rows of a raw table; what a row does not say is NULL."""
    columns = [c for c in TABLES[table].column_names if c != "snapshot_date"]
    frame = pd.DataFrame(
        {c: pd.array([row.get(c) for row in rows], dtype="string[pyarrow]") for c in [*columns, "other_columns"]}
    )
    frame.insert(0, "source", pd.array([f"{table}.csv"] * len(rows), dtype="string[pyarrow]"))
    frame.insert(0, "source_row", pd.array(range(1, len(rows) + 1), dtype="Int64"))
    return frame


def clean_all(raw, portfolio, as_of):
    """Clean raw rows given as frames, which are easier to break by hand than Arrow tables."""
    return cleaning.clean_all({name: to_rows(frame) for name, frame in raw.items()}, portfolio, as_of)


def to_rows(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


@pytest.fixture(scope="session")
def portfolio():
    return load_portfolio("insurance")


@pytest.fixture(scope="session")
def published(portfolio):
    """The published raw rows as frames; copy one before breaking it."""
    if not PUBLISHED.is_dir():
        pytest.skip("the published data is not beside the repository, at ../shared/data/insurance")
    rows = read_all(CsvFolder(PUBLISHED, portfolio), portfolio, TABLES, AS_OF)
    undated = {name: raw_table(table) for name, table in TABLES.items()}
    return {name: from_arrow(rows[name], table).drop(columns="snapshot_date") for name, table in undated.items()}
