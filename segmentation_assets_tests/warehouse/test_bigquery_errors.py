"""What a person is told: by the emulator where it refuses as BigQuery does, else by a server with BigQuery's words."""

import builtins
import sys

import pyarrow as pa
import pytest
from google.cloud import bigquery as google

from segmentation_assets.errors import WarehouseError
from segmentation_assets.settings import read_settings
from segmentation_assets.tables.schema import number, string, table
from segmentation_assets.warehouse import open_warehouse
from segmentation_assets.warehouse.bigquery.client import Patience
from segmentation_assets.warehouse.bigquery.warehouse import BigQueryWarehouse
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.emulator.stand_in import answering, refusal
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, rows

UNFILTERED = "Cannot query over table 'crm.visits' without a filter"
BRIEF = Patience(request_seconds=5, call_seconds=0.2, job_seconds=5, pause_seconds=0.02)


def refused(status, reason, message):
    """Write to a BigQuery that refuses with these words, and return the error."""
    with answering(status, refusal(status, reason, message)) as host:
        warehouse = BigQueryWarehouse("nightly", project="insurer-prod", emulator_host=host, patience=BRIEF)
        with pytest.raises(WarehouseError) as caught:
            warehouse.replace(VISITS, rows(VISITS, {"visit_id": "Ann"}), MONDAY, MONDAY)
    assert caught.value.__cause__ is None
    assert host not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("status", "reason", "message", "words"),
    [
        (404, "notFound", "Not found: Project insurer-prod", "no project insurer-prod, or none that this account"),
        (
            400,
            "invalid",
            "Invalid project ID 'insurer prod'. Project IDs must",
            "Correct SEGMENTATION_BIGQUERY_PROJECT",
        ),
        (
            403,
            "accessNotConfigured",
            "BigQuery API has not been used in project 12 before or it is disabled.",
            "API is off in the project insurer-prod. Run: gcloud services enable",
        ),
        (
            403,
            "billingNotEnabled",
            "Access Denied: BigQuery BigQuery: Billing has not been enabled for this project.",
            "has no billing",
        ),
        (
            403,
            "accessDenied",
            "Access Denied: Dataset insurer-prod:nightly: Permission bigquery.datasets.get denied on dataset.",
            "on the project insurer-prod and BigQuery Data Editor on the dataset nightly",
        ),
        (403, "quotaExceeded", "Quota exceeded: Your project exceeded quota", "a quota of the project is used up"),
        (
            400,
            "invalid",
            "Cannot read and write in different locations: source: US, destination: EU",
            "Set SEGMENTATION_BIGQUERY_LOCATION to the dataset's location",
        ),
        (
            403,
            "accessDenied",
            "Access Denied: User may not access policy tag projects/p/locations/eu/x on column d.t.c",
            "Give it Fine-Grained Reader on the tag",
        ),
        (
            403,
            "accessDenied",
            "Access Denied: Requires fineGrainedGet permission on the read columns to execute the DML statements",
            "Give it Fine-Grained Reader on the tag",
        ),
        (
            403,
            "accessDenied",
            "Access Denied: Permission bigquery.tables.setCategory denied on table p:d.t (or it may not exist)",
            "needs BigQuery Data Owner on the dataset",
        ),
        (
            400,
            "invalid",
            "Policy tag projects/p/locations/us/taxonomies/1/policyTags/2 is not in the location of the table",
            "Its taxonomy must be in",
        ),
        (
            400,
            "bytesBilledLimitExceeded",
            "Query exceeded limit for bytes billed: 1. 10485760 or higher required.",
            "more bytes than SEGMENTATION_BIGQUERY_MAX_BYTES allows",
        ),
        (
            400,
            "invalidQuery",
            "Could not serialize access to table nightly.visits due to concurrent update",
            "another run kept writing the same partitions",
        ),
        (
            400,
            "invalidQuery",
            f"{UNFILTERED} over column(s) 'came_on' that can be used for partition elimination",
            "crm.visits may be read only with a filter on came_on",
        ),
        (
            400,
            "invalidQuery",
            f"{UNFILTERED} over column(s) '_PARTITION_LOAD_TIME', '_PARTITIONDATE', '_PARTITIONTIME' that can be used",
            "SELECT *, DATE(_PARTITIONDATE) AS snapshot_day FROM crm.visits, with snapshot_day as the snapshot_column",
        ),
        (
            400,
            "invalidQuery",
            f"{UNFILTERED} that can be used for partition elimination",
            "crm.visits may be read only with a filter on its partition column",
        ),
        (503, "backendError", "Error encountered during execution. Retrying may solve the problem.", "is not well"),
        (503, "serviceUnavailable", "Visibility check was unavailable.", "is not well"),
    ],
)
def test_each_refusal_names_the_thing_and_the_remedy(status, reason, message, words):
    said = refused(status, reason, message)
    assert said.startswith("Writing visits: ")
    assert words in said


def test_no_value_of_a_customer_gets_into_an_error():
    for message in (
        "Bad int64 value: Ann Smith",
        'Could not cast literal "Ann Smith" to type INT64 at [1:8]',
        "Invalid date: 'Ann Smith'",
        "Could not parse 'Ann Smith' as a date",
    ):
        assert "Ann" not in refused(400, "invalidQuery", message)


def test_no_credentials_are_told_with_three_ways_to_get_some(monkeypatch, tmp_path):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    with pytest.raises(WarehouseError, match=r"no Google credentials that work. Run `gcloud auth application-default"):
        BigQueryWarehouse("nightly", project="insurer-prod").read(VISITS, MONDAY, MONDAY)


def test_a_dataset_in_another_location_is_named_with_its_own(new_bigquery):
    there = new_bigquery(location="US")
    there.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    here = new_bigquery(dataset=there.place.dataset, location="EU")
    with pytest.raises(
        WarehouseError, match=r"is in US, and the setting says EU. Set SEGMENTATION_BIGQUERY_LOCATION=US"
    ):
        here.replace(VISITS, rows(VISITS, {"visit_id": "b"}), MONDAY, MONDAY)
    assert there.count(VISITS, MONDAY, MONDAY) == 1


def run_advice(warehouse, error):
    """Run the statements that an error prints, as a person would."""
    for statement in str(error).split("run: ")[1].split(". ")[0].split("; "):
        warehouse.jobs.run(statement)


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("", "has no partitions, and is declared to have one a day by snapshot_date"),
        ("PARTITION BY booked_on", "is partitioned by booked_on, one partition a day"),
        ("PARTITION BY DATE_TRUNC(snapshot_date, MONTH)", "is partitioned by snapshot_date, one partition a month"),
    ],
)
def test_a_table_laid_out_otherwise_is_refused_with_the_statement_that_helps(new_bigquery, layout, words):
    warehouse = new_bigquery()
    warehouse.tables.ensure()
    columns = ", ".join(f"{c.name} {c.type}" for c in VISITS.columns)
    warehouse.jobs.run(f"CREATE TABLE {warehouse.tables.address('visits')} ({columns}) {layout}")
    warehouse.jobs.run(
        f"INSERT INTO {warehouse.tables.address('visits')} (snapshot_date, visit_id) VALUES (DATE '2025-11-17', 'old')"
    )
    with pytest.raises(WarehouseError, match=words) as caught:
        warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    assert warehouse.read(VISITS, MONDAY, MONDAY, ["visit_id"]).to_pylist() == [{"visit_id": "old"}]
    run_advice(warehouse, caught.value)
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    assert warehouse.read(VISITS, MONDAY, MONDAY, ["visit_id"]).to_pylist() == [{"visit_id": "a"}]


def test_a_type_that_cannot_be_altered_is_refused_with_the_statement_that_helps(new_bigquery):
    warehouse = new_bigquery()
    old = table("paid", "core", "P.", string("id", "Key."), string("spent", "As text."), key=("id",))
    new = table("paid", "core", "P.", string("id", "Key."), number("spent", "As a number."), key=("id",))
    warehouse.replace(old, rows(old, {"id": "a", "spent": "1.5"}, {"id": "b", "spent": "much"}), MONDAY, MONDAY)
    with pytest.raises(WarehouseError, match=r"paid.spent is stored as STRING and is declared FLOAT64") as caught:
        warehouse.replace(new, rows(new, {"id": "c"}, day_=TUESDAY), TUESDAY, TUESDAY)
    run_advice(warehouse, caught.value)
    warehouse.replace(new, rows(new, {"id": "c"}, day_=TUESDAY), TUESDAY, TUESDAY)
    assert warehouse.read(new, MONDAY, TUESDAY, ["spent"])["spent"].to_pylist() == [1.5, None, None]


def test_a_query_over_the_cap_is_not_run(new_bigquery, monkeypatch):
    warehouse = new_bigquery(max_bytes=1000)
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    foreseen = property(lambda _: 1_234_567)  # the emulator foresees nothing
    monkeypatch.setattr(google.QueryJob, "total_bytes_processed", foreseen)
    over = r"sql/x.sql would read 1,234,567 bytes, and SEGMENTATION_BIGQUERY_MAX_BYTES allows 1,000"
    query = Query("SELECT * FROM visits", origin="sql/x.sql")
    with pytest.raises(WarehouseError, match=over):
        warehouse.query(query)
    with pytest.raises(WarehouseError, match=over):
        warehouse.replace(VISITS, query, MONDAY, MONDAY)
    warehouse.max_bytes = warehouse.jobs.max_bytes = 2_000_000
    done = warehouse.replace(VISITS, query, MONDAY, MONDAY)
    assert done.bytes_estimated == 1_234_567
    assert done.bytes_processed >= 2 * 1_234_567


def test_a_view_of_more_days_than_may_be_read_at_once_is_made(new_bigquery, monkeypatch):
    warehouse = new_bigquery(max_bytes=1000)
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    monkeypatch.setattr(google.QueryJob, "total_bytes_processed", property(lambda _: 1_234_567))
    shown = table("guests_shown", "marts", "Visits.", string("visit_id", "Key."), key=("visit_id",), is_view=True)
    warehouse.create_view(shown, Query("SELECT snapshot_date, visit_id FROM visits", origin="sql/x.sql"))
    assert "guests_shown" in warehouse.tables.relations()


def test_every_job_carries_the_cap(new_bigquery):
    warehouse = new_bigquery(max_bytes=10**9)
    job = warehouse.jobs.run("SELECT 1")
    assert job.maximum_bytes_billed == 10**9
    assert job.labels == {"managed_by": "segmentation_assets"}


def test_without_the_extra_the_install_is_named(monkeypatch):
    honest = builtins.__import__

    def without_google(name, *rest):
        if name.startswith("google"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return honest(name, *rest)

    for name in [n for n in sys.modules if n.startswith("segmentation_assets.warehouse.bigquery.warehouse")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without_google)
    with pytest.raises(WarehouseError, match=r"pip install 'segmentation-assets\[bigquery\]'"):
        open_warehouse(read_settings(warehouse="bigquery", bigquery_project="insurer-prod"))


def test_a_frame_is_taken_as_arrow_has_it(new_bigquery):
    warehouse = new_bigquery()
    frame = rows(VISITS, {"visit_id": "a", "guests": 2})
    odd = frame.set_column(1, "visit_id", frame["visit_id"].dictionary_encode())
    odd = odd.set_column(2, "guests", frame["guests"].cast(pa.int8())).set_column(3, "spent", pa.array([3]))
    warehouse.replace(VISITS, odd, MONDAY, MONDAY)
    assert warehouse.read(VISITS, MONDAY, MONDAY, ["visit_id", "guests", "spent"]).to_pylist() == [
        {"visit_id": "a", "guests": 2, "spent": 3.0}
    ]
