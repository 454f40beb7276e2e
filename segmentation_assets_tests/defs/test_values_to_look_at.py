"""What `segment_models` shows of features that hold a number written for "not known"."""

import numpy as np
import pandas as pd

from segmentation_assets.assets.segments.segment_models import values_to_look_at
from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.portfolio import load_portfolio


def test_a_feature_that_dwarfs_is_told_in_the_metadata_of_the_models():
    blueprint, rng = draw_blueprint(load_portfolio("insurance")), np.random.default_rng(0)
    features = pd.DataFrame(
        {
            name: rng.normal(50, 5, 40) if feature.kind == "numeric" else "a"
            for name, feature in blueprint.portfolio.features.items()
        }
    )
    assert values_to_look_at(features, blueprint.portfolio) == {}
    features.loc[[3, 5], "tenure_years"] = 9_999.0
    told = values_to_look_at(features, blueprint.portfolio)
    assert list(told) == ["values_to_look_at"]
    said = told["values_to_look_at"]
    assert said.startswith(
        "- customer_features.tenure_years holds a number that looks like 'not known' in 2 of 40 rows"
    )
    assert "9,999" not in said  # of two customers it may be true


def test_a_number_is_told_that_enough_customers_have():
    blueprint, rng = draw_blueprint(load_portfolio("insurance")), np.random.default_rng(0)
    features = pd.DataFrame(
        {
            name: rng.normal(50, 5, 400) if feature.kind == "numeric" else "a"
            for name, feature in blueprint.portfolio.features.items()
        }
    )
    features.loc[:19, "tenure_years"] = 9_999.0
    said = values_to_look_at(features, blueprint.portfolio)["values_to_look_at"]
    assert said.startswith("- customer_features.tenure_years holds 9,999 in 20 of 400 rows, far off all others.")
