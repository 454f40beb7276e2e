"""Queries over rows that are given and not stored, on both engines: as if written and read, and nothing is left."""

import os
import signal
import sys
import threading
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import boolean, day, integer, number, string, table
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, WEDNESDAY, rows

NOTES = table(
    "notes",
    "core",
    "What was noted of a visit.",
    string("note_id", "Key.", is_required=True),
    string("visit_id", "Of which visit.", references="visits"),
    number("weight", "How much."),
    key=("note_id",),
)
MADE = table(
    "made",
    "features",
    "All kinds of column, by visit.",
    string("visit_id", "Key.", is_required=True),
    integer("guests", "As it was."),
    number("spent", "A share, which may be of nothing."),
    number("total", "An exact sum."),
    number("mean", "An exact mean, running."),
    number("n_notes", "A whole number for a double."),
    number("rounded", "A NUMERIC for a double."),
    boolean("is_member", "As it was."),
    day("a_week_on", "A date reckoned."),
    string("words", "Text put together."),
    key=("visit_id",),
)
SQL = """
WITH
  notes AS (  -- called like the table that it is made from
    SELECT snapshot_date, visit_id, note_id, weight FROM notes
    WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot
  ),
  totals AS (
    SELECT
      snapshot_date, visit_id, SUM(weight) AS total, COUNT(*) AS n_notes,
      STRING_AGG(note_id, ' + ' ORDER BY note_id) AS words
    FROM notes
    GROUP BY snapshot_date, visit_id
  )
SELECT
  v.visit_id,
  v.snapshot_date,
  v.guests,
  SAFE_DIVIDE(v.spent, v.guests) AS spent,
  t.total,
  AVG(v.spent) OVER (PARTITION BY v.snapshot_date ORDER BY v.visit_id) AS mean,
  COALESCE(t.n_notes, 0) AS n_notes,
  ROUND(CAST(v.guests AS NUMERIC) / @divisor, 2) AS rounded,
  v.is_member AND EXISTS(
    SELECT 1 FROM notes AS n WHERE n.snapshot_date = v.snapshot_date AND n.visit_id = v.visit_id
  ) AS is_member,
  DATE_ADD(v.booked_on, INTERVAL 7 DAY) AS a_week_on,
  t.words
FROM visits AS v
LEFT JOIN totals AS t ON t.snapshot_date = v.snapshot_date AND t.visit_id = v.visit_id
WHERE v.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
"""
TWO_DAYS = {"first_snapshot": MONDAY, "last_snapshot": TUESDAY, "divisor": 7}
QUERY = Query(SQL, TWO_DAYS, "sql/made.sql", (VISITS, NOTES))
OTHERS = rows(VISITS, {"visit_id": "stored", "guests": 99, "spent": 1e9})


def given(n=60):
    """Rows of two days, in no order, with NULLs and numbers that add up to other last bits in another order."""
    chance = np.random.default_rng(7)
    visits = [
        {
            "snapshot_date": (MONDAY, TUESDAY)[i % 2],
            "visit_id": f"V{i * 7 % n:03d}é'",
            "guests": None if i % 5 == 0 else i % 4,
            "spent": None if i % 7 == 0 else float(chance.lognormal(3, 4)),
            "is_member": (True, False, None)[i % 3],
            "booked_on": None if i % 4 == 0 else WEDNESDAY,
        }
        for i in range(n)
    ]
    notes = [
        {
            "snapshot_date": (MONDAY, TUESDAY)[i % 2],
            "note_id": f"N{i * 11 % 1000:04d}",
            "visit_id": visits[i % (n // 2)]["visit_id"],
            "weight": float(chance.normal(0, 1e6)),
        }
        for i in range(5 * n)
    ]
    return {VISITS: rows(VISITS, *visits), NOTES: rows(NOTES, *notes)}


@pytest.fixture
def warehouse(new_warehouse):
    """A warehouse that holds other visits on the same day, and no notes."""
    made = new_warehouse()
    made.replace(VISITS, OTHERS, MONDAY, MONDAY)
    return made


def everything(warehouse):
    """What is told of a warehouse: its relations by the engine's own listing, ledger, rows."""
    if warehouse.kind == "bigquery":
        listed = warehouse.jobs.client.list_tables(warehouse.tables.reference)
        relations = sorted(item.table_id for item in listed)
    else:
        with warehouse.file.reading() as connection:
            relations = connection.execute("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall()
    return relations, warehouse.ledger(), warehouse.read(VISITS, MONDAY, WEDNESDAY).to_pylist()


def test_it_gives_what_would_be_written_and_read_to_the_bit_and_leaves_what_is_stored(warehouse, new_warehouse):
    before, written = everything(warehouse), new_warehouse()
    for its_table, its_rows in given().items():
        written.replace(its_table, its_rows, MONDAY, TUESDAY)
    written.replace(MADE, QUERY, MONDAY, TUESDAY)
    expected = written.read(MADE, MONDAY, TUESDAY)
    assert expected.num_rows == 60
    assert all(0 < expected[name].null_count < 60 for name in ("spent", "total", "is_member", "a_week_on", "words"))
    made = warehouse.query_over(QUERY, given(), MADE, MONDAY, TUESDAY)
    assert made.schema == expected.schema
    assert made.equals(expected)
    assert bits(made) == bits(expected)
    assert everything(warehouse) == before
    assert warehouse.row_counts([VISITS, NOTES, MADE]) == {"visits": {MONDAY: 1}, "notes": {}, "made": {}}


def bits(made):
    return [made[c.name].to_numpy().tobytes() for c in MADE.columns if c.type == "FLOAT64"]


def test_a_day_alone_is_the_same_as_among_others_and_of_another_day_nothing_is_given(warehouse):
    both = warehouse.query_over(QUERY, given(), MADE, MONDAY, TUESDAY)
    monday = replace(QUERY, params={**TWO_DAYS, "last_snapshot": MONDAY})
    alone = warehouse.query_over(monday, given(), MADE, MONDAY, MONDAY)
    assert alone.equals(both.slice(0, 30))
    with pytest.raises(WarehouseError, match=r"sql/made.sql gives 30 of 60 rows for made whose snapshot_date is not"):
        warehouse.query_over(QUERY, given(), MADE, MONDAY, MONDAY)
    halves = {replace(VISITS, description=words): part for words, part in (("One.", OTHERS), ("Two.", OTHERS))}
    with pytest.raises(WarehouseError, match=r"is given rows of visits twice. Put the days of a table into one"):
        warehouse.query_over(QUERY, halves, MADE, MONDAY, TUESDAY)


def test_tables_without_rows_give_none_and_numbers_of_nothing(warehouse):
    empty = {its_table: rows(its_table) for its_table in (VISITS, NOTES)}
    made = warehouse.query_over(QUERY, empty, MADE, MONDAY, TUESDAY)
    assert made.num_rows == 0
    assert made.schema.names == MADE.column_names
    totals = table("totals", "marts", "Of all.", number("spent", "Sum."), integer("n", "How many."), key=())
    query = Query("SELECT DATE '2025-11-17' AS snapshot_date, SUM(spent) AS spent, COUNT(*) AS n FROM visits")
    found = warehouse.query_over(query, {VISITS: rows(VISITS)}, totals, MONDAY, MONDAY)
    assert found.to_pylist() == [{"snapshot_date": MONDAY, "spent": None, "n": 0}]


def test_common_tables_and_aliases_called_like_tables_stay_what_they_are(warehouse):
    sql = """
    WITH visits AS (SELECT * FROM visits WHERE guests > 1),
         both AS (SELECT * FROM visits UNION ALL (WITH notes AS (SELECT * FROM visits) SELECT * FROM notes))
    SELECT visits.snapshot_date, visits.visit_id, CAST(NULL AS INT64) AS guests,
           CAST((SELECT COUNT(*) FROM both AS visits) AS FLOAT64) AS spent, visits.is_member, visits.booked_on
    FROM visits
    """
    frame = rows(VISITS, {"visit_id": "a", "guests": 1}, {"visit_id": "b", "guests": 2}, {"visit_id": "c", "guests": 3})
    made = warehouse.query_over(Query(sql), {VISITS: frame, NOTES: rows(NOTES)}, VISITS, MONDAY, MONDAY)
    assert [(row["visit_id"], row["spent"]) for row in made.to_pylist()] == [("b", 4.0), ("c", 4.0)]


SELECT = "SELECT * FROM visits"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM visit", r"sql/x.sql reads visit, and is given the rows of visits. Did you mean 'visits'\?"),
        ("SELECT * FROM notes", r"sql/x.sql reads notes, and is given the rows of visits"),
        ("SELECT * FROM segmentation.visits", r"reads segmentation.visits, and is given the rows of visits"),
        ("SELECT * FROM read_csv('/etc/hosts')", r"reads from read_csv\(.*\), which is no table. It may read visits"),
        (
            "SELECT * EXCEPT (visit_id), visitid AS visit_id FROM visits",
            r"sql/x.sql:1: visitid is not there: .* Did you mean 'visit_id'",
        ),
        (f"{SELECT} WHERE snapshot_date = @day", r"sql/x.sql needs the parameters @day"),
        ("SELECT 1 AS x FROM", r"sql/x.sql:1 is not GoogleSQL"),
        ("DELETE FROM visits WHERE TRUE", r"sql/x.sql must be one SELECT; it holds Delete"),
        ("SELECT * EXCEPT (guests) FROM visits", r"sql/x.sql lacks guests of visits"),
        ("SELECT * REPLACE ('x' AS guests) FROM visits", r"sql/x.sql gives visits.guests as STRING, .*declared INT64"),
        ("SELECT * REPLACE (CAST(visit_id AS INT64) AS guests) FROM visits", r"a value of visits.visit_id does not"),
        ("SELECT * REPLACE (NULLIF(visit_id, 'Eve') AS visit_id) FROM visits", r"gives NULL for visits.visit_id in 1"),
        ("SELECT * REPLACE (CAST('inf' AS FLOAT64) AS spent) FROM visits", r"gives an infinite value or NaN for visi"),
        ("SELECT * REPLACE (CAST('nan' AS FLOAT64) AS spent) FROM visits", r"gives an infinite value or NaN for visi"),
        (f"{SELECT} UNION ALL {SELECT}", r"sql/x.sql gives 1 keys of visits more than once in a partition \(2 rows\)"),
    ],
)
def test_a_wrong_query_is_an_error_that_teaches_and_leaves_nothing(holding, sql, words):
    before = everything(holding)
    with pytest.raises(WarehouseError, match=words) as caught:
        holding.query_over(
            Query(sql, origin="sql/x.sql", tables=(VISITS,)),
            {VISITS: rows(VISITS, {"visit_id": "Eve"})},
            VISITS,
            MONDAY,
            MONDAY,
        )
    assert "Eve" not in str(caught.value).replace("NULLIF(visit_id, 'Eve')", "")
    assert "staging" not in str(caught.value)
    assert everything(holding) == before


@pytest.fixture(scope="module")
def holding(new_warehouse):
    """A warehouse of each engine that holds a visit, for tests that must not change it."""
    made = new_warehouse()
    made.replace(VISITS, OTHERS, MONDAY, MONDAY)
    return made


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (rows(VISITS, {"visit_id": "Eve"}, {"visit_id": "Eve"}), r"the frame for visits gives 1 keys .*\(2 rows\)"),
        (rows(VISITS, {"visit_id": None}), "the frame for visits gives NULL for visits.visit_id in 1 of 1 rows"),
        (rows(VISITS, {"visit_id": "Eve", "snapshot_date": None}), "1 of 1 rows for visits whose snapshot_date"),
        (rows(VISITS, {"visit_id": "Eve", "spent": np.inf}), "infinite value or NaN for visits.spent in 1 of 1"),
        (rows(VISITS, {"visit_id": "Eve"}).drop_columns("spent"), "the frame for visits lacks spent of visits"),
        (rows(VISITS).set_column(3, "spent", pa.array([], pa.string())), "visits.spent as STRING, and it is declared"),
    ],
)
def test_rows_that_could_not_be_written_are_refused_as_a_write_refuses_them(holding, bad, words):
    query = Query(SELECT, origin="sql/x.sql")
    with pytest.raises(WarehouseError, match=words) as caught:
        holding.query_over(query, {VISITS: bad}, VISITS, MONDAY, MONDAY)
    assert "Eve" not in str(caught.value)


def test_types_that_a_column_takes_without_loss_are_taken(holding):
    narrow = rows(VISITS, {"visit_id": "a", "guests": 3, "spent": 2})
    narrow = narrow.set_column(1, "visit_id", narrow["visit_id"].dictionary_encode())
    narrow = narrow.set_column(2, "guests", narrow["guests"].cast(pa.int8()))
    narrow = narrow.set_column(3, "spent", narrow["spent"].cast(pa.int32()))
    made = holding.query_over(Query(SELECT), {VISITS: narrow.select(narrow.column_names[::-1])}, VISITS, MONDAY, MONDAY)
    assert made.equals(holding.query_over(Query(SELECT), {VISITS: made}, VISITS, MONDAY, MONDAY))
    assert made.select(["visit_id", "guests", "spent"]).to_pylist() == [{"visit_id": "a", "guests": 3, "spent": 2.0}]


@pytest.mark.parametrize("step", ["_translate", "made_rows"])
def test_an_exception_at_any_step_leaves_nothing_and_the_next_query_runs(warehouse, monkeypatch, step):
    before = everything(warehouse)
    owner = warehouse if step == "_translate" else sys.modules[type(warehouse).__module__]
    with monkeypatch.context() as patched:
        patched.setattr(owner, step, _die)
        with pytest.raises(KeyboardInterrupt):
            warehouse.query_over(QUERY, given(), MADE, MONDAY, TUESDAY)
    assert everything(warehouse) == before
    assert warehouse.query_over(QUERY, given(), MADE, MONDAY, TUESDAY).num_rows == 60


def _die(*_):
    raise KeyboardInterrupt


def test_queries_at_once_do_not_meet(holding):
    """Threads of one process, over rows of their own: whatever an engine keeps by name must be one's own."""
    found = {}

    def ask(number):
        frame = rows(VISITS, *({"visit_id": f"V{i}", "guests": number} for i in range(number + 1)))
        made = holding.query_over(Query(SELECT), {VISITS: frame}, VISITS, MONDAY, MONDAY)
        found[number] = made["guests"].to_pylist()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {number: [number] * (number + 1) for number in range(4)}


def test_on_duckdb_there_need_be_no_file_and_none_is_made_or_waited_for(tmp_path):
    nowhere = DuckDBWarehouse(tmp_path / "nowhere" / "warehouse.duckdb", "segmentation", patience_seconds=1)
    assert nowhere.query_over(QUERY, given(), MADE, MONDAY, TUESDAY).num_rows == 60
    assert list(tmp_path.iterdir()) == []
    nowhere.replace(VISITS, OTHERS, MONDAY, MONDAY)
    with nowhere.file.writing():  # whoever held the file would wait for itself here
        assert nowhere.query_over(QUERY, given(), MADE, MONDAY, TUESDAY).num_rows == 60
    with nowhere.reading():
        assert nowhere.query_over(QUERY, given(), MADE, MONDAY, TUESDAY).num_rows == 60
        assert nowhere.read(VISITS, MONDAY, MONDAY).equals(OTHERS)


def test_a_table_may_be_called_as_the_engine_calls_what_it_stages(holding):
    staged = replace(VISITS, name="staged_rows")
    frame = rows(staged, {"visit_id": "a"})
    assert holding.query_over(Query("SELECT * FROM staged_rows"), {staged: frame}, staged, MONDAY, MONDAY).equals(frame)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_killed_within_leaves_nothing_that_a_later_one_trips_over(warehouse):
    before = everything(warehouse)
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        os.close(reading)
        _hang_before_the_end(warehouse, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.readline() == "within\n"
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    after = everything(warehouse)
    assert after[1:] == before[1:]
    if warehouse.kind == "duckdb":
        assert after == before
    else:
        left = sorted(set(after[0]) - set(before[0]))
        assert [name.split("__")[:2] for name in left] == [["staging", x] for x in ("made", "notes", "visits")]
        stored = [warehouse.tables.stored(name) for name in left]
        assert all(one.expires and one.time_partitioning is None for one in stored)
        assert not {*left} & {*warehouse.tables.relations()}
        with pytest.raises(WarehouseError, match=r"has no such table; it has .*visits") as caught:
            warehouse.query(Query("SELECT * FROM nothing"))
        assert "staging" not in str(caught.value)
    assert warehouse.query_over(QUERY, given(), MADE, MONDAY, TUESDAY).num_rows == 60
    assert everything(warehouse) == after
    assert warehouse.replace(NOTES, given()[NOTES], MONDAY, TUESDAY).n_rows == 300


def _hang_before_the_end(warehouse, pipe):
    """Ask for what a query makes, tell that it is under way, and wait to be killed."""

    def hang(*_):
        os.write(pipe, b"within\n")
        signal.pause()

    if warehouse.kind == "bigquery":
        vars(warehouse).pop("jobs"), vars(warehouse).pop("tables")  # the parent's connection is not to be shared
        warehouse._stored_rows = hang
    else:
        sys.modules[type(warehouse).__module__].arrow_schema_of = hang
    try:
        warehouse.query_over(QUERY, given(), MADE, MONDAY, TUESDAY)
    finally:
        os._exit(1)
