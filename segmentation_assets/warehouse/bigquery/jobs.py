"""Jobs on BigQuery: each has an id of our own, so that one whose answer was lost is found again and not run twice."""

import io
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from google.api_core import exceptions
from google.api_core.retry import Retry
from google.cloud import bigquery
from sqlglot import exp

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse.bigquery.client import Patience, is_passing
from segmentation_assets.warehouse.interface import Parameter

_ATTEMPTS = 4
_FIRST_LOOK, _LONGEST_LOOK = 0.05, 2.0
_TYPES: dict[type, str] = {date: "DATE", bool: "BOOL", int: "INT64", float: "FLOAT64", str: "STRING"}

# A project or an organisation may set a default time zone, in which moments would otherwise be told.
_IN_UTC = bigquery.ConnectionProperty("time_zone", "UTC")
_OURS = {"managed_by": "segmentation_assets"}
_LONGEST_LABEL = 63
_table: ContextVar[str | None] = ContextVar("the table that jobs are for", default=None)
_AT_ONCE = 8

Job = bigquery.QueryJob | bigquery.LoadJob | bigquery.CopyJob
Destination = tuple[bigquery.TableReference, str]
"""A table, and one of the client's `WriteDisposition`."""


class Jobs:
    """Runs statements and loads; `max_bytes` caps what a single statement may read.

    Every statement given must do the same when it is run again: a job that failed for a passing reason is. Each job
    carries `labels`, and the table that it is for (see `about`), by which a bill can be split.
    """

    def __init__(
        self, client: bigquery.Client, patience: Patience, max_bytes: int, labels: Mapping[str, str] | None = None
    ) -> None:
        self.client = client
        self.patience = patience
        self.max_bytes = max_bytes
        self._labels = {**_OURS, **(labels or {})}
        self.bytes_processed = 0
        """What all statements so far have read."""

    @property
    def labels(self) -> dict[str, str]:
        """What a job begun now is labelled with."""
        table = _table.get()
        named = self._labels if table is None else {**self._labels, "table": table}
        return {key: label_value(value) for key, value in named.items()}

    @contextmanager
    def about(self, table: str) -> Iterator[None]:
        """Label the jobs that this thread begins within the block with the table that they are for."""
        token = _table.set(table)
        try:
            yield
        finally:
            _table.reset(token)

    def estimate(self, sql: str, origin: str, params: Mapping[str, Parameter] | None = None) -> bigquery.QueryJob:
        """Ask what a statement would read and return, without running it.

        Raises
        ------
        WarehouseError
            If it would read more than `max_bytes`.
        """
        job = self._planned(sql, self._config(params or {}))
        n_bytes = job.total_bytes_processed or 0
        if n_bytes > self.max_bytes:
            raise WarehouseError(
                f"{origin} would read {n_bytes:,} bytes, and SEGMENTATION_BIGQUERY_MAX_BYTES allows {self.max_bytes:,}."
                " Ask for fewer partitions or columns, or raise the setting. Nothing was run."
            )
        return job

    def plan_view(self, sql: str) -> bigquery.QueryJob:
        """Ask what the query of a view returns; however much it would read of all days, nobody reads it now."""
        return self._planned(sql, bigquery.QueryJobConfig(labels=self.labels, connection_properties=[_IN_UTC]))

    def _planned(self, sql: str, config: bigquery.QueryJobConfig) -> bigquery.QueryJob:
        config.dry_run = True
        return self.client.query(sql, job_config=config, job_retry=None, **self.patience.per_call)

    def run(
        self, sql: str, params: Mapping[str, Parameter] | None = None, into: Destination | None = None
    ) -> bigquery.QueryJob:
        """Run one statement to its end; the rows of a query go into the table named, which has to be there."""
        config = self._config(params or {})
        if into is not None:
            config.destination, config.write_disposition = into
            config.create_disposition = bigquery.CreateDisposition.CREATE_NEVER

        def begin(job_id: str) -> Job:
            return self.client.query(sql, job_config=config, job_id=job_id, job_retry=None, **self.patience.per_call)

        return self._completed(begin)  # type: ignore[return-value]

    def copy(self, pairs: Sequence[tuple[bigquery.TableReference, bigquery.TableReference]]) -> None:
        """Put each source in the place of what its target holds, by a job of its own, a few of them at a time."""
        for start in range(0, len(pairs), _AT_ONCE):
            begun = [self._begin_copy(*pair) for pair in pairs[start : start + _AT_ONCE]]
            for begin, job in begun:
                self._completed(begin, job)

    def _begin_copy(
        self, source: bigquery.TableReference, target: bigquery.TableReference
    ) -> tuple[Callable[[str], Job], Job]:
        config = bigquery.CopyJobConfig(
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
            create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
            labels=self.labels,
        )

        def begin(job_id: str) -> Job:
            return self.client.copy_table(source, target, job_id=job_id, job_config=config, **self.patience.per_call)

        return begin, self._begun(begin)

    def rows(self, sql: str, params: Mapping[str, Parameter] | None = None) -> pa.Table:
        """Run a query that changes nothing and return its rows by the plain interface, page by page.

        BigQuery keeps the rows for a day, and gives them again for nothing while no table that was read has changed.
        """
        try:
            config = self._config(params or {})
            config.use_query_cache = True
            found = self.client.query_and_wait(
                sql,
                job_config=config,
                api_timeout=self.patience.request_seconds,
                wait_timeout=self.patience.job_seconds,
                retry=self.patience.retry,
                job_retry=None,  # type: ignore[arg-type]
            )
        except exceptions.Conflict as error:
            if not _is_known_job(error):
                raise
            # It arrived and its answer did not. It cannot be found again, as a job with an id of ours can.
            return (
                self.run(sql, params)
                .result(job_retry=None, **self.patience.per_call)
                .to_arrow(create_bqstorage_client=False)
            )
        self.bytes_processed += found.total_bytes_processed or 0
        return found.to_arrow(create_bqstorage_client=False)

    def load(self, *pairs: tuple[pa.Table, bigquery.TableReference]) -> None:
        """Load rows into empty tables that are there, whose further columns stay NULL, a few of them at a time."""
        for start in range(0, len(pairs), _AT_ONCE):
            begun = [self._begin_load(*pair) for pair in pairs[start : start + _AT_ONCE]]
            for begin, job in begun:
                self._completed(begin, job)

    def _begin_load(self, rows: pa.Table, destination: bigquery.TableReference) -> tuple[Callable[[str], Job], Job]:
        sink = io.BytesIO()
        pq.write_table(rows, sink)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
            create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
            labels=self.labels,
        )

        def begin(job_id: str) -> Job:
            # The upload of the client has a policy of its own, which our deadline would not end: none of it, and ours.
            upload = self.patience.retry(
                lambda: self.client.load_table_from_file(
                    sink,
                    destination,
                    rewind=True,
                    size=sink.getbuffer().nbytes,
                    num_retries=0,
                    job_id=job_id,
                    job_config=config,
                    timeout=self.patience.request_seconds,
                )
            )
            return upload()

        return begin, self._begun(begin)

    def _completed(self, begin: Callable[[str], Job], begun: Job | None = None) -> Job:
        """Begin a job and wait for its end; begin another where it failed for a passing reason."""
        deadline = time.monotonic() + self.patience.job_seconds
        for attempt in range(_ATTEMPTS):
            job = self._ended(begun if begun and not attempt else self._begun(begin), deadline)
            error = job.exception() if job.error_result else None
            if error is None:
                if isinstance(job, bigquery.QueryJob):
                    self.bytes_processed += job.total_bytes_processed or 0
                return job
            if attempt + 1 == _ATTEMPTS or not is_passing(error):
                raise error
            time.sleep(self.patience.pause_seconds * 2**attempt)
        raise AssertionError

    def _begun(self, begin: Callable[[str], Job]) -> Job:
        job_id = f"segmentation_{uuid4().hex}"
        try:
            return begin(job_id)
        except exceptions.Conflict as error:
            if not _is_known_job(error):
                raise
            # An earlier attempt arrived and its answer did not. The job may take a moment to show.
            found = Retry(
                predicate=lambda error: is_passing(error) or isinstance(error, exceptions.NotFound),
                initial=self.patience.pause_seconds,
                timeout=self.patience.call_seconds,
            )
            return self.client.get_job(  # type: ignore[return-value]
                job_id, retry=found, timeout=self.patience.request_seconds
            )

    def _ended(self, job: Job, deadline: float) -> Job:
        pause = _FIRST_LOOK
        while job.state != "DONE":
            if time.monotonic() > deadline:
                job.cancel(**self.patience.per_call)
                raise WarehouseError(
                    f"The job {job.job_id} of {self.client.project} was not done in {self.patience.job_seconds:.0f} s "
                    "and was cancelled. See what it waits for in the BigQuery console, and run again."
                )
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_LOOK)
            job.reload(**self.patience.per_call)
        return job

    def _config(self, params: Mapping[str, Parameter]) -> bigquery.QueryJobConfig:
        return bigquery.QueryJobConfig(
            maximum_bytes_billed=self.max_bytes,
            use_query_cache=False,
            query_parameters=[_parameter(name, value) for name, value in params.items()],
            labels=self.labels,
            connection_properties=[_IN_UTC],
        )


def label_value(text: str) -> str:
    """Return a text as the value of a label: 63 small letters, digits, underscores and dashes at most."""
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:_LONGEST_LABEL]


def _is_known_job(error: exceptions.Conflict) -> bool:
    return "Already Exists: Job" in str(error)


def literal(value: Any) -> str:
    """Return a value as a typed literal of GoogleSQL."""
    if value is None:
        return "NULL"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, int):
        return str(value)
    return exp.Literal.string(value).sql("bigquery")


def _parameter(name: str, value: Any) -> bigquery.ScalarQueryParameter:
    return bigquery.ScalarQueryParameter(name, _TYPES[type(value)], value)
