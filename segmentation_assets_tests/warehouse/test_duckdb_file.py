import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import duckdb
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets_tests.warehouse.conftest import MONDAY, VISITS, rows

ONE_ROW = rows(VISITS, {"visit_id": "a"})


def at(path, patience=0.3):
    return DuckDBWarehouse(path, "segmentation", patience_seconds=patience)


def write(warehouse):
    return warehouse.replace(VISITS, ONE_ROW, MONDAY, MONDAY)


def hold(path, *, read_only):
    """A program that knows nothing of us and keeps the file open until its input ends."""
    code = (
        f"import duckdb; c = duckdb.connect({str(path)!r}, read_only={read_only}); print('held', flush=True); input()"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert holder.stdout.readline() == "held\n"
    return holder


def release(holder):
    holder.communicate("\n", timeout=20)


def test_another_program_with_the_file_open_is_named(tmp_path):
    path = tmp_path / "w.duckdb"
    write(at(path))
    holder = hold(path, read_only=False)
    try:
        for attempt in (lambda: write(at(path)), lambda: at(path).read(VISITS, MONDAY, MONDAY)):
            with pytest.raises(WarehouseError, match=rf"w.duckdb is in use by .*python.* \(process {holder.pid}\)"):
                attempt()
    finally:
        release(holder)


def test_a_write_waits_for_a_program_that_lets_go(tmp_path):
    path = tmp_path / "w.duckdb"
    write(at(path))
    holder = hold(path, read_only=True)
    assert at(path).count(VISITS, MONDAY, MONDAY) == 1, "readers share the file"
    threading.Timer(0.5, release, [holder]).start()
    started = time.monotonic()
    assert write(at(path, patience=30)).n_rows == 1
    assert time.monotonic() - started > 0.3


def test_a_connection_of_this_process_that_we_did_not_open_is_told(tmp_path):
    path = tmp_path / "w.duckdb"
    write(at(path))
    with (
        duckdb.connect(str(path), read_only=True),
        pytest.raises(WarehouseError, match=r"another connection of this process"),
    ):
        write(at(path))
    assert write(at(path)).n_rows == 1


def test_threads_take_turns(tmp_path):
    warehouse = at(tmp_path / "w.duckdb", patience=30)
    failures = []

    def work(number):
        try:
            for _ in range(4):
                write(warehouse) if number % 2 else warehouse.read(VISITS, MONDAY, MONDAY)
        except WarehouseError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert warehouse.count(VISITS, MONDAY, MONDAY) == 1


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    path = tmp_path / "w.duckdb"
    for content in (b"customer_id,age\n" * 500, b""):
        path.write_bytes(content)
        for attempt in (lambda: write(at(path)), lambda: at(path).snapshots(VISITS)):
            with pytest.raises(WarehouseError, match=r"w.duckdb is not a DuckDB file, or is damaged. Put back a copy"):
                attempt()
        assert path.read_bytes() == content


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "w.duckdb"
    write(at(path))
    content = bytearray(path.read_bytes())
    content[4096 * 3 + 100 : 4096 * 3 + 2000] = b"\xff" * 1900
    content[4096 + 20 : 4096 + 40] = b"\xff" * 20
    content[8192 + 20 : 8192 + 40] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(WarehouseError, match=r"damaged"):
        write(at(path))


def test_a_file_of_a_newer_duckdb_is_told(tmp_path):
    path = tmp_path / "w.duckdb"
    write(at(path))
    content = bytearray(path.read_bytes())
    struct.pack_into("<Q", content, 12, 9999)  # the storage version, and then the header's checksum over it
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", content[8:4096]):
        checksum ^= word * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
    struct.pack_into("<Q", content, 0, checksum)
    path.write_bytes(content)
    with pytest.raises(WarehouseError, match=f"written by a newer DuckDB than the {duckdb.__version__} installed"):
        write(at(path))


def test_a_folder_and_a_path_through_a_file_are_told(tmp_path):
    with pytest.raises(WarehouseError, match=r"is a folder. Name a file by SEGMENTATION_DUCKDB_PATH"):
        write(at(tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(WarehouseError, match=r"a part of its path is a file"):
        write(at(tmp_path / "file" / "w.duckdb"))


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder in which nobody can make one")
def test_a_folder_that_cannot_be_made_is_told():
    with pytest.raises(WarehouseError, match=r"its folder is not there, and none can be made. Name another place"):
        write(at(Path("/proc/nowhere/w.duckdb")))


READ_ONLY = """
import os, sys
from segmentation_assets_tests.warehouse.test_duckdb_file import *
if os.geteuid() == 0:
    os.seteuid(65534)
path = sys.argv[1]
print(at(path).count(VISITS, MONDAY, MONDAY))
try:
    write(at(path))
except WarehouseError as error:
    print(error)
"""


def test_a_file_that_may_only_be_read_is_read(tmp_path_factory):
    folder = tmp_path_factory.mktemp("read_only")
    path = folder / "w.duckdb"
    write(at(path))
    for part in (folder, *folder.parents):
        if part == Path(tempfile.gettempdir()):
            break
        part.chmod(0o755)  # another user must find the way to the file
    path.chmod(0o444)
    (folder / "w.duckdb.lock").unlink()
    folder.chmod(0o555)
    said = subprocess.run([sys.executable, "-c", READ_ONLY, str(path)], capture_output=True, text=True, check=True)  # noqa: S603
    folder.chmod(0o755)
    count, error = said.stdout.splitlines()
    assert count == "1"
    assert "w.duckdb may not be written by this user. Change its permissions" in error


FULL = """
import resource, signal, sys
from segmentation_assets_tests.warehouse.processes import DuckDBWarehouse, FIRST, Path, TRIALS, faults_of, rows_of
warehouse = DuckDBWarehouse(Path(sys.argv[1]), "segmentation")
warehouse.replace(TRIALS, rows_of(FIRST, 0, 2000), FIRST, FIRST)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
room = warehouse.file.path.stat().st_size + 100_000
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
try:
    warehouse.replace(TRIALS, rows_of(FIRST, 1, 120_000), FIRST, FIRST)
except Exception as error:
    print(type(error).__name__, error)
resource.setrlimit(resource.RLIMIT_FSIZE, before)
print(faults_of(warehouse, 2000)[0], set(faults_of(warehouse, 2000)[1].values()))
warehouse.replace(TRIALS, rows_of(FIRST, 1, 120_000), FIRST, FIRST)
print(faults_of(warehouse, 120_000)[0])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on file sizes, which this system lacks")
def test_a_full_disk_leaves_the_old_rows_and_the_next_run_heals(tmp_path):
    said = subprocess.run(  # noqa: S603
        [sys.executable, "-c", FULL, str(tmp_path / "w.duckdb")], capture_output=True, text=True, check=True
    )
    error, kept, healed = said.stdout.splitlines()
    assert error.startswith("WarehouseError")
    assert "the disk is full. Make room and run again; the old rows are in place" in error
    assert (kept, healed) == ("[] {0}", "[]")


def test_the_lock_file_is_all_that_is_left_beside_the_warehouse(tmp_path):
    write(at(tmp_path / "w.duckdb"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["w.duckdb", "w.duckdb.lock"]


def test_nothing_of_one_hold_is_left_in_the_next(tmp_path):
    one, other = at(tmp_path / "one.duckdb"), at(tmp_path / "other.duckdb")
    write(one)
    write(other)
    with one.file.reading() as connection:
        connection.execute("CREATE TEMP TABLE mine AS SELECT 1")
        connection.execute("SET threads = 1")
        (one_thread,) = connection.execute("SELECT current_setting('threads')").fetchall()
    with other.file.reading() as connection:
        there = connection.execute("SELECT database_name, table_name FROM duckdb_tables()").fetchall()
        (threads,) = connection.execute("SELECT current_setting('threads')").fetchall()
    assert one_thread == (1,)
    assert threads != one_thread or os.cpu_count() == 1
    assert {name for _, name in there} == {"visits", "partition_ledger"}
    assert len({database for database, _ in there}) == 1


def test_a_file_whose_name_needs_quoting_is_held(tmp_path):
    path = tmp_path / 'it\'s a "file".duckdb'
    write(at(path))
    assert at(path).count(VISITS, MONDAY, MONDAY) == 1


def test_a_process_forked_off_starts_its_own_engine(tmp_path):
    path = tmp_path / "w.duckdb"
    write(at(path))  # leaves an idle engine, whose threads a fork does not take along
    child = os.fork()
    if not child:
        os._exit(0 if at(path).count(VISITS, MONDAY, MONDAY) == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
