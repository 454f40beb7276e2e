"""Typed values become the text of a CSV file."""

import numpy as np
import pytest

from segmentation_assets.sources.synthetic.delivery import amounts, dates, flags, identifiers, integers, words


def test_identifiers_are_padded():
    assert identifiers("CL", [0, 42, 123456], 6).to_pylist() == ["CL000000", "CL000042", "CL123456"]
    assert identifiers("C", [], 4).to_pylist() == []


def test_dates_are_iso_and_never_is_blank():
    assert dates([0, 19782, 99999], never=99999).to_pylist() == ["1970-01-01", "2024-02-29", ""]
    assert dates([99999], never=99999).to_pylist() == [""]
    assert dates([]).to_pylist() == []


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.00"), (1234.5, "1234.50"), (0.999, "1.00"), (7.05, "7.05"), (12e6, "12000000.00")]
)
def test_amounts_have_two_decimals(value, text):
    assert amounts(np.array([value])).to_pylist() == [text]


def test_blanks_are_empty_strings():
    assert amounts(np.array([1.0, 2.0]), blank=np.array([True, False])).to_pylist() == ["", "2.00"]
    assert integers([3, 4], blank=np.array([False, True])).to_pylist() == ["3", ""]
    assert words(np.array([1, -1]), ["a", "b"]).to_pylist() == ["b", ""]
    assert flags([True, False]).to_pylist() == ["true", "false"]
