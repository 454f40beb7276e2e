"""Wobble: how many customers a model trained on resampled customers, its segments matched, puts elsewhere."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from segmentation_assets.errors import ModelError
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.identity.lineage import continued, the_model
from segmentation_assets.segments.identity.matching import nearest
from segmentation_assets.segments.training import SEED, train


def wobble(
    features: pd.DataFrame, portfolio: Portfolio, lens_name: str, trained_on: date, *, n_resamples: int
) -> pd.DataFrame:
    """Train a lens on bootstrap samples from scratch, each as the model after the one of all customers.

    `segment_stability.moved_share` says much the same of the model in force from refits that are cheaper.

    Returns
    -------
    One row per sample: `n_survived`, the segments that kept their number; `moved_share`, the customers who stand under
    another number than before; `prototype_shift`, the largest change of a numeric prototype among the segments that
    kept their number, in standard deviations of the feature.

    Parameters
    ----------
    features : `customer_features` of the training day.

    Raises
    ------
    ModelError
        If the lens has no model on these customers.
    """
    reference = continued(train(features, portfolio, trained_on, lenses=[lens_name]), None, features, "all")
    model = the_model(reference)
    if model is None:
        raise ModelError(f"The lens {lens_name} has no model: {reference.model_rows['status'].iloc[0]}.")
    k = len(model.prototypes)
    lens = portfolio.lenses[lens_name].model_copy(update={"n_clusters": k, "candidates": (k, k)})
    refitted = portfolio.model_copy(update={"lenses": {**portfolio.lenses, lens_name: lens}})
    customers = features[features[lens.features].notna().all(axis=1).to_numpy()].sort_values("customer_id")
    before, rows = nearest(customers, model), []
    for number in range(n_resamples):
        generator = np.random.default_rng([SEED, number])
        drawn = customers.iloc[np.sort(generator.integers(0, len(customers), len(customers)))]
        drawn = drawn.assign(customer_id=pd.array([f"{i:09d}" for i in range(len(drawn))], dtype="string[pyarrow]"))
        trained = train(drawn, refitted, trained_on + timedelta(days=1), lenses=[lens_name])
        after = the_model(continued(trained, reference, customers, "resampled"))
        if after is None:
            raise ModelError(f"The lens {lens_name} has no model: {trained.model_rows['status'].iloc[0]}.")
        kept = after.prototypes.index.intersection(model.prototypes.index)
        numeric = [scale.name for scale in model.scales if scale.is_numeric]
        apart = np.abs(after.prototypes.loc[kept, numeric].to_numpy(float) - model.prototypes.loc[kept, numeric])
        rows.append(
            {
                "n_survived": len(kept),
                "moved_share": float((nearest(customers, after) != before).mean()),
                "prototype_shift": float((apart / customers[numeric].std()).to_numpy(float).max()),
            }
        )
    return pd.DataFrame(rows)
