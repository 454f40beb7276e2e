"""Which sign parts the decimals, and which currency is meant, is decided by the column, its table and the delimiter."""

# ruff: noqa: RUF001 - letters of other alphabets are the point

import numpy as np
import pyarrow as pa
import pytest

from segmentation_assets.cleaning.numbers.style import number_styles
from segmentation_assets.cleaning.numbers.values import read_numbers
from segmentation_assets.cleaning.origins import Origin
from segmentation_assets.cleaning.reading import code
from segmentation_assets.tables.schema import integer, number, table

BOOK = table(
    "book", "core", "Amounts.", number("amount", ""), number("other", ""), integer("count", ""), key=("amount",)
)


def read(amounts, others=(), *, delimiter=",", declared=None, currency="GBP", counts=(), text=None):
    """The values of the column of amounts, a fault as the code of its reason."""
    columns = {"amount": amounts, "other": others, "count": counts}
    coded = {name: code(pa.chunked_array([pa.array(list(values), pa.string())])) for name, values in columns.items()}
    styles = number_styles(BOOK, coded, declared, Origin(delimiter, text), currency)
    reading = read_numbers(coded["amount"].texts, BOOK.column("amount"), None, styles["amount"])
    values = reading.values.to_pylist()
    found = [reading.faults[i].split(":")[0] if i in reading.faults else value for i, value in enumerate(values)]
    return [found[i] for i in coded["amount"].codes]


@pytest.mark.parametrize(
    ("amounts", "values"),
    [
        (["1,234", "1,234.50"], [1234, 1234.5]),
        (["52.123", "52.1234"], [52.123, 52.1234]),
        (["52.123", "13.405", "4.895", "52.52"], [52.123, 13.405, 4.895, 52.52]),
        (["0.125", "1.125"], [0.125, 1.125]),
        (["109.611", "2.712,24"], [109611, 2712.24]),
        (["109.611", "1.234.567"], [109611, 1234567]),
        (["1'234.50", "1,234"], [1234.5, 1234]),
        (["45.000,-", "45.000"], [45000, 45000]),
        (["1 234,5", "1.234"], [1234.5, 1234]),
        (["-1.234", "-12,5"], [-1234, -12.5]),
    ],
)
def test_the_column_decides(amounts, values):
    assert read(amounts) == values
    assert read(amounts[::-1]) == values[::-1]


@pytest.mark.parametrize(("others", "value"), [(["12,5"], 1234), (["12.5"], 1.234), (["1.234,50"], 1234)])
def test_the_other_columns_decide_where_the_column_does_not(others, value):
    assert read(["1.234"], others) == [value]


@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
@pytest.mark.parametrize("amount", ["1.234", "1,234", "€45.000"])
def test_where_nothing_decides_it_is_ambiguous(delimiter, amount):
    assert read([amount, "999"], delimiter=delimiter, currency="EUR") == ["ambiguous_number", 999]


def test_a_semicolon_says_that_commas_part_decimals_and_so_points_thousands():
    assert read(["109.611", "€45.000"], delimiter=";", currency="EUR") == [109611, 45000]
    assert read(["109.611", "12.5"], delimiter=";") == [109.611, 12.5]  # unless the numbers show points


def test_the_portfolio_has_the_last_word():
    assert read(["1.234", "12,5"], declared=".") == [1.234, 12.5]
    assert read(["1,234"], declared=",") == [1.234]
    assert read(["1.234"], declared=",") == [1234]


def test_what_was_a_number_where_it_lies_is_read_as_it_stands():
    assert read(["1.234"], ["12,5"], text=frozenset({"other"})) == [1.234]


@pytest.mark.parametrize("odd", ["45000.5", "109.5", "0.5"])
def test_one_odd_row_turns_nothing_over(odd):
    thousands = [f"{n}.{n}" for n in range(100, 400)]
    values = [n * 1001 for n in range(100, 400)]
    assert read([*thousands, odd], delimiter=";") == [*values, float(odd)]
    assert set(read([*thousands, odd])) == {"ambiguous_number", float(odd)}


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_decimals_that_a_machine_wrote_speak_for_the_others(delimiter):
    degrees = [f"52.{n}" for n in range(101, 400) if n % 10]
    assert read([*degrees, "52.1234"], delimiter=delimiter) == [*map(float, degrees), 52.1234]


def test_a_small_table_is_not_turned_over_by_an_odd_row_of_another_size():
    assert read(["109.611", "59.175", "18.975", "112.753", "45000.5"], delimiter=";")[:4] == [
        109611,
        59175,
        18975,
        112753,
    ]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_tenth_of_the_rows_says_that_the_others_are_thousands_of_their_own_size(delimiter):
    english = [f"{n},{n}" for n in range(100, 390)]
    read_as = [n * 1001 for n in range(100, 390)]
    assert read([*english, *["109,611.50"] * 30], delimiter=delimiter) == [*read_as, *[109611.5] * 30]
    german = [text.replace(",", ".") for text in english]
    assert read([*german, *["109.611,50"] * 30], delimiter=delimiter) == [*read_as, *[109611.5] * 30]


def test_a_tenth_of_another_size_says_nothing():
    rates = [f"{n % 9 + 1},{n}" for n in range(100, 390)]
    assert set(read([*rates, *["1,234,567.50"] * 30])) == {"ambiguous_number", 1234567.5}


def test_rows_that_disagree_decide_nothing():
    assert read(["1.234", "12.5", "12,5"]) == ["ambiguous_number", 12.5, 12.5]


@pytest.mark.parametrize(
    ("text", "currency"),
    [("42179 CHF", "GBP"), ("$1,200.00", "GBP"), ("€ 5", "GBP"), ("1 234,50 zł", "EUR"), ("USD 1,200.50", "EUR"),
     ("¥500", "USD"),     ("1 234 Kč", "PLN"), ("500 руб.", "KZT"), ("kr 100", "EUR"), ("R$ 5,50", "USD"),
     ("300 Euro", "GBP"), ("1 200 Franken", "EUR"), ("5 pounds", "USD")],
)  # fmt: skip
def test_another_currency_is_told(text, currency):
    assert read([text], currency=currency) == ["another_currency"]


@pytest.mark.parametrize(
    ("text", "currency", "value"),
    [("£1,234.50", "GBP", 1234.5), ("$1,234.50", "CAD", 1234.5), ("1 234,50 zł", "PLN", 1234.5),
     ("CHF 1'234.-", "CHF", 1234),
     ("100 kr", "SEK", 100), ("¥500", "JPY", 500), ("1.234,50 EUR", "EUR", 1234.5), ("1 234,5 ₽", "RUB", 1234.5),
     ("gbp 5", "GBP", 5), ("1.200 Euro", "EUR", "ambiguous_number"), ("1.200,50 Euro", "EUR", 1200.5),
     ("5 Pounds", "GBP", 5), ("20 dollars", "CAD", 20)],
)  # fmt: skip
def test_the_mark_of_the_portfolio_is_taken_off(text, currency, value):
    assert read([text], currency=currency) == [value]


def test_without_a_currency_the_marks_of_a_column_must_agree():
    assert read(["£5", "5 GBP", "7"], currency="points") == [5, 5, 7]
    assert read(["£5", "€6", "7"], currency="points") == ["mixed_currencies", "mixed_currencies", 7]
    assert read(["£5"] * 9 + ["€6"], currency="") == [5] * 9 + ["another_currency"]


def test_a_long_column_is_judged_as_one():
    amounts = np.char.replace(np.char.mod("%.2f", np.arange(100_000) / 4), ".", ",")
    coded = {name: code(pa.chunked_array([pa.array(["1,5"])])) for name in ("other", "count")}
    coded["amount"] = code(pa.chunked_array([pa.array(amounts)]))
    style = number_styles(BOOK, coded, None, Origin(";", None), "GBP")["amount"]
    assert style.decimal == ","
    reading = read_numbers(coded["amount"].texts, BOOK.column("amount"), None, style)
    assert reading.values.to_numpy()[coded["amount"].codes].tolist() == (np.arange(100_000) / 4).tolist()
