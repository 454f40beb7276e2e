"""The fit over Parquet shards on Dask workers, against the single process, to the bit."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.clustering import KPrototypes, fit_sharded, predict_sharded, sharded
from segmentation_assets.clustering import _shards as worker_side

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask and its event loop warn of sockets as they close


@pytest.fixture(autouse=True)
def rows_stay_where_they_are(monkeypatch):
    monkeypatch.setattr(sharded, "ROWS_TO_GATHER", 0)


def table(n, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"n{j}": rng.normal(size=n) + 3 * rng.integers(0, 2, n) for j in range(3)})
    return frame.assign(c=rng.choice(list("abcde"), n), flag=rng.random(n) < 0.3)


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("dask.distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def shards_of(frame, cuts, folder):
    paths = []
    for number, part in enumerate(np.split(np.arange(len(frame)), cuts)):
        paths.append(folder / f"{number}.parquet")
        frame.iloc[part].to_parquet(paths[-1])
    return paths


@pytest.mark.parametrize("cuts", [[], [10, 5_000], [1, 2, 3, 4_000, 4_001]])
def test_any_sharding_gives_the_bits_of_one_process(client, tmp_path, cuts):
    frame = table(6_000)
    alone = KPrototypes(4, n_init=2).fit(frame)
    together = fit_sharded(KPrototypes(4, n_init=2), shards_of(frame, cuts, tmp_path), client=client)
    assert together.to_dict() == alone.to_dict()
    np.testing.assert_array_equal(together.labels_, alone.labels_)


def test_a_coarse_start_gives_the_same_bits_too(client, tmp_path):
    frame = table(230_000, 1)
    alone = KPrototypes(5, n_init=2).fit(frame)
    together = fit_sharded(KPrototypes(5, n_init=2), shards_of(frame, [90_000], tmp_path), client=client)
    assert together.to_dict() == alone.to_dict()


def test_scores_are_those_of_predict_and_transform(client, tmp_path):
    frame = table(3_000, 2)
    model = KPrototypes(3).fit(frame)
    scored = pd.concat(predict_sharded(model, shards_of(frame, [1_000], tmp_path), client=client))
    np.testing.assert_array_equal(scored["label"], model.labels_)
    np.testing.assert_array_equal(scored["distance"], model.transform(frame).min(axis=1))


def test_a_worker_that_forgot_everything_does_it_again(client, tmp_path, monkeypatch):
    frame = table(2_000, 3)
    alone = KPrototypes(4, n_init=1).fit(frame)
    passes = []
    plain = sharded.ShardedRun.assign

    def forgetful(run, workers):
        passes.append(1)
        if len(passes) == 3:
            client.run(worker_side.forget, run.problem.fit.key)
        return plain(run, workers)

    monkeypatch.setattr(sharded.ShardedRun, "assign", forgetful)
    together = fit_sharded(KPrototypes(4, n_init=1), shards_of(frame, [700], tmp_path), client=client)
    assert len(passes) > 3
    assert together.cost_ == alone.cost_
    np.testing.assert_array_equal(together.labels_, alone.labels_)


def test_rows_that_do_not_fit_in_memory_lie_in_files(client, tmp_path, monkeypatch):
    frame = table(2_000, 4)
    monkeypatch.setattr(sharded, "MEMORY_SHARE", 0.0)
    together = fit_sharded(KPrototypes(3), shards_of(frame, [500], tmp_path), client=client)
    assert together.to_dict() == KPrototypes(3).fit(frame).to_dict()


def test_few_rows_are_fitted_where_the_client_is(client, tmp_path, monkeypatch):
    frame = table(2_000, 5)
    monkeypatch.setattr(sharded, "ROWS_TO_GATHER", 2_000)
    monkeypatch.setattr(sharded, "ShardedProblem", None)
    together = fit_sharded(KPrototypes(3), shards_of(frame, [500], tmp_path), client=client)
    alone = KPrototypes(3).fit(frame)
    assert together.to_dict() == alone.to_dict()
    np.testing.assert_array_equal(together.labels_, alone.labels_)


def test_bad_input_is_named(client, tmp_path):
    frame = table(100)
    with pytest.raises(TypeError, match=r"must be a dask.distributed.Client"):
        fit_sharded(KPrototypes(2), ["a.parquet"], client=None)
    with pytest.raises(ValueError, match="shards is empty"):
        fit_sharded(KPrototypes(2), [], client=client)
    paths = shards_of(frame, [50], tmp_path)
    frame.iloc[50:].drop(columns="c").to_parquet(paths[1])
    with pytest.raises(ValueError, match=r"Shard .*1\.parquet has columns"):
        fit_sharded(KPrototypes(2), paths, client=client)
    frame.iloc[50:].assign(n1=np.nan).to_parquet(paths[1])
    with pytest.raises(ValueError, match="Column 'n1' contains 50 NaN"):
        fit_sharded(KPrototypes(2), paths, client=client)
