"""A company whose data is seeded with marked values and hostile words, its nights, and all that they let anybody read.

A mark is what one customer alone has: keys, names in odd places, free text where categories are expected, dates and
numbers that are none, columns that nobody asked for. The key of the service is one too.
"""

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from io import StringIO
from itertools import count
from pathlib import Path

from click.testing import CliRunner
from dagster import AssetKey, DagsterInstance
from dagster._serdes import serialize_value

from segmentation_assets.cli import main
from segmentation_assets.commands.console.progress import Teller
from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.commands.rejections import print_rejections
from segmentation_assets.commands.unlisted import print_unlisted
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.defs.runs.running import _reason
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings, variable_of
from segmentation_assets.tables import build_tables
from segmentation_assets_tests.club import FIRST, SECOND, found_club
from segmentation_assets_tests.conftest import Graph
from segmentation_assets_tests.rendered import active

MARK = re.compile(r"[Zz]q\d{4}[Xx]")
KEY = "Zq9999x"
HOSTILE = "[Leeds](http://a.example) <img src=x> https://a.example \x1b[2J[red]"
"""What most customers typed for their city: no secret, and no link."""
COLUMNS = ["Customer ID", "Age", "Income", "gender", "city", "marital_status", "education", "occupation",
           "preferred_language", "preferred_channel", "preferred_time", "Notes", "Phone"]  # fmt: skip
FEATURES = {
    "age": ("numeric", "CAST(age AS FLOAT64)"),
    "income": ("numeric", "income"),
    "city": ("categorical", "city"),
    "occupation": ("categorical", "occupation"),
    "spent": ("numeric", "IF(city = 'York', income, NULL)"),
}
COMMANDS = {
    "segments": [],
    "moves": ["--from", str(FIRST), "--to", str(SECOND)],
    "plan": [],
    "check": ["--date", str(SECOND)],
    "backfill": ["--stale", "--dry-run"],
}
"""Commands that read what is there; none of them lists customers, so none may show a mark."""


def marks() -> Iterator[str]:
    return (f"Zq{i:04}x" for i in count())


def found_in(texts: list[str]) -> set[str]:
    return {match for text in texts for match in MARK.findall(text)}


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
                "city": next(new) if i % 4 == 0 else HOSTILE,
                "occupation": f'{next(new)}\'s "own" [link=x]words[/]' if i % 3 == 0 else "Clerk",
                "Notes": f"call {next(new)}" if i % 2 else "",
                "Phone": next(new) if i % 5 == 0 else "",
            }
            if i < n_bad:
                wrong = ["Age", "Income", "gender", "marital_status", "preferred_channel"][i % 5]
                row[wrong] = f"{next(new)}, it's; age_out_of_range: {next(new)}"
            writer.writerow([row.get(column, "") for column in COLUMNS])


def found_office(at: Path) -> str:
    """Write the portfolio, whose words a browser or a terminal could obey; return its path."""
    found_club(at, FEATURES)
    text = (at / "club.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "features: [age, income, spent]", "features: [age, income], describe_by: [city, occupation, spent]"
    )
    words = "'![Words](http://a.example/p.png) <b>x</b> [bold red]'"
    text = text.replace("description: Words.", f"description: {words}").replace("title: Main", f"title: {words}")
    (at / "club.yaml").write_text(text, encoding="utf-8")
    return str(at / "club.yaml")


class Office:
    """The graph of the company, and all that it lets anybody read."""

    def __init__(self, at: Path, settings: Settings) -> None:
        self.at, self.graph, self.heard = at, Graph(settings), list[str]()

    def run(self, day: date, *tables: str) -> bool:
        """Run a night, or what makes some tables of it, and keep what it says; return whether it went well."""
        job = build_definitions(self.graph.settings).resolve_job_def(JOB_NAME)
        with DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(
                partition_key=day.isoformat(),
                instance=instance,
                raise_on_error=False,
                asset_selection=[AssetKey(name) for name in tables] or None,
            )
            entries = [entry for run in instance.get_runs() for entry in instance.all_logs(run.run_id)]
            assert len(entries) > 5
            said = [serialize_value(entry) for entry in entries]
        assert {text: active(text) for text in _markdown(map(json.loads, said)) if active(text)} == {}
        shown = StringIO()
        teller = Teller(Terminal(file=shown, width=200))
        for event in result.all_events:
            teller(event)
        teller.close()
        self.heard += [*said, shown.getvalue()]
        if not result.success:
            self.heard.append(_reason(result))
        assert found_in(self.heard) == set()
        return result.success

    def tell(self, day: date) -> None:
        """Print what the end of a run prints of a day."""
        shown, portfolio = StringIO(), load_portfolio(self.graph.settings.portfolio)
        console = Terminal(file=shown, width=200)
        print_rejections(self.graph.warehouse, portfolio, day, day, console)
        print_unlisted(self.graph.warehouse, portfolio, day, day, console)
        assert "Rejected rows" in shown.getvalue()
        self._hear(shown.getvalue())

    def command(self, name: str) -> tuple[int, str]:
        """Call a command as a terminal does; return its exit status and what it prints."""
        given = self.graph.settings
        set_ones = {key: getattr(given, key) for key in sorted(given.model_fields_set)}
        shown = {key: str(value) for key, value in set_ones.items() if key != "gemini_api_key"} | {
            "gemini_api_key": KEY
        }
        variables = {variable_of(key): value for key, value in shown.items()}
        done = CliRunner().invoke(main, [name, *COMMANDS[name]], env={**variables, "COLUMNS": "200"})
        assert done.exception is None or isinstance(done.exception, SystemExit), name
        self._hear(done.output)
        return done.exit_code, done.output

    def _hear(self, text: str) -> None:
        assert found_in([text]) == set()
        assert "\x1b" not in text
        self.heard.append(text)

    def told_of_persons(self, day: date) -> dict[str, list[str]]:
        """Return the marks in every table and view that is declared to hold nothing personal, by its name."""
        found: dict[str, list[str]] = {}
        for table in build_tables(load_portfolio(self.graph.settings.portfolio)).values():
            if not any(column.is_personal for column in table.columns):
                rows = self.graph.warehouse.read(table, day, day)
                found[table.name] = sorted(found_in([str(rows.to_pylist())]))
        assert len(found) > 15
        return {name: marked for name, marked in found.items() if marked}


def _markdown(thing: object) -> Iterator[str]:
    """Yield every text of stored events that Dagster shows as Markdown."""
    if isinstance(thing, dict):
        yield from (str(thing[key]) for key in ("md_str", "description") if thing.get(key))
        for value in thing.values():
            yield from _markdown(value)
    elif not isinstance(thing, str) and hasattr(thing, "__iter__"):
        for value in thing:
            yield from _markdown(value)
