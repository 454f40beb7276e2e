"""Numbers that are looked up are uniform, independent and the same for everyone who asks."""

import numpy as np
import pytest

from segmentation_assets.sources.synthetic.randomness import choose, exponential, normal, uniform


def test_a_number_does_not_depend_on_its_neighbours():
    together = uniform(7, "income", np.arange(1, 1001))
    alone = uniform(7, "income", np.array([421]))
    assert alone[0] == together[420]


def test_seed_purpose_and_sub_index_each_change_the_numbers():
    numbers = np.arange(1, 50_001)
    streams = [
        uniform(7, "income", numbers),
        uniform(8, "income", numbers),
        uniform(7, "age", numbers),
        uniform(7, "income", numbers, 0),
        uniform(7, "income", numbers, 1),
    ]
    correlations = np.corrcoef(streams)[np.triu_indices(5, 1)]
    assert np.abs(correlations).max() < 0.02


@pytest.mark.parametrize("sub", [None, 3])
def test_numbers_are_uniform(sub):
    counts, _ = np.histogram(uniform(1, "x", np.arange(100_000), sub), bins=20, range=(0, 1))
    chi_square = ((counts - 5_000) ** 2 / 5_000).sum()
    assert chi_square < 43.8  # the 99.9 % point of 19 degrees of freedom


def test_normal_scores_are_bounded_and_centred():
    scores = normal(uniform(1, "x", np.arange(100_000)))
    assert np.abs(scores).max() <= 2.5
    assert abs(scores.mean()) < 0.02
    assert normal(np.array([0.5]))[0] == pytest.approx(0.0, abs=1e-12)


def test_exponential_has_its_mean():
    assert exponential(uniform(1, "x", np.arange(100_000)), 40.0).mean() == pytest.approx(40.0, rel=0.02)


def test_choose_uses_the_row_of_the_group():
    cumulative = np.array([[0.25, 1.0, 1.0], [0.0, 0.0, 1.0]])
    drawn = choose(np.array([0.1, 0.3, 0.1, 0.9]), np.array([0, 0, 1, 1]), cumulative)
    assert drawn.tolist() == [0, 1, 2, 2]
