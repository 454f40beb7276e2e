"""The contract: every table by name, each declared once.

From a declaration come the dagster-pandas type, the Dagster column schema, the DuckDB and BigQuery column types and
the page `docs/tables.md`. The input tables and the features are the portfolio's; `build_tables` adds them to the
tables that every portfolio has.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from segmentation_assets.tables.core import REJECTED_ROWS
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

__all__ = ["OWN_TABLES", "Column", "Declaring", "Table", "build_tables", "of_deliveries"]


class Declaring(Protocol):
    """What declares tables of its own: a portfolio."""

    @property
    def input_tables(self) -> tuple[Table, ...]:
        """The input tables, each after those that it refers to."""

    def feature_columns(self) -> tuple[Column, ...]:
        """Return the columns that the features give to `customer_features`."""


def of_deliveries(input_tables: Iterable[Table]) -> dict[str, Table]:
    """Return the tables that follow from a day's deliveries alone, by name: what features may be made from."""
    inputs = tuple(input_tables)
    return {table.name: table for table in (*(raw_table(core) for core in inputs), *inputs, REJECTED_ROWS)}


def build_tables(portfolio: Declaring) -> dict[str, Table]:
    """Return every table of a portfolio by name, in the order data flows.

    Its features become the columns of `customer_features` and are carried into `labelled_customers`. All packaged marts
    are among them; which of those it takes says `checking.marts`.
    """
    made = {table.name: table for table in _made(portfolio.feature_columns())}
    return of_deliveries(portfolio.input_tables) | made


def _made(feature_columns: tuple[Column, ...]) -> tuple[Table, ...]:
    """Return the tables that are made from others, in the order data flows."""
    features = customer_features(feature_columns)
    carried = tuple(replace(features.column(c.name), lineage=(f"customer_features.{c.name}",)) for c in feature_columns)
    return (
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
    )


OWN_TABLES: dict[str, Table] = {table.name: table for table in (REJECTED_ROWS, *_made(()))}
"""Tables that every portfolio may have, by name; which features it declares changes none of their names."""
