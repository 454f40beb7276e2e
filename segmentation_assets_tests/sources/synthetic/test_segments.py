"""The planted segments can be found, on the features of the primary lens and in behaviour and survey."""

from datetime import date

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation_assets.clustering import KPrototypes
from segmentation_assets.sources.synthetic.personas import PERSONA_NAMES, PERSONAS
from segmentation_assets_tests.sources.synthetic.conftest import typed


def lens(insurer, day):
    """The min-max scaled features of the primary lens, and the planted segment of each customer."""
    customers = typed(insurer.read("customers", day)).set_index("customer_id")
    policies = typed(insurer.read("policies", day))
    held = policies.groupby("customer_id").agg({"premium": "sum", "coverage": "sum", "purchase_date": "min"})
    numbers = pd.DataFrame({
        "age": customers["age"],
        "income": customers["income"],
        "tenure_years": (pd.Timestamp(day) - held["purchase_date"]).dt.days / 365.25,
        "premium_to_coverage": held["premium"] / held["coverage"],
    })  # fmt: skip
    points = (numbers - numbers.min()) / (numbers.max() - numbers.min())
    points["marital_status"] = customers["marital_status"]
    truth = insurer.truth(day).set_index("customer_id").loc[points.index, "planted_segment"]
    return points, truth


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2026, 6, 1)])
def test_clustering_finds_the_planted_segments(insurer, day):
    points, truth = lens(insurer, day)
    model = KPrototypes(len(PERSONAS), categorical=["marital_status"], random_state=0)
    score = adjusted_rand_score(truth, model.fit(points).labels_)
    assert score > 0.88
    # Real segments overlap: a perfect score would say that these are cartoons.
    assert score < 0.98


def test_segments_have_their_planted_shares(insurer):
    shares = insurer.truth(date(2024, 1, 1))["planted_segment"].value_counts(normalize=True)
    for persona in PERSONAS:
        assert shares[persona.name] == pytest.approx(persona.share, abs=0.025)
    assert sum(persona.share for persona in PERSONAS) == pytest.approx(1.0)
    assert sum(persona.join_share for persona in PERSONAS) == pytest.approx(1.0)


def test_segments_overlap_on_each_feature_alone(insurer):
    points, truth = lens(insurer, date(2024, 1, 1))
    for name in points.columns.drop("marital_status"):
        ranges = points[name].groupby(truth).agg(["min", "max"]).sort_values("min")
        assert (ranges["min"].iloc[1:].to_numpy() < ranges["max"].cummax().iloc[:-1].to_numpy()).all()


def test_segments_differ_in_behaviour_and_in_what_they_say(insurer, tables):
    segment = insurer.truth(date(2025, 3, 1)).set_index("customer_id")["planted_segment"]
    contacts = tables["interactions"].query("interaction_type != 'payment'")
    visits = (contacts["interaction_type"] == "visit").groupby(contacts["customer_id"].map(segment)).mean()
    assert visits["Mature Savers"] > 4 * visits["Young Urban Renters"]
    answers = tables["survey_responses"]
    means = answers.groupby(["question", answers["customer_id"].map(segment)])["answer"].mean().unstack()
    assert means.loc["digital_affinity"].idxmax() == "Young Urban Renters"
    assert means.loc["price_sensitivity"].idxmax() == "Price-Sensitive Switchers"
    assert means.loc["brand_loyalty"].idxmax() == "Mature Savers"
    assert (means.max(axis=1) - means.min(axis=1) > 1.0).all()
    assert set(means.columns) == set(PERSONA_NAMES)
    assert answers["answer"].between(1, 5).all()
    assert (answers["comment"] == "").mean() > 0.95
    assert 0.3 < answers["customer_id"].nunique() / len(segment) < 0.8
