"""The lineage of a lens: a training's segments under the numbers they keep, and every segment there ever was."""

from dataclasses import replace
from typing import Any

import pandas as pd

from segmentation_assets.segments.identity.matching import Fate, Matching, customers_in_common, match
from segmentation_assets.segments.model import IN_FORCE, LensModel, model_from_rows
from segmentation_assets.segments.training import Training

_FIRST = Fate("new", (), None, float("nan"), float("nan"), float("nan"))


def continued(training: Training, predecessor: Training | None, features: pd.DataFrame, chain_hash: str) -> Training:
    """Return a training of one lens whose segments carry on the numbers of the model before it.

    A segment that lives on keeps its `segment_id`; any other gets the next one that the lens has never used, in the
    order of the training's own numbers. The lineage names all of them and those that retired, now or before.

    Parameters
    ----------
    training : of one lens, numbered by itself from 1.
    predecessor : the last earlier one of the lens that was in force, itself continued; None for the first.
    features : `customer_features` of the day of `training`.
    chain_hash : what the retraining dates so far and the lens's configuration come to, see `retraining`.
    """
    before = None if predecessor is None else the_model(predecessor)
    known = pd.DataFrame({"lens": []}) if predecessor is None else predecessor.lineage_rows
    model = the_model(training)
    if model is None:
        rows = training.model_rows.assign(**_chain_columns(before, chain_hash))
        return replace(training, model_rows=rows, lineage_rows=known)
    if before is None:
        matching = Matching(dict.fromkeys(model.prototypes.index.tolist(), _FIRST), {})
    else:
        matching = match(customers_in_common(features, before, model))
    numbers = _numbers(matching, known)
    named = model.renumbered(numbers)
    stability = training.stability_rows
    return Training(
        candidates=training.candidates,
        model_rows=pd.DataFrame([named.model_row() | _chain_columns(before, chain_hash)]),
        prototype_rows=named.prototype_rows(),
        stability_rows=stability.assign(
            segment_id=stability["segment_id"].map(numbers), model_id=named.model_id
        ).sort_values("segment_id", ignore_index=True),
        lineage_rows=_lineage(matching, numbers, named, before, known),
    )


def the_model(training: Training) -> LensModel | None:
    """Return the model of a training of one lens; None where the lens has none."""
    row = training.model_rows.iloc[0]
    return model_from_rows(row, training.prototype_rows) if row["status"] == IN_FORCE else None


def _chain_columns(before: LensModel | None, chain_hash: str) -> dict[str, Any]:
    return {"predecessor_model_id": before.model_id if before else None, "chain_hash": chain_hash}


def _numbers(matching: Matching, known: pd.DataFrame) -> dict[int, int]:
    """Return the number each segment goes by, by the number its training gave it."""
    survivors = matching.survivors
    numbers, last = {}, int(known["segment_id"].max()) if len(known) else 0
    for number in sorted(matching.current):
        if number not in survivors:
            last += 1
        numbers[number] = survivors.get(number, last)
    return numbers


def _lineage(
    matching: Matching, numbers: dict[int, int], model: LensModel, before: LensModel | None, known: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows of `segment_lineage`: the new model's segments, those it retires, those retired before."""
    born = dict(zip(known["segment_id"], known["first_trained_on"], strict=True)) if len(known) else {}
    shared = {
        "lens": model.lens,
        "model_id": model.model_id,
        "trained_on": model.trained_on,
        "predecessor_model_id": before.model_id if before else None,
    }
    told = [
        {
            **shared,
            "segment_id": numbers[number],
            "predecessor_segment_ids": _listed(fate.others),
            "first_trained_on": born.get(numbers[number], model.trained_on),
            **_figures(fate),
        }
        for number, fate in matching.current.items()
    ]
    told += [
        {
            **shared,
            "segment_id": number,
            "successor_segment_ids": _listed(numbers[heir] for heir in fate.others),
            "first_trained_on": born[number],
            **_figures(fate),
        }
        for number, fate in matching.retired.items()
    ]
    rows = pd.DataFrame(told)
    earlier = known[~known["segment_id"].isin(rows["segment_id"])] if len(known) else known
    parts = [part for part in (rows, earlier) if len(part)]
    return pd.concat([part.astype(object) for part in parts]).sort_values("segment_id", ignore_index=True)


def _figures(fate: Fate) -> dict[str, object]:
    names = ("event", "n_common", "share_of_predecessor", "share_of_segment", "jaccard")
    return {name: getattr(fate, name) for name in names}


def _listed(segment_ids: object) -> str | None:
    return ", ".join(str(number) for number in sorted(segment_ids)) or None  # type: ignore[call-overload]
