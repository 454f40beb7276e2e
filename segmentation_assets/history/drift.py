"""How far the customers of a day have drifted from those that the model in force was learned from."""

from datetime import date

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.history.past_days import History
from segmentation_assets.history.versions import models_version, placement_version
from segmentation_assets.insights.drift import Snapshot, feature_drift
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.model import LensModel
from segmentation_assets.segments.placement import place
from segmentation_assets.versions import fingerprint, given


def drift_version(blueprint: Blueprint) -> str:
    """Return the version of what makes `feature_drift`: a reference may be placed anew, by a model learned anew."""
    portfolio = blueprint.portfolio
    aims = [portfolio.value.feature, *([portfolio.outcome.feature] if portfolio.outcome else [])]
    measured = {name for lens in portfolio.lenses.values() for name in lens.features} | set(aims)
    decided = given(portfolio, "min_group_size", lens=["features"], feature=["kind", "needs"], features=measured)
    made_by = (models_version(blueprint.portfolio), placement_version(blueprint.portfolio))
    return fingerprint(lens_drift, History, data="\n".join([*made_by, decided, *aims]))


def lens_drift(lens: str, day: date, features: pd.DataFrame, history: History, portfolio: Portfolio) -> pd.DataFrame:
    """Hold a day against the snapshot that the model in force the day before was trained on."""
    earlier = [learned_on for learned_on in history.retraining_dates(lens, day) if learned_on < day]
    reference = earlier[-1] if earlier else day
    model, _ = history.models(reference)[lens]
    then = features if reference == day else history.features(reference)
    return measure(
        _placed(then, lens, model, portfolio), _placed(features, lens, model, portfolio), lens, portfolio
    ).assign(reference_snapshot=pd.Timestamp(reference))


def measure(reference: Snapshot, current: Snapshot, lens: str, portfolio: Portfolio) -> pd.DataFrame:
    """Return the drift of the features that a lens looks at, of the value and of the outcome."""
    outcome = [portfolio.outcome.feature] if portfolio.outcome else []
    names = dict.fromkeys([*portfolio.lenses[lens].features, portfolio.value.feature, *outcome])
    kinds = {name: portfolio.features[name].kind for name in names}
    return feature_drift(reference, current, kinds, min_group_size=portfolio.min_group_size).assign(lens=lens)


def _placed(features: pd.DataFrame, lens: str, model: LensModel | None, portfolio: Portfolio) -> Snapshot:
    placements = place(features, lens, portfolio.lenses[lens], portfolio.features, model=model)
    ids = placements.set_index("customer_id")["segment_id"].reindex(features["customer_id"])
    return Snapshot(features, ids.reset_index(drop=True))
