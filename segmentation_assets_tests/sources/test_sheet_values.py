import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation_assets.cleaning.numbers.values import plain_number
from segmentation_assets.sources.sheets.grid import Cell, cell_name
from segmentation_assets.sources.sheets.values import Untrusted, cell_text, role_of
from segmentation_assets_tests.sources.conftest import TABLES

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.one_of(st.none(), st.booleans(), NUMBERS, st.integers(-(10**20), 10**20), st.text())
KINDS = st.sampled_from(["", "TEXT", "NUMBER", "PERCENT", "CURRENCY", "DATE", "TIME", "DATE_TIME", "SCIENTIFIC"])
CELLS = st.builds(Cell, VALUES, st.text(), KINDS, st.text(), st.text(), st.sampled_from(["", "", "#REF!"]))


@pytest.mark.parametrize(
    ("table", "column", "role"),
    [
        ("customers", "customer_id", "key"),
        ("policies", "customer_id", "key"),
        ("policies", "product_id", "key"),
        ("policies", "purchase_date", "date"),
        ("policies", "premium", "number"),
        ("customers", "age", "number"),
        ("customers", "city", "text"),
        ("outreach", "is_control", "text"),
        ("outreach", "campaign_id", "text"),
    ],
)
def test_a_column_is_read_by_what_it_is_declared_to_hold(table, column, role):
    assert role_of(TABLES[table].column(column), TABLES[table]) == role


@given(NUMBERS)
def test_a_number_becomes_the_text_that_reads_back_as_it(number):
    assert float(plain_number(cell_text(Cell(number), "number", "en_GB"), is_whole=False)) == number


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_whole_number_has_no_point(number):
    assert cell_text(Cell(float(number)), "number", "en_GB") == str(number)
    assert cell_text(Cell(number), "key", "en_GB") == str(number)


@given(CELLS, st.sampled_from(["key", "date", "number", "text"]), st.sampled_from(["en_GB", "de_DE", "ja_JP", ""]))
def test_any_cell_is_text_or_turned_away_in_words_without_its_value(cell, role, locale):
    try:
        text, words = cell_text(cell, role, locale, ["%d/%m/%Y"]), None
    except Untrusted as told:
        text, words = None, str(told)
    assert isinstance(text or words, str) or text == ""
    if words is not None:
        assert words.startswith(("holds ", "is text with "))
        assert not isinstance(cell.value, str) or len(cell.value.strip()) < 12 or cell.value not in words


def test_cells_have_the_names_that_people_see():
    assert cell_name(3, 27) == "AA3"


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (2, "DATE", "1900-01-01"),
        (0, "DATE", "1899-12-30"),
        (-53_688, "DATE", "1753-01-01"),
        (-693_593, "DATE_TIME", "0001-01-01"),
        (1.5, "DATE_TIME", "1899-12-31T12:00:00"),
        (2_958_465, "DATE", "9999-12-31"),
    ],
)
def test_a_cell_that_shows_a_day_is_that_day_however_unlikely(number, kind, text):
    assert cell_text(Cell(number, "shown", kind), "date", "en_GB") == text


@pytest.mark.parametrize(("number", "kind"), [(0.75, "TIME"), (2, "TIME"), (-693_594, "DATE"), (2_958_466, "DATE")])
def test_a_time_is_no_day_and_neither_is_what_no_calendar_has(number, kind):
    with pytest.raises(Untrusted, match="a number where a date is expected"):
        cell_text(Cell(number, "shown", kind), "date", "en_GB")
