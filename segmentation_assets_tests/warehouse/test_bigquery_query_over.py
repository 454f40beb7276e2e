"""What a query over given rows makes on BigQuery for its time: named, tagged, capped, labelled, and dropped again."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.emulator.between import Between, send
from segmentation_assets_tests.emulator.faults import FAULTS, FaultyNetwork
from segmentation_assets_tests.emulator.partitions import Partitions
from segmentation_assets_tests.emulator.stand_in import refusal
from segmentation_assets_tests.warehouse.conftest import MONDAY, VISITS, rows

pytest.importorskip("google.cloud.bigquery")

import grpc
from google.cloud import bigquery as google
from google.cloud.bigquery_storage import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

from segmentation_assets.warehouse.bigquery.client import Patience

TAG = "projects/p/locations/eu/taxonomies/1/policyTags/2"
TOLD = replace(VISITS, name="told", columns=tuple(replace(c, is_personal=c.name == "spent") for c in VISITS.columns))
QUERY = Query("SELECT * REPLACE (guests + 1 AS guests) FROM visits", origin="sql/x.sql", tables=(VISITS,))
DENIED = "Access Denied: Dataset test-project:d: Permission bigquery.tables.create denied on dataset test-project:d"


def given(n=3):
    return rows(VISITS, *({"visit_id": f"V{i:04d}", "guests": i, "spent": i * 0.1} for i in range(n)))


def asked(warehouse, n=3):
    """Ask for what a query makes of so many rows; return how many came, each of them right."""
    made = warehouse.query_over(QUERY, {VISITS: given(n)}, TOLD, MONDAY, MONDAY)
    assert made["guests"].to_pylist() == list(range(1, n + 1))
    assert made["spent"].to_pylist() == given(n)["spent"].to_pylist()
    return made.num_rows


def tables_of(warehouse):
    return [item.table_id for item in warehouse.jobs.client.list_tables(warehouse.tables.reference)]


class Forbidding(Between):
    """Lets everything be done but create a table."""

    def handle(self, handler, body):
        if handler.command == "POST" and handler.path.split("?")[0].endswith("/tables"):
            content = json.dumps(refusal(403, "accessDenied", DENIED)).encode()
            send(handler, 403, [("Content-Type", "application/json")], content)
        else:
            send(handler, *self.ask(handler.command, handler.path, body, dict(handler.headers)))


def test_an_account_that_may_create_no_table_is_told_why_one_is_needed(bigquery, new_bigquery):
    with Forbidding(bigquery.host) as between:
        warehouse = new_bigquery(emulator_host=between.host)
        with pytest.raises(WarehouseError) as caught:
            asked(warehouse)
    said = str(caught.value)
    assert said.startswith("Working out told, by tables that are made and dropped again in d_")
    assert "BigQuery Data Editor on the dataset" in said
    assert "bigquery.tables.create" in said


def test_its_tables_are_tagged_have_an_end_and_no_partitions_that_could_expire(new_bigquery, monkeypatch):
    created, create = [], google.Client.create_table
    monkeypatch.setattr(google.Client, "create_table", lambda *of, **how: created.append(of[1]) or create(*of, **how))
    warehouse = new_bigquery(policy_tag=TAG)
    personal = replace(VISITS, columns=TOLD.columns)
    made = warehouse.query_over(QUERY, {personal: given()}, TOLD, MONDAY, MONDAY)
    assert made.num_rows == 3
    assert [one.table_id.split("__")[:2] for one in created] == [["staging", "told"], ["staging", "visits"]]
    for one in created:
        assert {f.name: f.policy_tags and f.policy_tags.names for f in one.schema}["spent"] == (TAG,)
        assert one.time_partitioning is None
        assert timedelta(hours=5) < one.expires - datetime.now(UTC) < timedelta(hours=6)
    assert tables_of(warehouse) == []


def test_days_older_than_the_dataset_keeps_are_worked_out_all_the_same(bigquery, new_bigquery):
    with Partitions(bigquery.host, refuses_dml="at once", kept_days=60) as sandbox:
        warehouse = new_bigquery(emulator_host=sandbox.host)
        with pytest.raises(WarehouseError, match=r"60 days"):
            warehouse.replace(VISITS, given(), MONDAY, MONDAY)
        assert asked(warehouse) == 3


def test_no_statement_names_the_stored_table(bigquery, new_bigquery):
    with Partitions(bigquery.host) as heard:
        warehouse = new_bigquery(emulator_host=heard.host)
        warehouse.replace(VISITS, given(1), MONDAY, MONDAY)
        heard.statements.clear()
        assert asked(warehouse) == 3
    assert len(heard.statements) == 3, "the plan, the query, and the rows read"
    assert not [sql for sql in heard.statements if f"{warehouse.place.dataset}.visits" in sql.replace("`", "")]
    assert tables_of(warehouse) == ["partition_ledger", "visits"]


def test_one_that_would_read_more_than_the_cap_is_not_run_and_is_tidied_up(new_bigquery, monkeypatch):
    warehouse = new_bigquery(max_bytes=1000)
    monkeypatch.setattr(google.QueryJob, "total_bytes_processed", property(lambda _: 1_234_567))
    with pytest.raises(WarehouseError, match=r"sql/x.sql would read 1,234,567 bytes, and .* allows 1,000"):
        asked(warehouse)
    assert tables_of(warehouse) == []


def test_its_jobs_are_billed_to_the_run_and_the_table_that_is_made(new_bigquery):
    plain = new_bigquery(project=f"p-{uuid4().hex[:8]}")
    assert asked(plain.labelled(run="r1")) == 3
    jobs = [job for job in plain.jobs.client.list_jobs() if job.labels]
    assert {job.job_type for job in jobs} == {"load", "query"}
    assert {tuple(sorted(job.labels.items())) for job in jobs} == {
        (("managed_by", "segmentation_assets"), ("run", "r1"), ("table", "told"))
    }


def test_many_rows_are_read_by_the_storage_interface(bigquery, new_bigquery):
    if bigquery.storage is None:
        pytest.skip("BIGQUERY_EMULATOR_HOST names an emulator; set BIGQUERY_STORAGE_EMULATOR_HOST to its storage face")
    opened = []

    def open_storage():
        channel = grpc.insecure_channel(bigquery.storage)
        opened.append(BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel)))
        return opened[-1]

    assert asked(new_bigquery(open_storage=open_storage, large_rows=100), 500) == 500
    assert len(opened) == 1


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "silence"])
def test_one_whose_every_request_fails_once_succeeds(bigquery, new_bigquery, fault):
    with FaultyNetwork(bigquery.host) as network:
        warehouse = new_bigquery(emulator_host=network.host, patience=Patience(60, 60, 120, 0.02))
        network.begin(lambda number: fault if number % 2 else None)
        assert asked(warehouse) == 3
        network.begin(lambda _: None)
        assert tables_of(warehouse) == []


def test_a_network_that_dies_at_any_request_ends_in_an_error_soon_and_leaves_what_expires(bigquery, new_bigquery):
    near, n_died = new_bigquery(), 0
    near.replace(VISITS, given(1), MONDAY, MONDAY)
    brief = Patience(request_seconds=30, call_seconds=0.1, job_seconds=30, pause_seconds=0.02)
    with FaultyNetwork(bigquery.host) as network:
        far = {"dataset": near.place.dataset, "emulator_host": network.host, "patience": brief}
        while said := refused(new_bigquery(**far), network, n_died):
            assert "BigQuery is not well" in said
            n_died += 1
    assert n_died >= 8, "it died at each request but those that drop"
    left = [near.tables.stored(name) for name in tables_of(near) if name.startswith("staging__")]
    assert left
    assert all(table.expires for table in left)
    assert near.read(VISITS, MONDAY, MONDAY).equals(given(1))
    assert near.tables.relations() == ["partition_ledger", "visits"]


def refused(warehouse, network, n_requests):
    """Ask while the network passes only so many requests; return the error, or nothing if that was enough."""
    network.begin(lambda number: "503" if number > n_requests else None)
    try:
        asked(warehouse)
    except WarehouseError as error:
        return str(error)
    return None
