"""The features of a day, worked out from its raw snapshot in memory."""

from datetime import date

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import delivered_for, feature_query, made_from
from segmentation_assets.cleaning import Cleaner, refuse_mass_rejection
from segmentation_assets.history.scratch import queried_over
from segmentation_assets.segments.eligibility import TurnedAway, turned_away
from segmentation_assets.tables.frames import to_arrow
from segmentation_assets.tables.snapshots import stamped
from segmentation_assets.warehouse import Warehouse


def raw_of_features(blueprint: Blueprint, word: str) -> dict[str, str]:
    """Return the raw tables from which other days' features are worked out, each with the word for those days."""
    read = made_from(feature_query(blueprint.portfolio))
    return {f"raw_{name}": word for name in delivered_for(blueprint.portfolio, read)}


def features_from_raw(blueprint: Blueprint, warehouse: Warehouse, day: date) -> pd.DataFrame:
    """Work out a day's features from its raw snapshot alone, writing nothing to the warehouse.

    A model is trained on the first snapshot of its period, which a backfill that runs backwards has not come to yet.
    The query finds the tables that it finds in the warehouse: it is let read no others there (`checking.sql`).

    Raises
    ------
    RejectionError
        If more of the snapshot is rejected than the portfolio allows: nobody is to be placed by what is left of it.
    """
    return worked_out_from_raw(blueprint, warehouse, day)[0]


def worked_out_from_raw(blueprint: Blueprint, warehouse: Warehouse, day: date) -> tuple[pd.DataFrame, TurnedAway]:
    """Return what `features_from_raw` does, and what of the snapshot was rejected."""
    cleaner, kept = Cleaner(blueprint.portfolio, day), {}
    query = feature_query(blueprint.portfolio)
    read = made_from(query)
    wanted, rows = delivered_for(blueprint.portfolio, read), {}
    for table in (table for table in blueprint.portfolio.input_tables if table.name in wanted):
        raw_table = blueprint.tables[f"raw_{table.name}"]
        raw = warehouse.read(raw_table, day, day)
        cleaned = cleaner.clean(table, raw).frame
        kept[table.name] = len(cleaned)
        rows[raw_table.name] = (raw_table, raw)
        rows[table.name] = (table, to_arrow(stamped(cleaned, day), table))
    refuse_mass_rejection(blueprint.portfolio, {day: cleaner.tally})
    rejected = blueprint.tables["rejected_rows"]
    rows[rejected.name] = (rejected, to_arrow(stamped(cleaner.rejected, day), rejected))
    given = {name: rows[name] for name in read}
    found = queried_over(query, given, blueprint.tables["customer_features"], day)
    return found, turned_away(cleaner.rejected, kept)
