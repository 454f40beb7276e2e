from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation_assets.cleaning.dates import parse_date
from segmentation_assets.sources.sheets.locale import (
    FIRST_SERIAL,
    Ambiguous,
    date_text,
    is_day_first,
    number_text,
    serial_text,
)

DAYS = st.dates(date(1900, 3, 1), date(9999, 12, 31))
LOCALES = ["en_GB", "en_US", "de_DE", "fr_FR", "ja_JP", "sv_SE", "pt_BR", ""]


def serial(day):
    return (day - date(1899, 12, 30)).days


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (44685, "2022-05-04"),
        (44685.5, "2022-05-04T12:00:00"),
        (44685.99999, "2022-05-04T23:59:59"),
        (44685.9999999999, "2022-05-05"),
        (44684.9999999999, "2022-05-04"),
        (61, "1900-03-01"),
        (60, None),
        (0, None),
        (-1, None),
        (2958465, "9999-12-31"),
        (2958465.999999999, "9999-12-31T23:59:59"),
        (2958466, None),
        (1e300, None),
    ],
)
def test_serial_numbers_count_days_from_30_december_1899(number, text):
    assert serial_text(number) == text


@given(DAYS)
def test_every_day_has_its_serial_number(day):
    assert serial_text(serial(day)) == day.isoformat()
    assert serial_text(float(serial(day))) == day.isoformat()


@given(DAYS, st.integers(0, 86_399))
def test_a_time_of_day_never_moves_the_day(day, seconds):
    text = serial_text(serial(day) + seconds / 86_400)
    assert parse_date(text, []) == (day, 0)
    if seconds:
        assert datetime.fromisoformat(text) == datetime.combine(day, datetime.min.time()) + timedelta(seconds=seconds)


def test_the_first_serial_is_the_first_on_which_all_spreadsheets_agree():
    assert serial_text(FIRST_SERIAL) == "1900-03-01"


@pytest.mark.parametrize(
    ("locale", "first"),
    [("en_GB", True), ("en_US", False), ("de_DE", True), ("ja_JP", None), ("en_CA", None), ("zh_CN", None), ("", None)],
)
def test_the_order_of_day_and_month(locale, first):
    assert is_day_first(locale) is first


@given(DAYS, st.sampled_from(["/", ".", "-"]))
def test_text_is_read_as_the_locale_writes_it(day, separator):
    written = {"en_GB": f"{day.day}{separator}{day.month}", "en_US": f"{day.month}{separator}{day.day}"}
    for locale, start in written.items():
        assert date_text(f"{start}{separator}{day.year:04d}", locale, []) == day.isoformat()
    assert date_text(f"{day.year:04d}{separator}{day.month}{separator}{day.day}", "en_US", []) == day.isoformat()


@given(DAYS, st.sampled_from(LOCALES), st.sampled_from([(), ("%d/%m/%Y",), ("%m/%d/%Y", "%d/%m/%Y")]))
def test_no_reading_is_other_than_one_of_the_two(day, locale, formats):
    text = f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
    possible = {day.isoformat(), text}
    if day.day <= 12:
        possible.add(date(day.year, day.day, day.month).isoformat())
    try:
        read = date_text(text, locale, formats)
    except Ambiguous as told:
        read, words = None, str(told)
    if read is None:
        assert day.day <= 12
        assert text not in words
    else:
        assert read in possible


@pytest.mark.parametrize(
    "text",
    ["", "4 May 2022", "04/05/22", "2022", "04/05", "04/05/2022 evening", "04/05-2022", "2022-05-04Z"],
)
def test_what_is_no_such_date_stays_as_it_is(text):
    assert date_text(text, "en_GB", []) == text


@pytest.mark.parametrize(
    ("text", "locale", "formats", "read"),
    [
        ("31/12/2021", "en_US", [], "31/12/2021"),
        ("12/31/2021", "en_GB", [], "12/31/2021"),
        ("31/12/2021", "", [], "31/12/2021"),
        ("05/05/2022", "", [], "2022-05-05"),
        ("30/02/2022", "en_GB", [], "30/02/2022"),
        ("04/05/2022", "", ["%d/%m/%Y"], "2022-05-04"),
        ("04/05/2022", "", ["%m/%d/%Y"], "2022-04-05"),
        ("04/05/2022", "en_GB", ["%Y%m%d"], "2022-05-04"),
        ("4/5/2022, 9:05", "en_GB", [], "2022-05-04T09:05"),
        ("4/5/2022 23:59:59", "en_GB", [], "2022-05-04T23:59:59"),
    ],
)
def test_who_decides(text, locale, formats, read):
    assert date_text(text, locale, formats) == read


@pytest.mark.parametrize(
    ("text", "locale", "read"),
    [
        ("1,234", "en_US", "1234"),
        ("-1,234", "en_GB", "-1234"),
        ("1.234", "en_GB", "1.234"),
        ("1,234", "ja_JP", "1,234"),
        ("1,23", "de_DE", "1,23"),
        ("1.234,50", "de_DE", "1.234,50"),
        ("0,123", "de_DE", "0,123"),
        ("1,234", "", "1,234"),
    ],
)
def test_one_separator_before_three_digits_is_what_the_locale_makes_of_it(text, locale, read):
    assert number_text(text, locale) == read


@pytest.mark.parametrize("text", ["1.234", "1,234", "-12.345"])
@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "es_MX"])
def test_where_commas_are_decimal_signs_it_may_be_two_numbers(text, locale):
    with pytest.raises(Ambiguous):
        number_text(text, locale)
