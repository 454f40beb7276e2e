"""The graph with a Dask scheduler in its settings, against the graph without one, to the bit."""

import shutil
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from dagster import AssetKey

from segmentation_assets.clustering.sharded import kprototypes as sharded
from segmentation_assets.errors import ModelError, SettingsError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.segments import candidates
from segmentation_assets.segments import workers as connecting
from segmentation_assets.segments.projection import project
from segmentation_assets.segments.sharding import written_shards
from segmentation_assets.segments.training import train
from segmentation_assets.segments.workers import Workers
from segmentation_assets.settings import read_settings
from segmentation_assets.tables import build_tables
from segmentation_assets_tests.conftest import Graph

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask and its event loop warn of sockets as they close

DAY = date(2025, 11, 15)
LEARNED = (
    "model_selection",
    "segment_models",
    "segment_prototypes",
    "segment_stability",
    "segment_lineage",
    "customer_segments",
    "customer_projection",
)


@pytest.fixture(scope="module")
def workers():
    """A client of two workers that are threads and still talk over sockets: they need not import all of it again."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "protocol": "tcp"}
    with (
        distributed.LocalCluster(**options, dashboard_address=":0", host="127.0.0.1") as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def insurer(tmp_path_factory) -> str:
    """The insurance portfolio with all its lenses, few candidates and a synthetic insurer of 1,000 customers."""
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8").replace("customers: 4000", "customers: 1000")
    text = text.replace("\n    features: [", "\n    candidates: [2, 3]\n    features: [")
    path = tmp_path_factory.mktemp("portfolio") / "insurer.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def alone(insurer, tmp_path_factory) -> Graph:
    """The graph up to what is learned, in one process."""
    graph = Graph(read_settings(portfolio=insurer, duckdb_path=tmp_path_factory.mktemp("alone") / "w.duckdb"))
    tables = build_tables(load_portfolio(insurer)).values()
    stages = ("raw", "core", "features", "segments")
    graph.run(DAY, asset_selection=[AssetKey(table.name) for table in tables if table.stage in stages])
    return graph


def test_the_setting_alone_moves_the_work_and_no_bit_changes(alone, insurer, workers, tmp_path):
    address = workers.scheduler.address
    path = shutil.copy(alone.settings.duckdb_path, tmp_path)
    graph = Graph(read_settings(portfolio=insurer, duckdb_path=path, dask_scheduler=address))
    result = graph.run(DAY, asset_selection=[AssetKey(name) for name in LEARNED])
    assert len(result.get_asset_materialization_events()) == len(LEARNED)
    done = workers.run_on_scheduler(lambda dask_scheduler: dict(dask_scheduler.task_prefixes))
    assert {"survey_shards", "prepare_part", "moments_of_tables", "project_tables"} <= set(done)
    for name in LEARNED:
        found, expected = graph.table(name, DAY), alone.table(name, DAY)
        assert len(expected), name
        pd.testing.assert_frame_equal(found, expected, check_exact=True, obj=name)


def test_training_and_map_are_the_same_where_no_row_is_gathered(alone, insurer, workers, monkeypatch):
    monkeypatch.setattr(sharded, "ROWS_TO_GATHER", 0)
    monkeypatch.setattr(candidates, "MOST_STARTS", 2)
    monkeypatch.setattr(candidates, "FEWEST_STARTS", 2)
    portfolio, features = load_portfolio(insurer), alone.table("customer_features", DAY)
    lenses = {name: portfolio.lenses[name] for name in ("overall", "demographic")}
    portfolio = portfolio.model_copy(update={"lenses": lenses})
    here, there = train(features, portfolio, DAY), train(features, portfolio, DAY, workers)
    for part in ("candidates", "model_rows", "prototype_rows", "stability_rows"):
        pd.testing.assert_frame_equal(getattr(there, part), getattr(here, part), check_exact=True, obj=part)
    for name, lens in lenses.items():
        rows, inertia = project(features, name, lens, portfolio.features)
        found, found_inertia = project(features, name, lens, portfolio.features, workers)
        pd.testing.assert_frame_equal(found, rows, check_exact=True)
        assert found_inertia == inertia


def test_without_an_address_nothing_imports_dask():
    script = (
        "import sys, segmentation_assets.definitions\n"
        "from segmentation_assets.segments.workers import Workers\n"
        "with Workers(None).connected() as client: assert client is None\n"
        "assert not {'dask', 'distributed'} & set(sys.modules)"
    )
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stderr


def told(address: str) -> str:
    with pytest.raises(SettingsError) as error, Workers(address).connected():
        pass
    return str(error.value)


def test_dask_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = told("tcp://host:8786")
    assert words.startswith("SEGMENTATION_DASK_SCHEDULER is 'tcp://host:8786', and Dask cannot be imported")
    assert "pip install 'segmentation-assets[dask]'" in words


def test_a_scheduler_that_does_not_answer_is_named_soon(monkeypatch):
    pytest.importorskip("distributed")
    assert connecting.PATIENCE_SECONDS < 10
    monkeypatch.setattr(connecting, "PATIENCE_SECONDS", 1)
    with socket.socket() as taken:  # bound and never listening: whoever calls is refused
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        started = time.monotonic()
        words = told(address)
    assert time.monotonic() - started < 5
    assert words.startswith(f"SEGMENTATION_DASK_SCHEDULER is '{address}', where no Dask scheduler answers")
    assert told("nonsense://x").startswith("SEGMENTATION_DASK_SCHEDULER is 'nonsense://x', where no Dask scheduler")


def test_a_scheduler_without_workers_is_named(monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(connecting, "PATIENCE_SECONDS", 1)
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0", host="127.0.0.1") as cluster:
        assert "a scheduler without workers. Start some by dask worker" in told(cluster.scheduler_address)


class FarAway:
    """A client whose worker has another file system."""

    def ncores(self):
        return {"tcp://far:1": 2}

    def run(self, _, path):
        self.path = Path(path)
        assert self.path.exists()
        return {"tcp://far:1": False}


def test_a_worker_that_cannot_read_the_rows_is_named_and_they_are_removed():
    client = FarAway()
    with (
        pytest.raises(ModelError, match=r"Dask worker tcp://far:1 cannot read .* Let TMPDIR"),
        written_shards(pd.DataFrame({"age": [1.0, 2.0, 3.0]}), client),
    ):
        pass
    assert not client.path.parent.exists()
