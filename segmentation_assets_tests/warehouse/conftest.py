from datetime import date

import pyarrow as pa
import pytest

from segmentation_assets.tables.frames import arrow_schema
from segmentation_assets.tables.schema import boolean, day, integer, number, string, table
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse

MONDAY, TUESDAY, WEDNESDAY = date(2025, 11, 17), date(2025, 11, 18), date(2025, 11, 19)

VISITS = table(
    "visits",
    "core",
    "Who came, and what they're worth.",
    string("visit_id", "Key.", is_required=True),
    integer("guests", "How many came.", unit="persons"),
    number("spent", "What they spent."),
    boolean("is_member", "Whether they are members."),
    day("booked_on", "Day of the booking."),
    key=("visit_id",),
)


def rows(table_, *records, day_=MONDAY):
    """Rows of a declared table, with NULL for whatever a record leaves out."""
    full = [{"snapshot_date": day_, **record} for record in records]
    schema = arrow_schema(table_)
    return pa.table({f.name: pa.array([r.get(f.name) for r in full], f.type) for f in schema})


@pytest.fixture
def warehouse(tmp_path):
    return DuckDBWarehouse(tmp_path / "new folder" / "warehouse.duckdb", "segmentation", patience_seconds=5)
