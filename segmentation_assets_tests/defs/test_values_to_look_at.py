"""What `segment_models` shows of features that hold a number written for "not known"."""

import numpy as np
import pandas as pd

from segmentation_assets.defs.blueprint import draw_blueprint
from segmentation_assets.defs.models import _sentinel_metadata
from segmentation_assets.portfolio import load_portfolio


def test_a_feature_that_dwarfs_is_told_in_the_metadata_of_the_models():
    blueprint, rng = draw_blueprint(load_portfolio("insurance")), np.random.default_rng(0)
    features = pd.DataFrame(
        {
            name: rng.normal(50, 5, 40) if feature.kind == "numeric" else "a"
            for name, feature in blueprint.portfolio.features.items()
        }
    )
    assert _sentinel_metadata(features, blueprint) == {}
    features.loc[[3, 5], "tenure_years"] = 9_999.0
    told = _sentinel_metadata(features, blueprint)
    assert list(told) == ["values_to_look_at"]
    assert told["values_to_look_at"].value.startswith("- customer_features.tenure_years holds 9,999 in 2 of 40 rows")
