"""Claims: the thresholds at their edges."""

import pandas as pd
import pytest

from segmentation_assets.personas.claims.evidence import find_claims
from segmentation_assets.personas.profiles.differences import cohen_h
from segmentation_assets_tests.personas.books import FEATURES

NUMBER = {"kind": "numeric", "category": "", "is_lens_feature": True, "n_customers": 1000, "population_mean": 0.0,
          "standard_deviation": 0.0, "n_others": 0, "others_mean": 0.0,
          "others_standard_deviation": 0.0, "others_share": float("nan"),
          "share": float("nan"), "population_share": float("nan")}  # fmt: skip


def number(feature="age", **given):
    return pd.DataFrame([NUMBER | {"feature": feature, "mean": 30.0} | given])


def categories(feature="marital_status", n=1000, **shares):
    return pd.DataFrame([
        NUMBER | {"feature": feature, "kind": "categorical", "category": category, "n_customers": n, "mean": None,
                  "z_score": None, "share": own, "population_share": everyone}
        for category, (own, everyone) in shares.items()
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("z", "mean", "grades"),
    [
        (-0.29, 30, []), (-0.3, 30, ["mild"]), (-0.5, 30, ["plain"]), (-1.5, 30, ["plain"]), (-1.5, 24, ["very"]),
        (-0.5, 36, ["mild"]), (-2.0, 55, ["mild"]), (0.5, 50, ["plain"]), (1.5, 50, ["plain"]), (1.5, 65, ["very"]),
        (0.0, 40, []), (float("nan"), float("nan"), []),
    ],
)  # fmt: skip
def test_a_number_needs_its_z_score_and_an_absolute_word_its_mean(z, mean, grades):
    assert [claim.grade for claim in find_claims(number(z_score=z, mean=mean), FEATURES)] == grades


def test_what_chance_explains_is_not_claimed():
    assert not find_claims(number(z_score=-0.6, n_customers=10), FEATURES, min_group_size=5)
    assert find_claims(number(z_score=-0.6, n_customers=12), FEATURES, min_group_size=5)
    few = {"Single": (0.55, 0.35), "Married": (0.45, 0.65)}
    assert not find_claims(categories(n=21, **few), FEATURES)
    assert find_claims(categories(n=100, **few), FEATURES)


@pytest.mark.parametrize(
    ("own", "everyone", "grades"),
    [
        (0.60, 0.35, ["plain"]), (0.50, 0.30, ["plain"]), (0.49, 0.30, ["mild"]), (0.60, 0.48, ["mild"]),
        (0.60, 0.55, []), (0.40, 0.30, []), (0.40, 0.20, ["mild"]), (0.24, 0.02, []), (0.97, 0.96, []),
        (1.0, 0.95, []), (1.0, 0.89, ["plain"]),
    ],
)  # fmt: skip
def test_a_category_needs_its_share_and_its_distance(own, everyone, grades):
    shares = categories(Married=(own, everyone), Single=(1 - own, 1 - everyone))
    claims = [c for c in find_claims(shares, FEATURES) if c.side == "Married"]
    assert [c.grade for c in claims] == grades


def test_a_group_of_categories_is_judged_by_its_sum():
    shares = categories(Single=(0.4, 0.3), Divorced=(0.4, 0.2), Separated=(0.15, 0.1), Married=(0.05, 0.4))
    together = next(c for c in find_claims(shares, FEATURES) if c.side == "Unmarried")
    assert together.value == pytest.approx(0.95)
    assert together.reference == pytest.approx(0.6)
    assert together.effect == pytest.approx(cohen_h(0.95, 0.6))


def test_a_small_group_makes_no_claim_about_categories():
    shares = categories(n=19, Single=(1.0, 0.2), Married=(0.0, 0.8))
    assert not find_claims(shares, FEATURES, min_group_size=20)
    assert find_claims(shares, FEATURES, min_group_size=19)


def test_the_strongest_claim_comes_first_whatever_the_row_order():
    profile = pd.concat([number(z_score=-0.6), number("income", z_score=1.2, mean=90_000)], ignore_index=True)
    assert [c.feature for c in find_claims(profile, FEATURES)] == ["income", "age"]
    assert find_claims(profile.iloc[::-1], FEATURES) == find_claims(profile, FEATURES)
