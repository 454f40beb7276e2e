from contextlib import suppress
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation_assets.cleaning.numbers.values import NotANumber, plain_number, read_numbers
from segmentation_assets.portfolio import Range
from segmentation_assets.tables.schema import integer, number

INCOME = number("income", "")
AGE = integer("age", "")


def read(text, column=INCOME, interval=None):
    """The value of one text, or the reason it has none."""
    reading = read_numbers(pa.array([text], pa.large_string()), column, interval)
    return reading.faults.get(0, reading.values[0].as_py())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18719.316", 18719.316),
        ("-12.5", -12.5),
        ("+12.5", 12.5),
        ("\u221212.5", -12.5),
        (" 41 ", 41.0),
        ("007", 7.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1.5E+05", 150000.0),
        ("-0", 0.0),
        ("£1,234.50", 1234.5),
        ("-£1,234.50", -1234.5),
        ("£-1,234.50", -1234.5),
        ("1234.50 GBP", 1234.5),
        ("€ 1.234,50", 1234.5),
        ("1 234,50", 1234.5),
        ("1\u202f234\u00a0567.25", 1234567.25),
        ("1'234'567.25", 1234567.25),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("£1,234", 1234.0),
        ("12,5", 12.5),
        ("1234,567", 1234.567),
        ("0,125", 0.125),
        ("1.234", 1.234),
    ],
)
def test_numbers_with_one_reading_are_read(text, value):
    assert read(text) == value


def test_minus_zero_is_zero():
    assert str(read("-0")) == "0.0"


@pytest.mark.parametrize("text", ["", "  ", "NULL", "n/a", "NA", "nan", "None", "-", "\\N"])
def test_words_for_nothing_are_null(text):
    assert read(text) is None


@pytest.mark.parametrize(
    "text",
    ["abc", "12abc", "1 2", "1,23,456.00", "12,34.5", "--5", "£-£5", "(5)", "5%", "0x10", "1_000", "inf", "-Infinity",
     "1.2.3", "1,234e3", "٤١", "1e5e5", "{0}", "+"],
)  # fmt: skip
def test_the_rest_is_no_number(text):
    assert read(text) == f"not_a_number: income is '{text}'"


@pytest.mark.parametrize("text", ["1,234", "€1,234", "12,000"])
def test_a_comma_that_may_be_either_is_not_guessed(text):
    digits = text.strip("€")
    assert read(text) == (
        f"ambiguous_number: income is '{text}', which may be {digits.replace(',', '')} or "
        f"{digits.replace(',', '.')}; write it without the comma"
    )


def test_in_whole_numbers_the_comma_can_only_part_groups():
    assert read("1,234", AGE) == 1234


@pytest.mark.parametrize("text", ["1e400", "-1e400", "9" * 400])
def test_a_number_too_large_is_none(text):
    assert read(text).startswith("number_too_large: income is '")


@pytest.mark.parametrize(("text", "value"), [("41", 41), ("41.0", 41), ("4.1e1", 41), ("-3", -3), ("41,0", 41)])
def test_whole_numbers(text, value):
    assert read(text, AGE) == value


def test_a_fraction_is_no_whole_number():
    assert read("41.5", AGE) == "not_an_integer: age is '41.5', which is no whole number"


def test_whole_numbers_are_exact_up_to_64_bits():
    assert read("9007199254740993", AGE) == 9007199254740993
    assert read(str(2**63 - 1), AGE) == 2**63 - 1
    assert read(str(2**63), AGE) == f"number_too_large: age is '{2**63}'"
    assert read("1e999", AGE) == "number_too_large: age is '1e999'"


@pytest.mark.parametrize(
    ("interval", "inside", "outside", "words"),
    [
        (Range(min=0, max=120), ["0", "120"], ["-1", "121"], "[0, 120]"),
        (Range(above=0, below=10), ["0.1", "9.9"], ["0", "10"], "(0, 10)"),
        (Range(min=5), ["5", "1e300"], ["4.9"], "[5, inf)"),
    ],
)
def test_ranges_hold_their_ends_as_written(interval, inside, outside, words):
    for text in inside:
        assert read(text, INCOME, interval) == float(text)
    for text in outside:
        assert read(text, INCOME, interval) == f"income_out_of_range: {text} not in {words}"


def test_an_age_of_410_reads_as_a_person_would_say_it():
    assert read("410", AGE, Range(min=0, max=120)) == "age_out_of_range: 410 not in [0, 120]"


def test_repairs_are_marked():
    texts = pa.array(["41", "41.5", " 41", "£41", "", "abc", "1e3"], pa.large_string())
    assert read_numbers(texts, INCOME, None).is_repaired.tolist() == [False, False, True, True, False, False, True]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back_exactly(value):
    assert read(repr(value)) == value


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_integer_reads_back_exactly(value):
    assert read(str(value), AGE) == value
    assert read(f"{value:,}", AGE) == value


@given(st.integers(-(10**11), 10**11))
def test_pence_with_separators_read_as_without(pence):
    value = pence / 100
    assert read(f"{value:,.2f}") == read(f"{value:.2f}")
    continental = f"{value:,.2f}".replace(",", " ").replace(".", ",")
    assert read(continental) == read(f"{value:.2f}")


@given(st.text(max_size=12) | st.text(alphabet="0123456789.,'£$€ eE+-", max_size=12), st.booleans())
def test_any_text_is_a_number_or_says_why_not(text, is_whole):
    with suppress(NotANumber):
        number = plain_number(text, is_whole=is_whole)
        assert Decimal(number).is_finite()
