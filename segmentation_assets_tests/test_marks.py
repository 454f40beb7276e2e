"""Nights over data seeded with 1,000 marked values: none is found outside of the tables that hold them.

Looked through are all events of Dagster as they are stored, what the process writes, what the commands print, what a
model is asked over HTTP, and every table and view that is declared to hold nothing personal; on both engines.
"""

from collections.abc import Iterator
from datetime import date

import pytest

from segmentation_assets.settings import read_settings
from segmentation_assets_tests.club import FIRST, SECOND
from segmentation_assets_tests.marked_office import COMMANDS, KEY, MARK, Office, found_in, found_office, marks, seed
from segmentation_assets_tests.standins.gemini import GeminiStandIn, gemini_stand_in
from segmentation_assets_tests.standins.gemini_models import Catalogue

pytestmark = pytest.mark.long

N = 1_000
THIRD = date(2025, 6, 3)


@pytest.fixture
def service(monkeypatch) -> Iterator[GeminiStandIn]:
    """The service that the real client speaks to."""
    with gemini_stand_in(Catalogue()) as service:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", service.address)
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        yield service


def found_asked(service: GeminiStandIn) -> set[str]:
    """Return the marks that came over the wire; the key may be in the one header that is for it."""
    assert any(request.place["verb"] == ":generateContent" for request in service.requests)
    texts = []
    for request in service.requests:
        headers = {name: text for name, text in request.headers.items() if name.lower() != "x-goog-api-key"}
        assert len(headers) < len(request.headers)
        texts.append(f"{request.path} {headers} {request.body}")
    return found_in(texts)


def all_fits(office: Office, *left_out: str) -> None:
    """Call the commands on a warehouse that is as it should be."""
    said = {name: office.command(name) for name in COMMANDS if name not in left_out}
    assert {name: status for name, (status, _) in said.items() if status} == {}
    assert "Customers" in said["segments"][1]
    assert "moves" in left_out or "Certain" in said["moves"][1]
    assert "Everything fits" in said["check"][1]


def test_no_mark_is_found_outside_of_the_tables_that_hold_it(service, tmp_path, capfd):
    new = marks()
    portfolio = found_office(tmp_path)
    office = Office(
        tmp_path, read_settings(data_dir=tmp_path, duckdb_path=tmp_path / "warehouse.duckdb", portfolio=portfolio)
    )
    for day in (FIRST, SECOND):
        seed(tmp_path / "members.csv", new, n_bad=40)
        assert office.run(day)
        office.tell(day)
        assert office.told_of_persons(day) == {}
    n_marks = int(next(new)[2:6])
    assert n_marks >= N
    held = str(office.graph.query("SELECT * FROM raw_customers").to_dict("list"))
    assert len(set(MARK.findall(held))) >= N - 10
    all_fits(office)
    assert found_asked(service) == set()

    seed(tmp_path / "members.csv", new, n_bad=200)  # a delivery that is refused
    assert not office.run(THIRD)
    assert "rejected" in office.heard[-1]
    assert office.command("check")[0] == 2
    fail_at_a_value(office)
    assert office.command("plan")[0] == 0

    said = capfd.readouterr()
    assert found_in([*office.heard, said.out, said.err]) == set()
    assert office.told_of_persons(SECOND) == {}


def test_nor_on_bigquery(service, bigquery, tmp_path, capfd):
    new = marks()
    settings = read_settings(
        data_dir=tmp_path, portfolio=found_office(tmp_path), warehouse="bigquery", bigquery_project="club-test",
        dataset="marked", bigquery_emulator_host=bigquery.host,
    )  # fmt: skip
    office = Office(tmp_path, settings)
    seed(tmp_path / "members.csv", new, n_bad=40)
    assert office.run(FIRST)
    assert office.told_of_persons(FIRST) == {}
    office.tell(FIRST)
    all_fits(office, "moves")  # a night takes the emulator a minute, and moves are told of two
    assert found_asked(service) == set()
    fail_at_a_value(office)
    said = capfd.readouterr()
    assert found_in([*office.heard, said.out, said.err]) == set()


def fail_at_a_value(office: Office) -> None:
    """Make features by SQL that takes what somebody typed for a number."""
    sql = office.at / "customer_features.sql"
    sql.write_text(sql.read_text().replace("CAST(age AS FLOAT64)", "CAST(occupation AS FLOAT64)"))
    assert not office.run(FIRST, "customer_features")
    assert "FLOAT64" in office.heard[-1]
