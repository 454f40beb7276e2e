"""How BigQuery is read: what is asked of it, how often, and what its jobs carry."""

from dataclasses import replace
from uuid import uuid4

import pytest
from dagster import AssetKey
from google.cloud import bigquery as google

from segmentation_assets.errors import WarehouseError
from segmentation_assets.settings import read_settings
from segmentation_assets.tables.schema import string, table
from segmentation_assets.warehouse.bigquery import listing as bigquery_listing
from segmentation_assets.warehouse.bigquery.jobs import label_value
from segmentation_assets.warehouse.bigquery.warehouse import BigQueryWarehouse
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.ledger import Provenance
from segmentation_assets_tests.club import FIRST, found_club
from segmentation_assets_tests.conftest import Graph
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, WEDNESDAY, rows

GUESTS = replace(VISITS, name="guests")
NEVER = replace(VISITS, name="never")
TWO = ({"visit_id": "a"}, {"visit_id": "b"})


@pytest.fixture(scope="module")
def filled(new_bigquery):
    """Visits of three days, the second written empty, and guests of one; for tests that change nothing."""
    warehouse = new_bigquery()
    warehouse.replace(
        VISITS, rows(VISITS, *TWO), MONDAY, WEDNESDAY, Provenance("v1", {MONDAY: {"raw@2025-11-17": "x"}})
    )
    warehouse.replace(GUESTS, rows(GUESTS, {"visit_id": "c"}, day_=WEDNESDAY), WEDNESDAY, WEDNESDAY)
    return warehouse


@pytest.fixture
def asked(monkeypatch):
    """The statements that are sent to be read from."""
    sent = []
    send = google.Client.query_and_wait

    def listened(self, sql, **given):
        sent.append(sql)
        return send(self, sql, **given)

    monkeypatch.setattr(google.Client, "query_and_wait", listened)
    return sent


def test_one_statement_lists_all_tables_and_reads_none(filled, asked):
    found = filled.row_counts([VISITS, GUESTS, NEVER])
    assert found == {"visits": {MONDAY: 2, TUESDAY: 0, WEDNESDAY: 0}, "guests": {WEDNESDAY: 1}, "never": {}}
    ledger, listed = asked
    assert ledger.startswith(f"SELECT * EXCEPT (upstream) FROM {filled.tables.address('partition_ledger')} WHERE ")
    assert listed.count("FROM") == 1
    assert f"`test-project`.`{filled.place.dataset}`.INFORMATION_SCHEMA.PARTITIONS" in listed
    assert filled.row_counts([VISITS], TUESDAY, TUESDAY) == {"visits": {TUESDAY: 0}}
    assert filled.snapshots(VISITS, TUESDAY) == [TUESDAY, WEDNESDAY]


@pytest.mark.parametrize("told", ["0", "5"])
def test_where_the_view_and_the_ledger_differ_the_rows_of_these_days_are_counted(filled, asked, monkeypatch, told):
    """Google does not say how soon the view shows a write: here it shows none, or an earlier one."""
    stored = bigquery_listing._stored_sql

    def late(*given):
        return stored(*given).replace("total_rows AS", f"{told} AS")

    monkeypatch.setattr(bigquery_listing, "_stored_sql", late)
    assert filled.row_counts([VISITS, GUESTS]) == {
        "visits": {MONDAY: 2, TUESDAY: 0, WEDNESDAY: 0},
        "guests": {WEDNESDAY: 1},
    }
    counts = [sql for sql in asked if "COUNT(*)" in sql]
    assert len(counts) == 2
    assert all(" WHERE snapshot_date BETWEEN DATE '2025-11-1" in sql for sql in counts)


def test_the_days_that_a_query_is_about_are_constants_in_its_text(filled, asked):
    query = Query(
        "SELECT COUNT(*) AS n FROM visits WHERE snapshot_date BETWEEN @first AND @last AND visit_id = @key -- @first",
        {"first": MONDAY, "last": TUESDAY, "key": "@first"},
    )
    assert filled.query(query).to_pylist() == [{"n": 0}]
    (sql,) = asked
    assert "BETWEEN DATE '2025-11-17' AND DATE '2025-11-18'" in sql
    assert "@key" in sql


def test_rows_deleted_by_hand_are_not_there_and_rows_put_by_hand_are(new_bigquery):
    warehouse = new_bigquery()
    warehouse.replace(VISITS, rows(VISITS, *TWO), MONDAY, MONDAY)
    address = warehouse.tables.address("visits")
    warehouse.jobs.run(f"DELETE FROM {address} WHERE visit_id = 'a'")
    assert warehouse.row_counts([VISITS]) == {"visits": {MONDAY: 1}}
    warehouse.jobs.run(f"DELETE FROM {address} WHERE TRUE")
    assert warehouse.snapshots(VISITS) == []
    warehouse.jobs.run(f"INSERT INTO {address} (snapshot_date, visit_id) VALUES (DATE '2025-11-18', 'h'), (NULL, 'n')")
    assert warehouse.row_counts([VISITS]) == {"visits": {TUESDAY: 1}}
    warehouse.jobs.run(f"DROP TABLE {address}")
    assert warehouse.row_counts([VISITS]) == {"visits": {}}


def test_within_a_block_of_reading_nothing_is_asked_twice(filled, asked):
    view = table("seen", "marts", "V.", string("visit_id", "K."), key=("visit_id",), is_view=True)
    with filled.reading():
        for _ in range(2):
            filled.row_counts([VISITS])
            assert filled.snapshots(VISITS) == [MONDAY, TUESDAY, WEDNESDAY]
            filled.ledger(with_upstream=False)
            with filled.reading():
                filled.ledger(["visits"], MONDAY)
            assert not filled.has_view(view, "c1")
    assert len(asked) == 4
    filled.row_counts([VISITS])
    assert len(asked) == 6


def test_a_survey_reads_the_ledger_once_and_lists_once(filled, asked):
    with filled.reading():
        whole = filled.ledger()
        assert filled.row_counts([VISITS, GUESTS])["visits"] == {MONDAY: 2, TUESDAY: 0, WEDNESDAY: 0}
        assert filled.ledger(["guests"], with_upstream=False) == [p for p in whole if p.table_name == "guests"]
        assert [p.name for p in filled.ledger(day=MONDAY)] == ["visits@2025-11-17"]
    assert len(asked) == 2


def test_the_entries_of_all_views_are_read_at_once(new_bigquery, asked):
    warehouse = new_bigquery()
    warehouse.replace(VISITS, rows(VISITS, *TWO), MONDAY, MONDAY)
    views = [
        table(name, "marts", "V.", string("visit_id", "K."), key=("visit_id",), is_view=True) for name in ("v1", "v2")
    ]
    for view in views:
        warehouse.create_view(view, Query("SELECT snapshot_date, visit_id FROM visits"), Provenance("c1"))
    asked.clear()
    with warehouse.reading():
        assert all(warehouse.has_view(view, "c1") for view in views)
    assert len(asked) == 1
    assert asked[0].endswith("WHERE snapshot_date IS NULL")


def test_what_partitions_were_made_from_is_read_only_where_it_is_asked_for(filled, asked):
    lean = filled.ledger(["visits"], with_upstream=False)
    assert [(p.code_version, dict(p.upstream)) for p in lean] == [("v1", {})] * 3
    assert "EXCEPT (upstream)" in asked[0]
    (monday,) = filled.ledger(["visits"], MONDAY)
    assert monday.upstream == {"raw@2025-11-17": "x"}
    assert asked[1].endswith("WHERE table_name IN ('visits') AND snapshot_date = DATE '2025-11-17'")
    assert filled.ledger([]) == []
    assert len(asked) == 2


def test_jobs_say_for_which_portfolio_run_and_table_they_are(new_bigquery):
    plain = new_bigquery(project=f"p-{uuid4().hex[:8]}")
    run = str(uuid4())
    of_run = plain.labelled(portfolio="Ältere Kunden.yaml").labelled(run=run)
    of_run.replace(VISITS, rows(VISITS, *TWO), MONDAY, MONDAY)
    common = {"managed_by": "segmentation_assets", "portfolio": "-ltere-kunden-yaml", "run": run}
    jobs = [job for job in plain.jobs.client.list_jobs() if job.labels]
    assert {job.job_type for job in jobs} == {"load", "query"}
    assert {tuple(sorted(job.labels.items())) for job in jobs} == {tuple(sorted({**common, "table": "visits"}.items()))}
    assert plain.jobs.labels == {"managed_by": "segmentation_assets"}
    assert of_run.jobs.labels == common


def test_every_job_of_a_run_is_labelled_with_it(bigquery, tmp_path):
    settings = read_settings(
        data_dir=tmp_path,
        portfolio=found_club(tmp_path),
        warehouse="bigquery",
        bigquery_project=f"p-{uuid4().hex[:8]}",
        bigquery_emulator_host=bigquery.host,
    )
    graph = Graph(settings)
    result = graph.run(FIRST, asset_selection=[AssetKey("raw_customers"), AssetKey("retraining_requests")])
    labels = [job.labels for job in graph.warehouse.jobs.client.list_jobs()]
    assert {(of.get("portfolio"), of.get("run")) for of in labels} == {("club", result.run_id)}
    assert {"raw_customers", "retraining_requests"} <= {of.get("table") for of in labels}


def test_a_label_is_of_the_characters_and_the_length_that_google_takes():
    assert label_value("0a1b-2C_d é/x") == "0a1b-2c_d---x"
    assert label_value("x" * 99) == "x" * 63


def test_every_query_is_run_in_utc_whatever_zone_the_project_has(filled):
    job = filled.jobs.run("SELECT 1")
    assert [(p.key, p.value) for p in job.connection_properties] == [("time_zone", "UTC")]


def test_without_any_project_a_sentence_says_which_setting_names_one(monkeypatch, tmp_path):
    key = tmp_path / "credentials.json"
    key.write_text('{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}')
    for name in ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))  # no gcloud that may know one
    for host in (None, "127.0.0.1:9"):
        with pytest.raises(WarehouseError, match=r"No project is named.* Set SEGMENTATION_BIGQUERY_PROJECT") as caught:
            BigQueryWarehouse("nightly", emulator_host=host).read(VISITS, MONDAY, MONDAY)
        assert caught.value.__cause__ is None


LAYOUTS = {
    "PARTITION BY booked_on": "booked_on",
    "PARTITION BY DATE(came_at)": "came_at",
    "PARTITION BY _PARTITIONDATE": "_PARTITIONDATE",
    "PARTITION BY RANGE_BUCKET(guests, GENERATE_ARRAY(0, 9, 1))": "guests",
}


@pytest.mark.parametrize(("layout", "column"), LAYOUTS.items())
def test_a_table_that_asks_for_a_filter_is_known_by_its_partition_column(new_bigquery, layout, column):
    warehouse = new_bigquery()
    warehouse.tables.ensure()
    create = (
        "CREATE TABLE {} (booked_on DATE, came_at TIMESTAMP, guests INT64) {} OPTIONS(require_partition_filter = {})"
    )
    for name, is_asked in (("asks", "TRUE"), ("does_not", "FALSE")):
        warehouse.jobs.run(create.format(warehouse.tables.address(name), layout, is_asked))
    assert warehouse.required_filter("asks") == column
    assert warehouse.required_filter(f"{warehouse.place.dataset}.does_not") is None
    assert warehouse.required_filter("nowhere.none") is None


def test_a_table_that_is_as_declared_is_not_written_to_again(filled, monkeypatch):
    """As the API tells it: long names of types, modes, no tags, and words under other keys than ours."""
    stored = filled.tables.stored("visits")
    told = stored.to_api_repr()
    long_names = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}
    for field in told["schema"]["fields"]:
        field["type"] = long_names.get(field["type"], field["type"])
        field["mode"] = "NULLABLE"
        field.pop("policyTags", None)
    told["labels"]["of_another"] = "kept"
    as_told = google.Table.from_api_repr(told)
    monkeypatch.setattr(google.Client, "get_table", lambda *_, **__: as_told)
    written = []
    monkeypatch.setattr(google.Client, "update_table", lambda *given, **_: written.append(given))
    filled.tables.prepare(VISITS)
    assert not written
    filled.tables.prepare(replace(VISITS, description="Other words."))
    assert len(written) == 1
