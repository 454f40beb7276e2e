import pyarrow as pa
import pytest

from segmentation_assets.defs.tables.frame_types import rows_type
from segmentation_assets.tables.frames import arrow_schema
from segmentation_assets.tables.schema import integer, string, table

VISITS = table("visits", "raw", "Visits.", integer("row", "Row.", is_required=True), string("note", "Note."), key=())
ROWS = arrow_schema(VISITS).empty_table()


def check(rows):
    return rows_type(VISITS).type_check(None, rows)


@pytest.mark.parametrize("text", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())])
def test_text_may_be_held_in_any_way(text):
    assert check(ROWS.set_column(2, "note", pa.array([], text))).success
    assert check(ROWS.select(["note", "snapshot_date", "row"])).success, "columns are met by name"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (ROWS.drop_columns("note"), "its columns are"),
        (ROWS.append_column("notes", pa.array([], pa.string())), "its columns are"),
        (ROWS.set_column(2, "note", pa.array([], pa.int64())), "note is int64 and is declared STRING"),
        (
            pa.table({"snapshot_date": pa.nulls(1, pa.date32()), "row": pa.nulls(1, pa.int64()), "note": ["x"]}),
            "snapshot_date is required and 1 rows hold NULL",
        ),
        (ROWS.to_pandas(), "it is of type DataFrame"),
    ],
)
def test_rows_that_do_not_fit_are_refused_with_the_first_fault(rows, words):
    found = check(rows)
    assert not found.success
    assert words in found.description
