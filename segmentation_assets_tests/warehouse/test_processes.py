"""Several processes on one file, and processes killed at random moments. `make bench` asks for ten times as many."""

import json
import subprocess
import sys

import pytest

from segmentation_assets_tests.emulator.partitions import Partitions

N_ROWS = 60_000  # enough for most of a write to be the exchange of rows, so that kills fall into it


def run(*arguments):
    command = [sys.executable, "-m", "segmentation_assets_tests.warehouse.processes", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_writers_and_readers_share_the_file_without_a_failure_or_a_wrong_read(tmp_path):
    seen = run("crowd", tmp_path / "w.duckdb", 8, 2, 5, 500)
    assert seen["failures"] == []
    assert seen["wrong"] == []
    assert seen["last_rounds"] == [4] * 8
    assert seen["reads"] > 0


def test_a_killed_write_leaves_each_partition_whole_and_the_next_run_heals(tmp_path):
    seen = run("kill", tmp_path / "w.duckdb", 20, N_ROWS, 11)
    assert seen["wrong"] == []
    assert seen["interrupted_writes"] >= 5, "kills must fall into writes to show anything"
    assert seen["healed"][0].startswith(f"Replaced(n_rows={N_ROWS}")


@pytest.mark.long
@pytest.mark.parametrize("writes", ["merge", "copy"])
def test_a_killed_write_to_bigquery_leaves_each_partition_whole_and_the_next_run_heals(bigquery, new_bigquery, writes):
    warehouse = new_bigquery()
    with Partitions(bigquery.host) as between:
        seen = run("kill", f"{between.host}#{warehouse.place.dataset}#{writes}", 5, 200, 11, 4000)
    assert seen["wrong"] == []
    assert seen["interrupted_writes"] >= 3, "kills must fall into writes to show anything"
    assert seen["healed"][0].startswith("Replaced(n_rows=200")
    tables = [
        warehouse.jobs.client.get_table(item) for item in warehouse.jobs.client.list_tables(warehouse.tables.reference)
    ]
    left_behind = [table for table in tables if table.table_id.startswith("staging__")]
    assert all(table.expires for table in left_behind)
    assert len(left_behind) <= seen["kills"]
