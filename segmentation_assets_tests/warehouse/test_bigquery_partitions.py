"""Partitions replaced without DML: the real client against an emulator that knows a partition's name, and a sandbox."""

from dataclasses import replace
from datetime import timedelta

import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.ledger import Content, Provenance, entries
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, WEDNESDAY, rows

pytest.importorskip("google.cloud.bigquery")

from segmentation_assets.warehouse.bigquery.client import Patience
from segmentation_assets.warehouse.bigquery.ledger import LedgerWriter
from segmentation_assets.warehouse.bigquery.partitions import Ways
from segmentation_assets.warehouse.bigquery.schema import STAGING
from segmentation_assets_tests.emulator.faults import FaultyNetwork
from segmentation_assets_tests.emulator.partitions import Partitions, day_before

MADE = Provenance("v1", {MONDAY: {"raw@2025-11-17": "abc"}}, "club")
WEEK = [MONDAY + timedelta(n) for n in range(5)]
BRIEF = Patience(request_seconds=30, call_seconds=0.1, job_seconds=30, pause_seconds=0.02)


@pytest.fixture(scope="module")
def sandbox(bigquery):
    """A project without billing."""
    with Partitions(bigquery.host, refuses_dml="at once") as between:
        yield between


@pytest.fixture(scope="module")
def plain(bigquery):
    """A project with billing that knows partitions by name."""
    with Partitions(bigquery.host) as between:
        yield between


def visits(*days, n_rows=2, guests=1):
    records = [
        {"visit_id": f"V{i}", "guests": guests, "spent": 0.5, "snapshot_date": d} for d in days for i in range(n_rows)
    ]
    return rows(VISITS, *records)


def held(warehouse, first=MONDAY, last=WEEK[-1]):
    read = warehouse.read(VISITS, first, last, ["snapshot_date", "visit_id", "guests"])
    return [(r["snapshot_date"], r["visit_id"], r["guests"]) for r in read.to_pylist()]


def test_a_write_is_the_same_rows_and_the_same_ledger_as_by_merge(new_bigquery, sandbox):
    merged, copied = new_bigquery(), new_bigquery(emulator_host=sandbox.host)
    for warehouse in (merged, copied):
        warehouse.replace(VISITS, visits(*WEEK), WEEK[0], WEEK[-1], MADE)
        done = warehouse.replace(VISITS, visits(MONDAY, WEDNESDAY, guests=7), MONDAY, WEDNESDAY, MADE)
        assert (done.n_rows, done.by_day) == (4, {MONDAY: 2, TUESDAY: 0, WEDNESDAY: 2})
    assert held(copied) == held(merged)
    assert copied.row_counts([VISITS]) == merged.row_counts([VISITS])
    assert copied.row_counts([VISITS]) == {"visits": {**dict.fromkeys(WEEK, 2), TUESDAY: 0}}
    assert copied.ledger() == merged.ledger()
    assert done.notes == (
        "DML is refused in this project, which has no billing: the partitions were replaced by copy jobs.",
    )
    assert not [name for name in copied.tables.relations() if name.startswith(STAGING)]
    assert "$" not in "".join(item.table_id for item in copied.jobs.client.list_tables(copied.tables.reference))


def test_a_job_that_is_accepted_and_then_refused_is_refused(new_bigquery, bigquery):
    with Partitions(bigquery.host, refuses_dml="in the job") as between:
        warehouse = new_bigquery(emulator_host=between.host)
        assert "DML is refused" in warehouse.replace(VISITS, visits(MONDAY), MONDAY, MONDAY, MADE).notes[0]
        assert len(held(warehouse)) == 2


def test_dml_is_asked_for_once_a_process(new_bigquery, sandbox):
    warehouse = new_bigquery(emulator_host=sandbox.host)
    sandbox.statements.clear()
    warehouse.replace(VISITS, visits(MONDAY), MONDAY, MONDAY)
    warehouse.replace(VISITS, visits(MONDAY), MONDAY, MONDAY)
    assert [sql.split()[0] for sql in sandbox.statements if sql.split()[0] in ("UPDATE", "MERGE")] == ["UPDATE"]


def test_the_setting_keeps_to_one_way(new_bigquery, plain, sandbox):
    plain.statements.clear()
    by_copy = new_bigquery(emulator_host=plain.host, writes="copy")
    done = by_copy.replace(VISITS, visits(MONDAY), MONDAY, TUESDAY, MADE)
    assert "SEGMENTATION_BIGQUERY_WRITES is copy" in done.notes[0]
    assert not [sql for sql in plain.statements if sql.startswith(("UPDATE", "MERGE", "DELETE"))]
    by_merge = new_bigquery(emulator_host=plain.host)
    assert by_merge.replace(VISITS, visits(MONDAY), MONDAY, TUESDAY, MADE).notes == ()
    assert by_copy.ledger() == by_merge.ledger()
    refused = new_bigquery(emulator_host=sandbox.host, writes="merge")
    with pytest.raises(WarehouseError, match=r"has no billing.*SEGMENTATION_BIGQUERY_WRITES"):
        refused.replace(VISITS, visits(MONDAY), MONDAY, MONDAY)


def test_a_project_passes_from_the_one_way_to_the_other_and_back(new_bigquery, plain):
    dataset = new_bigquery().place.dataset
    ways = {way: new_bigquery(emulator_host=plain.host, dataset=dataset, writes=way) for way in ("merge", "copy")}
    for guests, way in enumerate(["merge", "copy", "merge"]):
        ways[way].replace(VISITS, visits(MONDAY, guests=guests), MONDAY, TUESDAY, Provenance(f"v{guests}"))
        found = ways["merge"].ledger(["visits"])
        assert [(p.snapshot_date, p.n_rows, p.code_version) for p in found] == [
            (MONDAY, 2, f"v{guests}"),
            (TUESDAY, 0, f"v{guests}"),
        ]
        assert all(p.data_version and p.schema_version for p in found)
        assert {guest for _, _, guest in held(ways[way])} == {guests}
    assert ways["copy"].row_counts([VISITS])["visits"] == {MONDAY: 2, TUESDAY: 0}


def test_a_query_is_staged_as_declared_and_copied(new_bigquery, sandbox):
    warehouse = new_bigquery(emulator_host=sandbox.host)
    warehouse.replace(VISITS, visits(MONDAY), MONDAY, MONDAY)
    whole = Query(
        "WITH v AS (SELECT * FROM visits WHERE snapshot_date = @day) "
        "SELECT v.* REPLACE (9 AS spent, guests + 1 AS guests) FROM v -- integers for a double",
        {"day": MONDAY},
    )
    done = warehouse.replace(VISITS, whole, MONDAY, TUESDAY)
    assert (done.n_rows, done.bytes_estimated is not None) == (2, True)
    assert warehouse.read(VISITS, MONDAY, MONDAY)["spent"].to_pylist() == [9.0, 9.0]
    with pytest.raises(WarehouseError, match="whose snapshot_date is not within"):
        warehouse.replace(VISITS, whole, TUESDAY, TUESDAY)
    assert len(held(warehouse)) == 2


def test_a_change_of_declaration_is_followed(new_bigquery, sandbox):
    old = table("scores", "core", "S.", string("who", "W."), integer("score", "S."), number("gone", "G."), key=("who",))
    new = table("scores", "core", "S.", number("score", "S."), string("who", "W."), string("why", "Y."), key=("who",))
    warehouse = new_bigquery(emulator_host=sandbox.host)
    warehouse.replace(old, rows(old, {"who": "a", "score": 3, "gone": 1.0}), MONDAY, MONDAY)
    changes = warehouse.replace(new, rows(new, {"who": "a", "score": 0.5}, day_=TUESDAY), TUESDAY, TUESDAY)
    assert len(changes.schema_changes) == 3
    assert warehouse.describe("scores") == {
        "snapshot_date": "DATE",
        "who": "STRING",
        "score": "FLOAT64",
        "gone": "FLOAT64",
        "why": "STRING",
    }
    assert warehouse.read(new, MONDAY, TUESDAY)["score"].to_pylist() == [3.0, 0.5]
    assert warehouse.read(old, MONDAY, MONDAY)["gone"].to_pylist() == [1.0]


def test_views_are_made_and_told(new_bigquery, sandbox):
    warehouse = new_bigquery(emulator_host=sandbox.host)
    warehouse.replace(VISITS, visits(MONDAY), MONDAY, MONDAY)
    seen = table("seen", "marts", "S.", integer("guests", "G."), key=(), is_view=True)
    for version in ("v1", "v2"):
        warehouse.create_view(seen, Query("SELECT snapshot_date, guests FROM visits"), Provenance(version))
        assert warehouse.has_view(seen, version)
    assert not warehouse.has_view(seen, "v1")
    assert warehouse.count(seen, MONDAY, MONDAY) == 2


def test_a_run_that_dies_between_days_leaves_each_whole_and_the_range_unfinished(new_bigquery, bigquery):
    with Partitions(bigquery.host) as between:
        warehouse = new_bigquery(emulator_host=between.host, writes="copy", patience=BRIEF)
        warehouse.replace(VISITS, visits(*WEEK, guests=0), WEEK[0], WEEK[-1], MADE)
        between.copies_left = 2
        with pytest.raises(WarehouseError, match=r"BigQuery is not well.* Each day is whole, and some may be new"):
            warehouse.replace(VISITS, visits(*WEEK[:-1], guests=1), WEEK[0], WEEK[-1], MADE)
        found = {day: [guests for other, _, guests in held(warehouse) if other == day] for day in WEEK}
        assert found == {day: [1, 1] if day in WEEK[:2] else [0, 0] for day in WEEK}
        left = warehouse.ledger(["visits"])
        assert [(p.data_version, p.n_rows, p.portfolio) for p in left] == [(None, 2, "club")] * 5
        between.copies_left = None
        warehouse.replace(VISITS, visits(*WEEK[:-1], guests=1), WEEK[0], WEEK[-1], MADE)
        assert warehouse.row_counts([VISITS])["visits"] == {**dict.fromkeys(WEEK[:-1], 2), WEEK[-1]: 0}
        assert all(p.data_version for p in warehouse.ledger(["visits"]))


def test_two_writes_at_once_leave_the_partition_unfinished(new_bigquery, plain):
    """It is not known whose rows came last, whichever of the two told the ledger last."""
    mine, theirs = (new_bigquery(emulator_host=plain.host, writes="copy", dataset="at_once") for _ in range(2))
    mine.replace(VISITS, visits(MONDAY), MONDAY, MONDAY, MADE)
    exchange = mine._exchange

    def slowly(*given):
        theirs.replace(VISITS, visits(MONDAY, guests=2), MONDAY, MONDAY, MADE)
        exchange(*given)

    mine._exchange = slowly
    mine.replace(VISITS, visits(MONDAY, guests=3), MONDAY, MONDAY, MADE)
    assert [(p.data_version, p.schema_version) for p in mine.ledger(["visits"])] == [(None, "")]
    theirs.replace(VISITS, visits(MONDAY, guests=2), MONDAY, MONDAY, MADE)
    assert mine.ledger(["visits"])[0].data_version


@pytest.mark.parametrize("fault", ["lost answer", "503"])
def test_a_copy_whose_every_request_fails_once_succeeds(new_bigquery, plain, fault):
    near = new_bigquery(emulator_host=plain.host, writes="copy")
    patient = Patience(request_seconds=60, call_seconds=60, job_seconds=120, pause_seconds=0.02)
    with FaultyNetwork(plain.host) as network:
        far = new_bigquery(dataset=near.place.dataset, emulator_host=network.host, writes="copy", patience=patient)
        network.begin(lambda number: fault if number % 2 else None)
        far.replace(VISITS, visits(*WEEK[:2]), WEEK[0], WEEK[2], MADE)
    assert near.row_counts([VISITS])["visits"] == {WEEK[0]: 2, WEEK[1]: 2, WEEK[2]: 0}
    assert [p.code_version for p in near.ledger()] == ["v1"] * 3


def test_days_that_would_be_dropped_at_once_are_refused_and_the_rest_is_told(new_bigquery, bigquery):
    with Partitions(bigquery.host, refuses_dml="at once", kept_days=60) as between:
        warehouse = new_bigquery(emulator_host=between.host)
        old, young = day_before(70), day_before(3)
        with pytest.raises(WarehouseError, match=r"keeps a day for 60 days .* Nothing was written") as caught:
            warehouse.replace(VISITS, visits(old, young), old, young)
        assert f"would drop {old} to {day_before(61)} as soon" in str(caught.value)
        assert f"Write days from {day_before(60)} on" in str(caught.value)
        assert warehouse.describe("visits") is None
        done = warehouse.replace(VISITS, visits(young), young, young)
        assert any("drops each day of this table 60 days after its date" in note for note in done.notes)
        assert warehouse.row_counts([VISITS])["visits"] == {young: 2}
        with pytest.raises(WarehouseError, match=f"would drop {day_before(61)} as soon"):
            warehouse.replace(VISITS, visits(day_before(61)), day_before(61), day_before(61))
        warehouse.replace(VISITS, visits(day_before(60)), day_before(60), day_before(60))
        assert warehouse.row_counts([VISITS])["visits"] == {day_before(60): 2, young: 2}


def test_a_view_that_is_about_to_expire_does_not_stand(new_bigquery, plain):
    warehouse = new_bigquery(emulator_host=plain.host, writes="copy")
    warehouse.replace(VISITS, visits(MONDAY), MONDAY, MONDAY)
    seen = table("seen", "marts", "S.", integer("guests", "G."), key=(), is_view=True)
    warehouse.create_view(seen, Query("SELECT snapshot_date, guests FROM visits"), Provenance("v1"))
    assert warehouse.has_view(seen, "v1")
    stored = warehouse.tables.stored("seen")
    stored.expires = stored.created + timedelta(1)
    warehouse.jobs.client.update_table(stored, ["expires"])
    assert not warehouse.has_view(seen, "v1")


def test_a_ledger_that_is_gone_leaves_everything_unknown_and_is_made_again(new_bigquery, sandbox):
    warehouse = new_bigquery(emulator_host=sandbox.host)
    warehouse.replace(VISITS, visits(MONDAY), MONDAY, MONDAY, MADE)
    warehouse.jobs.client.delete_table(warehouse.tables.reference.table("partition_ledger"))
    again = new_bigquery(emulator_host=sandbox.host, dataset=warehouse.place.dataset)
    assert again.ledger() == []
    assert again.row_counts([VISITS])["visits"] == {MONDAY: 2}
    again.replace(VISITS, visits(TUESDAY), TUESDAY, TUESDAY, MADE)
    assert [p.snapshot_date for p in again.ledger()] == [TUESDAY]


def test_an_engine_of_an_earlier_release_finds_its_ledger_again(new_bigquery, plain):
    """The columns by which rows are put in order are added to a ledger that lacks them."""
    warehouse = new_bigquery(emulator_host=plain.host)
    warehouse.replace(VISITS, visits(MONDAY), MONDAY, MONDAY, MADE)
    name = warehouse.tables.address("partition_ledger")
    for column in ("sequence", "write_id"):
        warehouse.jobs.run(f"ALTER TABLE {name} DROP COLUMN {column}")
    later = new_bigquery(emulator_host=plain.host, dataset=warehouse.place.dataset, writes="copy")
    assert [p.code_version for p in later.ledger()] == ["v1"]
    later.replace(VISITS, visits(MONDAY), MONDAY, MONDAY, replace(MADE, code_version="v2"))
    assert [p.code_version for p in later.ledger()] == ["v2"]


def test_three_years_in_one_write_send_short_statements(new_bigquery, bigquery):
    days = [MONDAY + timedelta(n) for n in range(1095)]
    read = {day: {f"table_number_{n}@{day}": f"{n:031d}" for n in range(12)} for day in days}
    frame = rows(VISITS, *({"visit_id": "a", "snapshot_date": day} for day in days))
    with Partitions(bigquery.host) as between:
        warehouse = new_bigquery(emulator_host=between.host)
        warehouse.replace(VISITS, frame, days[0], days[-1], Provenance("v1", read))
        by_merge = warehouse.ledger()
        appended = LedgerWriter(warehouse.tables, Ways("copy"))
        appended.mark(VISITS, days[0], days[-1])
        assert all(entry.data_version is None for entry in warehouse.ledger())
        contents = {entry.snapshot_date: Content(entry.n_rows, entry.data_version) for entry in by_merge}
        appended.write(entries(VISITS, days[0], days[-1], contents, Provenance("v1", read)))
        assert max(map(len, between.statements)) < 4 * 1024
        assert max(between.request_bytes) < 512 * 1024
        assert len([sql for sql in between.statements if sql.startswith("MERGE") and "partition_ledger" in sql]) > 2
    assert [entry.upstream for entry in by_merge] == list(read.values())
    assert warehouse_of(new_bigquery, warehouse).ledger() == by_merge


def warehouse_of(new_bigquery, warehouse):
    """The same warehouse, reached without a stand-in."""
    return new_bigquery(dataset=warehouse.place.dataset)
