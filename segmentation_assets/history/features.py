"""The features of a day, worked out from its raw snapshot in memory."""

from datetime import date

import pandas as pd

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import delivered_for, feature_query, made_from, over_days
from segmentation_assets.cleaning import Cleaner, refuse_mass_rejection
from segmentation_assets.segments.eligibility import TurnedAway, turned_away
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets.tables.snapshots import on
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
    cleaner, kept, rows = Cleaner(blueprint.portfolio, day), {}, {}
    features = blueprint.tables["customer_features"]
    query = feature_query(blueprint.portfolio)
    read = made_from(query)
    wanted = delivered_for(blueprint.portfolio, read)
    for table in (table for table in blueprint.portfolio.input_tables if table.name in wanted):
        raw_table = blueprint.tables[f"raw_{table.name}"]
        raw = warehouse.read(raw_table, day, day)
        cleaned = cleaner.clean(table, raw).frame
        kept[table.name] = len(cleaned)
        if raw_table.name in read:
            rows[raw_table] = raw
        if table.name in read:
            rows[table] = to_arrow(cleaned, table)
    refuse_mass_rejection(blueprint.portfolio, {day: cleaner.tally})
    if "rejected_rows" in read:
        rejected = blueprint.tables["rejected_rows"]
        rows[rejected] = to_arrow(cleaner.rejected, rejected)
    made = warehouse.query_over(over_days(query, day, day), rows, features, day, day)
    found = on(from_arrow(made, features), day)
    return found, turned_away(cleaner.rejected, kept)
