import duckdb
import numpy as np
import pyarrow as pa
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import number, table
from segmentation_assets.warehouse.duckdb import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, WEDNESDAY, rows


def visit_ids(warehouse, first=MONDAY, last=WEDNESDAY):
    read = warehouse.read(VISITS, first, last, ["snapshot_date", "visit_id"])
    return [(r["snapshot_date"], r["visit_id"]) for r in read.to_pylist()]


def test_a_fresh_warehouse_holds_nothing(warehouse):
    assert warehouse.snapshots(VISITS) == []
    assert warehouse.count(VISITS, MONDAY, TUESDAY) == 0
    assert warehouse.describe("visits") is None
    assert warehouse.read(VISITS, MONDAY, TUESDAY).schema.names == VISITS.column_names
    assert not warehouse.file.path.parent.exists(), "reading makes nothing"


def test_rows_come_back_as_written_sorted_by_day_and_key(warehouse):
    later = rows(VISITS, {"visit_id": "a"}, day_=TUESDAY)
    written = rows(
        VISITS,
        {"visit_id": "b", "guests": 2**62, "spent": 0.1, "is_member": False, "booked_on": MONDAY},
        {"visit_id": "a", "guests": None, "spent": None, "is_member": None, "booked_on": None},
    )
    warehouse.replace(VISITS, later, TUESDAY, TUESDAY)
    assert warehouse.replace(VISITS, written, MONDAY, MONDAY).n_rows == 2
    assert warehouse.read(VISITS, MONDAY, WEDNESDAY).equals(pa.concat_tables([written.take([1, 0]), later]))


def test_a_reordered_frame_swaps_no_columns(warehouse):
    two_numbers = table("pairs", "core", "Two.", number("low", "Low."), number("high", "High."), key=("low",))
    frame = pa.table({"high": [9.0], "snapshot_date": pa.array([MONDAY]), "low": [1.0]})
    for _ in range(2):
        warehouse.replace(two_numbers, frame, MONDAY, MONDAY)
    assert warehouse.read(two_numbers, MONDAY, MONDAY, ["low", "high"]).to_pylist() == [{"low": 1.0, "high": 9.0}]


def test_only_the_partitions_of_the_range_are_replaced(warehouse):
    for day_ in (MONDAY, TUESDAY, WEDNESDAY):
        warehouse.replace(VISITS, rows(VISITS, {"visit_id": "old"}, day_=day_), day_, day_)
    done = warehouse.replace(VISITS, rows(VISITS, {"visit_id": "new"}, day_=TUESDAY), MONDAY, TUESDAY)
    assert (done.n_rows, done.n_rows_in_table) == (1, 2)
    assert visit_ids(warehouse) == [(TUESDAY, "new"), (WEDNESDAY, "old")]


def test_a_partition_written_empty_is_there_until_it_gets_rows(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}, day_=TUESDAY), MONDAY, TUESDAY)
    assert warehouse.row_counts(VISITS) == {MONDAY: 0, TUESDAY: 1}
    warehouse.replace(VISITS, rows(VISITS), TUESDAY, TUESDAY)
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    assert warehouse.row_counts(VISITS) == {MONDAY: 1, TUESDAY: 0}
    assert warehouse.snapshots(VISITS) == [MONDAY, TUESDAY]
    assert (warehouse.count(VISITS, MONDAY, MONDAY), warehouse.count(VISITS, TUESDAY, WEDNESDAY)) == (1, 0)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (rows(VISITS, {"visit_id": "Ann"}, {"visit_id": "Ann"}), r"1 keys of visits .*\(2 rows\); \(visit_id\)"),
        (rows(VISITS, {"visit_id": "Ann"}, day_=TUESDAY), "1 of 1 rows for visits whose snapshot_date is not within"),
        (rows(VISITS, {"visit_id": "Ann", "snapshot_date": None}), "1 of 1 rows for visits whose snapshot_date"),
        (rows(VISITS, {"visit_id": None}), "gives NULL for visits.visit_id in 1 of 1 rows"),
        (rows(VISITS, {"visit_id": "Ann", "spent": np.inf}), "infinite value or NaN for visits.spent in 1 of 1"),
        (rows(VISITS, {"visit_id": "Ann", "spent": np.nan}), "infinite value or NaN for visits.spent in 1 of 1"),
        (rows(VISITS, {"visit_id": "Ann"}).drop_columns("spent"), "lacks spent of visits"),
        (
            rows(VISITS, {"visit_id": "Ann"}).append_column("spend", pa.array([1.0])),
            "gives a column 'spend' .* Did you mean 'spent'",
        ),
        (
            rows(VISITS, {"visit_id": "Ann"}).set_column(3, "spent", pa.array(["1"])),
            r"visits.spent as STRING, and it is declared FLOAT64. Write CAST\(... AS FLOAT64\)",
        ),
    ],
)
def test_bad_rows_are_refused_by_name_and_the_old_ones_stay(warehouse, bad, words):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "old"}), MONDAY, MONDAY)
    with pytest.raises(WarehouseError, match=words) as caught:
        warehouse.replace(VISITS, bad, MONDAY, MONDAY)
    assert "Ann" not in str(caught.value), "a key is personal"
    assert visit_ids(warehouse) == [(MONDAY, "old")]


def test_a_refused_first_write_leaves_no_table(warehouse):
    with pytest.raises(WarehouseError, match=r"more than once"):
        warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}, {"visit_id": "a"}), MONDAY, MONDAY)
    assert warehouse.describe("visits") is None


def test_a_range_that_runs_backwards_is_refused(warehouse):
    with pytest.raises(WarehouseError, match=r"2025-11-18 to 2025-11-17 runs backwards"):
        warehouse.replace(VISITS, rows(VISITS), TUESDAY, MONDAY)


def test_a_query_runs_inside_and_sees_the_rows_it_replaces(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a", "guests": 3}), MONDAY, MONDAY)
    one_more = Query(
        "SELECT is_member, booked_on, spent, guests + 1 AS guests, visit_id, snapshot_date FROM visits "
        "WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot",
        {"first_snapshot": MONDAY, "last_snapshot": MONDAY, "unused": 1},
    )
    warehouse.replace(VISITS, one_more, MONDAY, MONDAY)
    assert warehouse.read(VISITS, MONDAY, MONDAY, ["guests"]).to_pylist() == [{"guests": 4}]


def test_a_query_may_give_integers_for_a_double_but_not_the_reverse(warehouse):
    select = (
        "SELECT DATE '2025-11-17' AS snapshot_date, 'a' AS visit_id, {} AS guests, 2 AS spent, TRUE AS is_member, "
        "CAST(NULL AS DATE) AS booked_on"
    )
    warehouse.replace(VISITS, Query(select.format(1)), MONDAY, MONDAY)
    assert warehouse.read(VISITS, MONDAY, MONDAY, ["spent"]).to_pylist() == [{"spent": 2.0}]
    with pytest.raises(WarehouseError, match=r"visits.guests as FLOAT64, and it is declared INT64"):
        warehouse.replace(VISITS, Query(select.format("CAST(1 AS FLOAT64)")), MONDAY, MONDAY)


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


def test_a_view_is_created_replaced_and_described(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a", "guests": 3}), MONDAY, MONDAY)
    view = table("guest_totals", "marts", "Guests a day.", number("guests", "Guests."), key=(), is_view=True)
    for factor in (1, 2):
        warehouse.create_view(
            view, Query(f"SELECT snapshot_date, SUM(guests) * {factor}.0 AS guests FROM visits GROUP BY snapshot_date")
        )
    assert warehouse.query(Query("SELECT guests FROM guest_totals")).to_pylist() == [{"guests": 6.0}]
    assert warehouse.read(view, MONDAY, MONDAY).to_pylist() == [{"snapshot_date": MONDAY, "guests": 6.0}]
    assert warehouse.snapshots(view) == [MONDAY]
    with duckdb.connect(str(warehouse.file.path), read_only=True) as shell:
        assert shell.execute("SELECT guests FROM segmentation.guest_totals").fetchall() == [(6.0,)]
        comments = "SELECT comment FROM duckdb_views() WHERE view_name = 'guest_totals'"
        assert shell.execute(comments).fetchall() == [("Guests a day.",)]


def test_a_view_that_is_not_as_declared_is_refused_and_the_old_one_stays(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a", "guests": 3}), MONDAY, MONDAY)
    view = table("guest_totals", "marts", "Guests.", number("guests", "Guests."), key=(), is_view=True)
    good = "SELECT snapshot_date, SUM(guests) AS guests FROM visits GROUP BY snapshot_date"
    warehouse.create_view(view, Query(good))
    with pytest.raises(WarehouseError, match=r"sql/x.sql gives a column 'gusts' .* Did you mean 'guests'"):
        warehouse.create_view(view, Query(good.replace("AS guests", "AS gusts"), origin="sql/x.sql"))
    with pytest.raises(WarehouseError, match=r"sql/x.sql has the parameters day; a view can have none"):
        warehouse.create_view(view, Query(good, {"day": MONDAY}, "sql/x.sql"))
    with pytest.raises(WarehouseError, match=r"sql/x.sql reads visit, .* Did you mean 'visits'"):
        warehouse.create_view(view, Query(good.replace("visits", "visit"), origin="sql/x.sql"))
    assert warehouse.query(Query("SELECT guests FROM guest_totals")).to_pylist() == [{"guests": 3}]


def test_a_view_does_not_stand_in_for_a_table_nor_the_reverse(warehouse):
    warehouse.replace(VISITS, rows(VISITS), MONDAY, MONDAY)
    view = table("visits", "marts", "Not a table.", key=(), is_view=True)
    with pytest.raises(WarehouseError, match=r"visits is a table .* DROP TABLE segmentation.visits"):
        warehouse.create_view(view, Query("SELECT DATE '2025-11-17' AS snapshot_date"))
    with pytest.raises(WarehouseError, match=r"visits is a view and holds no rows"):
        warehouse.replace(view, rows(VISITS), MONDAY, MONDAY)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT visit_id FROM visit", r"sql/x.sql reads visit, .* it has .*visits. Did you mean 'visits'\? Material"),
        ("SELECT visitid FROM visits", r"sql/x.sql: .*visitid"),
        ("SELECT @day AS day FROM visits", r"sql/x.sql needs the parameters @day"),
        ("SELECT 1 AS x FROM", r"sql/x.sql:1 is not GoogleSQL"),
        ("DELETE FROM visits WHERE TRUE", r"sql/x.sql must be one SELECT; it holds Delete"),
        ("SELECT 1; SELECT 2", r"sql/x.sql must be one SELECT; it holds Select, Select"),
        ("SELECT NO_SUCH(guests) AS x FROM visits", r"sql/x.sql: .*no_such"),
    ],
)
def test_a_wrong_query_is_an_error_that_names_its_file(warehouse, sql, words):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "old"}), MONDAY, MONDAY)
    query = Query(sql, origin="sql/x.sql")
    with pytest.raises(WarehouseError, match=words):
        warehouse.query(query)
    with pytest.raises(WarehouseError, match=words):
        warehouse.replace(VISITS, query, MONDAY, MONDAY)
    assert visit_ids(warehouse) == [(MONDAY, "old")]


def test_a_value_that_does_not_convert_is_not_repeated_in_the_error(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "Ann Smith"}), MONDAY, MONDAY)
    with pytest.raises(WarehouseError, match=r"sql/x.sql: .*Could not convert string ... to") as caught:
        warehouse.query(Query("SELECT CAST(visit_id AS INT64) AS x FROM visits", origin="sql/x.sql"))
    assert "Ann" not in str(caught.value)
    assert caught.value.__cause__ is None


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
