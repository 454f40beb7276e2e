"""The second way to replace partitions on BigQuery: without DML, a day at a time, each day whole or not at all.

A project without billing (the sandbox) runs no DML, so neither `MERGE` nor `UPDATE`. It does run load, query and copy
jobs, and a copy job may put one partition in the place of another: the staged rows' `table$20251115` in the place of
the table's. Such a job is atomic and is not billed. A day without rows is a partition that is deleted, which is not
billed either. A range is then whole day by day only; the ledger has marked all of it as unfinished before the first
day, and vouches for it after the last.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from google.api_core import exceptions
from google.cloud import bigquery

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse.bigquery.errors import ERRORS, Place, explain, is_dml_refused
from segmentation_assets.warehouse.bigquery.schema import Dataset
from segmentation_assets.warehouse.ledger import days_between

Writes = Literal["auto", "merge", "copy"]
"""How partitions are replaced; `auto` is by `MERGE`, and by copy jobs once BigQuery has refused DML."""

_REFUSED = "DML is refused in this project, which has no billing: the partitions were replaced by copy jobs."
_CHOSEN = "SEGMENTATION_BIGQUERY_WRITES is copy: the partitions were replaced by copy jobs."


class Ways:
    """Chooses between the two ways; that DML was refused is remembered for as long as the process lives."""

    def __init__(self, setting: Writes) -> None:
        self.setting = setting
        self._is_refused = False

    def run(self, by_dml: Callable[[], object], without_dml: Callable[[], object]) -> None:
        """Do the one, or where it is refused or not wanted the other; a statement that is refused changed nothing."""
        if self._by_dml:
            try:
                by_dml()
            except exceptions.GoogleAPICallError as error:
                if self.setting != "auto" or not is_dml_refused(error):
                    raise
                self._is_refused = True
        if not self._by_dml:
            without_dml()

    @property
    def note(self) -> tuple[str, ...]:
        """What a person should know of a write made now."""
        if self._by_dml:
            return ()
        return (_REFUSED if self._is_refused else _CHOSEN,)

    @property
    def _by_dml(self) -> bool:
        return self.setting != "copy" and not self._is_refused


def exchange_days(
    dataset: Dataset, place: Place, table: Table, staging: bigquery.TableReference, days: Mapping[date, bool]
) -> None:
    """Put the staged partitions in the place of the table's, and delete those of days that have no rows.

    Parameters
    ----------
    days : each day to be replaced, and whether it has staged rows.

    Raises
    ------
    WarehouseError
        For a range, which says that some of its days may be new and the others old.
    """
    target = dataset.reference.table(table.name)
    filled = [(_partition(staging, day), _partition(target, day)) for day, has_rows in days.items() if has_rows]
    try:
        dataset.jobs.copy(filled)
        for day, has_rows in days.items():
            if not has_rows:
                dataset.delete_partition(_partition(target, day))
    except ERRORS as error:
        if len(days) == 1:
            raise
        raise WarehouseError(
            f"{explain(error, place, f'Writing {table.name}')} Each day is whole, and some may be new; "
            "`segmentation plan` shows the range as unfinished until it is run again."
        ) from None


class Retention:
    """For how long BigQuery keeps a day of a table: partitions expire by their own date, whenever they were written."""

    def __init__(self, dataset: Dataset, table: Table, stored: bigquery.Table | None) -> None:
        self.address = dataset.address(table.name)
        self.expires = stored.expires if stored is not None else None
        self.kept = dataset.default_retention() if stored is None else _retention(stored)

    def refuse_expired(self, first: date, last: date) -> None:
        """Refuse days that would be gone as soon as they are written: BigQuery drops them without a word."""
        if self.kept is None:
            return
        gone = [day for day in days_between(first, last) if self.ends(day) <= datetime.now(UTC)]
        if not gone:
            return
        said = f"{gone[0]}" if len(gone) == 1 else f"{gone[0]} to {gone[-1]}"
        raise WarehouseError(
            f"{self.address} keeps a day for {_days(self.kept)} after its date, and would drop {said} as soon as it is "
            f"written. Write days from {gone[-1] + timedelta(1)} on. Or keep them longer, which without billing "
            "BigQuery does not allow: ALTER SCHEMA ... SET OPTIONS (default_partition_expiration_days = NULL) for new "
            f"tables, and for this one, if it is there, ALTER TABLE {self.address} SET OPTIONS "
            "(partition_expiration_days = NULL). Nothing was written."
        )

    def ends(self, day: date) -> datetime:
        """Return when a day is dropped: its age is counted from the midnight, in UTC, on which it ends."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(1)
        return midnight + (self.kept or timedelta.max)

    @property
    def note(self) -> tuple[str, ...]:
        """What is going to be forgotten, in words."""
        said = []
        if self.kept is not None:
            said.append(
                f"BigQuery drops each day of this table {_days(self.kept)} after its date, with what the ledger knows "
                "of it; models trained on a day before that are lost with it (docs/bigquery.md)."
            )
        if self.expires is not None:
            said.append(f"BigQuery drops this whole table on {self.expires.date()}.")
        return tuple(said)


def is_ending(stored: bigquery.Table, days: int = 2) -> bool:
    """Say whether a table or view expires so soon that it should be made again now, before readers miss it."""
    return stored.expires is not None and stored.expires < datetime.now(UTC) + timedelta(days)


def _retention(stored: bigquery.Table) -> timedelta | None:
    found = stored.time_partitioning
    return timedelta(milliseconds=found.expiration_ms) if found is not None and found.expiration_ms else None


def _days(kept: timedelta) -> str:
    return "a day" if kept == timedelta(1) else f"{kept / timedelta(1):g} days"


def _partition(table: bigquery.TableReference, day: date) -> bigquery.TableReference:
    """Return the name of one day's partition; copy, query and load jobs take it where they take a table's."""
    return bigquery.DatasetReference(table.project, table.dataset_id).table(f"{table.table_id}${day:%Y%m%d}")
