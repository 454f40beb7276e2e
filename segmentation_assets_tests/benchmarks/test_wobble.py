"""Wobble: how far a model trained on resampled customers, its segments matched, puts customers elsewhere."""

import pytest

from benchmarks.wobble import wobble
from segmentation_assets.errors import ModelError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.conftest import PUBLISHED_DAY


@pytest.fixture(scope="module")
def features(published):
    return published[0].table("customer_features", PUBLISHED_DAY)


def test_the_published_segments_hardly_wobble_and_keep_their_numbers(features, one_lens):
    found = wobble(features, load_portfolio(one_lens), "overall", PUBLISHED_DAY, n_resamples=4)
    assert (found["n_survived"] == 3).all()
    assert (found["moved_share"] <= 0.02).all()
    assert (found["moved_share"] > 0).any()  # or nothing was resampled


def test_a_lens_without_a_model_is_refused(features, one_lens):
    with pytest.raises(ModelError, match="The lens overall has no model: too_few_customers: 2 can be placed"):
        wobble(features.head(2), load_portfolio(one_lens), "overall", PUBLISHED_DAY, n_resamples=1)


def test_the_model_in_force_says_what_wobble_to_expect(published):
    stability = published[0].table("segment_stability", PUBLISHED_DAY)
    overall = stability[stability["lens"] == "overall"]
    assert (overall["moved_share"] * overall["n_customers"]).sum() / overall["n_customers"].sum() <= 0.02
    assert overall["moved_share"].between(0, 1).all()
