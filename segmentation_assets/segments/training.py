"""Train every lens of a portfolio on one snapshot: choose k, learn the prototypes, write both down as tables."""

import hashlib
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from segmentation_assets.clustering import k_scorecard
from segmentation_assets.portfolio import Lens, Portfolio
from segmentation_assets.segments.eligibility import missing_reasons
from segmentation_assets.segments.model import LensModel, absent_model_row
from segmentation_assets.segments.scaling import FeatureScale, learn_scales, scaled_frame

SEED = 0
MOST_STARTS, FEWEST_STARTS, STARTED_ROWS = 100, 10, 1_000_000
"""Starts a fit: the most while they touch no more than a million rows, since ten miss the best k-means now and then."""


@dataclass(frozen=True)
class Training:
    """What was learned on one snapshot, as rows of the three model tables without their snapshot date."""

    candidates: pd.DataFrame
    model_rows: pd.DataFrame
    prototype_rows: pd.DataFrame

    def is_current(self, portfolio: Portfolio) -> bool:
        """Tell whether these are the portfolio's lenses, configured as they are now."""
        written = dict(zip(self.model_rows["lens"], self.model_rows["configuration_hash"], strict=True))
        return written == {name: configuration_hash(name, portfolio) for name in portfolio.lenses}


def configuration_hash(lens_name: str, portfolio: Portfolio) -> str:
    """Hash what a person decided about a lens that decides what is learned."""
    lens = portfolio.lenses[lens_name]
    decided = [
        lens_name,
        lens.model_dump_json(exclude={"title", "primary", "describe_by"}),
        portfolio.value.feature,
        *(portfolio.features[name].model_dump_json(include={"kind", "weight", "scaling"}) for name in lens.features),
    ]
    return hashlib.sha256("\n".join(decided).encode()).hexdigest()[:12]


def train(features: pd.DataFrame, portfolio: Portfolio, trained_on: date) -> Training:
    """Train every lens on a snapshot of `customer_features`.

    A lens whose inputs were not delivered, or with too few customers, has a row that says so and no prototypes; the
    other lenses are unaffected.
    """
    candidates, models, prototypes = [], [], []
    for name in portfolio.lenses:
        learned = _train_lens(features, name, portfolio, trained_on)
        if isinstance(learned, str):
            lens = portfolio.lenses[name]
            models.append(absent_model_row(name, trained_on, lens.method, configuration_hash(name, portfolio), learned))
        else:
            model, scorecard = learned
            models.append(model.model_row())
            prototypes.append(model.prototype_rows())
            candidates.append(scorecard)
    return Training(_joined(candidates), pd.DataFrame(models), _joined(prototypes))


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"lens": []})


def _train_lens(
    features: pd.DataFrame, name: str, portfolio: Portfolio, trained_on: date
) -> tuple[LensModel, pd.DataFrame] | str:
    """Return the model of a lens and its scorecard, or the status that says why there is none."""
    lens = portfolio.lenses[name]
    reasons = missing_reasons(features, lens, portfolio.features)
    if len(reasons) and reasons.str.startswith("not_provided").all():
        return str(reasons.iloc[0])
    rows = features[(reasons == "").to_numpy(dtype=bool)].sort_values("customer_id", ignore_index=True)
    scales = learn_scales(rows, lens, portfolio.features) if len(rows) else []
    scaled = scaled_frame(rows, scales)
    distinct = min(len(scaled.drop_duplicates()), len(rows) - 1)  # a segment each has no silhouette
    least = lens.candidates[0] if lens.n_clusters == "auto" else lens.n_clusters
    if distinct < least:
        return f"too_few_customers: {len(rows)} can be placed, too few of them different for {least} segments"
    return _fit(rows, scaled, scales, name=name, portfolio=portfolio, trained_on=trained_on, distinct=distinct)


def _fit(
    rows: pd.DataFrame,
    scaled: pd.DataFrame,
    scales: list[FeatureScale],
    *,
    name: str,
    portfolio: Portfolio,
    trained_on: date,
    distinct: int,
) -> tuple[LensModel, pd.DataFrame]:
    lens = portfolio.lenses[name]
    scorecard = k_scorecard(
        scaled,
        _candidates(lens, distinct),
        categorical=[scale.name for scale in scales if not scale.is_numeric],
        feature_weights={scale.name: scale.weight for scale in scales},
        gamma=lens.gamma,
        value=rows[portfolio.value.feature].fillna(0.0).to_numpy(),
        n_init=min(MOST_STARTS, max(FEWEST_STARTS, STARTED_ROWS // len(rows))),
        random_state=SEED,
    )
    chosen = scorecard.recommended if lens.n_clusters == "auto" else lens.n_clusters
    fitted = scorecard.models[chosen]
    table = scorecard.table.assign(lens=name, method=lens.method)
    table["is_chosen"] = table["n_clusters"] == chosen
    row = table[table["is_chosen"]].iloc[0]
    model = LensModel(
        lens=name,
        trained_on=trained_on,
        method=lens.method,
        gamma=float(fitted.gamma_),
        cost=float(row["cost"]),
        silhouette=float(row["silhouette"]),
        n_customers=len(rows),
        scales=scales,
        prototypes=_prototypes(rows, fitted.labels_, fitted.prototypes_, scales),
        configuration_hash=configuration_hash(name, portfolio),
    )
    return model, table


def _candidates(lens: Lens, distinct: int) -> list[int]:
    """Return the numbers of segments to try: those of the lens that the data can fill, and the one it fixes."""
    low, high = lens.candidates
    wanted = set(range(low, high + 1)) | ({lens.n_clusters} if lens.n_clusters != "auto" else set())
    return sorted(k for k in wanted if k <= distinct)


def _prototypes(
    rows: pd.DataFrame, labels: np.ndarray, modes: pd.DataFrame, scales: list[FeatureScale]
) -> pd.DataFrame:
    """Return means (in the features' own units) and modes, numbered from 1 by the first numeric feature's mean.

    Rows come sorted by customer, so the sums have one order and the means the same bits however the data arrived.
    """
    columns = {
        scale.name: rows[scale.name].groupby(labels).mean() if scale.is_numeric else modes[scale.name]
        for scale in scales
    }
    prototypes = pd.DataFrame(columns).reindex(columns=[scale.name for scale in scales])
    numeric = [scale.name for scale in scales if scale.is_numeric]
    others = [scale.name for scale in scales if not scale.is_numeric]
    prototypes = prototypes.sort_values([*numeric, *others], ignore_index=True)
    prototypes.index = pd.RangeIndex(1, len(prototypes) + 1, name="segment_id")
    return prototypes
