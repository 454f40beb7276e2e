"""Large reads: BigQuery's storage interface hands over a stored table in columns, in streams, without a query."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from google.cloud import bigquery
from google.cloud.bigquery_storage import BigQueryReadClient
from google.cloud.bigquery_storage_v1.types import DataFormat, ReadSession, ReadStream

from segmentation_assets.warehouse.bigquery.client import Patience

_STREAMS = 4


def read_stored(
    client: BigQueryReadClient, table: bigquery.Table, columns: Sequence[str], restriction: str, patience: Patience
) -> pa.Table:
    """Return columns of the table's rows that meet a restriction, in no order.

    A stream that breaks off is taken up where it was, by the client.
    """
    session = client.create_read_session(
        parent=f"projects/{table.project}",
        read_session=ReadSession(
            table=table.reference.path.lstrip("/"),
            data_format=DataFormat.ARROW,
            read_options=ReadSession.TableReadOptions(selected_fields=columns, row_restriction=restriction),
        ),
        max_stream_count=_STREAMS,
        timeout=patience.request_seconds,
    )
    schema = pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))

    def read(stream: ReadStream) -> pa.Table:
        pages = client.read_rows(stream.name, timeout=patience.job_seconds)
        batches = [page.arrow_record_batch.serialized_record_batch for page in pages]
        return pa.Table.from_batches([pa.ipc.read_record_batch(pa.py_buffer(b), schema) for b in batches], schema)

    with ThreadPoolExecutor(_STREAMS) as pool:
        return pa.concat_tables([schema.empty_table(), *pool.map(read, session.streams)])
