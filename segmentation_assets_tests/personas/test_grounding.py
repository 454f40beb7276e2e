"""Grounding: what may be said of a segment with a given profile, word by word."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.personas.claims.evidence import HELD
from segmentation_assets.personas.claims.lexicon import Lexicon
from segmentation_assets.personas.grounding.judgement import Ground
from segmentation_assets_tests.personas.books import FEATURES, place, profiles_of


def book():
    """Segment 1: young, modest incomes, 60 % single. Segment 2: affluent, loyal, 80 % married, a third in Leeds."""
    rng = np.random.default_rng(3)
    n = 400
    first = np.arange(2 * n) < n
    low, high = np.clip(rng.normal(27, 2, n), 19, 34), rng.normal(50, 5, n)
    features = pd.DataFrame({
        "customer_id": [f"C{i:04d}" for i in range(2 * n)],
        "age": np.r_[low, high],
        "income": np.r_[rng.normal(22_000, 2_000, n), rng.normal(96_000, 9_000, n)],
        "tenure_years": np.r_[rng.normal(2.6, 0.6, n), rng.normal(13, 2, n)],
        "premium_to_coverage": 1.3,
        "total_premium": np.r_[rng.normal(1_900, 100, n), rng.normal(6_900, 500, n)],
        "late_payment_share": 0.2,
        "marital_status": np.where(first, np.where(np.arange(2 * n) % 10 < 6, "Single", "Divorced"),
                                   np.where(np.arange(2 * n) % 10 < 8, "Married", "Single")),
        "city": np.where(first, "York", np.where(np.arange(2 * n) % 3 == 0, "Leeds", "York")),
        "occupation": "Teacher",
        "main_product_type": np.where(first, "Auto", "Life"),
    })  # fmt: skip
    return features, place(features, [1] * n + [2] * n)


PROFILES = profiles_of(*book())
LEXICON = Lexicon(FEATURES, PROFILES)
GROUND = {i: Ground(PROFILES[PROFILES["segment_id"] == i], LEXICON) for i in (1, 2)}


@pytest.mark.parametrize(
    ("segment_id", "name"),
    [
        (1, "Young Modest-Income Singles"), (1, "Youthful Low Earners"), (1, "Lower-Income Starters"),
        (1, "Young Drivers"), (1, "Low-Premium Customers"), (1, "Unmarried Young Adults"), (1, "Non-Married People"),
        (2, "Loyal Affluent Couples"), (2, "Wealthy Married Customers"), (2, "High-Income Loyalists"),
        (2, "Long-Standing High Earners"), (2, "Mature Life Planners"), (2, "The Prosperous Circle"),
    ],
)  # fmt: skip
def test_a_name_that_the_profile_backs_may_stand(segment_id, name):
    assert GROUND[segment_id].check_name(name) == []


@pytest.mark.parametrize(
    ("segment_id", "name", "why"),
    [
        (1, "Affluent Singles", "does not back"), (2, "Young Couples", "does not back"),
        (2, "Leeds-Based Couples", "does not back"), (1, "Very Mature Singles", "does not back"),
        (2, "Non-Affluent Couples", "does not back"), (1, "Young Families", "no word of the portfolio"),
        (1, "Young Smokers", "no word of the portfolio"), (1, "Paris Starters", "no word of the portfolio"),
        (1, "Typical Customers", "says nothing"), (1, "Young", "2 to 4 words"), (1, "Of The And", "says nothing"),
        (1, "Young Single Modest Income Drivers", "2 to 4 words"), (1, "Young 25 Singles", "2 to 4 words"),
        (1, "=Young Singles", "plain words"), (1, "Young\nSingles", "plain words"), (1, "Y\u043eung Singles", "script"),
        (1, "Young <b>Singles</b>", "plain words"), (1, "", "plain words"), (1, "Young " * 20, "longer"),
        (1, "\uff39oung Singles", "script"), (1, "Yo\u0301ung Singles", "plain words"),
        (2, "Most Affluent Couples", "no word"),
    ],
)  # fmt: skip
def test_a_name_that_it_does_not_back_may_not(segment_id, name, why):
    found = GROUND[segment_id].check_name(name)
    assert any(why in fault.why for fault in found), found


@pytest.mark.parametrize(
    ("segment_id", "text"),
    [
        (1, "Customers who are young, earn modest incomes and are mostly single."),
        (1, "Customers who are not married and not affluent."),
        (1, "Customers aged about 27 with incomes of about £22k."),
        (1, "Customers of whom 60 % are single."), (1, "Customers of whom 60% are single and 40 % divorced."),
        (1, "They want clear words, low prices and quick help."),
        (2, "Customers who have been loyal for 13 years and earn £96,000."),
        (2, "Customers of whom many live in Leeds."), (2, "Customers with above-average incomes."),
        (2, "Customers with high yearly incomes."), (2, "Customers whose incomes are high."),
        (2, "Customers who all hold life cover."),
    ],
)  # fmt: skip
def test_a_sentence_that_the_profile_backs_may_stand(segment_id, text):
    assert GROUND[segment_id].check_text(text) == []


@pytest.mark.parametrize(
    ("segment_id", "text", "claim"),
    [
        (1, "Customers who are wealthy.", "wealthy"), (1, "Customers with high yearly incomes.", "income"),
        (1, "Customers whose incomes are high.", "income"), (2, "Customers who are not married.", "not married"),
        (2, "Customers who are rarely affluent.", "rarely affluent"),
        (1, "Customers who all are single.", "all single"),
        (2, "Customers who live in Leeds.", "leed"), (2, "Customers who are mostly single.", "single"),
        (1, "Customers aged about 31.", "31"), (1, "Customers with incomes of about £27k.", "£27"),
        (1, "Customers of whom 75 % are single.", "75"),
        (1, "Customers who joined 27 years ago with long tenure.", "27"),
        (1, "Customers in Paris.", "Paris"), (1, "Parisians who like us.", "parisian"),
        (1, "Customers who are parents.", "parent"), (1, "Customers who smoke.", "smoke"),
        (1, "Customers in the working class.", "working clas"),
        (1, "Customers who are the youngest of all.", "youngest"),
        (1, "Customers with three cars.", "three"), (1, "Clients aisés avec des enfants.", "des"),
        (1, "Customers, see www.example.com now.", "Customers, see"), (1, "Customers " + "who care " * 13, "Customers"),
        (1, "Customers who are w3althy.", "Customers"), (1, "Customers who are w\u0435althy.", "Customers"),
        (1, "Customers of Gen Z.", "gen z"),
        (2, "Customers who are extremely loyal, aged 50 and from London.", "london"),
        (2, "Customers who are extremely loyal.", "extremely loyal"), (1, "Customers with £22k of debt.", "£22"),
        (1, "Customers of whom 60 % like us.", "60"), (1, "Customers who are 60 % divorced.", "60"),
    ],
)  # fmt: skip
def test_a_sentence_that_it_does_not_back_may_not(segment_id, text, claim):
    found = GROUND[segment_id].check_text(text)
    assert any(fault.claim.startswith(claim) for fault in found), found


def test_a_proposal_may_offer_what_few_have():
    proposal = "Offer property cover by email."
    assert GROUND[1].check_text(proposal, is_proposal=True) == []
    assert GROUND[1].check_text(proposal)
    assert GROUND[1].check_text("Offer affluent couples more.", is_proposal=True)


@pytest.mark.parametrize(
    "offer", ["Offer car cover by email.", "Propose car insurance and clear words.", "Offer auto cover."]
)
def test_a_proposal_may_not_offer_what_most_have(offer):
    """All of segment 1 spend most of their premium on cars, and nobody of segment 2."""
    assert any("most of them have" in fault.why for fault in GROUND[1].check_text(offer, is_proposal=True))
    assert GROUND[2].check_text(offer, is_proposal=True) == []
    assert GROUND[1].check_text("Offer life cover beside their car cover.", is_proposal=True) == []


def test_a_claim_of_another_day_holds_a_little_longer():
    profile = PROFILES[PROFILES["segment_id"] == 1].copy()
    profile.loc[profile["feature"] == "age", ["z_score", "mean"]] = [-0.4, 36.0]
    assert Ground(profile, LEXICON).check_name("Young Singles")
    assert Ground(profile, LEXICON, thresholds=HELD).check_name("Young Singles") == []
    profile.loc[profile["feature"] == "age", "z_score"] = -0.3
    assert Ground(profile, LEXICON, thresholds=HELD).check_name("Young Singles")


def test_what_is_shown_of_a_claim_is_short_and_printable():
    (fault,) = GROUND[1].check_name("\x1b[31m" + "wealthy" * 5)
    assert fault.claim.isprintable()
    (fault,) = GROUND[1].check_text("x" * 1_000)
    assert len(fault.claim) <= 40
