"""What every engine promises, asked of each: the embedded one, and BigQuery by its own client over a socket."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.ledger import Provenance
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, WEDNESDAY, rows

TOTALS = table("guest_totals", "marts", "Guests a day.", number("guests", "Guests."), key=(), is_view=True)


@pytest.fixture(params=["duckdb", "bigquery"])
def warehouse(request):
    """An empty warehouse of each engine."""
    return request.getfixturevalue(f"new_{request.param}")()


@pytest.fixture(scope="module", params=["duckdb", "bigquery"])
def holding(request):
    """A warehouse of each engine that holds one visit, for tests that must not change it."""
    warehouse = request.getfixturevalue(f"new_{request.param}")()
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "Ann Smith"}), MONDAY, MONDAY)
    return warehouse


def visit_ids(warehouse, first=MONDAY, last=WEDNESDAY):
    read = warehouse.read(VISITS, first, last, ["snapshot_date", "visit_id"])
    return [(r["snapshot_date"], r["visit_id"]) for r in read.to_pylist()]


def test_a_fresh_warehouse_holds_nothing(warehouse):
    assert warehouse.snapshots(VISITS) == []
    assert warehouse.count(VISITS, MONDAY, TUESDAY) == 0
    assert warehouse.describe("visits") is None
    assert warehouse.ledger() == []
    assert warehouse.read(VISITS, MONDAY, TUESDAY).schema.names == VISITS.column_names


def test_rows_come_back_as_written_sorted_by_day_and_key(warehouse):
    later = rows(VISITS, {"visit_id": "a"}, day_=TUESDAY)
    written = rows(
        VISITS,
        {"visit_id": "b", "guests": 2**62, "spent": 0.1, "is_member": False, "booked_on": MONDAY},
        {"visit_id": "a", "guests": None, "spent": None, "is_member": None, "booked_on": None},
        {"visit_id": "\u00e9 'x'\n\\", "spent": 1.2345678901234567e-300},
    )
    warehouse.replace(VISITS, later, TUESDAY, TUESDAY)
    assert warehouse.replace(VISITS, written, MONDAY, MONDAY).n_rows == 3
    assert warehouse.read(VISITS, MONDAY, WEDNESDAY).equals(pa.concat_tables([written.take([1, 0, 2]), later]))
    assert warehouse.describe("visits") == {c.name: c.type for c in VISITS.columns}


def test_a_reordered_frame_swaps_no_columns(warehouse):
    two_numbers = table("pairs", "core", "Two.", number("low", "Low."), number("high", "High."), key=("low",))
    frame = pa.table({"high": [9.0], "snapshot_date": pa.array([MONDAY]), "low": [1.0]})
    for _ in range(2):
        warehouse.replace(two_numbers, frame, MONDAY, MONDAY)
    assert warehouse.read(two_numbers, MONDAY, MONDAY, ["low", "high"]).to_pylist() == [{"low": 1.0, "high": 9.0}]


def test_only_the_partitions_of_the_range_are_replaced(warehouse):
    old = pa.concat_tables([rows(VISITS, {"visit_id": "old"}, day_=d) for d in (MONDAY, TUESDAY, WEDNESDAY)])
    warehouse.replace(VISITS, old, MONDAY, WEDNESDAY)
    done = warehouse.replace(VISITS, rows(VISITS, {"visit_id": "new"}, day_=TUESDAY), MONDAY, TUESDAY)
    assert (done.n_rows, done.by_day) == (1, {MONDAY: 0, TUESDAY: 1})
    assert visit_ids(warehouse) == [(TUESDAY, "new"), (WEDNESDAY, "old")]


def test_a_partition_written_empty_is_there_until_it_gets_rows(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}, day_=TUESDAY), MONDAY, TUESDAY)
    assert warehouse.row_counts([VISITS]) == {"visits": {MONDAY: 0, TUESDAY: 1}}
    warehouse.replace(VISITS, rows(VISITS), TUESDAY, TUESDAY)
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    assert warehouse.row_counts([VISITS]) == {"visits": {MONDAY: 1, TUESDAY: 0}}
    assert warehouse.snapshots(VISITS) == [MONDAY, TUESDAY]
    assert (warehouse.count(VISITS, MONDAY, MONDAY), warehouse.count(VISITS, TUESDAY, WEDNESDAY)) == (1, 0)
    assert [(p.name, p.n_rows) for p in warehouse.ledger(["visits"])] == [
        ("visits@2025-11-17", 1),
        ("visits@2025-11-18", 0),
    ]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (rows(VISITS, {"visit_id": "Eve"}, {"visit_id": "Eve"}), r"1 keys of visits .*\(2 rows\); \(visit_id\)"),
        (rows(VISITS, {"visit_id": "Eve"}, day_=TUESDAY), "1 of 1 rows for visits whose snapshot_date is not within"),
        (rows(VISITS, {"visit_id": "Eve", "snapshot_date": None}), "1 of 1 rows for visits whose snapshot_date"),
        (rows(VISITS, {"visit_id": None}), "gives NULL for visits.visit_id in 1 of 1 rows"),
        (rows(VISITS, {"visit_id": "Eve", "spent": np.inf}), "infinite value or NaN for visits.spent in 1 of 1"),
        (rows(VISITS, {"visit_id": "Eve", "spent": np.nan}), "infinite value or NaN for visits.spent in 1 of 1"),
        (rows(VISITS, {"visit_id": "Eve"}).drop_columns("spent"), "lacks spent of visits"),
        (
            rows(VISITS, {"visit_id": "Eve"}).append_column("spend", pa.array([1.0])),
            "gives a column 'spend' .* Did you mean 'spent'",
        ),
        (
            rows(VISITS, {"visit_id": "Eve"}).set_column(3, "spent", pa.array(["1"])),
            r"visits.spent as STRING, and it is declared FLOAT64. Write CAST\(... AS FLOAT64\)",
        ),
    ],
)
def test_bad_rows_are_refused_by_name_and_the_old_ones_stay(holding, bad, words):
    with pytest.raises(WarehouseError, match=words) as caught:
        holding.replace(VISITS, bad, MONDAY, MONDAY)
    assert "Eve" not in str(caught.value), "a key is personal"
    assert visit_ids(holding) == [(MONDAY, "Ann Smith")]


def test_a_refused_first_write_leaves_no_table(warehouse):
    with pytest.raises(WarehouseError, match=r"more than once"):
        warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}, {"visit_id": "a"}), MONDAY, MONDAY)
    assert warehouse.describe("visits") is None


def test_a_request_that_cannot_be_meant_is_refused(warehouse):
    with pytest.raises(WarehouseError, match=r"2025-11-18 to 2025-11-17 runs backwards"):
        warehouse.replace(VISITS, rows(VISITS), TUESDAY, MONDAY)
    with pytest.raises(WarehouseError, match=r"guest_totals is a view and holds no rows"):
        warehouse.replace(TOTALS, rows(VISITS), MONDAY, MONDAY)
    for name in ("other.visits", "visits`; DROP TABLE x", "visits$20251117", "2visits", ""):
        odd = table(name, "core", "Odd.", key=())
        with pytest.raises(WarehouseError, match=r"cannot be a table's name: use letters, digits and underscores"):
            warehouse.replace(odd, rows(odd), MONDAY, MONDAY)


def test_a_query_runs_inside_and_sees_the_rows_it_replaces(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a", "guests": 3}), MONDAY, MONDAY)
    one_more = Query(
        "SELECT is_member, booked_on, spent, guests + 1 AS guests, visit_id, snapshot_date FROM visits "
        "WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot",
        {"first_snapshot": MONDAY, "last_snapshot": MONDAY, "unused": 1},
    )
    assert warehouse.replace(VISITS, one_more, MONDAY, MONDAY).n_rows == 1
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


def test_every_kind_of_parameter_keeps_its_type(holding):
    given = {"a": "it's", "b": 7, "c": 0.1, "d": True, "e": MONDAY}
    found = holding.query(Query("SELECT @a AS a, @b AS b, @c AS c, @d AS d, @e AS e", given))
    assert found.to_pylist() == [given]


def test_a_view_is_created_replaced_and_described(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a", "guests": 3}), MONDAY, MONDAY)
    for factor in (1, 2):
        warehouse.create_view(
            TOTALS,
            Query(f"SELECT SUM(guests) * {factor}.0 AS guests, snapshot_date FROM visits GROUP BY snapshot_date"),
        )
    assert warehouse.query(Query("SELECT guests FROM guest_totals")).to_pylist() == [{"guests": 6.0}]
    assert warehouse.read(TOTALS, MONDAY, MONDAY).to_pylist() == [{"snapshot_date": MONDAY, "guests": 6.0}]
    assert warehouse.snapshots(TOTALS) == []  # a view has no partitions, and to look for them would read its tables
    assert warehouse.count(TOTALS, MONDAY, MONDAY) == 1
    assert warehouse.describe("guest_totals") == {"guests": "FLOAT64", "snapshot_date": "DATE"}
    assert [p.name for p in warehouse.ledger(["guest_totals"])] == ["guest_totals"]


def test_a_view_that_is_not_as_declared_is_refused_and_the_old_one_stays(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a", "guests": 3}), MONDAY, MONDAY)
    good = "SELECT snapshot_date, SUM(guests) AS guests FROM visits GROUP BY snapshot_date"
    warehouse.create_view(TOTALS, Query(good))
    with pytest.raises(WarehouseError, match=r"sql/x.sql gives a column 'gusts' .* Did you mean 'guests'"):
        warehouse.create_view(TOTALS, Query(good.replace("AS guests", "AS gusts"), origin="sql/x.sql"))
    with pytest.raises(WarehouseError, match=r"sql/x.sql has the parameters day; a view can have none"):
        warehouse.create_view(TOTALS, Query(good, {"day": MONDAY}, "sql/x.sql"))
    with pytest.raises(WarehouseError, match=r"sql/x.sql reads visit, .* Did you mean 'visits'"):
        warehouse.create_view(TOTALS, Query(good.replace("visits", "visit"), origin="sql/x.sql"))
    assert warehouse.query(Query("SELECT guests FROM guest_totals")).to_pylist() == [{"guests": 3}]


def test_a_view_stands_while_its_code_its_columns_and_it_itself_are_the_same(warehouse):
    assert not warehouse.has_view(TOTALS, "c1")  # there is nothing yet
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a", "guests": 3}), MONDAY, MONDAY)
    sql = Query("SELECT snapshot_date, SUM(guests) AS guests FROM visits GROUP BY snapshot_date")
    warehouse.create_view(TOTALS, sql, Provenance("c1"))
    assert warehouse.has_view(TOTALS, "c1")
    assert not warehouse.has_view(TOTALS, "c2")
    further = replace(TOTALS, columns=(*TOTALS.columns, number("spent", "Spent.")))
    assert not warehouse.has_view(further, "c1")
    assert not warehouse.has_view(replace(VISITS, is_view=True), "c1")


def test_a_view_does_not_stand_in_for_a_table_nor_the_reverse(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    view = table("visits", "marts", "Not a table.", key=(), is_view=True)
    with pytest.raises(WarehouseError, match=r"visits is a table .* DROP TABLE .*visits"):
        warehouse.create_view(view, Query("SELECT DATE '2025-11-17' AS snapshot_date"))
    of_somebody(warehouse, "guest_totals", "SELECT DATE '2025-11-17' AS snapshot_date, 1.5 AS guests")
    with pytest.raises(WarehouseError, match=r"guest_totals is a view .* DROP VIEW .*guest_totals"):
        warehouse.replace(STORED_TOTALS, ONE_TOTAL, MONDAY, MONDAY)


STORED_TOTALS = table("guest_totals", "core", "Not a view.", number("guests", "Guests."), key=())
ONE_TOTAL = pa.table({"snapshot_date": pa.array([MONDAY]), "guests": [1.0]})


def of_somebody(warehouse, name, sql):
    """Create a view that the graph knows nothing of."""
    if warehouse.kind == "bigquery":
        warehouse.jobs.run(f"CREATE VIEW {warehouse.tables.address(name)} AS {sql}")
        return
    with warehouse.file.writing() as connection:
        connection.execute(f"CREATE VIEW {warehouse.dataset}.{name} AS {sql}")


def test_a_view_of_an_earlier_release_gives_way_to_the_table_that_it_has_become(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    warehouse.create_view(TOTALS, Query("SELECT snapshot_date, 1.5 AS guests FROM visits"), Provenance("c1"))
    assert warehouse.replace(STORED_TOTALS, ONE_TOTAL, MONDAY, MONDAY).n_rows == 1
    assert warehouse.row_counts([STORED_TOTALS]) == {STORED_TOTALS.name: {MONDAY: 1}}
    assert warehouse.read(STORED_TOTALS, MONDAY, MONDAY).to_pylist() == ONE_TOTAL.to_pylist()
    assert not warehouse.has_view(TOTALS, "c1")
    assert warehouse.replace(STORED_TOTALS, ONE_TOTAL.slice(1), TUESDAY, TUESDAY).n_rows == 0


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT visit_id FROM visit", r"sql/x.sql reads visit, .* it has .*visits. Did you mean 'visits'\?$"),
        ("SELECT visitid FROM visits", r"sql/x.sql: .*visitid"),
        ("SELECT @day AS day FROM visits", r"sql/x.sql needs the parameters @day"),
        ("SELECT 1 AS x FROM", r"sql/x.sql:1 is not GoogleSQL"),
        ("DELETE FROM visits WHERE TRUE", r"sql/x.sql must be one SELECT; it holds Delete"),
        ("SELECT 1; SELECT 2", r"sql/x.sql must be one SELECT; it holds Select, Select"),
        ("SELECT NO_SUCH(guests) AS x FROM visits", r"(?i)sql/x.sql: .*no_such"),
    ],
)
def test_a_wrong_query_is_an_error_that_names_its_file(holding, sql, words):
    query = Query(sql, origin="sql/x.sql")
    with pytest.raises(WarehouseError, match=words):
        holding.query(query)
    with pytest.raises(WarehouseError, match=words):
        holding.replace(VISITS, query, MONDAY, MONDAY)
    assert visit_ids(holding) == [(MONDAY, "Ann Smith")]


def test_a_value_that_does_not_convert_is_not_repeated_in_the_error(holding):
    with pytest.raises(WarehouseError, match=r"sql/x.sql: .*(convert|Bad int64)") as caught:
        holding.query(Query("SELECT CAST(visit_id AS INT64) AS x FROM visits", origin="sql/x.sql"))
    assert "Ann" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_change_of_declaration_is_followed_without_losing_a_value(warehouse):
    key = string("visit_id", "Key.", is_required=True)
    old = table(
        "visits", "core", "V.", key, integer("guests", "How many."), string("note", "A word."), key=("visit_id",)
    )
    new = table("visits", "core", "V.", number("guests", "How many."), key, number("tip", "A tip."), key=("visit_id",))
    warehouse.replace(old, rows(old, {"visit_id": "a", "guests": 3, "note": "x"}), MONDAY, MONDAY)
    done = warehouse.replace(
        new, rows(new, {"visit_id": "b", "guests": 2.5, "tip": 1.0}, day_=TUESDAY), TUESDAY, TUESDAY
    )
    assert [change.split()[0:2] for change in done.schema_changes] == [
        ["added", "tip"],
        ["widened", "guests"],
        ["note", "no"],
    ]
    assert warehouse.read(new, MONDAY, TUESDAY, ["visit_id", "guests", "tip"]).to_pylist() == [
        {"visit_id": "a", "guests": 3.0, "tip": None},
        {"visit_id": "b", "guests": 2.5, "tip": 1.0},
    ]
    assert warehouse.read(old, MONDAY, TUESDAY, ["note"]).to_pylist() == [{"note": "x"}, {"note": None}]
    worse = table("visits", "core", "V.", key, string("guests", "How many."), key=("visit_id",))
    with pytest.raises(WarehouseError, match=r"visits.guests is stored as FLOAT64 and is declared STRING.* run: "):
        warehouse.replace(worse, rows(worse, {"visit_id": "a", "guests": "3"}), MONDAY, MONDAY)
    assert warehouse.row_counts([new]) == {"visits": {MONDAY: 1, TUESDAY: 1}}


def test_integers_too_large_for_a_double_are_not_widened(warehouse):
    old = table("big", "core", "B.", integer("n", "N."), key=("n",))
    new = table("big", "core", "B.", number("n", "N."), key=("n",))
    warehouse.replace(old, rows(old, {"n": 2**53 + 1}, {"n": 4}), MONDAY, MONDAY)
    with pytest.raises(WarehouseError, match=r"big.n holds 1 integers too large for FLOAT64 .* run: ALTER TABLE"):
        warehouse.replace(new, rows(new, {"n": 1.0}), MONDAY, MONDAY)
    assert warehouse.read(old, MONDAY, MONDAY, ["n"])["n"].to_pylist() == [4, 2**53 + 1]


def test_the_ledger_tells_the_same_rows_from_others_whatever_their_order(warehouse):
    two = [{"visit_id": "a", "spent": 1.0}, {"visit_id": "b", "spent": 2.0}]
    seen = []
    for records in (two, two[::-1], [two[0], {"visit_id": "b", "spent": 2.5}], [{**two[0], "guests": 1}, two[1]]):
        warehouse.replace(VISITS, rows(VISITS, *records), MONDAY, MONDAY)
        seen.append(warehouse.ledger(["visits"])[0].data_version)
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3
