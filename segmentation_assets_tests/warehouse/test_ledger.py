"""What the warehouse remembers of a partition beside its rows."""

from dataclasses import replace

import duckdb
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.ledger import ABSENT, EMPTY, Provenance, schema_version
from segmentation_assets.warehouse.provenance import Readings
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, WEDNESDAY, rows

ANN, BEN = {"visit_id": "a", "guests": 1, "spent": 2.0}, {"visit_id": "b", "guests": 2}


def versions(warehouse):
    return {partition.snapshot_date: partition.data_version for partition in warehouse.ledger()}


def test_a_write_is_remembered_with_what_made_it(warehouse):
    made = Provenance("c1", {MONDAY: {"guests@2025-11-17": "v1"}, TUESDAY: {}})
    warehouse.replace(VISITS, rows(VISITS, ANN, BEN), MONDAY, TUESDAY, made)
    monday, tuesday = warehouse.ledger(["visits"])
    assert (monday.name, monday.n_rows, monday.code_version) == ("visits@2025-11-17", 2, "c1")
    assert monday.upstream == {"guests@2025-11-17": "v1"}
    assert monday.schema_version == schema_version(VISITS)
    assert (tuesday.n_rows, tuesday.data_version, tuesday.upstream) == (0, EMPTY, {})
    assert warehouse.ledger(["others"]) == []


def test_only_the_days_of_a_write_are_remembered_anew(warehouse):
    warehouse.replace(VISITS, rows(VISITS, ANN), MONDAY, WEDNESDAY, Provenance("c1"))
    warehouse.replace(VISITS, rows(VISITS, ANN, day_=TUESDAY), TUESDAY, TUESDAY, Provenance("c2"))
    assert [partition.code_version for partition in warehouse.ledger()] == ["c1", "c2", "c1"]


def test_a_refused_write_leaves_what_was_remembered(warehouse):
    warehouse.replace(VISITS, rows(VISITS, ANN), MONDAY, MONDAY, Provenance("c1"))
    before = warehouse.ledger()
    with pytest.raises(WarehouseError, match="more than once"):
        warehouse.replace(VISITS, rows(VISITS, ANN, ANN), MONDAY, MONDAY, Provenance("c2"))
    assert warehouse.ledger() == before


def test_the_data_version_hangs_on_the_rows_and_not_on_their_order_or_day(warehouse):
    warehouse.replace(VISITS, rows(VISITS, ANN, BEN), MONDAY, MONDAY)
    warehouse.replace(VISITS, rows(VISITS, BEN, ANN, day_=TUESDAY), TUESDAY, TUESDAY)
    first = warehouse.ledger()[0].data_version
    warehouse.replace(VISITS, rows(VISITS, BEN, ANN), MONDAY, MONDAY)
    assert versions(warehouse)[MONDAY] == first
    other_value = {**ANN, "spent": 2.5}
    swapped = [{**ANN, "guests": 2}, {**BEN, "guests": 1}]
    for changed in ([other_value, BEN], [ANN], [ANN, BEN, {"visit_id": "c"}], swapped):
        warehouse.replace(VISITS, rows(VISITS, *changed), MONDAY, MONDAY)
        assert versions(warehouse)[MONDAY] != first


def test_two_equal_changes_do_not_cancel_out(warehouse):
    """An exclusive or alone would not see two rows that become two equal others."""
    pair = table("pairs", "core", "Two.", integer("n", "Number."), string("word", "Word."), key=("n", "word"))
    twice = replace(pair, key=("n",))
    same = Query("SELECT DATE '2025-11-17' AS snapshot_date, n, 'a' AS word FROM UNNEST([1, 2]) AS n")
    warehouse.replace(twice, same, MONDAY, MONDAY)
    first = versions(warehouse)[MONDAY]
    warehouse.replace(twice, Query(same.sql.replace("'a'", "'b'")), MONDAY, MONDAY)
    assert versions(warehouse)[MONDAY] != first


def test_integers_given_for_doubles_and_columns_in_another_order_are_the_same_data(warehouse):
    prices = table("prices", "core", "Prices.", string("id", "Key."), number("price", "Price."), key=("id",))
    reordered = replace(prices, columns=(prices.columns[0], prices.columns[2], prices.columns[1]))
    select = "SELECT DATE '2025-11-17' AS snapshot_date, 'a' AS id, {} AS price"
    found = []
    for declared, price in ((prices, "2"), (prices, "2.0"), (reordered, "2.0")):
        warehouse.replace(declared, Query(select.format(price)), MONDAY, MONDAY)
        found.append(versions(warehouse)[MONDAY])
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    ("columns", "is_same"),
    [
        ((number("spent", "Spent."), integer("guests", "How many.")), True),
        ((integer("guests", "Other words.", is_required=True), number("spent", "Spent.")), True),
        ((integer("guests", "How many."),), False),
        ((integer("visitors", "How many."), number("spent", "Spent.")), False),
        ((number("guests", "How many."), number("spent", "Spent.")), False),
    ],
)
def test_the_schema_version_hangs_on_names_and_types_alone(columns, is_same):
    before = replace(VISITS, columns=(integer("guests", "How many."), number("spent", "Spent.")))
    assert (schema_version(replace(VISITS, columns=columns)) == schema_version(before)) is is_same


def test_a_view_is_remembered_without_a_date(warehouse):
    warehouse.replace(VISITS, rows(VISITS, ANN), MONDAY, MONDAY)
    view = table("totals", "marts", "Totals.", number("spent", "Spent."), key=(), is_view=True)
    for code in ("c1", "c2"):
        sql = "SELECT snapshot_date, SUM(spent) AS spent FROM visits GROUP BY snapshot_date"
        warehouse.create_view(view, Query(sql), Provenance(code))
    (entry,) = warehouse.ledger(["totals"])
    assert (entry.name, entry.snapshot_date, entry.code_version) == ("totals", None, "c2")


def test_rows_are_the_truth_about_what_is_there(warehouse):
    warehouse.replace(VISITS, rows(VISITS, ANN), MONDAY, TUESDAY)
    with duckdb.connect(str(warehouse.file.path)) as shell:
        shell.execute("DELETE FROM segmentation.visits")
        shell.execute("INSERT INTO segmentation.visits (snapshot_date, visit_id) VALUES ('2025-11-19', 'z')")
    assert warehouse.row_counts([VISITS]) == {"visits": {TUESDAY: 0, WEDNESDAY: 1}}
    assert set(versions(warehouse)) == {MONDAY, TUESDAY}


def test_a_query_that_names_no_table_is_told_the_tables_without_the_ledger(warehouse):
    warehouse.replace(VISITS, rows(VISITS, ANN), MONDAY, MONDAY)
    with pytest.raises(WarehouseError, match=r"it has visits\."):
        warehouse.query(Query("SELECT * FROM nowhere"))


def test_what_changes_while_a_step_works_was_read_before_the_change(warehouse):
    warehouse.replace(VISITS, rows(VISITS, ANN), MONDAY, MONDAY)
    before = versions(warehouse)[MONDAY]
    readings = Readings(warehouse, lambda: lambda word, _: {"first": [MONDAY], "next": [WEDNESDAY]}[word])
    readings.begin("step", ["guests"], ["visits"])
    warehouse.replace(VISITS, rows(VISITS, BEN), MONDAY, MONDAY)
    readings.begin("step", ["guests"], ["visits"])
    read = readings.upstream([TUESDAY], ["guests"], {"visits": "first"})
    assert read == {TUESDAY: {"guests@2025-11-18": ABSENT, "visits@2025-11-17": before}}
    readings.begin("next step", [], ["visits"])
    assert readings.upstream([TUESDAY], [], {"visits": "first_if_made"})[TUESDAY] != read[TUESDAY]
    assert readings.upstream([TUESDAY], [], {"visits": "next_if_made"}) == {TUESDAY: {}}
