"""The nightly graph in a project without billing, which runs no DML and keeps a partition for 60 days."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets.warehouse.ledger import Partition
from segmentation_assets_tests.club import found_club
from segmentation_assets_tests.conftest import Graph, events, graph_on
from segmentation_assets_tests.emulator.partitions import Partitions, day_before

pytestmark = pytest.mark.long  # the whole graph of two days through the emulator

DAYS = [day_before(2), day_before(1)]


@pytest.fixture(scope="module")
def club(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("club")
    found_club(folder)
    return folder


@pytest.fixture(scope="module")
def embedded(club, tmp_path_factory):
    """The warehouse of the same two days on the embedded engine, which the graph with billing equals, too."""
    graph = graph_on(club, tmp_path_factory.mktemp("embedded"), str(club / "club.yaml"))
    assert graph.run(*DAYS).success
    return graph.warehouse


@pytest.fixture(scope="module")
def without_billing(bigquery, club):
    """The warehouse of two days without billing, their run, and the project that they were run in."""
    with Partitions(bigquery.host, refuses_dml="at once", kept_days=60) as free:
        graph = graph_at(club, free.host)
        yield graph.warehouse, graph.run(*DAYS), free


def graph_at(folder, host):
    return Graph(
        read_settings(
            data_dir=folder,
            portfolio=str(folder / "club.yaml"),
            warehouse="bigquery",
            bigquery_project="insurer-test",
            dataset="without_billing",
            bigquery_emulator_host=host,
        )
    )


def test_every_table_and_view_holds_the_rows_that_it_holds_elsewhere(without_billing, embedded, club):
    copied = without_billing[0]
    tables = draw_blueprint(load_portfolio(str(club / "club.yaml"))).tables
    counts = [warehouse.row_counts(list(tables.values())) for warehouse in (copied, embedded)]
    assert counts[0] == counts[1]
    for table in tables.values():
        ours, theirs = (in_order(warehouse.read(table, *DAYS), table) for warehouse in (copied, embedded))
        pd.testing.assert_frame_equal(ours, theirs, check_exact=not table.is_view, rtol=1e-12, atol=0, obj=table.name)


def in_order(rows, table):
    frame = rows.to_pandas()
    exact = [name for name in frame.columns if frame[name].dtype != "float64"]
    return frame.sort_values(list(dict.fromkeys([*table.key, *exact])), ignore_index=True)


def test_the_ledger_knows_the_same_of_every_partition(without_billing, embedded):
    ours, theirs = ({p.name: known(p) for p in warehouse.ledger()} for warehouse in (without_billing[0], embedded))
    assert ours == theirs
    assert all(partition.schema_version for partition in without_billing[0].ledger())


def known(partition: Partition):
    """Return what is known of a partition but for the fingerprints of rows, which are an engine's own."""
    return partition.n_rows, partition.schema_version, partition.code_version, set(partition.upstream)


def test_the_run_tells_how_it_wrote_and_what_will_be_forgotten(without_billing):
    _, result, _ = without_billing
    notes = {
        e.asset_key.path[-1]: e.materialization.metadata["notes"].value
        for e in events(result, "ASSET_MATERIALIZATION")
        if "notes" in e.materialization.metadata
    }
    assert "DML is refused" in notes["customers"]
    assert "drops each day of this table 60 days after its date" in notes["customers"]


def test_no_statement_that_changes_rows_was_run_and_no_table_has_a_partitions_name(without_billing):
    copied, _, free = without_billing
    refused = [sql for sql in free.statements if sql.lstrip().startswith(("MERGE", "UPDATE", "DELETE", "INSERT"))]
    assert len(refused) <= 1, "it is asked for once"
    names = [item.table_id for item in copied.jobs.client.list_tables(copied.tables.reference)]
    assert not [name for name in names if "$" in name or name.startswith("staging__")]


def test_a_day_that_would_be_dropped_at_once_fails_before_anything_is_written(without_billing, club):
    copied, _, free = without_billing
    before = copied.ledger()
    result = graph_at(club, free.host).run(date(2025, 6, 1), raise_on_error=False)
    assert not result.success
    said = [str(e.step_failure_data.error) for e in events(result, "STEP_FAILURE")]
    assert any(f"Write days from {date(2025, 6, 1) + timedelta(1)} on" in words for words in said)
    assert copied.ledger() == before
