"""The nightly graph in a project without billing, which runs no DML and keeps a partition for 60 days."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from segmentation_assets.defs.blueprint import draw_blueprint
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets_tests.club import found_club
from segmentation_assets_tests.conftest import Graph, events
from segmentation_assets_tests.emulator.partitions import Partitions, day_before

pytestmark = pytest.mark.long  # two runs of the whole graph through the emulator

DAYS = [day_before(2), day_before(1)]


@pytest.fixture(scope="module")
def club(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("club")
    found_club(folder)
    return folder


@pytest.fixture(scope="module")
def runs(bigquery, club):
    """The graph of two days with billing and without it, and the run without."""
    with Partitions(bigquery.host) as billed, Partitions(bigquery.host, refuses_dml="at once", kept_days=60) as free:
        graphs = [graph_of(club, "with_billing", billed.host), graph_of(club, "without_billing", free.host)]
        results = [graph.run(*DAYS) for graph in graphs]
        yield [graph.warehouse for graph in graphs], results[1], free


def graph_of(folder, dataset, host):
    return Graph(
        read_settings(
            data_dir=folder,
            portfolio=str(folder / "club.yaml"),
            warehouse="bigquery",
            bigquery_project="insurer-test",
            dataset=dataset,
            bigquery_emulator_host=host,
        )
    )


def test_every_table_and_view_holds_the_same_rows_as_with_billing(runs, club):
    (merged, copied), _, _ = runs
    tables = draw_blueprint(load_portfolio(str(club / "club.yaml"))).tables
    for table in tables.values():
        ours, theirs = (in_order(warehouse.read(table, *DAYS), table) for warehouse in (copied, merged))
        pd.testing.assert_frame_equal(ours, theirs, check_exact=not table.is_view, obj=table.name)
        assert copied.row_counts(table) == merged.row_counts(table)


def in_order(rows, table):
    frame = rows.to_pandas()
    exact = [name for name in frame.columns if frame[name].dtype != "float64"]
    return frame.sort_values(list(dict.fromkeys([*table.key, *exact])), ignore_index=True)


def test_the_ledger_knows_the_same_of_every_partition(runs):
    (merged, copied), _, _ = runs
    assert copied.ledger() == merged.ledger()
    assert all(partition.schema_version for partition in copied.ledger())


def test_the_run_tells_how_it_wrote_and_what_will_be_forgotten(runs):
    _, result, _ = runs
    notes = {
        e.asset_key.path[-1]: e.materialization.metadata["notes"].value
        for e in events(result, "ASSET_MATERIALIZATION")
        if "notes" in e.materialization.metadata
    }
    assert "DML is refused" in notes["customers"]
    assert "drops each day of this table 60 days after its date" in notes["customers"]


def test_no_statement_that_changes_rows_was_run_and_no_table_has_a_partitions_name(runs):
    (_, copied), _, free = runs
    refused = [sql for sql in free.statements if sql.lstrip().startswith(("MERGE", "UPDATE", "DELETE", "INSERT"))]
    assert len(refused) <= 1, "it is asked for once"
    names = [item.table_id for item in copied.jobs.client.list_tables(copied.tables.reference)]
    assert not [name for name in names if "$" in name or name.startswith("staging__")]


def test_a_day_that_would_be_dropped_at_once_fails_before_anything_is_written(runs, club):
    (_, copied), _, free = runs
    before = copied.ledger()
    result = graph_of(club, "without_billing", free.host).run(date(2025, 6, 1), raise_on_error=False)
    assert not result.success
    said = [str(e.step_failure_data.error) for e in events(result, "STEP_FAILURE")]
    assert any(f"Write days from {date(2025, 6, 1) + timedelta(1)} on" in words for words in said)
    assert copied.ledger() == before
