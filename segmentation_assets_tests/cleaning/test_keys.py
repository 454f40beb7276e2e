"""A key is its text, and a reference the one key that it can mean."""

import pyarrow as pa
import pytest

from segmentation_assets.cleaning.keys import read_own_keys, read_references
from segmentation_assets.tables.schema import string

KEY = string("customer_id", "")


def texts(*values):
    return pa.array(values, pa.large_string())


def own(*values):
    reading = read_own_keys(texts(*values), KEY)
    return [reading.faults.get(i, key) for i, key in enumerate(reading.values.to_pylist())]


def refer(key, *known, rejected=()):
    reading = read_references(texts(key), KEY, "customers", texts(*known), frozenset(rejected))
    return reading.faults.get(0, reading.values[0].as_py())


def test_keys_of_their_own_table_are_their_texts():
    assert own("007", "7", " C1\xa0", "\u200eC2\u2060", "a  b", "", "1e5") == [
        "007",
        "7",
        "C1",
        "C2",
        "a  b",
        None,
        "1e5",
    ]


def test_whole_numbers_lose_the_point_that_a_column_of_floats_gave_them():
    assert own("16.0", "17.0", "x") == ["16", "17", "x"]
    assert own("1.0", "1.1") == ["1.0", "1.1"]  # versions
    assert own("16,0", "17,0") == ["16", "17"]
    assert own("1,0", "1,1") == ["1,0", "1,1"]


@pytest.mark.parametrize("key", ["1.23457E+11", "1,23457E+11", "1E+05", "1.2345678901234568e+16"])
def test_a_rounded_key_is_none(key):
    assert own(key)[0].startswith(f"key_lost_digits: customer_id is '{key}'")
    assert refer(key, key).startswith("key_lost_digits")


@pytest.mark.parametrize(
    ("key", "named"), [("K\u200b1", "U+200B"), ("K\xad1", "U+00AD"), ("K\xa01", "U+00A0"), ("K\u200e1", "U+200E")]
)
def test_a_mark_inside_is_shown(key, named):
    assert f"with {named}, which does not show" in own(key)[0]


@pytest.mark.parametrize(
    ("key", "known", "meant"),
    [
        ("16.0", ["16"], "16"),
        ("16", ["16"], "16"),
        ("123", ["00123"], "00123"),
        ("00123", ["123"], "123"),
        ("123.0", ["00123"], "00123"),
        ("7", ["007", "7"], "7"),
        ("007", ["007", "7"], "007"),
        ("7.0", ["007", "7"], "7"),
        ("16,0", ["16"], "16"),
        ("16,00", ["0016"], "0016"),
        ("1", ["1.0", "1.5"], "1.0"),
        ("9007199254740991.0", ["9007199254740991"], "9007199254740991"),
        ("90071992547409930.00", ["90071992547409930"], "90071992547409930"),
        ("\u200eK1", ["K1"], "K1"),
        ("K\u20601\ufeff", ["K1"], "K1"),
        ("K\xa01", ["K 1"], "K 1"),
        ("'00123", ["00123"], "00123"),
        ("0", ["000"], "000"),
    ],
)
def test_a_reference_is_the_key_it_can_mean(key, known, meant):
    assert refer(key, *known) == meant


def test_a_reference_that_may_be_two_keys_says_which():
    assert refer("07", "007", "7") == (
        "ambiguous_customer_id: 07 may be 007 or 7 in customers; write the key as it stands there"
    )


@pytest.mark.parametrize("key", ["9007199254740994.0", "12345678901234568.0"])
def test_a_float_that_cannot_hold_its_digits_is_no_key(key):
    assert own(key)[0].startswith(f"key_lost_digits: customer_id is '{key}'")
    assert refer(key, key.removesuffix(".0")).startswith("key_lost_digits")


def test_a_reference_that_is_none_says_so():
    assert refer("1.1", "1.10") == "unknown_customer_id: 1.1 is not in customers"  # versions
    assert refer("16,000", "16") == "unknown_customer_id: 16,000 is not in customers"
    assert refer("K9", "K1") == "unknown_customer_id: K9 is not in customers"
    assert refer("K\u200e9", "K1").endswith("is not in customers, nor is it without U+200E, which does not show")
    assert refer("16.0", "1", rejected=["16"]) == "unknown_customer_id: 16.0's own row in customers was rejected"


def test_what_was_mended_is_marked():
    reading = read_references(texts("16.0", "16", "x"), KEY, "customers", texts("16"), frozenset())
    assert reading.is_repaired.tolist() == [True, False, False]
