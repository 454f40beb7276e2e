"""The nightly graph with BigQuery behind it, by the official client over a socket: the tables DuckDB has, row for row.

Numbers made in Python go into either engine and come out with the same bits. A sum or mean of doubles that an engine
makes itself depends on the order in which it meets them, which SQL leaves open: there the last bits may differ, and
relative differences up to 1e-12 pass.
"""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets.tables import Table
from segmentation_assets_tests.conftest import PUBLISHED_DAY, Graph, events

pytestmark = pytest.mark.long  # the emulator alone takes a minute for the whole graph

TABLES = draw_blueprint(load_portfolio("insurance")).tables
SUMMED_BY_THE_ENGINE = {name for name, table in TABLES.items() if table.is_view}
TOLERANCE = 1e-12


@pytest.fixture(scope="module")
def on_bigquery(bigquery, published):
    """The published data run through the graph with every table in the emulator; the run's result beside it."""
    embedded, _ = published
    settings = read_settings(
        data_dir=embedded.settings.data_dir,
        warehouse="bigquery",
        bigquery_project="insurer-test",
        dataset="nightly",
        bigquery_emulator_host=bigquery.host,
    )
    graph = Graph(settings)
    return graph, graph.run(PUBLISHED_DAY)


@pytest.mark.parametrize("name", TABLES)
def test_each_table_and_mart_equals_the_embedded_one_row_for_row(on_bigquery, published, name):
    table = TABLES[name]
    ours, theirs = (_in_order(graph.table(name, PUBLISHED_DAY), table) for graph in (on_bigquery[0], published[0]))
    assert len(ours) == len(theirs)
    for column in theirs.columns:
        if theirs[column].dtype == "float64" and name in SUMMED_BY_THE_ENGINE:
            np.testing.assert_allclose(ours[column], theirs[column], rtol=TOLERANCE, atol=0, err_msg=column)
        else:
            pd.testing.assert_series_equal(ours[column], theirs[column], check_exact=True, obj=f"{name}.{column}")


def _in_order(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    exact = [name for name in frame.columns if frame[name].dtype != "float64"]
    return frame.sort_values(list(dict.fromkeys([*table.key, *exact])), ignore_index=True)


def test_the_run_says_where_its_tables_are_and_how_many_bytes_it_read(on_bigquery):
    made = {e.asset_key.path[-1]: e.materialization.metadata for e in events(on_bigquery[1], "ASSET_MATERIALIZATION")}
    assert set(made) == set(TABLES)
    metadata = {key: value.value for key, value in made["customers"].items()}
    assert metadata["dagster/table_name"] == "insurer-test.nightly.customers"
    assert metadata["dagster/storage_kind"] == "bigquery"
    assert metadata["bytes_processed"] >= 0
    assert "bytes_estimated" in {key for metadata in made.values() for key in metadata}


def test_tables_are_partitioned_clustered_described_and_labelled(on_bigquery):
    stored = on_bigquery[0].warehouse.tables.stored("customers")
    assert (stored.time_partitioning.type_, stored.time_partitioning.field) == ("DAY", "snapshot_date")
    assert stored.clustering_fields == ["customer_id"]
    assert stored.description == TABLES["customers"].description
    assert stored.labels == {"managed_by": "segmentation_assets", "stage": "core"}
    assert {field.name: bool(field.description) for field in stored.schema} == {
        c.name: True for c in TABLES["customers"].columns
    }


def test_nothing_is_left_in_staging(on_bigquery):
    warehouse = on_bigquery[0].warehouse
    listed = {item.table_id for item in warehouse.jobs.client.list_tables(warehouse.tables.reference)}
    assert listed == {*TABLES, "partition_ledger"}
