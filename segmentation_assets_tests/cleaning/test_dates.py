from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation_assets.cleaning.dates import read_dates
from segmentation_assets.portfolio import Range
from segmentation_assets.tables.schema import day
from segmentation_assets_tests.cleaning.conftest import AS_OF

COLUMN = day("purchase_date", "")
MONTH_FIRST = ["%m/%d/%Y", "%d/%m/%Y"]


def read(text, formats=MONTH_FIRST, **rules):
    reading = read_dates(pa.array([text], pa.large_string()), COLUMN, formats, AS_OF, **rules)
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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2025-11-16", date(2025, 11, 16)),
        ("6/30/2029", date(2029, 6, 30)),
        ("9999-12-31T23:59:59.999999", date(9999, 12, 31)),
        ("12/31/9999", date(9999, 12, 31)),
        ("2262-04-12", date(2262, 4, 12)),  # the first day that nanoseconds cannot tell
        ("infinity", date(9999, 12, 31)),
    ],
)
def test_a_date_that_may_lie_ahead_is_kept_however_far(text, value):
    assert read(text, may_lie_ahead=True) == value
    assert read(text).startswith(f"future_date: purchase_date {value} is after")


SINCE_1920 = Range(min=date(1920, 1, 1), below=date(2030, 1, 1))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1919-12-31", "purchase_date_out_of_range: 1919-12-31 not in [1920-01-01, 2030-01-01)"),
        ("1920-01-01", date(1920, 1, 1)),
        ("1/1/1900", "purchase_date_out_of_range: 1900-01-01 not in [1920-01-01, 2030-01-01)"),
        ("1/1/0001", "purchase_date_out_of_range: 0001-01-01 not in [1920-01-01, 2030-01-01)"),
        ("-infinity", "purchase_date_out_of_range: 0001-01-01 not in [1920-01-01, 2030-01-01)"),
        ("1899-12-30 00:00:00.000", "purchase_date_out_of_range: 1899-12-30 not in [1920-01-01, 2030-01-01)"),
        ("2029-12-31", date(2029, 12, 31)),
        ("2030-01-01", "purchase_date_out_of_range: 2030-01-01 not in [1920-01-01, 2030-01-01)"),
        ("", None),
    ],
)
def test_a_range_bounds_dates_as_it_does_numbers(text, found):
    assert read(text, interval=SINCE_1920, may_lie_ahead=True) == found


@pytest.mark.parametrize("text", ["1900-01-01", "1/1/1900", "01/01/1900", "1900-01-01T00:00:00+00", "12/31/2999"])
def test_a_placeholder_is_no_date_however_it_is_written(text):
    placeholders = [date(1900, 1, 1), date(2999, 12, 31)]
    assert read(text, placeholders=placeholders, interval=SINCE_1920) is None


@pytest.mark.parametrize(
    "text", ["0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "00.00.0000", "0", "0.0", "1/0/1900", "00/01/1900",
             "1900-01-00", "9999-99-99", "99/99/9999", "99999999"]
)  # fmt: skip
def test_a_date_of_zeros_or_nines_stands_for_none(text):
    assert read(text) is None


@pytest.mark.parametrize("text", ["0001-00-01", "10/00/2020", "2020-00-00", "1/0/1901"])
def test_a_date_with_some_zeros_is_a_slip(text):
    assert read(text).startswith("unparseable_date: ")


def test_placeholders_are_counted_as_repaired():
    texts = pa.array(["1900-01-01", "2020-01-01", "", "0000-00-00"], pa.large_string())
    reading = read_dates(texts, COLUMN, [], AS_OF, placeholders=[date(1900, 1, 1)])
    assert reading.is_repaired.tolist() == [True, False, False, True]


@given(st.dates(max_value=AS_OF))
def test_every_day_reads_back_in_each_way_of_writing_it(value):
    assert read(value.isoformat()) == value
    assert read(f"{value.month}/{value.day}/{value.year:04}") == value
    assert read(f"{value.day:02}.{value.month:02}.{value.year:04}", ["%d.%m.%Y"]) == value
