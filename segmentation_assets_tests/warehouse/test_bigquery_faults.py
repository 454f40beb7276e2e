"""A network that fails between the official client and the emulator: a write succeeds in the end or changes nothing."""

import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.emulator.faults import FAULTS, FaultyNetwork
from segmentation_assets_tests.emulator.partitions import Partitions
from segmentation_assets_tests.warehouse.conftest import MONDAY, VISITS, rows

pytest.importorskip("google.cloud.bigquery")

from segmentation_assets.warehouse.bigquery.client import Patience
from segmentation_assets.warehouse.bigquery.schema import STAGING

N_ROWS = 40
PATIENT = Patience(request_seconds=60, call_seconds=60, job_seconds=120, pause_seconds=0.02)


def written(number):
    return rows(VISITS, *({"visit_id": f"V{i:02d}", "guests": number} for i in range(N_ROWS)))


@pytest.fixture(scope="module")
def network(bigquery):
    with Partitions(bigquery.host) as known, FaultyNetwork(known.host) as between:
        yield between


@pytest.fixture
def near(new_bigquery):
    """A warehouse reached without faults, holding write 0."""
    warehouse = new_bigquery()
    warehouse.replace(VISITS, written(0), MONDAY, MONDAY)
    return warehouse


def far(new_bigquery, network, near, patience, writes="auto"):
    """The same warehouse beyond the network."""
    here = {"dataset": near.place.dataset, "emulator_host": network.host}
    return new_bigquery(**here, patience=patience, writes=writes)


def held(warehouse):
    """Return the number of the write that the partition holds; a torn or doubled one has none."""
    found = warehouse.read(VISITS, MONDAY, MONDAY, ["visit_id", "guests"])
    numbers = set(found["guests"].to_pylist())
    assert found.num_rows == N_ROWS == len(set(found["visit_id"].to_pylist()))
    assert len(numbers) == 1
    return numbers.pop()


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "silence"])
def test_a_write_whose_every_request_fails_once_succeeds(new_bigquery, network, near, fault):
    warehouse = far(new_bigquery, network, near, PATIENT)
    network.begin(lambda number: fault if number % 2 else None)
    assert warehouse.replace(VISITS, written(7), MONDAY, MONDAY).n_rows == N_ROWS
    assert network.n_requests > 20, "each request of a write was made twice"
    assert held(near) == 7
    assert near.ledger(["visits"])[0].n_rows == N_ROWS
    assert not staging_of(near)


@pytest.mark.long
def test_a_write_during_which_bigquery_falls_silent_succeeds(new_bigquery, network, near):
    warehouse = far(new_bigquery, network, near, Patience(4, 120, 240, 0.02))
    network.begin(lambda number: "silence" if number in (3, 9) else None)
    assert warehouse.replace(VISITS, written(7), MONDAY, MONDAY).n_rows == N_ROWS
    assert held(near) == 7


def staging_of(warehouse):
    listed = warehouse.jobs.client.list_tables(warehouse.tables.reference)
    return [table.table_id for table in listed if table.table_id.startswith(STAGING)]


def test_a_query_whose_every_request_fails_once_writes_once(new_bigquery, network, near):
    warehouse = far(new_bigquery, network, near, PATIENT)
    network.begin(lambda number: "lost answer" if number % 2 else None)
    one_more = Query("SELECT * REPLACE (guests + 1 AS guests) FROM visits", origin="sql/x.sql")
    warehouse.replace(VISITS, one_more, MONDAY, MONDAY)
    assert held(near) == 1


@pytest.mark.long
@pytest.mark.parametrize("writes", ["merge", "copy"])
def test_a_network_that_dies_at_any_request_leaves_old_rows_or_new(new_bigquery, network, near, writes):
    brief = Patience(request_seconds=30, call_seconds=0.1, job_seconds=30, pause_seconds=0.02)
    seen = []
    while said := dying_after(len(seen), far(new_bigquery, network, near, brief, writes), network):
        assert said.startswith("Writing visits: BigQuery is not well")
        seen.append(held(near))
    n_died = len(seen)
    assert n_died >= 8, "it died at each request of a write"
    assert seen[0] == 0
    assert seen[-1] == n_died, "the exchange of rows comes before the end"
    changed = [number for number in seen if number]
    assert changed == [n + 1 for n in range(n_died - len(changed), n_died)], "once exchanged, never undone"
    assert held(near) == n_died + 1, "and the next run heals"
    assert near.ledger(["visits"])[0].data_version
    leftovers = [near.jobs.client.get_table(near.tables.reference.table(name)) for name in staging_of(near)]
    assert leftovers
    assert all(table.expires for table in leftovers)


def dying_after(n_requests, warehouse, network):
    """Write while the network passes only so many requests; return the error, or nothing if that was enough."""
    network.begin(lambda number: "503" if number > n_requests else None)
    try:
        warehouse.replace(VISITS, written(n_requests + 1), MONDAY, MONDAY)
    except WarehouseError as error:
        return str(error)
    return None


def test_a_dead_host_is_given_up_in_time(new_bigquery):
    gone = new_bigquery(emulator_host="http://127.0.0.1:9", patience=Patience(1, 0.5, 5, 0.05))
    with pytest.raises(
        WarehouseError, match=r"Reading visits: BigQuery cannot be reached .*old rows are in place"
    ) as caught:
        gone.read(VISITS, MONDAY, MONDAY)
    assert "time was up" in str(caught.value)
