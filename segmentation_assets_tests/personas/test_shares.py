"""What is said of categories that few customers have a value of."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.personas.profiles.segment_profiles import profile_segments
from segmentation_assets.personas.profiles.shares import among_all
from segmentation_assets.personas.texts.descriptions import describe
from segmentation_assets.personas.texts.proposals import product_strategy
from segmentation_assets.portfolio.features import Feature, Words
from segmentation_assets.portfolio.schema import Lens

FEATURES = {
    "age": Feature(kind="numeric", description="Age."),
    "card": Feature(kind="categorical", description="Card.", values={"gold": Words(phrase="hold a gold card")}),
    "channel": Feature(
        kind="categorical", description="Channel.", role="channel", values={"web": Words(phrase="x", label="web")}
    ),
}
LENS = Lens(title="Test", features=["age"], describe_by=["card", "channel"])


def profile(own: int, others: int, *, known_share: float) -> pd.DataFrame:
    """Segment 0 of 200 customers with so many gold cards beside 200 others; those without gold have silver, or none."""
    n_known = round(200 * known_share)
    card = [*["gold"] * own, *["silver"] * (n_known - own), *[None] * (200 - n_known)]
    card += [*["gold"] * others, *["silver"] * (n_known - others), *[None] * (200 - n_known)]
    keys = [f"C{n:03}" for n in range(400)]
    features = pd.DataFrame({"customer_id": keys, "age": np.arange(400.0), "card": card, "channel": card})
    features["channel"] = features["channel"].replace({"gold": "web", "silver": "post"})
    placed = pd.DataFrame({"customer_id": keys, "segment_id": [0] * 200 + [1] * 200})
    rows = profile_segments(features, placed, lens=LENS, lens_name="test", model_id="m", features=FEATURES)
    return rows[rows["segment_id"] == 0]


def test_a_share_of_those_with_a_value_is_not_told_as_one_of_all():
    # 36 of 40 card holders are gold beside 4 of 40: 90 % of the holders and 18 % of the 200 customers.
    rows = profile(36, 4, known_share=0.2)
    told = among_all(rows, FEATURES).set_index(["feature", "category"])
    gold = told.loc[("card", "gold")]
    assert (gold["share"], gold["others_share"], gold["population_share"]) == pytest.approx((0.18, 0.02, 0.1))
    assert (gold["n_customers"], gold["n_others"]) == (200, 200)
    assert "gold" not in describe(rows, FEATURES)
    assert "90 %" not in product_strategy(rows, FEATURES)
    pd.testing.assert_frame_equal(among_all(told.reset_index(), FEATURES), told.reset_index())


def test_what_most_of_all_customers_have_is_told_with_their_share():
    rows = profile(150, 20, known_share=0.8)  # 94 % of the 160 with a card, 75 % of the 200
    assert "75 % hold a gold card" in describe(rows, FEATURES)
    assert "Reach them by web: 75 % prefer it (10 % of the others)." in product_strategy(rows, FEATURES)


def test_a_few_gaps_change_nothing():
    rows = profile(152, 20, known_share=0.95)
    pd.testing.assert_frame_equal(among_all(rows, FEATURES), rows)
    assert "80 % hold a gold card" in describe(rows, FEATURES)
