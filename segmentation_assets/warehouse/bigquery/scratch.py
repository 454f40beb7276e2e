"""Tables of BigQuery that hold rows for as long as one query takes: those that it reads, and those that it makes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from google.cloud import bigquery

from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse.bigquery.errors import Place, explained
from segmentation_assets.warehouse.bigquery.schema import STAGING, Dataset

_HOURS = 6


def fresh_name(dataset: Dataset, table: Table) -> bigquery.TableReference:
    """Return a name that no table has, for rows of a table on their way; listings leave it out."""
    return dataset.reference.table(f"{STAGING}{table.name}__{uuid4().hex[:12]}")


def end_of_staging() -> datetime:
    """Return when BigQuery itself drops what is made now, should the process die before it does."""
    return datetime.now(UTC) + timedelta(hours=_HOURS)


@contextmanager
def scratch_tables(dataset: Dataset, place: Place, made: Table, given: Sequence[Table]) -> Iterator[list[str]]:
    """Create an empty table for what a query makes and one for each that it reads; drop them when the block ends.

    Their names are given in this order. They have no partitions: where the dataset lets partitions expire, BigQuery
    would drop a day as old as that as soon as it is loaded.
    """
    tables = [made, *given]
    fresh = [fresh_name(dataset, table) for table in tables]
    try:
        with explained(place, f"Working out {made.name}, by tables that are made and dropped again in {place.dataset}"):
            dataset.ensure()
            for table, reference in zip(tables, fresh, strict=True):
                wanted = bigquery.Table(reference, schema=dataset.fields(table.columns))
                wanted.expires = end_of_staging()
                dataset.jobs.client.create_table(wanted, exists_ok=True, **dataset.jobs.patience.per_call)
        yield [reference.table_id for reference in fresh]
    finally:
        dataset.drop(*fresh)
