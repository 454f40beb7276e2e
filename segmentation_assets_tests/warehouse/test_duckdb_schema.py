from dataclasses import replace

import duckdb
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import integer, number, string
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, rows


def declared(*columns):
    """The table with other columns beside its key."""
    return replace(VISITS, columns=(*VISITS.columns[:2], *columns))


GUESTS, SPENT = integer("guests", "Guests."), number("spent", "Spent.")


def write(warehouse, table, day, **values):
    return warehouse.replace(table, rows(table, {"visit_id": "a", **values}, day_=day), day, day)


def read(warehouse, table, *names):
    return [tuple(r.values()) for r in warehouse.read(table, MONDAY, TUESDAY, names).to_pylist()]


def test_the_stored_table_carries_the_declared_types_and_words(warehouse):
    write(warehouse, VISITS, MONDAY)
    assert warehouse.describe("visits") == {c.name: c.type for c in VISITS.columns}
    with duckdb.connect(str(warehouse.file.path), read_only=True) as shell:
        tables = shell.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'visits'").fetchall()
        columns = shell.execute("SELECT comment FROM duckdb_columns() WHERE column_name = 'guests'").fetchall()
    assert tables == [("Who came, and what they're worth.",)]
    assert columns == [("How many came. [persons]",)]


def test_an_added_column_reads_null_in_older_partitions(warehouse):
    write(warehouse, declared(GUESTS), MONDAY, guests=1)
    wider = declared(SPENT, GUESTS, string("purpose", "Why."))
    assert read(warehouse, wider, "guests", "spent") == [(1, None)], "before any write too"
    done = write(warehouse, wider, TUESDAY, guests=2, spent=5.0, purpose="tea")
    assert [change.split(";")[0] for change in done.schema_changes] == [
        "added spent (FLOAT64)",
        "added purpose (STRING)",
    ]
    assert read(warehouse, wider, "guests", "spent", "purpose") == [(1, None, None), (2, 5.0, "tea")]
    assert write(warehouse, wider, TUESDAY).schema_changes == ()


def test_columns_in_another_order_change_nothing(warehouse):
    write(warehouse, declared(GUESTS, SPENT), MONDAY, guests=1, spent=10.0)
    reordered = declared(SPENT, GUESTS)
    assert write(warehouse, reordered, TUESDAY, guests=2, spent=20.0).schema_changes == ()
    assert read(warehouse, reordered, "guests", "spent") == [(1, 10.0), (2, 20.0)]


def test_integers_widen_to_doubles_in_place(warehouse):
    write(warehouse, declared(GUESTS), MONDAY, guests=2**53)
    wide = declared(number("guests", "Guests."))
    assert write(warehouse, wide, TUESDAY, guests=0.5).schema_changes == ("widened guests from INT64 to FLOAT64",)
    assert read(warehouse, wide, "guests") == [(2.0**53,), (0.5,)]


def test_widening_that_would_round_is_refused_with_the_statement(warehouse):
    write(warehouse, declared(GUESTS), MONDAY, guests=2**53 + 1)
    with pytest.raises(WarehouseError, match=r"holds 1 integers too large .* SET DATA TYPE DOUBLE") as caught:
        write(warehouse, declared(number("guests", "Guests.")), TUESDAY, guests=0.5)
    assert warehouse.read(declared(GUESTS), MONDAY, MONDAY, ["guests"]).to_pylist() == [{"guests": 2**53 + 1}]
    run_statement(warehouse, str(caught.value))
    write(warehouse, declared(number("guests", "Guests.")), TUESDAY, guests=0.5)


def test_narrowing_is_refused_and_the_printed_statement_mends_it(warehouse):
    write(warehouse, declared(string("guests", "Guests.")), MONDAY, guests="12")
    with pytest.raises(WarehouseError, match=r"visits.guests is stored as STRING and is declared INT64") as caught:
        write(warehouse, declared(GUESTS), TUESDAY, guests=3)
    assert warehouse.snapshots(VISITS) == [MONDAY], "nothing was written"
    run_statement(warehouse, str(caught.value))
    write(warehouse, declared(GUESTS), TUESDAY, guests=3)
    assert read(warehouse, declared(GUESTS), "guests") == [(12,), (3,)]


def run_statement(warehouse, message):
    """Do literally what the error says."""
    statement = message[message.index("ALTER TABLE") :].split(". ")[0]
    with duckdb.connect(str(warehouse.file.path)) as shell:
        shell.execute(statement)


def test_a_column_no_longer_declared_keeps_its_values(warehouse):
    write(warehouse, declared(GUESTS, SPENT), MONDAY, guests=1, spent=10.0)
    done = write(warehouse, declared(GUESTS), TUESDAY, guests=2)
    assert "spent no longer declared: kept" in done.schema_changes[0]
    assert read(warehouse, declared(GUESTS, SPENT), "guests", "spent") == [(1, 10.0), (2, None)]


def test_required_and_nullable_are_claims_on_rows_and_change_no_table(warehouse):
    strict = declared(integer("guests", "Guests.", is_required=True))
    write(warehouse, declared(GUESTS), MONDAY, guests=None)
    write(warehouse, strict, TUESDAY, guests=1)
    assert write(warehouse, declared(GUESTS), TUESDAY, guests=None).schema_changes == ()


def test_a_view_over_a_table_survives_its_changes(warehouse):
    write(warehouse, declared(GUESTS), MONDAY, guests=1)
    view = replace(declared(number("guests", "Guests.")), name="seen", is_view=True, key=())
    warehouse.create_view(view, Query("SELECT snapshot_date, visit_id, guests * 1.0 AS guests FROM visits"))
    write(warehouse, declared(SPENT, number("guests", "Guests.")), TUESDAY, guests=2.5, spent=1.0)
    assert read(warehouse, view, "guests") == [(1.0,), (2.5,)]


def test_odd_names_are_only_names(warehouse):
    odd = replace(
        VISITS,
        columns=(*VISITS.columns[:2], string("group", "It's a word."), string('a"b', "?")),
    )
    values = {"visit_id": "a", "group": "'; DROP TABLE x", 'a"b': "c"}
    warehouse.replace(odd, rows(odd, values), MONDAY, MONDAY)
    assert warehouse.read(odd, MONDAY, MONDAY, ["group", 'a"b']).to_pylist() == [
        {"group": "'; DROP TABLE x", 'a"b': "c"}
    ]
    assert warehouse.snapshots(odd) == [MONDAY]
