"""What SQL can reach from within: the one file, its temporary tables, and nothing else."""

import os
import stat
import threading
from pathlib import Path

import duckdb
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse.duckdb import private_files
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.warehouse.conftest import MONDAY, VISITS, rows

MARK = "the marked words of a neighbour"
FOUR_ROWS = rows(VISITS, *({"visit_id": name} for name in "abcd"))


@pytest.fixture
def warehouse(tmp_path):
    found = DuckDBWarehouse(tmp_path / "w.duckdb", "segmentation", patience_seconds=1)
    found.replace(VISITS, FOUR_ROWS, MONDAY, MONDAY)
    return found


@pytest.fixture
def neighbour(tmp_path):
    """A file beside the warehouse, and a database."""
    (tmp_path / "neighbour.csv").write_text(f"secret\n{MARK}\n")
    with duckdb.connect(str(tmp_path / "neighbour.duckdb")) as connection:
        connection.execute(f"CREATE TABLE secrets AS SELECT '{MARK}' AS secret")
    return tmp_path


READING = (
    "SELECT * FROM read_text('{at}/neighbour.csv')",
    "SELECT * FROM read_blob('{at}/neighbour.csv')",
    "SELECT * FROM read_csv('{at}/neighbour.csv')",
    "SELECT * FROM read_csv_auto(['{at}/neighbour.csv'])",
    "SELECT * FROM sniff_csv('{at}/neighbour.csv')",
    "SELECT * FROM read_json('{at}/neighbour.csv')",
    "SELECT * FROM read_parquet('{at}/neighbour.csv')",
    "SELECT * FROM parquet_metadata('{at}/neighbour.csv')",
    "SELECT * FROM glob('{at}/*')",
    "SELECT * FROM '{at}/neighbour.csv'",
    'SELECT * FROM "{at}/neighbour.duckdb".secrets',
    "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "SELECT * FROM query('SELECT * FROM read_text(''{at}/neighbour.csv'')')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_text('{at}/w.duckdb/../neighbour.csv')",
)
LEAVING = (
    "COPY segmentation.visits TO '{at}/out.csv'",
    "COPY segmentation.visits FROM '{at}/neighbour.csv'",
    "EXPORT DATABASE '{at}/out'",
    "ATTACH '{at}/neighbour.duckdb' AS other",
    "ATTACH '{at}/new.duckdb' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "RESET enable_external_access",
    "SET lock_configuration = false",
    "SET allowed_paths = ['{at}/neighbour.csv']",
    "SET temp_directory = '{at}/elsewhere'",
    "SET memory_limit = '1TB'",
    "CREATE PERSISTENT MARK s (TYPE http)",
)


@pytest.mark.parametrize("sql", READING)
def test_no_query_reads_another_file_or_an_address(warehouse, neighbour, sql):
    with pytest.raises(WarehouseError) as refused, warehouse.file.reading() as connection:
        connection.execute(sql.format(at=neighbour)).fetchall()
    assert MARK not in str(refused.value)


@pytest.mark.parametrize("sql", LEAVING)
@pytest.mark.parametrize("hold", ["reading", "writing"])
def test_no_statement_leaves_the_file_or_lets_itself_out(warehouse, neighbour, sql, hold):
    before = sorted(path.name for path in neighbour.iterdir())
    with pytest.raises(WarehouseError), getattr(warehouse.file, hold)() as connection:
        connection.execute(sql.format(at=neighbour)).fetchall()
    assert sorted(path.name for path in neighbour.iterdir()) == before
    assert warehouse.count(VISITS, MONDAY, MONDAY) == 4, "the next engine works"


@pytest.mark.parametrize(
    "written",
    [
        "DELETE FROM segmentation.visits RETURNING *",
        "UPDATE segmentation.visits SET visit_id = 'x' RETURNING *",
        "INSERT INTO segmentation.visits SELECT * FROM segmentation.visits RETURNING *",
    ],
)
def test_what_a_portfolio_wrote_runs_where_it_cannot_write_though_its_text_were_let_through(
    warehouse, monkeypatch, written
):
    before = warehouse.read(VISITS, MONDAY, MONDAY)
    monkeypatch.setattr(warehouse, "_translate", lambda *_: (f"WITH w AS ({written}) SELECT * FROM w", {}))
    for attempt in (
        lambda query: warehouse.replace(VISITS, query, MONDAY, MONDAY),
        lambda query: warehouse.query_over(query, {VISITS: before}, VISITS, MONDAY, MONDAY),
        warehouse.query,
    ):
        with pytest.raises(WarehouseError):
            attempt(Query("SELECT 1"))
    monkeypatch.undo()
    assert warehouse.read(VISITS, MONDAY, MONDAY).equals(before)


def test_a_query_that_needs_more_than_memory_spills_beside_the_file(warehouse):
    with warehouse.file.reading() as connection:
        (found,) = connection.execute("SELECT current_setting('temp_directory')").fetchone()
    assert found == f"{warehouse.file.path}.tmp"


def test_the_warehouse_its_lock_and_its_folder_are_their_owners_alone(tmp_path):
    old = os.umask(0o022)
    try:
        path = tmp_path / "made" / "w.duckdb"
        warehouse = DuckDBWarehouse(path, "segmentation")
        seen = {}
        with warehouse.file.writing() as connection:
            connection.execute("CREATE SCHEMA s")
            connection.execute("COMMIT")  # the journal is there until the file is let go
            seen = {name.name: _mode(name) for name in path.parent.iterdir()}
            connection.execute("BEGIN")
        assert seen == {"w.duckdb": 0o600, "w.duckdb.wal": 0o600, "w.duckdb.lock": 0o600}
        assert _mode(path.parent) == 0o700
        (tmp_path / "after").touch()
        assert _mode(tmp_path / "after") == 0o644, "what the process makes elsewhere is as before"
    finally:
        os.umask(old)


def test_a_lock_that_others_may_open_is_closed_to_them(warehouse):
    lock = Path(f"{warehouse.file.path}.lock")
    lock.chmod(0o666)
    warehouse.count(VISITS, MONDAY, MONDAY)
    assert _mode(lock) == 0o600


def test_a_lock_that_leads_elsewhere_is_not_followed(warehouse, tmp_path):
    lock = Path(f"{warehouse.file.path}.lock")
    lock.unlink()
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "precious").chmod(0o644)
    lock.symlink_to(tmp_path / "precious")
    assert warehouse.count(VISITS, MONDAY, MONDAY) == 4
    assert (_mode(tmp_path / "precious"), (tmp_path / "precious").read_text()) == (0o644, "mine")


def test_threads_that_ask_for_private_files_at_once_leave_the_process_as_it_was():
    old = os.umask(0o022)
    first_is_in, second_is_in, first_is_out = threading.Event(), threading.Event(), threading.Event()

    def first():
        with private_files.private_files():
            first_is_in.set()
            second_is_in.wait(10)
        first_is_out.set()

    other = threading.Thread(target=first)
    try:
        other.start()
        first_is_in.wait(10)
        with private_files.private_files():
            second_is_in.set()
            first_is_out.wait(10)
            assert os.umask(0o077) == 0o077, "the second still wants it"
        assert os.umask(0o022) == 0o022
    finally:
        other.join()
        os.umask(old)


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)
