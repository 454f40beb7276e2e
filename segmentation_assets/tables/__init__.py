"""The contract: every table by name, each declared once.

From a declaration come the dagster-pandas type, the Dagster column schema, the DuckDB and BigQuery column types and
the page `docs/tables.md`. The input tables and the features are the portfolio's; `build_tables` adds them to the
tables that every portfolio has.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Protocol

from segmentation_assets.errors import TableError, choices
from segmentation_assets.tables.core import REJECTED_ROWS
from segmentation_assets.tables.features import customer_features
from segmentation_assets.tables.marts import mart_names, packaged_marts
from segmentation_assets.tables.own import own_assets, own_names
from segmentation_assets.tables.raw import raw_table
from segmentation_assets.tables.requests import RETRAINING_REQUESTS
from segmentation_assets.tables.schema import Column, Table

__all__ = ["Column", "Declaring", "Table", "build_tables", "names_taken", "of_deliveries", "own_tables"]


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

    Raises
    ------
    TableError
        If two of them have one name.
    """
    tables = (*of_deliveries(portfolio.input_tables).values(), *_made(portfolio.feature_columns()))
    counts = Counter(table.name for table in tables)
    if twice := sorted(name for name, n in counts.items() if n > 1):
        raise TableError(
            f"{choices(twice)}: two tables cannot share a name. Rename the one in assets/, its file and its constant."
        )
    return {table.name: table for table in tables}


def _made(feature_columns: tuple[Column, ...]) -> tuple[Table, ...]:
    """Return the tables that are made from others, in the order data flows."""
    features = customer_features(feature_columns)
    own = {name: asset.table for name, asset in own_assets().items()}
    carried = tuple(replace(features.column(c.name), lineage=(f"customer_features.{c.name}",)) for c in feature_columns)
    own["labelled_customers"] = own["labelled_customers"].with_columns(*carried)
    return (features, RETRAINING_REQUESTS, *own.values(), *packaged_marts().values())


@cache
def own_tables() -> dict[str, Table]:
    """Return the tables that every portfolio may have, by name, without the columns of any features."""
    return {table.name: table for table in (REJECTED_ROWS, *_made(()))}


def names_taken() -> frozenset[str]:
    """Return the names of those tables, without importing what makes them."""
    others = (REJECTED_ROWS, customer_features(()), RETRAINING_REQUESTS)
    return frozenset({*own_names(), *mart_names(), *(table.name for table in others)})
