"""Nights over data seeded with 1,000 marked values: none is found outside of the tables that hold them.

The marks are keys, names in odd places, free text where categories are expected, dates and numbers that are none,
columns that nobody asked for, and a key of a service. Looked through are all events of Dagster as they are stored, what
the process writes, what the commands print, and every table and view that is declared to hold nothing personal.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from dagster import DagsterInstance
from dagster._serdes import serialize_value
from pydantic import SecretStr

from segmentation_assets.commands.rejections import print_rejections
from segmentation_assets.commands.terminal import Terminal
from segmentation_assets.commands.unlisted import print_unlisted
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.defs.running import _reason
from segmentation_assets.personas.gemini.namer import Namer
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import build_tables
from segmentation_assets_tests.club import FIRST, SECOND, found_club
from segmentation_assets_tests.conftest import Graph, graph_on

pytestmark = pytest.mark.long

MARK = re.compile(r"[Zz]q\d{4}[Xx]")
N = 1_000
THIRD = date(2025, 6, 3)
COLUMNS = ["Customer ID", "Age", "Income", "gender", "city", "marital_status", "education", "occupation",
           "preferred_language", "preferred_channel", "preferred_time", "Notes", "Phone"]  # fmt: skip
FEATURES = {
    "age": ("numeric", "CAST(age AS FLOAT64)"),
    "income": ("numeric", "income"),
    "city": ("categorical", "city"),
    "occupation": ("categorical", "occupation"),
    "spent": ("numeric", "IF(city = 'York', income, NULL)"),
}


def marks() -> Iterator[str]:
    return (f"Zq{i:04}x" for i in count())


def seed(path: Path, new: Iterator[str], *, n_bad: int) -> None:
    """Write 260 members: what each may have of their own is a mark, and so is what is wrong with some."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for i in range(260):
            old = i % 5 < 2
            row = {
                "Customer ID": f"M{next(new)}",
                "Age": str((65 if old else 25) + i % 7),
                "Income": str((60_000 if old else 20_000) + 100 * (i % 9)),
                "city": next(new) if i % 4 == 0 else "Leeds",
                "occupation": f'{next(new)}\'s "own" [link=x]words[/]' if i % 3 == 0 else "Clerk",
                "Notes": f"call {next(new)}" if i % 2 else "",
                "Phone": next(new) if i % 5 == 0 else "",
            }
            if i < n_bad:
                wrong = ["Age", "Income", "gender", "marital_status", "preferred_channel"][i % 5]
                row[wrong] = f"{next(new)}, it's; age_out_of_range: {next(new)}"
            writer.writerow([row.get(column, "") for column in COLUMNS])


@pytest.fixture(scope="module")
def founded(tmp_path_factory) -> tuple[Path, Iterator[str]]:
    at, new = tmp_path_factory.mktemp("marked"), marks()
    found_club(at, FEATURES)
    text = (at / "club.yaml").read_text()
    text = text.replace(
        "features: [age, income, spent]", "features: [age, income], describe_by: [city, occupation, spent]"
    )
    (at / "club.yaml").write_text(text)
    return at, new


class Office:
    """The graph of the club, and all that it lets anybody read."""

    def __init__(self, at: Path) -> None:
        self.graph: Graph = graph_on(at, at, str(at / "club.yaml"))
        self.settings = self.graph.settings.model_copy(update={"gemini_api_key": SecretStr("Zq9999x")})
        self.heard: list[str] = []

    def run(self, day: date) -> bool:
        """Run a night and keep what it says; return whether it went well."""
        namer = Namer(None, "gemini-2.5-flash")
        job = build_definitions(self.settings, {"namer": namer}).resolve_job_def(JOB_NAME)
        with DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(partition_key=day.isoformat(), instance=instance, raise_on_error=False)
            entries = [entry for run in instance.get_runs() for entry in instance.all_logs(run.run_id)]
            assert len(entries) > 20
            self.heard += [serialize_value(entry) for entry in entries]
        if not result.success:
            self.heard.append(_reason(result))
        assert found_in(self.heard) == set()
        return result.success

    def commands(self, day: date) -> None:
        shown, portfolio = StringIO(), load_portfolio(self.settings.portfolio)
        console = Terminal()
        console.file, console.width = shown, 200
        print_rejections(self.graph.warehouse, portfolio, day, day, console)
        print_unlisted(self.graph.warehouse, portfolio, day, day, console)
        assert "Rejected rows" in shown.getvalue()
        self.heard.append(shown.getvalue())

    def impersonal(self, day: date) -> Iterator[tuple[str, str]]:
        """Yield every table and view that is declared to hold nothing personal, as text."""
        for table in build_tables(load_portfolio(self.settings.portfolio).feature_columns()).values():
            if not any(column.is_personal for column in table.columns):
                rows = self.graph.warehouse.read(table, day, day)
                yield table.name, str(rows.to_pylist())


def found_in(texts: list[str]) -> set[str]:
    return {match for text in texts for match in MARK.findall(text)}


def test_no_mark_is_found_outside_of_the_tables_that_hold_it(founded, capfd):
    at, new = founded
    office = Office(at)
    seed(at / "members.csv", new, n_bad=40)
    assert office.run(FIRST)
    office.commands(FIRST)
    check_tables(office, FIRST)
    seed(at / "members.csv", new, n_bad=40)
    assert office.run(SECOND)
    office.commands(SECOND)
    n_marks = int(next(new)[2:6])
    assert n_marks >= N
    held = str(office.graph.query("SELECT * FROM raw_customers").to_dict("list"))
    assert len(set(MARK.findall(held))) >= N - 10

    seed(at / "members.csv", new, n_bad=200)  # a delivery that is refused
    assert not office.run(THIRD)
    assert "rejected" in office.heard[-1]
    seed(at / "members.csv", new, n_bad=0)  # SQL that fails at a value
    sql = at / "customer_features.sql"
    sql.write_text(sql.read_text().replace("CAST(age AS FLOAT64)", "CAST(occupation AS FLOAT64)"))
    assert not office.run(THIRD)
    assert "does not convert to FLOAT64" in office.heard[-1]

    said = capfd.readouterr()
    assert found_in([*office.heard, said.out, said.err]) == set()
    check_tables(office, SECOND)


def check_tables(office: Office, day: date) -> None:
    told = {name: found_in([text]) for name, text in office.impersonal(day)}
    assert len(told) > 15
    assert {name: sorted(found)[:3] for name, found in told.items() if found} == {}
