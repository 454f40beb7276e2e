"""Numbers written for "not known" among the features: told in words, and not warned of by each fit."""

import warnings
from datetime import date

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.clustering import KPrototypes, SentinelWarning
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.segments.projection import project
from segmentation_assets.segments.sentinels import sentinel_sentences, told_in_metadata
from segmentation_assets.segments.training import train


@pytest.fixture
def features():
    """Sixty customers of the insurer, one of whom has an income of 999,999,999,999."""
    portfolio, rng = load_portfolio("insurance"), np.random.default_rng(0)
    frame = pd.DataFrame({"customer_id": [f"C{i:02}" for i in range(60)]})
    for name, feature in portfolio.features.items():
        frame[name] = rng.normal(50, 5, 60) if feature.kind == "numeric" else rng.choice(["a", "b"], 60)
    frame["income"] = rng.integers(20_000, 90_000, 60).astype(float)
    frame.loc[7, "income"] = 999_999_999_999.0
    return frame, portfolio


def test_the_feature_is_named_with_what_to_do(features):
    frame, portfolio = features
    (sentence,) = sentinel_sentences(frame, portfolio)
    assert sentence.startswith("customer_features.income holds a number that looks like 'not known' in 1 of 60 rows")
    assert "give the column it comes from a range" in sentence
    assert sentinel_sentences(frame.drop(index=7), portfolio) == []
    assert sentinel_sentences(frame.head(0), portfolio) == []


def test_training_and_the_map_do_not_warn_of_it_again(features):
    frame, portfolio = features
    train(frame, portfolio, date(2025, 11, 15), lenses=[portfolio.primary_lens])
    project(frame, portfolio.primary_lens, portfolio.lenses[portfolio.primary_lens], portfolio.features)


def test_only_this_warning_is_kept_quiet(features):
    with told_in_metadata():
        KPrototypes(2, n_init=1).fit(features[0][["income"]])
        with pytest.warns(UserWarning, match="other"):
            warnings.warn("other", UserWarning, stacklevel=1)
    with pytest.warns(SentinelWarning):
        KPrototypes(2, n_init=1).fit(features[0][["income"]])
