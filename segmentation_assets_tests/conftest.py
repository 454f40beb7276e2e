"""What every test may use: the published data, and a day run through the real graph into a real file."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pandas as pd
import pytest
from dagster import DagsterEvent, ExecuteInProcessResult

from segmentation_assets.checking.marts import tables_of
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.settings import Settings, read_settings
from segmentation_assets.tables import Table
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.warehouse import Query, Warehouse, open_warehouse
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets_tests.club import FIRST, SECOND, found_club
from segmentation_assets_tests.emulator.building import CannotBuildError
from segmentation_assets_tests.emulator.running import Emulator, emulator
from segmentation_assets_tests.nights import Told, lived_once

# No time is asserted in a test: a machine that does other work as well is slow.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

# Runs of tests are nobody's history, and must not wait for one another in the pools of a shared instance.
os.environ.pop("DAGSTER_HOME", None)

SHARED = Path(__file__).parents[2] / "shared" / "data"
PUBLISHED_DAY = date(2025, 11, 15)


@dataclass(frozen=True)
class Graph:
    """The real graph on its own warehouse file."""

    settings: Settings

    def run(self, *days: date, **given: object) -> ExecuteInProcessResult:
        """Run the nightly job on a day, or on the range from the first day to the last as one run."""
        job = build_definitions(self.settings).resolve_job_def(JOB_NAME)
        if len(days) == 1:
            return job.execute_in_process(partition_key=days[0].isoformat(), **given)
        tags = {
            "dagster/asset_partition_range_start": days[0].isoformat(),
            "dagster/asset_partition_range_end": days[-1].isoformat(),
        }
        return job.execute_in_process(tags=tags, **given)

    @property
    def warehouse(self) -> Warehouse:
        return open_warehouse(self.settings)

    def table(self, name: str, day: date) -> pd.DataFrame:
        """Return a table's rows of one day, without the day."""
        table = _tables(self.settings.portfolio)[name]
        return from_arrow(self.warehouse.read(table, day, day), table).drop(columns="snapshot_date")

    def query(self, sql: str) -> pd.DataFrame:
        return self.warehouse.query(Query(sql)).to_pandas()


@cache
def _tables(portfolio: str) -> dict[str, Table]:
    return tables_of(load_portfolio(portfolio))


def graph_on(folder: Path | None, at: Path, portfolio: str = "insurance") -> Graph:
    return Graph(read_settings(data_dir=folder, duckdb_path=at / "warehouse.duckdb", portfolio=portfolio))


def events(result: ExecuteInProcessResult | Told, kind: str) -> list[DagsterEvent]:
    return [event for event in result.all_events if event.event_type_value == kind]


@pytest.fixture(scope="session")
def bigquery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A BigQuery emulator; where none can be had the test is skipped, or fails if REQUIRE_EMULATOR is set."""
    try:
        with emulator(tmp_path_factory.mktemp("bigquery")) as running:
            yield running
    except CannotBuildError as error:
        if os.environ.get("REQUIRE_EMULATOR"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def new_bigquery(bigquery: Emulator) -> Callable[..., Warehouse]:
    """A function that makes an empty warehouse in the emulator: a dataset of its own."""

    def make(**given: Any) -> Warehouse:
        from segmentation_assets.warehouse.bigquery.warehouse import BigQueryWarehouse  # noqa: PLC0415 - an extra

        here = {"dataset": f"d_{uuid4().hex[:12]}", "project": "test-project", "emulator_host": bigquery.host}
        return BigQueryWarehouse(**{**here, **given})

    return make


@pytest.fixture(scope="session")
def insurance() -> Path:
    """The folder of the published insurance data; the test is skipped where it is not there."""
    folder = SHARED / "insurance"
    if not folder.is_dir():
        pytest.skip(f"the published data is not beside the checkout ({folder.name} in ../shared/data)")
    return folder


@pytest.fixture(scope="session")
def published(insurance: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Graph, Told]:
    """The published data run through the graph for the day of the published figures; it is for reading and copying."""
    at, told = lived_once(tmp_path_factory, "published", lambda at: [graph_on(insurance, at).run(PUBLISHED_DAY)])
    return graph_on(insurance, at), told


@pytest.fixture(scope="session")
def new_duckdb(tmp_path_factory):
    """A function that makes an empty embedded warehouse."""
    return lambda: DuckDBWarehouse(tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb", "segmentation")


@pytest.fixture(scope="session", params=["duckdb", "bigquery"])
def new_warehouse(request):
    """A function that makes an empty warehouse; every test that asks for it runs on both engines."""
    return request.getfixturevalue(f"new_{request.param}")


@pytest.fixture(scope="session")
def one_lens(tmp_path_factory) -> str:
    """The insurance portfolio with its primary lens alone and k fixed, for tests that look at nothing else."""
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    before, lenses = text.split("\nlenses:\n")
    overall, rest = lenses.split("  demographic:\n")[0], lenses.split("\nvalue:")[1]
    overall = overall.replace("n_clusters: 3\n", "n_clusters: 3\n    candidates: [3, 3]\n")
    path = tmp_path_factory.mktemp("portfolio") / "one_lens.yaml"
    path.write_text(f"{before}\nlenses:\n{overall}\nvalue:{rest}", encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def workers():
    """A client of two Dask workers, each a process of its own; the test is skipped without the extra `dask`."""
    distributed = pytest.importorskip("dask.distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def filled_club(tmp_path_factory) -> Path:
    """The folder of a small company whose first two days were made; it is for copying."""
    return lived_once(tmp_path_factory, "club", lambda at: [graph_on(at, at, found_club(at)).run(FIRST, SECOND)])[0]


@pytest.fixture
def club(filled_club, tmp_path) -> Graph:
    """The graph of that company on a copy of its own."""
    shutil.copytree(filled_club, tmp_path, dirs_exist_ok=True)
    return graph_on(tmp_path, tmp_path, str(tmp_path / "club.yaml"))
