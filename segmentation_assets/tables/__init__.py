"""The contract: every table by name, each declared once.

From a declaration come the dagster-pandas type, the Dagster column schema, the DuckDB and BigQuery column types and
the page `docs/tables.md`. What a portfolio adds (its features, further customer columns) is added by `build_tables`.
"""

from dataclasses import replace

from segmentation_assets.tables.core import INPUT_TABLES, REJECTED_ROWS
from segmentation_assets.tables.features import customer_features
from segmentation_assets.tables.insights import CUSTOMER_MOVES, FEATURE_DRIFT, SEGMENT_MIGRATION
from segmentation_assets.tables.marts import MARTS
from segmentation_assets.tables.personas import LABELLED_CUSTOMERS, SEGMENT_LABELS, SEGMENT_PROFILES
from segmentation_assets.tables.raw import raw_table
from segmentation_assets.tables.schema import Column, Table
from segmentation_assets.tables.segments import (
    CUSTOMER_PROJECTION,
    CUSTOMER_SEGMENTS,
    MICRO_SEGMENTS,
    MODEL_SELECTION,
    RETRAINING_REQUESTS,
    SCORED_CUSTOMERS,
    SEGMENT_LINEAGE,
    SEGMENT_MODELS,
    SEGMENT_PROTOTYPES,
    SEGMENT_STABILITY,
)

__all__ = ["INPUT_TABLES", "OF_DELIVERIES", "Column", "Table", "build_tables"]

OF_DELIVERIES: dict[str, Table] = {
    table.name: table for table in (*(raw_table(core) for core in INPUT_TABLES), *INPUT_TABLES, REJECTED_ROWS)
}
"""Tables that follow from a day's deliveries alone, by name: what features may be made from."""


def build_tables(feature_columns: tuple[Column, ...]) -> dict[str, Table]:
    """Return every table by name, in the order data flows.

    `feature_columns` are the portfolio's features; they become the columns of `customer_features` and are carried
    into `labelled_customers`.
    """
    features = customer_features(feature_columns)
    carried = tuple(replace(features.column(c.name), lineage=(f"customer_features.{c.name}",)) for c in feature_columns)
    tables = [
        *OF_DELIVERIES.values(),
        features,
        RETRAINING_REQUESTS,
        MODEL_SELECTION,
        SEGMENT_MODELS,
        SEGMENT_PROTOTYPES,
        SEGMENT_STABILITY,
        SEGMENT_LINEAGE,
        CUSTOMER_SEGMENTS,
        CUSTOMER_PROJECTION,
        MICRO_SEGMENTS,
        SEGMENT_PROFILES,
        SEGMENT_LABELS,
        LABELLED_CUSTOMERS.with_columns(*carried),
        SEGMENT_MIGRATION,
        CUSTOMER_MOVES,
        FEATURE_DRIFT,
        SCORED_CUSTOMERS,
        *MARTS,
    ]
    return {t.name: t for t in tables}
