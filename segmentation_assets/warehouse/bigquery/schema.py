"""Tables on BigQuery as declared: created, given their words, and changed when the declaration changes."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import pyarrow as pa
import requests
from google.api_core import exceptions
from google.cloud import bigquery

from segmentation_assets.errors import WarehouseError, choices
from segmentation_assets.tables.schema import Column, Table, integer, string
from segmentation_assets.warehouse.bigquery.errors import BY_ARRIVAL, is_unknown_dataset, unknown_table
from segmentation_assets.warehouse.bigquery.jobs import Jobs, literal
from segmentation_assets.warehouse.evolution import EXACT_INTEGERS, Evolution, compare
from segmentation_assets.warehouse.interface import Parameter
from segmentation_assets.warehouse.ledger import LEDGER

PARTITION = "snapshot_date"
STORED_LEDGER = LEDGER.with_columns(
    integer("sequence", "Order in which rows were appended, as BigQuery's microseconds; NULL for one put by MERGE."),
    string("write_id", "The write that appended or marked the row; its mark and its entry share one."),
)
"""The ledger as BigQuery keeps it: where nothing can be changed in place, it is appended to and the last row holds."""

_LONG_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
_MOST_CLUSTERS = 4
_KINDS = {"TABLE": "table", "VIEW": "view", "MATERIALIZED_VIEW": "materialized view"}


class Dataset:
    """The tables of one dataset; `policy_tag` is put on the columns that tell of a person."""

    def __init__(self, jobs: Jobs, name: str, location: str, policy_tag: str | None = None) -> None:
        self.jobs = jobs
        self.reference = bigquery.DatasetReference(jobs.client.project, name)
        self.location = location
        self.policy_tag = policy_tag
        self._is_there = False
        self._has_ledger = False

    def address(self, name: str) -> str:
        """Return the full name of a table, quoted for a statement."""
        return f"`{self.reference.project}.{self.reference.dataset_id}.{name}`"

    def ensure(self) -> None:
        """Create the dataset where there is none; refuse one in another location."""
        if self._is_there:
            return
        if not self.exists():
            wanted = bigquery.Dataset(self.reference)
            wanted.location = self.location
            wanted.description = "Customer segments, one table an asset; partitions are replaced whole."
            wanted.labels = {"managed_by": "segmentation_assets"}
            self.jobs.client.create_dataset(wanted, exists_ok=True, **self.jobs.patience.per_call)
        self._is_there = True

    def exists(self) -> bool:
        """Say whether the dataset is there; refuse one in another location."""
        try:
            found = self.jobs.client.get_dataset(self.reference, **self.jobs.patience.per_call)
        except exceptions.NotFound as error:
            if not is_unknown_dataset(error):
                raise
            return False
        if (found.location or self.location).lower() != self.location.lower():
            raise WarehouseError(
                f"The dataset {self.reference} is in {found.location}, and the setting says {self.location}. Set "
                f"SEGMENTATION_BIGQUERY_LOCATION={found.location}, or name another dataset by SEGMENTATION_DATASET. "
                "Nothing was written."
            )
        return True

    def stored(self, name: str) -> bigquery.Table | None:
        """Return what the dataset holds under a name; a dataset that is not there holds nothing.

        A name that says so, such as ``crm.customers``, is that of another dataset's, or of another project's.
        """
        parts = name.split(".")
        here = [self.reference.project, self.reference.dataset_id]
        project, dataset, table = here[: 3 - len(parts)] + parts
        try:
            named = bigquery.DatasetReference(project, dataset).table(table)
            return self.jobs.client.get_table(named, **self.jobs.patience.per_call)
        except exceptions.NotFound as error:
            if unknown_table(error) == table or is_unknown_dataset(error):
                return None
            raise

    def rows(self, sql: str, *names: str, params: Mapping[str, Parameter] | None = None) -> pa.Table | None:
        """Run a query over tables of these names, or return None where one of them is not there."""
        try:
            return self.jobs.rows(sql, params)
        except exceptions.NotFound as error:
            # A query says of a dataset in another location, too, that there is none: look.
            if unknown_table(error) in names or (is_unknown_dataset(error) and not self.exists()):
                return None
            raise

    def relations(self) -> list[str]:
        """Return the names of the dataset's tables and views that are not being staged."""
        listed = self.jobs.client.list_tables(self.reference, **self.jobs.patience.per_call)
        return sorted(item.table_id for item in listed if not item.table_id.startswith(STAGING))

    def prepare(self, table: Table) -> tuple[str, ...]:
        """Create the table or bring it to its declaration, and return what was changed, in words."""
        stored = self.stored(table.name)
        if stored is not None and is_own_view(stored):  # what was a view may be a table in a later release
            self.jobs.client.delete_table(stored.reference, not_found_ok=True, **self.jobs.patience.per_call)
            stored = None
        if stored is None:
            stored = self._create(table)
        change, types = self._change(table, stored), types_of(stored.schema)
        words = []
        if change.add:
            added = ", ".join(f"ADD COLUMN IF NOT EXISTS `{c.name}` {c.type}" for c in change.add)
            self.jobs.run(f"ALTER TABLE {self.address(table.name)} {added}")
            words += [
                f"added {c.name} ({c.type}); partitions written before read NULL until backfilled" for c in change.add
            ]
        for column in change.widen:
            self._widen(table, column)
            words.append(f"widened {column.name} from {types[column.name]} to {column.type}")
        if change.undeclared:
            words.append(
                f"{choices(change.undeclared)} no longer declared: kept as stored, NULL in new partitions; to drop "
                f"one, ALTER TABLE {self.address(table.name)} DROP COLUMN {change.undeclared[0]}"
            )
        self._write_words(table, stored, is_changed=bool(change.add or change.widen))
        return tuple(words)

    def default_retention(self) -> timedelta | None:
        """Return how long a day is kept of a table made now, or None where it is kept for good."""
        found = self.jobs.client.get_dataset(self.reference, **self.jobs.patience.per_call)
        kept = found.default_partition_expiration_ms
        return timedelta(milliseconds=kept) if kept else None

    def delete_partition(self, partition: bigquery.TableReference) -> None:
        """Delete one day of a table, named ``table$20251115``; one that is not there is as good as deleted."""
        self.jobs.client.delete_table(partition, not_found_ok=True, **self.jobs.patience.per_call)

    def create_staging(
        self, table: Table, stored: bigquery.Table | None, staging: bigquery.TableReference, until: datetime
    ) -> None:
        """Create a table for rows on their way, which BigQuery drops by itself in the end.

        It is the twin of what `prepare` will make of the table, since a partition is copied between twins only:
        columns and types, order, tags, partitions and clusters. What `prepare` would refuse is refused here, before a
        row is on its way.

        Parameters
        ----------
        stored : the table as it is, or None where there is none yet.
        """
        wanted = bigquery.Table(staging, schema=self.fields(table.columns))
        wanted.time_partitioning, wanted.clustering_fields = _partitioning(), clusters_of(table)
        if stored is not None:
            change, declared = self._change(table, stored), {field.name: field for field in wanted.schema}
            wider = {column.name: declared[column.name] for column in change.widen}
            kept = [
                wider.get(field.name) or _with_words(field, declared.get(field.name), self.policy_tag)
                for field in stored.schema
            ]
            wanted.schema = [*kept, *self.fields(change.add)]
            wanted.clustering_fields = stored.clustering_fields
        wanted.expires = until
        self.jobs.client.create_table(wanted, exists_ok=True, **self.jobs.patience.per_call)

    def drop(self, *staging: bigquery.TableReference) -> None:
        """Drop staging tables. Where one cannot be dropped it and the rest expire: each is waited for in vain."""
        with suppress(exceptions.GoogleAPIError, requests.exceptions.RequestException):
            for each in staging:
                self.jobs.client.delete_table(each, not_found_ok=True, **self.jobs.patience.per_call)

    def create_view(self, table: Table, columns: Sequence[str], sql: str) -> None:
        """Create or replace the view of a query that gives `columns` in this order."""
        described = ", ".join(
            f"`{name}` OPTIONS(description = {literal(words_of(table.column(name)))})" for name in columns
        )
        labels = ", ".join(f"({literal(key)}, {literal(value)})" for key, value in labels_of(table).items())
        self.jobs.run(
            f"CREATE OR REPLACE VIEW {self.address(table.name)} ({described}) "
            f"OPTIONS(description = {literal(table.description)}, labels = [{labels}]) AS {sql}"
        )

    def prepare_ledger(self) -> None:
        """Create the ledger or bring it to its declaration, once a process: no run changes it but a newer version's."""
        if not self._has_ledger:
            self.prepare(STORED_LEDGER)
            self._has_ledger = True

    def refuse_other_kind(self, table: Table, stored: bigquery.Table) -> None:
        """Refuse to put a table where a view stands, or a view where a table stands."""
        kind = _KINDS.get(stored.table_type, str(stored.table_type).lower())
        declared = "view" if table.is_view else "table"
        if kind != declared:
            raise WarehouseError(
                f"{self.reference}.{table.name} is a {kind} in the warehouse and is declared a {declared}. If nothing "
                f"else uses it, run: DROP {kind.upper()} {self.address(table.name)}. Nothing was written."
            )

    def fields(self, columns: Sequence[Column]) -> list[bigquery.SchemaField]:
        """Return columns as BigQuery declares them, with their words and tags."""
        return [
            bigquery.SchemaField(c.name, c.type, description=words_of(c), policy_tags=self._tags(c)) for c in columns
        ]

    def _tags(self, column: Column) -> bigquery.PolicyTagList | None:
        return bigquery.PolicyTagList([self.policy_tag]) if self.policy_tag and column.is_tagged else None

    def _change(self, table: Table, stored: bigquery.Table) -> Evolution:
        """Return what `prepare` has to change; refuse what it may not."""
        self.refuse_other_kind(table, stored)
        self._refuse_other_partitioning(table, stored)
        types = types_of(stored.schema)
        change = compare(table, types)
        if change.conflict:
            raise self._conflict(table, change.conflict[0], types)
        return change

    def _create(self, table: Table) -> bigquery.Table:
        wanted = bigquery.Table(self.reference.table(table.name), schema=self.fields(table.columns))
        wanted.time_partitioning = _partitioning()
        wanted.clustering_fields = clusters_of(table)
        wanted.description = table.description
        wanted.labels = labels_of(table)
        # Another process may make it at the same moment; what it made is then looked at like any other.
        return self.jobs.client.create_table(wanted, exists_ok=True, **self.jobs.patience.per_call)

    def _write_words(self, table: Table, stored: bigquery.Table, *, is_changed: bool) -> None:
        """Write descriptions, labels and policy tags where they are not as declared."""
        if is_changed:
            stored = self.jobs.client.get_table(stored.reference, **self.jobs.patience.per_call)
        declared = {field.name: field for field in self.fields(table.columns)}
        schema = [_with_words(field, declared.get(field.name), self.policy_tag) for field in stored.schema]
        labels = {**stored.labels, **labels_of(table)}
        is_as_declared = stored.description == table.description and stored.labels == labels
        if is_as_declared and list(stored.schema) == schema:
            return
        stored.description, stored.labels, stored.schema = table.description, labels, schema
        self.jobs.client.update_table(stored, ["description", "labels", "schema"], **self.jobs.patience.per_call)

    def _widen(self, table: Table, column: Column) -> None:
        name = self.address(table.name)
        counted = self.jobs.rows(
            f"SELECT COUNT(*) AS n FROM {name} WHERE `{column.name}` NOT BETWEEN {-EXACT_INTEGERS} AND {EXACT_INTEGERS}"
        )
        statement = f"ALTER TABLE {name} ALTER COLUMN `{column.name}` SET DATA TYPE {column.type}"
        if beyond := counted["n"][0].as_py():
            raise WarehouseError(
                f"{self.reference}.{table.name}.{column.name} holds {beyond} integers too large for {column.type} to "
                f"hold exactly. To round them, run: {statement}. Nothing was written."
            )
        self.jobs.run(statement)

    def _refuse_other_partitioning(self, table: Table, stored: bigquery.Table) -> None:
        found = stored.time_partitioning
        if found is not None and found.field == PARTITION and found.type_ == bigquery.TimePartitioningType.DAY:
            return
        if found is not None:
            how = f"is partitioned by {found.field or 'the time of arrival'}, one partition {_A_PERIOD[found.type_]}"
        else:
            how = "is partitioned by ranges of a number" if stored.range_partitioning else "has no partitions"
        raise WarehouseError(
            f"{self.reference}.{table.name} {how}, and is declared to have one a day by {PARTITION}, without which a "
            f"day's rows cannot be replaced cheaply. To convert it, run: {self._rebuild(table, '*')}. "
            "Nothing was written."
        )

    def _conflict(self, table: Table, column: Column, types: dict[str, str]) -> WarehouseError:
        selected = f"* REPLACE (SAFE_CAST(`{column.name}` AS {column.type}) AS `{column.name}`)"
        return WarehouseError(
            f"{self.reference}.{table.name}.{column.name} is stored as {types[column.name]} and is declared "
            f"{column.type}; changing it could lose values, so it is left to you. To convert what converts and make "
            f"the rest NULL, run: {self._rebuild(table, selected)}. Or declare it {types[column.name]} again. Nothing "
            "was written."
        )

    def _rebuild(self, table: Table, selected: str) -> str:
        """Return a script that makes the table anew from itself; BigQuery replaces no table of other partitioning."""
        name, fresh = self.address(table.name), self.address(f"{table.name}_rebuilt")
        clusters = ", ".join(clusters_of(table))
        clustered = f" CLUSTER BY {clusters}" if clusters else ""
        return (
            f"CREATE TABLE {fresh} PARTITION BY {PARTITION}{clustered} AS SELECT {selected} FROM {name}; "
            f"DROP TABLE {name}; ALTER TABLE {fresh} RENAME TO `{table.name}`"
        )


STAGING = "staging__"
"""How the names of tables begin that hold rows on their way; each expires by itself."""

_A_PERIOD = {"DAY": "a day", "HOUR": "an hour", "MONTH": "a month", "YEAR": "a year"}


def types_of(schema: Iterable[bigquery.SchemaField] | None) -> dict[str, str]:
    """Return columns with their GoogleSQL types."""
    return {
        field.name: f"ARRAY<{_LONG_NAMES.get(field.field_type, field.field_type)}>"
        if field.mode == "REPEATED"
        else _LONG_NAMES.get(field.field_type, field.field_type)
        for field in schema or ()
    }


def required_filter(stored: bigquery.Table) -> str | None:
    """Return the column by which every query of a table has to filter, if its owner asks for that."""
    if not stored.require_partition_filter:
        return None
    if stored.range_partitioning is not None:
        return str(stored.range_partitioning.field)
    return str((stored.time_partitioning and stored.time_partitioning.field) or BY_ARRIVAL)


def clusters_of(table: Table) -> list[str]:
    """Return the columns a table is clustered by: the customer where it has one, otherwise its key."""
    if "customer_id" in table.column_names:
        return ["customer_id"]
    return [name for name in table.key if name != PARTITION and table.column(name).type != "FLOAT64"][:_MOST_CLUSTERS]


def _partitioning() -> bigquery.TimePartitioning:
    return bigquery.TimePartitioning(bigquery.TimePartitioningType.DAY, PARTITION)


def labels_of(table: Table) -> dict[str, str]:
    """Return the labels by which a bill is split."""
    return {"managed_by": "segmentation_assets", "stage": table.stage}


def is_own_view(stored: bigquery.Table) -> bool:
    """Say whether something stored is a view that the graph made, by its label."""
    return stored.table_type == "VIEW" and stored.labels.get("managed_by") == "segmentation_assets"


def words_of(column: Column) -> str:
    """Return a column's description with its unit."""
    return f"{column.description} [{column.unit}]" if column.unit else column.description


def _with_words(
    stored: bigquery.SchemaField, declared: bigquery.SchemaField | None, policy_tag: str | None
) -> bigquery.SchemaField:
    """Return the stored field with the declared words and tag, and nothing else of the declaration.

    Our tag goes from a column that is declared without one, and another's stays. One left out of a schema would stay.
    """
    if declared is None:
        return stored
    resource = {**stored.to_api_repr(), "description": declared.description}
    if declared.policy_tags is not None:
        resource["policyTags"] = declared.policy_tags.to_api_repr()
    elif stored.policy_tags is not None and policy_tag in stored.policy_tags.names:
        resource["policyTags"] = {"names": []}
    return bigquery.SchemaField.from_api_repr(resource)
