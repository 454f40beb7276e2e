"""Clear differences: the bounds at their edges, worked by hand."""

import math

import pytest

from segmentation_assets.personas.profiles.differences import (
    Sample,
    means_differ,
    rate_exceeds,
    share_exceeds,
    wilson_interval,
)

OTHERS = Sample(400, 3_300.0, 2_800.0)


def test_two_thirds_of_the_others_credit_differ():
    """d is 0.4 and the gap of 1,100 is 5.6 standard errors of sqrt(2800^2/400 + 2800^2/400) = 198."""
    assert means_differ(Sample(400, 2_200.0, 2_800.0), OTHERS)


@pytest.mark.parametrize(
    ("mean", "differs"),
    [
        (3_300.0, False),
        (2_900.0, False),  # d 0.14
        (2_680.0, False),  # d 0.22, ratio 1.23
        (2_600.0, True),  # d 0.25, ratio 1.27
        (2_400.0, True),  # d 0.32
        (4_200.0, True),
        (math.nan, False),
    ],
)
def test_a_mean_differs_by_d_or_by_ratio(mean, differs):
    assert means_differ(Sample(400, mean, 2_800.0), OTHERS) == differs


def test_what_three_standard_errors_explain_does_not_differ():
    """With 20 customers the standard error is sqrt(2800^2/20 + 2800^2/400) = 642, three of them 1,925."""
    assert not means_differ(Sample(20, 1_400.0, 2_800.0), OTHERS)
    assert means_differ(Sample(20, 1_300.0, 2_800.0), OTHERS)
    assert not means_differ(Sample(0, 1.0, 0.0), OTHERS)
    assert not means_differ(Sample(20, 1.0, 0.0), Sample(0, math.nan, math.nan))


@pytest.mark.parametrize(
    ("own", "n", "others", "n_others", "exceeds"),
    [
        (0.5, 400, 0.3, 400, True), (0.39, 400, 0.3, 400, False),  # a gap of 0.09
        (0.5, 25, 0.3, 400, False),  # 0.2 is 2.1 standard errors
        (0.99, 400, 0.92, 400, False), (0.5, 0, 0.3, 400, False), (0.3, 400, 0.5, 400, False),
        (math.nan, 400, 0.3, 400, False),
    ],
)  # fmt: skip
def test_a_share_exceeds_by_gap_size_and_number(own, n, others, n_others, exceeds):
    assert share_exceeds(own, n, others, n_others) == exceeds


def test_the_interval_of_wilson():
    """Of 10 of 100: (0.1 + 1.96^2/200 -+ 1.96 sqrt(0.09/100 + 1.96^2/40000)) / (1 + 1.96^2/100)."""
    assert wilson_interval(0.1, 100) == pytest.approx((0.05523, 0.17437), abs=1e-5)
    assert wilson_interval(0.0, 50)[0] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("own", "n", "others", "n_others", "exceeds"),
    [
        (0.10, 1_000, 0.05, 9_000, True),
        (0.10, 60, 0.05, 9_000, False),  # its interval reaches down to 0.047
        (0.055, 100_000, 0.05, 900_000, False),  # sure, and no fifth more
        (0.0, 1_000, 0.0, 1_000, False), (0.1, 0, 0.05, 10, False), (math.nan, 10, 0.1, 10, False),
    ],
)  # fmt: skip
def test_a_rate_is_feared_where_it_is_sure_and_clear(own, n, others, n_others, exceeds):
    assert rate_exceeds(own, n, others, n_others) == exceeds
