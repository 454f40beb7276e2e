"""`segment_labels`: what each segment is called, and what is said of it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.history.calendar import TRAINING_SNAPSHOTS
from segmentation_assets.history.night import GEMINI, Night
from segmentation_assets.markdown import as_table
from segmentation_assets.personas.labels import Naming, undated, vocabulary_of
from segmentation_assets.portfolio import Feature, Portfolio
from segmentation_assets.segments.model import IN_FORCE
from segmentation_assets.tables.asset import Asset, Check
from segmentation_assets.tables.frames import empty_frame
from segmentation_assets.tables.schema import day, string, table
from segmentation_assets.tables.shared_columns import CHECKED, LENS, MODEL_ID_OF_SEGMENT, SEGMENT
from segmentation_assets.versions import given
from segmentation_assets.warehouse.provenance import IF_MADE

_NO_WORDS = {"weight", "scaling", "needs", "columns"}
"""What of a feature no text is made of."""


def make(night: Night) -> pd.DataFrame:
    """Name the segments: as on their model's training day where that is still true, and so back to the first model.

    A training day's labels follow from its profile and from the labels of the training day before; any other day's from
    its own profile and from its training day's. So they hang on the snapshots alone, whatever was run when.
    """
    parts = [part for part in _lenses(night) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else empty_frame(undated())


def _lenses(night: Night) -> Iterator[pd.DataFrame]:
    models, profiles = night.rows("segment_models"), night.rows("segment_profiles")
    for lens, settings in night.portfolio.lenses.items():
        model, own = models[models["lens"] == lens].iloc[0], profiles[profiles["lens"] == lens]
        if model["status"] != IN_FORCE:
            continue
        trained_on = model["trained_on"].date()
        earlier = _before(night, model) if trained_on == night.day else _of_lens(night, lens, trained_on)
        pinned = {int(i): name for i, name in settings.pinned_names.items()}
        vocabulary = vocabulary_of(night.portfolio, lens, own)
        yield Naming(own, vocabulary, night.day, pinned, earlier, night.naming).rows()


def _before(night: Night, model: pd.Series) -> pd.DataFrame | None:
    """Return the labels of the training day of the model before; None for the first model of a lens."""
    lens, predecessor = model["lens"], model["predecessor_model_id"]
    if pd.isna(predecessor):
        return None
    for learned_on in reversed(night.retraining_dates(lens)[:-1]):
        models = night.earlier("segment_models", learned_on)
        if models.loc[models["lens"] == lens, "model_id"].item() == predecessor:
            return _of_lens(night, lens, learned_on)
    return None


def _of_lens(night: Night, lens: str, day: date) -> pd.DataFrame:
    labels = night.earlier("segment_labels", day)
    return labels[labels["lens"] == lens]


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show the names, where they come from, and what asking for them came to."""
    report = night.notes[GEMINI]
    columns = ["segment_id", "segment_name", "label_source", "description"]
    is_primary = rows["lens"] == night.portfolio.primary_lens
    others = rows.loc[~is_primary, ["lens", *columns]]
    return {
        "names": as_table(rows.loc[is_primary, columns]),
        **({"names_of_other_lenses": as_table(others)} if len(others) else {}),
        "label_sources": {str(key): int(n) for key, n in rows["label_source"].value_counts().items()},
        GEMINI: report.told(),
        **({"gemini_notes": "\n".join(report.lines)} if report.lines else {}),
    }


def _given(portfolio: Portfolio) -> str:
    """Return the words of every feature that a text may speak of."""
    shown = portfolio.shown_features()
    aims = ("value", "outcome", "product_catalogue", "customer_noun", "min_group_size")
    lens = ["title", "features", "describe_by", "pinned_names"]
    told = given(portfolio, *aims, lens=lens, feature=Feature.model_fields.keys() - _NO_WORDS, features=set(shown))
    return f"{told}\n{shown}"


def _training_profiles(_: Blueprint) -> dict[str, str]:
    return {"segment_profiles": TRAINING_SNAPSHOTS + IF_MADE}


def checks(_: Portfolio) -> list[Check]:
    """Every segment has a name of its own."""
    return [
        Check(
            "every_segment_has_one_name",
            "Every segment of the model in force has a name, and no two segments of a lens share one.",
            f"""
            SELECT p.snapshot_date, p.lens AS detail, COUNTIF(l.segment_name IS NULL OR l.bearers != 1) AS broken
            FROM (SELECT DISTINCT snapshot_date, lens, segment_id FROM segment_prototypes WHERE {CHECKED}) AS p
            LEFT JOIN (
              SELECT
                snapshot_date, lens, segment_id, segment_name,
                COUNT(*) OVER (PARTITION BY snapshot_date, lens, segment_name) AS bearers
              FROM segment_labels WHERE {CHECKED}
            ) AS l ON l.snapshot_date = p.snapshot_date AND l.lens = p.lens AND l.segment_id = p.segment_id
            GROUP BY 1, 2
            """,
        )
    ]


SEGMENT_LABELS = Asset(
    table(
        "segment_labels",
        "personas",
        "Name and description of every segment, true to its profile on the day. A name stays until it is no longer "
        "true.",
        LENS,
        MODEL_ID_OF_SEGMENT,
        SEGMENT,
        string("segment_name", "Two to four words; unique within a lens.", is_required=True),
        string("description", "One sentence a marketer can use.", is_required=True),
        string(
            "label_source",
            "How the name came to stand here: rules, gemini, carried from an earlier day, or pinned by people.",
            is_required=True,
        ),
        string("profile_hash", "Hash of the rounded profile the name was written for.", is_required=True),
        string("motivation", "What seems to matter to them, in one sentence."),
        string("product_strategy", "What to offer and how to reach them, in one sentence."),
        string("written_by", "Who wrote the name first: rules, gemini or people."),
        day("written_for", "Snapshot whose profile the name was written for."),
        string(
            "asked_of", "Model and prompt that answered about that profile; NULL where none was asked or none answered."
        ),
        string("answered_by", "Model that the service says answered; another than the one asked where it routes."),
        key=("lens", "segment_id"),
        unit_of_row="segment",
    ),
    reads={"segment_profiles": (), "segment_models": ()},
    follows=("segment_prototypes",),
    other_days=_training_profiles,
    asks_for=("segment_models", "segment_labels"),
    make=make,
    given=_given,
    show=show,
    checks=checks,
    needs_names=True,
    kinds=frozenset({"python", "gemini"}),
)
