import gc
import weakref

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.frames import FrameError, to_arrow
from segmentation_assets.tables.schema import number, string, table
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.io_manager import WarehouseIOManager
from segmentation_assets.warehouse.stored_rows import StoredRows
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY

KEY = string("visit_id", "Key.", is_required=True)
VISITS = table("visits", "core", "Visits.", KEY, number("spent", "Spent."), string("note", "Note."), key=("visit_id",))
DOUBLES = table("doubles", "features", "Doubled.", KEY, number("twice", "Twice."), key=("visit_id",))
TOTALS = table("totals", "marts", "Totals.", number("spent", "Spent."), key=(), is_view=True)
TABLES = {t.name: t for t in (VISITS, DOUBLES, TOTALS)}
DAILY = dg.DailyPartitionsDefinition("2025-11-01", timezone="Europe/London", end_offset=1)
SEEN = {}


def daily(**kw):
    return dg.asset(partitions_def=DAILY, backfill_policy=dg.BackfillPolicy.single_run(), **kw)


def days_of(context):
    return [pd.Timestamp(key) for key in context.partition_keys]


def build(visits_of=None, **ins):
    """A small graph: a frame, a query over it, a look at both, and a view."""

    @daily()
    def visits(context: dg.AssetExecutionContext):
        if visits_of:
            return visits_of(context)
        return pd.DataFrame(
            [{"note": None, "visit_id": w, "snapshot_date": d, "spent": d.day} for d in days_of(context) for w in "ba"]
        )

    @daily(deps=[visits])
    def doubles(context: dg.AssetExecutionContext):
        days = days_of(context)
        return Query(
            "SELECT visit_id, spent * 2 AS twice, snapshot_date FROM visits WHERE snapshot_date BETWEEN @a AND @b",
            {"a": days[0].date(), "b": days[-1].date()},
        )

    @daily(ins={"visits": dg.AssetIn(metadata={"columns": ["visit_id", "spent"], **ins})}, io_manager_key="none")
    def look(visits: pd.DataFrame, doubles: pd.DataFrame):
        SEEN.update(visits=visits, doubles=doubles)

    @dg.asset(deps=[visits])
    def totals():
        return Query("SELECT snapshot_date, SUM(spent) AS spent FROM visits GROUP BY snapshot_date", origin="sql/t.sql")

    return [visits, doubles, look, totals]


def run(warehouse, assets, selection, day=None, last=None):
    key = {"partition_key": day} if day and not last else {}
    tags = {"dagster/asset_partition_range_start": day, "dagster/asset_partition_range_end": last} if last else {}
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            assets,
            selection=selection.split(","),
            instance=instance,
            tags=tags,
            resources={"io_manager": WarehouseIOManager(warehouse, TABLES), "none": dg.InMemoryIOManager()},
            **key,
        )


def metadata_of(result, name):
    events = [e for e in result.get_asset_materialization_events() if e.asset_key.path[-1] == name]
    return [(e.partition, {k: v.value for k, v in e.materialization.metadata.items()}) for e in events]


def test_a_day_goes_in_and_comes_out_of_declared_types(warehouse):
    result = run(warehouse, build(), "visits,doubles,look", "2025-11-17")
    assert {str(t) for t in SEEN["visits"].dtypes} == {"string", "float64"}
    assert SEEN["visits"].to_dict("list") == {"visit_id": ["a", "b"], "spent": [17.0, 17.0]}
    assert list(SEEN["doubles"].columns) == DOUBLES.column_names
    assert SEEN["doubles"]["twice"].tolist() == [34.0, 34.0]
    partition, metadata = metadata_of(result, "visits")[0]
    assert partition == "2025-11-17"
    assert metadata == {
        "dagster/partition_row_count": 2,
        "dagster/table_name": "warehouse.segmentation.visits",
        "dagster/storage_kind": "duckdb",
    }


def test_a_range_is_one_run_and_equals_its_days(warehouse):
    run(warehouse, build(), "visits,doubles", "2025-11-18")
    by_day = warehouse.read(DOUBLES, TUESDAY, TUESDAY)
    result = run(warehouse, build(), "visits,doubles,look", "2025-11-16", "2025-11-18")
    assert len(SEEN["visits"]) == len(SEEN["doubles"]) == 6
    assert warehouse.read(DOUBLES, TUESDAY, TUESDAY).equals(by_day)
    partitions = metadata_of(result, "doubles")
    assert [partition for partition, _ in partitions] == ["2025-11-16", "2025-11-17", "2025-11-18"]
    assert [told["dagster/partition_row_count"] for _, told in partitions] == [2, 2, 2]


def test_each_day_of_a_range_tells_its_own_rows_one_that_has_none_included(warehouse):
    def visits_of(context):
        first, _, last = days_of(context)
        keys = [(first, "a"), (last, "a"), (last, "b")]
        return pd.DataFrame([{"visit_id": w, "snapshot_date": d, "spent": 1.0, "note": None} for d, w in keys])

    result = run(warehouse, build(visits_of), "visits,doubles", "2025-11-16", "2025-11-18")
    for name in ("visits", "doubles"):
        assert [told["dagster/partition_row_count"] for _, told in metadata_of(result, name)] == [1, 0, 2]


def test_the_night_clocks_change_is_a_day_like_any_other(warehouse):
    summer, winter = "2026-03-29", "2026-10-25"
    for day in (summer, winter):
        run(warehouse, build(), "visits", day)
    assert [str(d) for d in warehouse.snapshots(VISITS)] == [summer, winter]


def test_a_mart_becomes_a_view(warehouse):
    run(warehouse, build(), "visits", "2025-11-17")
    result = run(warehouse, build(), "totals")
    assert metadata_of(result, "totals")[0][1]["sql"] == "sql/t.sql"
    assert warehouse.read(TOTALS, MONDAY, MONDAY, ["spent"]).to_pylist() == [{"spent": 34.0}]


def test_a_frame_for_one_day_need_not_name_it(warehouse):
    frame = pd.DataFrame({"visit_id": ["a"], "spent": [None], "note": ["x"]})
    run(warehouse, build(lambda _: frame), "visits", "2025-11-17")
    assert warehouse.count(VISITS, MONDAY, MONDAY) == 1
    with pytest.raises(WarehouseError, match=r"no snapshot_date, and the run replaces 2025-11-17 to 2025-11-18"):
        run(warehouse, build(lambda _: frame), "visits", "2025-11-17", "2025-11-18")


def test_rows_of_another_day_and_unknown_columns_are_refused_and_nothing_changes(warehouse):
    run(warehouse, build(), "visits", "2025-11-17")
    frame = pd.DataFrame({"visit_id": ["a"], "spent": [1.0], "note": ["x"], "snapshot_date": [pd.Timestamp(TUESDAY)]})
    with pytest.raises(WarehouseError, match=r"not within 2025-11-17 to 2025-11-17"):
        run(warehouse, build(lambda _: frame), "visits", "2025-11-17")
    with pytest.raises(FrameError, match=r"Did you mean 'spent'"):
        run(warehouse, build(lambda _: frame.rename(columns={"spent": "spend"})), "visits", "2025-11-17")
    with pytest.raises(
        WarehouseError, match=r"visits returned list; return a pandas DataFrame, an Arrow table or a Query"
    ):
        run(warehouse, build(lambda _: [1]), "visits", "2025-11-17")
    assert warehouse.row_counts([VISITS]) == {"visits": {MONDAY: 2}}


def test_a_partition_that_was_never_written_is_an_error_unless_allowed(warehouse):
    run(warehouse, build(), "visits,doubles", "2025-11-17")
    with pytest.raises(WarehouseError, match=r"doubles has no partition for 2025-11-16. Materialise doubles"):
        run(warehouse, build(), "visits,look", "2025-11-16")
    run(warehouse, build(), "doubles", "2025-11-16", "2025-11-18")
    with pytest.raises(WarehouseError, match=r"visits has no partition for 2025-11-18."):
        run(warehouse, build(), "look", "2025-11-16", "2025-11-18")
    run(warehouse, build(allow_missing_partitions=True), "look", "2025-11-16", "2025-11-18")
    assert len(SEEN["visits"]) == 4


def test_partitions_are_listed_only_where_a_day_came_without_rows(warehouse, monkeypatch):
    looked = []
    look = type(warehouse).row_counts

    def listened(self, tables, *days):
        looked.append(([table.name for table in tables], *days))
        return look(self, tables, *days)

    monkeypatch.setattr(type(warehouse), "row_counts", listened)
    run(warehouse, build(), "visits,doubles,look", "2025-11-16", "2025-11-18")
    assert not looked
    empty = pd.DataFrame({"visit_id": [], "spent": [], "note": [], "snapshot_date": pd.to_datetime([])})
    run(warehouse, build(lambda _: empty), "visits", "2025-11-17")
    run(warehouse, build(), "look", "2025-11-16", "2025-11-18")
    assert looked == [(["visits"], MONDAY, MONDAY)]
    assert len(SEEN["visits"]) == 4


def test_a_step_reads_the_ledger_of_what_it_is_made_from_and_without_upstream(warehouse, monkeypatch):
    asked = []
    ask = type(warehouse).ledger

    def listened(self, names=None, day=None, *, with_upstream=True):
        asked.append((sorted(names), day, with_upstream))
        return ask(self, names, day, with_upstream=with_upstream)

    monkeypatch.setattr(type(warehouse), "ledger", listened)
    run(warehouse, build(), "visits,doubles,look", "2025-11-17")
    assert asked == [([], None, False), (["visits"], None, False), (["doubles", "visits"], None, False)]


def test_a_partition_written_empty_is_an_empty_frame(warehouse):
    empty = pd.DataFrame({"visit_id": [], "spent": [], "note": []})
    run(warehouse, build(lambda _: empty), "visits,doubles,look", "2025-11-17")
    assert SEEN["visits"].empty
    assert str(SEEN["visits"]["visit_id"].dtype) == "string"


def test_a_change_of_schema_is_told_in_the_metadata(warehouse):
    narrow = table("visits", "core", "Visits.", KEY, number("spent", "Spent."), key=("visit_id",))
    frame = pd.DataFrame({"visit_id": ["a"], "spent": [1.0], "snapshot_date": [pd.Timestamp(MONDAY)]})
    warehouse.replace(narrow, to_arrow(frame, narrow), MONDAY, MONDAY)
    result = run(warehouse, build(), "visits", "2025-11-18")
    assert metadata_of(result, "visits")[0][1]["schema_changes"].startswith("added note (STRING)")


def test_an_asset_without_a_table_is_told(warehouse):
    @daily()
    def visit():
        return pd.DataFrame()

    with pytest.raises(WarehouseError, match=r"'visit' has no table of its name .* Did you mean 'visits'"):
        run(warehouse, [visit], "visit", "2025-11-17")


def test_arrow_rows_are_written_as_they_are_and_an_input_may_read_them_itself(warehouse):
    notes = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), ["from one file"])
    rows = pa.table(
        {"visit_id": ["a", "b"], "note": notes, "spent": [1.0, None], "snapshot_date": pa.array([MONDAY] * 2)}
    )

    @daily()
    def visits() -> pa.Table:
        return rows

    @daily(io_manager_key="none")
    def later(visits: StoredRows):
        SEEN.update(later=visits.read(["note", "visit_id"]))

    run(warehouse, [visits, later], "visits,later", "2025-11-17")
    assert SEEN["later"].to_pylist() == [{"note": "from one file", "visit_id": key} for key in "ab"]
    with pytest.raises(WarehouseError, match="visits has no partition for 2025-11-18"):
        run(warehouse, [visits, later], "later", "2025-11-18")


def test_what_is_written_is_held_no_longer(warehouse):
    def frame_of(_):
        frame = pd.DataFrame({"visit_id": ["a"], "spent": [1.0], "note": ["x"]})
        SEEN["frame"] = weakref.ref(frame)
        return frame

    @daily(deps=["visits"], io_manager_key="none")
    def afterwards():
        gc.collect()
        SEEN["is_held"] = SEEN["frame"]() is not None

    run(warehouse, [*build(frame_of), afterwards], "visits,afterwards", "2025-11-17")
    assert not SEEN["is_held"]
