"""A synthetic insurer that keeps its book in spreadsheets, and the nightly graph that reads them day after day.

Both services are stand-ins on loopback, spoken to by the real gspread and google-genai clients. What was planted is
known for every day (`SyntheticInsurer.truth`, `migrations`, `lapses`), so that what the tables tell can be held
against it, see `story_told`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import yaml
from dagster import AssetKey, DagsterInstance, ExecuteInProcessResult
from pydantic import SecretStr

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.defs.runs.running import range_tags
from segmentation_assets.personas.gemini.client import Gemini
from segmentation_assets.personas.gemini.namer import Namer
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.settings import GEMINI_MODEL
from segmentation_assets.sources.sheets.google_sheets import GoogleSheets
from segmentation_assets.sources.synthetic import Drift, SyntheticInsurer
from segmentation_assets.tables import Table
from segmentation_assets_tests.conftest import Graph, graph_on
from segmentation_assets_tests.standins.cells import day as day_cell
from segmentation_assets_tests.standins.gemini import GeminiStandIn, gemini_stand_in, grounded
from segmentation_assets_tests.standins.sheets import SheetsStandin, StandinTab, sheets_standin

FIRST = date(2024, 3, 5)
DAYS = [FIRST + timedelta(days=n) for n in range(120)]
"""The four months to 2 July 2024, in which two quarters begin."""

QUARTERS = [date(2024, 4, 1), date(2024, 7, 1)]
DRIFTED = date(2024, 6, 17)
"""From this day on every income lies half a standard deviation higher."""

TITLE = "Insurance book"
TABS = {"customers": "Customers", "policies": "Sales", "products": "Products"}
_NUMBERS = {"age": int, "income": float, "premium": float, "coverage": float}
_DATES = {"purchase_date", "lapse_date"}


def planted_insurer(n_customers: int = 1_200) -> SyntheticInsurer:
    """Return the insurer of the story: six kinds of customers who move, lapse and, late, all earn more."""
    return SyntheticInsurer(n_customers, migration_rate=0.6, drift=Drift("income", DRIFTED, 0.5))


def write_portfolio(path: Path) -> str:
    """Write the insurance portfolio with its book in sheets and two lenses, the primary one of six segments."""
    content = yaml.safe_load((PACKAGED / "insurance.yaml").read_text(encoding="utf-8"))
    sources, lenses = content["sources"], content["lenses"]
    for name, source in sources.items():
        source.pop("csv")
        source["sheet"] = {"spreadsheet": TITLE, "owner": "example.com", "tab": TABS.get(name, "none")}
    content["sources"] = {name: sources[name] for name in TABS}
    content["lenses"] = {
        "overall": lenses["overall"] | {"n_clusters": 6, "candidates": [6, 6]},
        "value_based": lenses["value_based"] | {"n_clusters": 3, "candidates": [3, 3]},
    }
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return str(path)


@dataclass
class Nights:
    """The graph, its warehouse, and the spreadsheet that the insurer brings up to date before each night."""

    insurer: SyntheticInsurer
    graph: Graph
    sheets: SheetsStandin
    gemini: GeminiStandIn
    instance: DagsterInstance
    today: date = FIRST
    calls: Counter[date] = field(default_factory=Counter)
    """Requests that reached Gemini, by night, those of a further run of the night included."""

    def __post_init__(self) -> None:
        portfolio = load_portfolio(self.graph.settings.portfolio)
        service = Gemini(SecretStr("test-key-0000"), GEMINI_MODEL, base_url=self.gemini.address, sleep=lambda _: None)
        resources = {
            "source": GoogleSheets(portfolio, lambda: self.today, self.sheets.client),
            "namer": Namer(service, GEMINI_MODEL),
        }
        self._job = build_definitions(self.graph.settings, resources).resolve_job_def(JOB_NAME)

    def run(self, day: date, **given: object) -> ExecuteInProcessResult:
        """Bring the spreadsheet up to a day, let it be that day, and run the nightly job for it."""
        self.today = day
        self.sheets.hold(
            *(_tab(self.insurer, name, i, day) for i, name in enumerate(TABS)),
            title=TITLE,
            modified=f"{day}T18:00:00.000Z",
        )
        before = self.gemini.n_calls
        with patch("segmentation_assets.defs.tables.raw.today_in_london", lambda: day):
            result = self._execute(partition_key=day.isoformat(), **given)
        self.calls[day] += self.gemini.n_calls - before
        return result

    def run_range(self, first: date, last: date, **given: object) -> ExecuteInProcessResult:
        """Run the nightly job for a range of days as one run; what is read of the sheets cannot be of it."""
        return self._execute(tags=range_tags(first, last), **given)

    @property
    def tables(self) -> Collection[Table]:
        """All tables and views that the job makes."""
        return draw_blueprint(load_portfolio(self.graph.settings.portfolio)).tables.values()

    def _execute(self, only: Sequence[str] | None = None, **given: object) -> ExecuteInProcessResult:
        selection = None if only is None else [AssetKey(name) for name in only]
        quiet = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
        return self._job.execute_in_process(
            asset_selection=selection, instance=self.instance, run_config=quiet, **given
        )


@contextmanager
def open_nights(folder: Path, insurer: SyntheticInsurer) -> Iterator[Nights]:
    """Serve both stand-ins, with an empty warehouse in a folder, for as long as the block lasts."""
    portfolio = write_portfolio(folder / "sheets.yaml")
    with sheets_standin() as sheets, gemini_stand_in(grounded) as gemini, DagsterInstance.ephemeral() as instance:
        yield Nights(insurer, graph_on(None, folder, portfolio), sheets, gemini, instance)


def _tab(insurer: SyntheticInsurer, table: str, sheet_id: int, day: date) -> StandinTab:
    """Return a table of the insurer as people would have it: a title above, numbers and dates as such."""
    rows = insurer.read(table, day)
    columns = [[_cell(name, text) for text in rows[name].to_pylist()] for name in rows.column_names]
    header = [name.replace("_", " ").title() for name in rows.column_names]
    cells = [list(row) for row in zip(*columns, strict=True)]
    return StandinTab(TABS[table], [[f"{TABS[table]} as of {day}"], [], header, *cells], sheet_id=sheet_id)


def _cell(column: str, text: str) -> object:
    if not text:
        return None
    if column in _DATES:
        return day_cell(text)
    return _NUMBERS.get(column, str)(text)
