"""The labels of a day: those of its model's training day where they are still true, and so back to the first model.

A training day's labels follow from its profile and from the labels of the training day before; any other day's from its
own profile and from its training day's. So they hang on the snapshots alone, whatever was run when. Labels and profiles
that the warehouse holds of an earlier training day are used if they would come out the same now, by the ledger; else
they are worked out again, in memory.
"""

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.history.current_partitions import CurrentPartitions
from segmentation_assets.history.features import features_from_raw
from segmentation_assets.history.model_registry import ModelRegistry
from segmentation_assets.personas.gemini.namer import Answered, Known, Session, Wording
from segmentation_assets.personas.labels import UNDATED, Naming, vocabulary_of
from segmentation_assets.personas.profiles.segment_profiles import profile_segments
from segmentation_assets.segments.model import IN_FORCE, model_from_rows
from segmentation_assets.segments.placement import place
from segmentation_assets.tables.frames import empty_frame, from_arrow
from segmentation_assets.tables.snapshots import on
from segmentation_assets.warehouse import Warehouse

_ANSWER_COLUMNS = (
    "snapshot_date", "lens", "segment_id", "profile_hash", "label_source", "written_by", "segment_name", "description",
    "motivation", "product_strategy", "asked_of", "answered_by",
)  # fmt: skip


class LabelChain:
    """Labels by lens and day, each training day's named at most once a run.

    Parameters
    ----------
    profiles, models, prototypes : `segment_profiles`, `segment_models` and `segment_prototypes` of the days of the run.
    registry : finds the models of earlier training days.
    versions : of the code that makes `segment_profiles` and `segment_labels`, as the ledger has them.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        warehouse: Warehouse,
        registry: ModelRegistry,
        session: Session,
        *,
        profiles: pd.DataFrame,
        models: pd.DataFrame,
        prototypes: pd.DataFrame,
        versions: Mapping[str, str],
    ) -> None:
        self._blueprint = blueprint
        self._warehouse = warehouse
        self._registry = registry
        self._session = session
        self._profiles, self._models, self._prototypes = profiles, models, prototypes
        self._days = set(models["snapshot_date"].dt.date)
        self._versions = versions
        self._current = CurrentPartitions(blueprint, warehouse)
        self._bases: dict[tuple[str, date], pd.DataFrame] = {}

    def on(self, day: date) -> pd.DataFrame:
        """Return the rows of `segment_labels` of a day, without the day."""
        parts = [part for part in self._lenses(day) if len(part)]
        return pd.concat(parts, ignore_index=True) if parts else empty_frame(UNDATED)

    def _lenses(self, day: date) -> Iterator[pd.DataFrame]:
        models = on(self._models, day)
        for name in self._blueprint.portfolio.lenses:
            row = models[models["lens"] == name].iloc[0]
            if row["status"] != IN_FORCE:
                continue
            trained_on = row["trained_on"].date()
            base = self._base(row, on(self._prototypes, day))
            yield base if trained_on == day else self._named(name, day, self._own_profiles(name, day), base)

    def _base(self, model: pd.Series, prototypes: pd.DataFrame) -> pd.DataFrame:
        """Return the labels of the day that a model was trained on."""
        lens, trained_on = model["lens"], model["trained_on"].date()
        key = (lens, trained_on)
        if key not in self._bases:
            written = None if trained_on in self._days else self._written(lens, trained_on, model["model_id"])
            self._bases[key] = self._trained(model, prototypes) if written is None else written
        return self._bases[key]

    def _trained(self, model: pd.Series, prototypes: pd.DataFrame) -> pd.DataFrame:
        lens, trained_on = model["lens"], model["trained_on"].date()
        if trained_on in self._days:
            profiles = self._own_profiles(lens, trained_on)
        else:
            profiles = self._profiles_of(model, prototypes)
        return self._named(lens, trained_on, profiles, self._before(model))

    def _named(self, lens: str, day: date, profiles: pd.DataFrame, earlier: pd.DataFrame | None) -> pd.DataFrame:
        portfolio = self._blueprint.portfolio
        vocabulary = vocabulary_of(portfolio, lens, profiles)
        pinned = {int(i): name for i, name in portfolio.lenses[lens].pinned_names.items()}
        return Naming(profiles, vocabulary, day, pinned, earlier, self._session).rows()

    def _before(self, model: pd.Series) -> pd.DataFrame | None:
        """Return the labels of the training day of the model before; None for the first model of a lens."""
        lens, predecessor = model["lens"], model["predecessor_model_id"]
        if pd.isna(predecessor):
            return None
        for day in reversed(self._registry.retraining_dates(lens, model["trained_on"].date())[:-1]):
            if day in self._days:
                models, prototypes = on(self._models, day), on(self._prototypes, day)
            elif (written := self._written(lens, day, predecessor)) is not None:
                return written
            else:
                training = self._registry.in_force(day)
                models, prototypes = training.model_rows, training.prototype_rows
            row = models[models["lens"] == lens].iloc[0]
            if row["model_id"] == predecessor:
                return self._base(row, prototypes)
        return None

    def _own_profiles(self, lens: str, day: date) -> pd.DataFrame:
        rows = on(self._profiles, day)
        return rows[rows["lens"] == lens]

    def _written(self, lens: str, day: date, model_id: str) -> pd.DataFrame | None:
        """Return the labels that the warehouse holds of a training day, if they would come out the same now."""
        rows = self._current.read("segment_labels", day, self._versions["segment_labels"])
        if rows is None:
            return None
        own = rows[rows["lens"] == lens]
        return own if len(own) and set(own["model_id"]) == {model_id} else None

    def _profiles_of(self, model: pd.Series, prototypes: pd.DataFrame) -> pd.DataFrame:
        """Return the profiles of a model's segments on the day it was trained on, a day outside of the run."""
        lens, day, portfolio = model["lens"], model["trained_on"].date(), self._blueprint.portfolio
        stored = self._current.read("segment_profiles", day, self._versions["segment_profiles"])
        if stored is not None and set(stored.loc[stored["lens"] == lens, "model_id"]) == {model["model_id"]}:
            return stored[stored["lens"] == lens]
        features = features_from_raw(self._blueprint, self._warehouse, day)
        learned = model_from_rows(model, prototypes[prototypes["lens"] == lens])
        placements = place(features, lens, portfolio.lenses[lens], portfolio.features, model=learned)
        return profile_segments(
            features,
            placements,
            lens=portfolio.lenses[lens],
            lens_name=lens,
            model_id=model["model_id"],
            features=portfolio.features,
            names=portfolio.profiled_features(lens),
            min_group_size=portfolio.min_group_size,
        )


def known_answers(blueprint: Blueprint, warehouse: Warehouse, version: str) -> Known:
    """Return what `segment_labels` holds, of any day, of the answers to a prompt, by profile hash.

    What was written stays, whichever model wrote it: another model, chosen or put in the place of one that is retired,
    makes no new names. An answer that was not fit to be kept is known of the same model alone, since another may do
    better. A text as it came from Gemini goes before one that was carried, whose sentences rules may have replaced, the
    same model's before another's, and of several the earliest.

    Parameters
    ----------
    version : of the model and the prompt, such as gemini-3.5-flash-lite/2.
    """
    table = blueprint.tables["segment_labels"]
    rows = from_arrow(warehouse.read(table, date.min, date.max, _ANSWER_COLUMNS), table)
    asked_of, prompt = rows["asked_of"].astype(object).fillna(""), f"/{version.rpartition('/')[2]}"
    is_written, is_own = (rows["written_by"] == "gemini").to_numpy(bool), (asked_of == version).to_numpy(bool)
    is_same_prompt = np.array([text.endswith(prompt) for text in asked_of], dtype=bool)
    rows = rows[is_same_prompt & (is_written | is_own)]
    rank = rows["label_source"].map({"gemini": 0}).fillna(1).where(rows["written_by"] == "gemini", 2)
    rows = rows.assign(rank=rank, is_other=rows["asked_of"] != version)
    found: dict[str, Answered] = {}
    for row in rows.sort_values(["rank", "is_other", "snapshot_date", "lens", "segment_id"]).to_dict("records"):
        texts = (row["segment_name"], row["description"], row["motivation"], row["product_strategy"])
        wording = Wording(*texts) if row["written_by"] == "gemini" else None
        model = None if pd.isna(row["answered_by"]) else str(row["answered_by"])
        found.setdefault(row["profile_hash"], Answered(wording, row["asked_of"], model))
    return found
