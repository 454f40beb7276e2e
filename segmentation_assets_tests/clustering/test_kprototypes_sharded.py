"""The fit over Parquet shards on Dask workers, against the single process, to the bit."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.clustering import KPrototypes, fit_sharded, predict_sharded
from segmentation_assets.clustering.kprototypes import coarse_fit
from segmentation_assets.clustering.sharded import kprototypes as sharded
from segmentation_assets.clustering.sharded import kprototypes_worker as worker_side
from segmentation_assets_tests.clustering.shards import mixed_table as table
from segmentation_assets_tests.clustering.shards import shards_of, with_gaps

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask and its event loop warn of sockets as they close


@pytest.fixture(autouse=True)
def rows_stay_where_they_are(monkeypatch):
    monkeypatch.setattr(sharded, "ROWS_TO_GATHER", 0)


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


def test_a_sample_on_the_way_to_all_rows_gives_the_same_bits_in_any_order(client, tmp_path, monkeypatch):
    monkeypatch.setattr(coarse_fit, "COARSE_SAMPLE", 2_000)
    assert coarse_fit.rungs(90_000) == [20_000]
    frame = table(90_000, 10)
    options = {"n_clusters": 4, "n_init": 1, "coarse": True}
    alone = KPrototypes(**options, n_jobs=1).fit(frame)
    order = np.random.default_rng(0).permutation(len(frame))
    shuffled = KPrototypes(**options, n_jobs=2).fit(frame.iloc[order])
    together = fit_sharded(KPrototypes(**options), shards_of(frame, [50_000], tmp_path), client=client)
    assert together.to_dict() == alone.to_dict() == shuffled.to_dict()
    np.testing.assert_array_equal(shuffled.labels_, alone.labels_[order])


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
    together = fit_sharded(KPrototypes(3, n_init=1), shards_of(frame, [500], tmp_path), client=client)
    assert together.to_dict() == KPrototypes(3, n_init=1).fit(frame).to_dict()


def test_few_rows_are_fitted_where_the_client_is(client, tmp_path, monkeypatch):
    frame = table(2_000, 5)
    monkeypatch.setattr(sharded, "ROWS_TO_GATHER", 2_000)
    monkeypatch.setattr(sharded, "ShardedProblem", None)
    together = fit_sharded(KPrototypes(3), shards_of(frame, [500], tmp_path), client=client)
    alone = KPrototypes(3).fit(frame)
    assert together.to_dict() == alone.to_dict()
    np.testing.assert_array_equal(together.labels_, alone.labels_)


def with_weights(frame, seed=6):
    rng = np.random.default_rng(seed)
    return frame.assign(weight=rng.integers(0, 3, len(frame)) * rng.random(len(frame)))


@pytest.mark.parametrize("gather", [0, 10_000])
def test_weights_in_a_column_are_sample_weight(client, tmp_path, monkeypatch, gather):
    monkeypatch.setattr(sharded, "ROWS_TO_GATHER", gather)
    frame = with_weights(table(3_000, 7))
    frame.loc[:9, "weight"] = 0.0  # a shard none of whose rows weighs anything
    paths = shards_of(frame, [10, 1_000], tmp_path)
    together = fit_sharded(KPrototypes(4, n_init=1), paths, client=client, sample_weight="weight")
    alone = KPrototypes(4, n_init=1).fit(frame.drop(columns="weight"), sample_weight=frame["weight"])
    assert together.to_dict() == alone.to_dict()
    np.testing.assert_array_equal(together.labels_, alone.labels_)


@pytest.mark.parametrize(("gather", "weight"), [(0, "weight"), (10_000, None)])
def test_missing_values_are_left_out_as_in_one_process(client, tmp_path, monkeypatch, gather, weight):
    monkeypatch.setattr(sharded, "ROWS_TO_GATHER", gather)
    frame = with_weights(with_gaps(table(3_000, 8)))
    frame.loc[:9, ["n0", "c"]] = np.nan, None  # a shard without any value of a number and of a category
    paths = shards_of(frame, [10, 1_000], tmp_path)
    features = frame.drop(columns="weight")
    together = fit_sharded(
        KPrototypes(3, n_init=1, missing="ignore"), paths, client=client, columns=list(features), sample_weight=weight
    )
    weights = None if weight is None else frame[weight]
    alone = KPrototypes(3, n_init=1, missing="ignore").fit(features, sample_weight=weights)
    assert together.to_dict() == alone.to_dict()
    np.testing.assert_array_equal(together.labels_, alone.labels_)


def test_rows_near_a_border_come_to_the_client_and_go_back(client, tmp_path, monkeypatch):
    frame = table(6_000, 9)
    paths = shards_of(frame, [10, 4_000], tmp_path)
    start = frame.iloc[:8].reset_index(drop=True)
    alone = KPrototypes(8, init=start).fit(frame)
    lent = []
    plain = sharded.ShardedRun.take_back

    def counting(run, near):
        lent.append(near.problem.n)
        if len(lent) == 2:  # a worker that forgot whose labels these are finds them itself
            client.run(worker_side.forget, run.problem.fit.key)
        plain(run, near)

    monkeypatch.setattr(sharded.ShardedRun, "take_back", counting)
    together = fit_sharded(KPrototypes(8, init=start), paths, client=client)
    assert len(lent) >= 2
    assert max(lent) <= 2_000
    assert together.cost_ == alone.cost_
    np.testing.assert_array_equal(together.labels_, alone.labels_)


@pytest.mark.parametrize("case", ["kept in mind", "forgotten", "no room"])
def test_rows_near_a_border_are_set_aside_where_they_are(client, tmp_path, monkeypatch, case):
    frame = with_weights(table(6_000, 9))
    features = frame.drop(columns="weight")
    paths = shards_of(frame, [10, 4_000], tmp_path)
    start = features.iloc[:8].reset_index(drop=True)
    alone = KPrototypes(8, init=start).fit(features, sample_weight=frame["weight"])
    looked_at = []
    plain = sharded.ShardedRun.assign

    def counting(run, workers):
        moved = plain(run, workers)
        looked_at.append(run.n_open)
        if case == "forgotten" and len(looked_at) == 8:  # in the middle of passes over the few
            client.run(worker_side.forget, run.problem.fit.key)
        return moved

    monkeypatch.setattr(sharded, "ROWS_TO_LEND", 0)
    monkeypatch.setattr(sharded.ShardedRun, "assign", counting)
    if case == "no room":
        monkeypatch.setattr(sharded, "ASIDE_SHARE", 0.0)
    options = {"columns": list(features), "sample_weight": "weight"}
    together = fit_sharded(KPrototypes(8, init=start), paths, client=client, **options)
    n = int((frame["weight"] > 0).sum())
    assert set(looked_at) == {n} if case == "no room" else min(looked_at) < n // 2
    assert together.to_dict() == alone.to_dict()
    np.testing.assert_array_equal(together.labels_, alone.labels_)


def test_bad_weights_are_named(client, tmp_path):
    frame = table(100).assign(weight=1.0)
    paths = shards_of(frame, [50], tmp_path)
    with pytest.raises(ValueError, match="sample_weight names the column 'heft'"):
        fit_sharded(KPrototypes(2), paths, client=client, sample_weight="heft")
    frame.assign(weight=-1.0).iloc[50:].to_parquet(paths[1])
    with pytest.raises(ValueError, match=r"Column 'weight' of .*1\.parquet holds weights.*row 0 has -1"):
        fit_sharded(KPrototypes(2), paths, client=client, sample_weight="weight")
    shards_of(frame.assign(weight=0.0), [50], tmp_path)
    with pytest.raises(ValueError, match="Every sample_weight in column 'weight' is zero"):
        fit_sharded(KPrototypes(2), paths, client=client, sample_weight="weight")


def test_a_column_without_any_value_is_named(client, tmp_path):
    paths = shards_of(table(100).assign(n1=np.nan), [50], tmp_path)
    with pytest.raises(ValueError, match="Column 'n1' holds no value at all"):
        fit_sharded(KPrototypes(2, missing="ignore"), paths, client=client)


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
