"""Rows laid out for a query, on either engine.

`replace` is tested elsewhere, and takes a dozen statements; what is tested with this is the query.
"""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from segmentation_assets.tables import Table
from segmentation_assets.warehouse import Warehouse


def lay_out(warehouse: Warehouse, table: Table, rows: pa.Table) -> None:
    """Put rows into a new table of the warehouse."""
    if warehouse.kind == "duckdb":
        with warehouse.file.writing() as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {warehouse.dataset}")
            connection.register("laid_out", rows)
            connection.execute(f"CREATE TABLE {warehouse.dataset}.{table.name} AS FROM laid_out")
        return
    from google.cloud import bigquery  # noqa: PLC0415 - of an extra

    client, sink = warehouse.jobs.client, io.BytesIO()
    client.create_dataset(warehouse.place.dataset, exists_ok=True, timeout=60)
    schema = [bigquery.SchemaField(column.name, column.type) for column in table.columns]
    pq.write_table(rows, sink)
    load = client.load_table_from_file(
        sink,
        f"{client.project}.{warehouse.place.dataset}.{table.name}",
        rewind=True,
        job_config=bigquery.LoadJobConfig(source_format="PARQUET", schema=schema),
        timeout=60,
    )
    load.result(timeout=60)
