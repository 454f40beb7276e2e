"""Train every lens of a portfolio on one snapshot: choose k, learn the prototypes, write all down as tables."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from segmentation_assets.errors import ModelError
from segmentation_assets.portfolio import Lens, Portfolio
from segmentation_assets.segments.candidates import Candidates
from segmentation_assets.segments.eligibility import NOTHING_TURNED_AWAY, TurnedAway, lacking_inputs, missing_reasons
from segmentation_assets.segments.methods._found import method_of
from segmentation_assets.segments.methods._method import Method, Problem
from segmentation_assets.segments.model import IN_FORCE, LensModel, absent_model_row
from segmentation_assets.segments.scaling import learn_scales, scaled_frame
from segmentation_assets.tables.keys import in_order_of

SEED = 0


@dataclass(frozen=True)
class Training:
    """What was learned on one snapshot, as rows of the five model tables without their snapshot date.

    The lineage comes with the models before, see `lineage.continued`; until then there is none.
    """

    candidates: pd.DataFrame
    model_rows: pd.DataFrame
    prototype_rows: pd.DataFrame
    stability_rows: pd.DataFrame
    lineage_rows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"lens": []}))

    @classmethod
    def joined(cls, parts: Iterable["Training"]) -> "Training":
        """Return the trainings of several lenses as one."""
        tables = zip(*([getattr(part, f.name) for f in fields(cls)] for part in parts), strict=True)
        return cls(*(_joined([frame for frame in frames if len(frame)]) for frames in tables))

    def of(self, lens: str) -> "Training":
        """Return the training of one lens."""
        frames = (getattr(self, f.name) for f in fields(self))
        return Training(*(frame[frame["lens"] == lens].reset_index(drop=True) for frame in frames))

    def recommended(self) -> dict[str, int]:
        """Return the number of segments that the scorecard of each lens recommends."""
        rows = self.candidates[self.candidates["is_recommended"].astype(bool)] if len(self.candidates) else None
        return {} if rows is None else dict(zip(rows["lens"], rows["n_clusters"].astype(int), strict=True))

    def is_whole(self) -> bool:
        """Tell whether every model has its stability and its lineage, and prototypes that can be scored with.

        What an older release wrote, or a run that was killed between two tables, may lack them.
        """
        in_force = set(self.model_rows.loc[self.model_rows["status"] == IN_FORCE, "model_id"])
        judged, traced = (set(rows.get("model_id", ())) for rows in (self.stability_rows, self.lineage_rows))
        can_score = not in_force or bool(self.prototype_rows["position"].notna().all())
        return in_force == judged and in_force <= traced and can_score


def configuration_hash(lens_name: str, portfolio: Portfolio) -> str:
    """Hash what a person decided about a lens that decides what is learned."""
    lens = portfolio.lenses[lens_name]
    decided = [
        lens_name,
        "native",  # stood for our own engine beside another: that a lens names its method shall change no hash
        lens.model_dump_json(exclude={"title", "primary", "describe_by", "pinned_names", "micro_segments"}),
        portfolio.value.feature,
        *(
            portfolio.features[name].model_dump_json(include={"kind", "weight", "scaling", "needs"})
            for name in lens.features
        ),
    ]
    return hashlib.sha256("\n".join(decided).encode()).hexdigest()[:12]


def train(  # noqa: PLR0917 - the last three are what most leave out
    features: pd.DataFrame,
    portfolio: Portfolio,
    trained_on: date,
    client: Any = None,
    lenses: Iterable[str] | None = None,
    turned: TurnedAway = NOTHING_TURNED_AWAY,
    *,
    before: Mapping[str, int] | None = None,
) -> Training:
    """Train every lens, or the named ones, on a snapshot of `customer_features`.

    A lens whose inputs were not delivered or all rejected (`turned` says which), or with too few customers, has a row
    that says so and no prototypes; the other lenses are unaffected. With the `client` of a Dask cluster its workers fit
    and score the candidates; what is learned is the same to the bit.

    `before` holds the number of segments that each lens's last training recommended: it stays until another is clearly
    better, see `clustering.recommendation`.

    Raises
    ------
    ModelError
        If a feature is infinite, or the method of a lens cannot work on this snapshot.
    """
    candidates, models, prototypes, stabilities = [], [], [], []
    for name in portfolio.lenses if lenses is None else lenses:
        lens = portfolio.lenses[name]
        learned = lacking_inputs(features, lens, portfolio.features, turned) or _train_lens(
            features, name, portfolio, trained_on, client, before=(before or {}).get(name)
        )
        if isinstance(learned, str):
            models.append(absent_model_row(name, trained_on, lens.method, configuration_hash(name, portfolio), learned))
        else:
            models.append(learned.model.model_row())
            prototypes.append(learned.model.prototype_rows())
            candidates.append(learned.scores)
            stabilities.append(learned.stability.assign(lens=name, model_id=learned.model.model_id))
    return Training(_joined(candidates), pd.DataFrame(models), _joined(prototypes), _joined(stabilities))


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"lens": []})


@dataclass(frozen=True)
class _Learned:
    """What was learned about one lens: its model, the scores of all candidates, the stability of its segments."""

    model: LensModel
    scores: pd.DataFrame
    stability: pd.DataFrame


def _train_lens(
    features: pd.DataFrame, name: str, portfolio: Portfolio, trained_on: date, client: Any, *, before: int | None
) -> _Learned | str:
    """Return what was learned about a lens, or the status that says why it has no model."""
    lens = portfolio.lenses[name]
    reasons = missing_reasons(features, lens, portfolio.features)
    rows = in_order_of(features[(reasons == "").to_numpy(dtype=bool)], "customer_id")
    _refuse_infinite(rows, name, portfolio)
    scales = learn_scales(rows, lens, portfolio.features) if len(rows) else []
    scaled = scaled_frame(rows, scales)
    most = min(len(scaled.drop_duplicates()), len(rows) - 1)  # a segment each has no silhouette
    least = lens.candidates[0] if lens.n_clusters == "auto" else lens.n_clusters
    if least <= most:
        value = rows[portfolio.value.feature].to_numpy(np.float64)
        problem = Problem(rows, scaled, scales, _tried(lens, most), lens.gamma, value, SEED, client)
        method = method_of(lens.method)
        found = method.candidates(problem).filled()
        chosen = _chosen(lens, found, before)
        if chosen is not None:
            from segmentation_assets.segments.choice import told

            scores = told(found, chosen, before).assign(lens=name, method=lens.method)
            learned = _describe(method, problem, found.models[chosen], found.labels[chosen])
            of_lens = (name, trained_on, lens.method, configuration_hash(name, portfolio))
            return _Learned(_model(scores, learned, problem, of_lens), scores, learned.stability)
    return f"too_few_customers: {len(rows)} can be placed, too few of them different for {least} segments"


def _refuse_infinite(rows: pd.DataFrame, lens_name: str, portfolio: Portfolio) -> None:
    """Raise ModelError where a number is infinite, which no scale and no mean can take."""
    for name in dict.fromkeys([*portfolio.lenses[lens_name].features, portfolio.value.feature]):
        if portfolio.features[name].kind == "numeric" and (n := int(np.isinf(rows[name]).sum())):
            raise ModelError(
                f"customer_features.{name} is infinite for {n:,} of {len(rows):,} customers, so the lens {lens_name} "
                "cannot be trained. Have customer_features.sql give a number or NULL, as SAFE_DIVIDE does."
            )


def _tried(lens: Lens, most: int) -> list[int]:
    """Return the numbers of segments to try: those of the lens that the data can fill, and the one it fixes."""
    low, high = lens.candidates
    wanted = {*range(low, high + 1), *([] if lens.n_clusters == "auto" else [lens.n_clusters])}
    return sorted(k for k in wanted if k <= most)


def _chosen(lens: Lens, found: Candidates, before: int | None) -> int | None:
    """Return the number of segments in use: the one a person fixed, else the recommended one; None if not found."""
    if lens.n_clusters == "auto":
        from segmentation_assets.segments.choice import recommended

        return recommended(found, before) if found.labels else None
    return lens.n_clusters if lens.n_clusters in found.labels else None


@dataclass(frozen=True)
class _Described:
    """A chosen candidate: what describes and is known of each segment, by segment_id from 1, the stability."""

    prototypes: pd.DataFrame
    knowledge: dict[int, Any]
    gamma: float
    stability: pd.DataFrame


def _describe(method: Method, problem: Problem, fitted: Any, labels: np.ndarray) -> _Described:
    """Return a candidate with its segments numbered by the first number's mean, ascending, and their stability."""
    centres = method.centres(fitted, problem, labels)
    numeric = [scale.name for scale in problem.scales if scale.is_numeric]
    others = [scale.name for scale in problem.scales if not scale.is_numeric]
    ranked = centres.sort_values([*numeric, *others], kind="stable")
    stability = method.stability(fitted, problem, ranked.index.tolist())
    numbered = ranked.set_index(pd.RangeIndex(1, len(ranked) + 1, name="segment_id"))
    known = method.knowledge(fitted, problem, labels)
    by_segment = {number: known[cluster] for number, cluster in enumerate(ranked.index, start=1) if cluster in known}
    return _Described(numbered, by_segment, method.gamma(fitted), stability)


def _model(
    scores: pd.DataFrame, learned: _Described, problem: Problem, of_lens: tuple[str, date, str, str]
) -> LensModel:
    """Write the chosen candidate down as a model."""
    row = scores[scores["is_chosen"]].iloc[0]
    name, trained_on, method, configuration = of_lens
    return LensModel(
        lens=name,
        trained_on=trained_on,
        method=method,
        gamma=learned.gamma,
        cost=float(row["cost"]),
        silhouette=float(row["silhouette"]),
        n_customers=len(problem.rows),
        scales=problem.scales,
        prototypes=learned.prototypes,
        configuration_hash=configuration,
        knowledge=learned.knowledge,
    )
