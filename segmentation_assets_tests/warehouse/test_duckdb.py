import duckdb
import numpy as np
import pyarrow as pa
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import number, table
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, rows


def test_reading_makes_neither_file_nor_folder(warehouse):
    assert warehouse.read(VISITS, MONDAY, TUESDAY).num_rows == 0
    assert not warehouse.file.path.parent.exists()


def test_a_duckdb_shell_knows_the_view_and_its_words(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a", "guests": 3}), MONDAY, MONDAY)
    view = table("guest_totals", "marts", "Guests a day.", number("guests", "Guests."), key=(), is_view=True)
    warehouse.create_view(view, Query("SELECT snapshot_date, guests * 1.0 AS guests FROM visits"))
    with duckdb.connect(str(warehouse.file.path), read_only=True) as shell:
        assert shell.execute("SELECT guests FROM segmentation.guest_totals").fetchall() == [(3.0,)]
        comments = "SELECT comment FROM duckdb_views() WHERE view_name = 'guest_totals'"
        assert shell.execute(comments).fetchall() == [("Guests a day.",)]


def test_sums_have_the_same_bits_whatever_order_rows_were_written_in(tmp_path):
    n = 250_000
    chance = np.random.default_rng(5)
    spent = chance.lognormal(5, 2, n)
    whole = pa.table(
        {
            "snapshot_date": pa.array([MONDAY] * n, pa.date32()),
            "visit_id": [f"V{i:06d}" for i in range(n)],
            "guests": chance.integers(0, 50, n),
            "spent": spent,
            "is_member": pa.nulls(n, pa.bool_()),
            "booked_on": pa.nulls(n, pa.date32()),
        }
    )
    sums = []
    for number_, frame in enumerate((whole, whole.take(chance.permutation(n)))):
        warehouse = DuckDBWarehouse(tmp_path / f"{number_}.duckdb", "segmentation")
        for _ in range(1 + number_):
            warehouse.replace(VISITS, frame, MONDAY, MONDAY)
        query = Query("SELECT guests, SUM(spent) AS s, AVG(spent) AS a FROM visits GROUP BY guests ORDER BY guests")
        sums += [warehouse.query(query) for _ in range(3)]
    assert all(s.equals(sums[0]) for s in sums)


def test_a_query_never_reads_python_variables(warehouse):
    warehouse.replace(VISITS, rows(VISITS), MONDAY, MONDAY)
    secret = pa.table({"x": [1]})
    with pytest.raises(WarehouseError, match=r"reads secret"):
        warehouse.query(Query("SELECT x FROM secret"))
    assert secret.num_rows == 1


def test_replacing_a_partition_again_and_again_does_not_grow_the_file(warehouse):
    n = 20_000
    frame = rows(VISITS, *({"visit_id": f"V{i}", "spent": i * 0.37} for i in range(n)))
    sizes = []
    for _ in range(12):
        warehouse.replace(VISITS, frame, MONDAY, MONDAY)
        sizes.append(warehouse.file.path.stat().st_size)
    assert sizes[-1] <= 3 * sizes[0]
