"""That the emulator is one: it speaks to the official client, and refuses what BigQuery refuses."""

from datetime import date

import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery as google


@pytest.fixture(scope="module")
def client(bigquery):
    return google.Client("test-project", AnonymousCredentials(), client_options={"api_endpoint": bigquery.host})


def test_the_official_client_speaks_to_it(client):
    found = client.query_and_wait("SELECT DATE '2025-11-15' + 1 AS d, 0.1 + 0.2 AS x, SAFE_DIVIDE(1, 0) AS n")
    assert [tuple(row) for row in found] == [(date(2025, 11, 16), 0.30000000000000004, None)]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT NO_SUCH(1)", exceptions.BadRequest),
        ("SELEC 1", exceptions.BadRequest),
        ("SELECT x FROM nowhere.nothing", exceptions.NotFound),
    ],
)
def test_it_refuses_what_bigquery_refuses(client, sql, error):
    with pytest.raises(error):
        client.query_and_wait(sql, retry=None, job_retry=None)
