from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation_assets.cleaning.dates import read_dates
from segmentation_assets.tables.schema import day
from segmentation_assets_tests.cleaning.conftest import AS_OF

COLUMN = day("purchase_date", "")
MONTH_FIRST = ["%m/%d/%Y", "%d/%m/%Y"]


def read(text, formats=MONTH_FIRST):
    reading = read_dates(pa.array([text], pa.large_string()), COLUMN, formats, AS_OF)
    return reading.faults.get(0, reading.values[0].as_py())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2022-05-04", date(2022, 5, 4)),
        (" 2022-05-04 ", date(2022, 5, 4)),
        ("2022-05-04T22:00:00Z", date(2022, 5, 4)),
        ("2022-05-04 23:59:59.123+02:00", date(2022, 5, 4)),
        ("2022-05-04 00:00", date(2022, 5, 4)),
        ("5/4/2022", date(2022, 5, 4)),
        ("05/04/2022", date(2022, 5, 4)),
        ("14/04/2007", date(2007, 4, 14)),
        ("2025-11-15", AS_OF),
        ("0001-01-01", date(1, 1, 1)),
    ],
)
def test_iso_first_then_the_formats_in_order(text, value):
    assert read(text) == value


def test_the_order_of_the_formats_decides():
    assert read("5/4/2022", ["%d/%m/%Y", "%m/%d/%Y"]) == date(2022, 4, 5)


@pytest.mark.parametrize("text", ["", "NULL", "n/a", "-"])
def test_words_for_nothing_are_null(text):
    assert read(text) is None


@pytest.mark.parametrize(
    "text", ["13/13/2022", "2022-02-30", "2022-05-04T25:00", "44682", "20220504", "soon", "5/4/22"]
)
def test_an_impossible_date_names_the_formats_tried(text):
    assert read(text) == (
        f"unparseable_date: purchase_date '{text}' fits none of the formats YYYY-MM-DD, %m/%d/%Y, %d/%m/%Y"
    )


def test_a_date_after_the_snapshot_is_a_fault():
    assert read("6/30/2029") == "future_date: purchase_date 2029-06-30 is after the snapshot 2025-11-15"
    assert read("2025-11-16") == "future_date: purchase_date 2025-11-16 is after the snapshot 2025-11-15"


def test_fallbacks_are_those_that_another_than_the_first_format_read():
    texts = pa.array(["2022-05-04", "5/4/2022", "14/04/2007", "13/13/2022", ""], pa.large_string())
    reading = read_dates(texts, COLUMN, MONTH_FIRST, AS_OF)
    assert reading.is_fallback.tolist() == [False, False, True, False, False]


@given(st.dates(max_value=AS_OF))
def test_every_day_reads_back_in_each_way_of_writing_it(value):
    assert read(value.isoformat()) == value
    assert read(f"{value.month}/{value.day}/{value.year:04}") == value
    assert read(f"{value.day:02}.{value.month:02}.{value.year:04}", ["%d.%m.%Y"]) == value
