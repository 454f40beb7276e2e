"""What the warehouse knows of Gemini's answers, so that a question is asked once."""

from datetime import date

import numpy as np
import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.personas.gemini.namer import Answered, Known, Wording
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.warehouse import Warehouse

_ANSWER_COLUMNS = (
    "snapshot_date", "lens", "segment_id", "profile_hash", "label_source", "written_by", "segment_name", "description",
    "motivation", "product_strategy", "asked_of", "answered_by",
)  # fmt: skip


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
