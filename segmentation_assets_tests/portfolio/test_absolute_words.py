"""Words that mean something whatever the rest is: which they are, their bounds, and that a portfolio must give one."""

import pytest

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.absolute_words import is_absolute, usual_bound
from segmentation_assets.portfolio.features import Feature, Words
from segmentation_assets.portfolio.validation.contradictions import contradictions
from segmentation_assets.portfolio.validation.doubts import doubts

INSURANCE = load_portfolio("insurance")


def doubts_of(**feature):
    """What is doubtful in the insurance portfolio with one more feature, which is a number."""
    features = INSURANCE.features | {"debt": Feature(kind="numeric", description="Debt.", **feature)}
    portfolio = INSURANCE.model_copy(update={"features": features})
    assert not contradictions(portfolio)  # a portfolio is not refused for a word
    return [str(doubt.words) for doubt in doubts(portfolio)]


@pytest.mark.parametrize("word", ["Young", "Young Adults", "Youthful", "Mature", "Seniors", "Rich", "Well-Off", "Poor",
                                  "Loyal", "Loyalists", "Newcomers", "Big Spenders", "Often-Claiming"])  # fmt: skip
def test_a_word_of_absolute_meaning_is_known(word):
    assert is_absolute(word)


@pytest.mark.parametrize("word", ["Younger", "Higher-Income", "High-Balance", "Newer", "Longer-Standing", "Cautious",
                                  "More-Punctual", "Rather Young"])  # fmt: skip
def test_a_comparison_needs_no_bound(word):
    assert not is_absolute(word)


@pytest.mark.parametrize(
    ("word", "side", "unit", "bound"),
    [("Young", "low", "years", 35), ("Senior", "high", "years", 60), ("New", "low", "months", 24),
     ("Loyal", "high", "days", 5 * 365.25), ("Young", "low", "", 35), ("Young", "low", "EUR", None),
     ("Rich", "high", "years", None), ("Young", "high", "years", None)],
)  # fmt: skip
def test_ages_and_durations_have_usual_bounds_in_the_unit_of_the_feature(word, side, unit, bound):
    assert usual_bound(word, side, unit) == bound


@pytest.mark.parametrize("said", [{"adjective": "Rich"}, {"noun": "Big Spenders"}, {"synonyms": ["well-off"]}])
def test_an_absolute_word_without_a_bound_is_doubtful(said):
    (doubt,) = doubts_of(unit="GBP", high=Words(phrase="with much", **said))
    assert "means something whatever the other customers are like" in doubt
    assert "'beyond'" in doubt
    assert not doubts_of(unit="GBP", high=Words(phrase="with much", beyond=90_000, **said))


def test_a_strengthened_one_needs_its_own():
    (doubt,) = doubts_of(unit="GBP", high=Words(phrase="with much", very="Affluent", beyond=1.0))
    assert "'very_beyond'" in doubt


def test_comparisons_and_usual_bounds_are_beyond_doubt():
    assert not doubts_of(unit="years", low=Words(phrase="x", adjective="Young"))
    assert not doubts_of(unit="GBP", high=Words(phrase="x", adjective="High-Debt", mild="Higher-Debt"))
    assert not [*doubts(INSURANCE)]


def test_a_comparative_that_compares_nothing_and_a_phrase_that_judges_are_doubtful():
    (doubt,) = doubts_of(unit="years", low=Words(phrase="x", mild="Young"))
    assert "compares nothing" in doubt
    (doubt,) = doubts_of(unit="GBP", low=Words(phrase="who are poor"))
    assert "'beyond'" in doubt
    assert not doubts_of(unit="years", low=Words(phrase="{number} years old"))


@pytest.mark.parametrize(
    ("kind", "role"), [("numeric", "channel"), ("numeric", "next_product"), ("categorical", "risk")]
)
def test_a_role_that_the_kind_of_feature_cannot_have_is_a_fault(kind, role):
    features = INSURANCE.features | {"debt": Feature(kind=kind, description="Debt.", role=role)}
    (fault,) = contradictions(INSURANCE.model_copy(update={"features": features}))
    assert fault.place == ("features", "debt", "role")
