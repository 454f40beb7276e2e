"""What BigQuery alone has: the storage interface, words, labels and policy tags on tables, ledger marks, staging."""

from dataclasses import replace

import grpc
import pytest
from google.cloud.bigquery import SchemaField
from google.cloud.bigquery_storage import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

from segmentation_assets.errors import WarehouseError
from segmentation_assets.settings import read_settings
from segmentation_assets.tables.schema import number, string, table
from segmentation_assets.warehouse import open_warehouse
from segmentation_assets.warehouse.bigquery.schema import STAGING, clusters_of
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.ledger import Provenance
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, WEDNESDAY, rows

TAG = "projects/insurer-prod/locations/eu/taxonomies/1/policyTags/2"
PEOPLE = table(
    "people",
    "core",
    "Who they are.",
    string("customer_id", "Key.", is_required=True),
    string("city", "Where.", is_personal=True),
    number("income", "A year.", unit="GBP", is_personal=True),
    key=("customer_id",),
)


def test_a_large_table_is_read_by_the_storage_interface_with_the_same_rows(bigquery, new_bigquery):
    if bigquery.storage is None:
        pytest.skip("BIGQUERY_EMULATOR_HOST names an emulator; set BIGQUERY_STORAGE_EMULATOR_HOST to its storage face")
    opened = []

    def open_storage():
        channel = grpc.insecure_channel(bigquery.storage)
        opened.append(BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel)))
        return opened[-1]

    plain = new_bigquery()
    frame = rows(
        VISITS, *({"visit_id": f"V{i * 7 % 500:03d}", "spent": i * 0.37, "booked_on": MONDAY} for i in range(500))
    )
    plain.replace(VISITS, frame, MONDAY, MONDAY)
    plain.replace(VISITS, rows(VISITS, {"visit_id": "late"}, day_=WEDNESDAY), WEDNESDAY, WEDNESDAY)
    by_storage = new_bigquery(dataset=plain.place.dataset, open_storage=open_storage, large_rows=100)
    for columns in (None, ["spent", "guests"]):
        expected = plain.read(VISITS, MONDAY, TUESDAY, columns)
        assert expected.num_rows == 500
        assert by_storage.read(VISITS, MONDAY, TUESDAY, columns).equals(expected)
    wider = VISITS.with_columns(number("tip", "Not stored yet."))
    assert by_storage.read(wider, WEDNESDAY, WEDNESDAY, ["visit_id", "tip"]).to_pylist() == [
        {"visit_id": "late", "tip": None}
    ]
    assert len(opened) == 1


def test_personal_columns_get_the_policy_tag_and_tables_their_words(new_bigquery):
    plain = new_bigquery()
    frame = rows(PEOPLE, {"customer_id": "c1", "city": "Bath", "income": 1.0})
    plain.replace(PEOPLE, frame, MONDAY, MONDAY)
    assert not any(field.policy_tags for field in plain.tables.stored("people").schema)
    tagged = new_bigquery(dataset=plain.place.dataset, policy_tag=TAG)
    reworded = replace(PEOPLE, description="Who they are now.")
    tagged.replace(reworded, frame, MONDAY, MONDAY)
    stored = tagged.tables.stored("people")
    assert {field.name: field.policy_tags.names if field.policy_tags else () for field in stored.schema} == {
        "snapshot_date": (),
        "customer_id": (),
        "city": (TAG,),
        "income": (TAG,),
    }
    assert stored.description == "Who they are now."
    assert stored.schema[3].description == "A year. [GBP]"
    assert stored.labels == {"managed_by": "segmentation_assets", "stage": "core"}
    assert stored.clustering_fields == ["customer_id"]
    assert plain.read(PEOPLE, MONDAY, MONDAY).equals(frame)


def test_our_tag_goes_from_a_column_that_is_declared_without_one_and_another_stays(new_bigquery):
    warehouse = new_bigquery(policy_tag=TAG)
    frame = rows(PEOPLE, {"customer_id": "c1", "city": "Bath", "income": 1.0})
    warehouse.replace(PEOPLE, frame, MONDAY, MONDAY)
    stored, others = warehouse.tables.stored("people"), f"{TAG}2"
    set_by_hand = {"snapshot_date": others, "customer_id": TAG, "city": TAG, "income": TAG}
    stored.schema = [
        SchemaField.from_api_repr({**field.to_api_repr(), "policyTags": {"names": [set_by_hand[field.name]]}})
        for field in stored.schema
    ]
    warehouse.jobs.client.update_table(stored, ["schema"])
    assert tags_of(warehouse, "people") == {name: (tag,) for name, tag in set_by_hand.items()}
    for _ in range(2):
        warehouse.replace(PEOPLE, frame, MONDAY, MONDAY)
        assert tags_of(warehouse, "people") == {
            "snapshot_date": (others,), "customer_id": (), "city": (TAG,), "income": (TAG,),
        }  # fmt: skip


def tags_of(warehouse, name):
    return {
        field.name: tuple(field.policy_tags.names) if field.policy_tags else ()
        for field in warehouse.tables.stored(name).schema
    }


def test_tables_are_clustered_by_customer_or_else_by_what_of_the_key_can_be():
    assert clusters_of(PEOPLE) == ["customer_id"]
    assert clusters_of(VISITS) == ["visit_id"]
    keys = tuple("abcdef")
    many = table("many", "core", "M.", number("a", "A."), *(string(k, k) for k in keys[1:]), key=keys)
    assert clusters_of(many) == ["b", "c", "d", "e"]


def test_a_write_cut_short_after_the_exchange_shows_as_unfinished_until_the_next(new_bigquery, monkeypatch):
    warehouse = new_bigquery()
    made = Provenance("v1", {MONDAY: {"raw@2025-11-17": "abc"}})
    warehouse.replace(VISITS, rows(VISITS), MONDAY, MONDAY, made)
    assert (warehouse.ledger()[0].code_version, warehouse.ledger()[0].upstream) == ("v1", {"raw@2025-11-17": "abc"})
    with monkeypatch.context() as patched:
        patched.setattr("segmentation_assets.warehouse.bigquery.ledger.LedgerWriter.write", _die)
        with pytest.raises(KeyboardInterrupt):
            warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY, made)
    (left,) = warehouse.ledger(["visits"])
    assert left.data_version is None
    assert left.code_version is None
    assert warehouse.row_counts([VISITS]) == {"visits": {MONDAY: 1}}
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY, made)
    assert warehouse.ledger(["visits"])[0].data_version
    assert not [name for name in _names(warehouse) if name.startswith(STAGING)]


def _die(*_):
    raise KeyboardInterrupt


def _names(warehouse):
    return [item.table_id for item in warehouse.jobs.client.list_tables(warehouse.tables.reference)]


def test_settings_open_it_and_opening_sends_nothing():
    settings = read_settings(
        warehouse="bigquery",
        bigquery_project="insurer-prod",
        dataset="nightly",
        bigquery_location="europe-west2",
        bigquery_max_bytes=5,
        bigquery_policy_tag=TAG,
        bigquery_emulator_host="127.0.0.1:9",
    )
    warehouse = open_warehouse(settings)
    assert warehouse.address("customers") == "insurer-prod.nightly.customers"
    assert (warehouse.place.location, warehouse.max_bytes, warehouse.policy_tag) == ("europe-west2", 5, TAG)


def test_a_query_names_project_and_dataset_in_every_table(new_bigquery):
    warehouse = new_bigquery(project="a-project-with-dashes")
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}), MONDAY, MONDAY)
    view = table("seen", "marts", "It's `seen`.", string("visit_id", 'Key "of" it.'), key=("visit_id",), is_view=True)
    warehouse.create_view(view, Query("SELECT snapshot_date, v.visit_id FROM visits AS v"))
    stored = warehouse.tables.stored("seen")
    assert "a-project-with-dashes" in stored.view_query
    assert warehouse.place.dataset in stored.view_query
    assert stored.description == "It's `seen`."
    elsewhere = new_bigquery(project="another-project")
    assert elsewhere.row_counts([VISITS]) == {"visits": {}}
    with pytest.raises(WarehouseError, match=r"sql/x.sql cannot be run: there is no dataset another-project"):
        elsewhere.query(Query("SELECT * FROM seen", origin="sql/x.sql"))
