"""The silhouette over Parquet shards on Dask workers, against the single process, to the bit."""

import os
import signal

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.clustering import (
    GowerSilhouette,
    ShardedGowerSilhouette,
    gower_silhouette_samples,
    gower_silhouette_sharded,
)
from segmentation_assets.clustering.sharded import silhouette as sharded_silhouette
from segmentation_assets.clustering.sharded.silhouette import cut_parts
from segmentation_assets_tests.clustering.shards import mixed_table, shards_of, with_gaps

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask and its event loop warn of sockets as they close

CUTS = {
    "one": [],
    "halves": [1_500],
    "one row, empty, many": [1, 1, 2, 3, 700, 700, 2_999, 3_000],
}


def labels_of(n, k, seed=0):
    return np.random.default_rng(seed).integers(0, k, n)


@pytest.mark.parametrize("cuts", CUTS.values(), ids=CUTS.keys())
@pytest.mark.parametrize("k", [3, 11])
def test_any_sharding_gives_the_bits_of_one_process(workers, tmp_path, cuts, k):
    frame, labels = mixed_table(3_000), labels_of(3_000, k)
    alone = gower_silhouette_samples(frame, labels)
    together = gower_silhouette_sharded(shards_of(frame, cuts, tmp_path), labels, client=workers)
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("cuts", CUTS.values(), ids=CUTS.keys())
def test_missing_values_too(workers, tmp_path, cuts):
    frame, labels = with_gaps(mixed_table(3_000)), labels_of(3_000, 9)
    alone = gower_silhouette_samples(frame, labels)
    together = gower_silhouette_sharded(shards_of(frame, cuts, tmp_path), labels, client=workers)
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    "given",
    [
        {"weights": {"n0": 3.0, "c": 0.25, "n2": 0.0}},
        {"ranges": {"n0": (-1.0, 1.0)}},
        {"categorical": ["n1", "c", "flag"]},
    ],
)
def test_weights_ranges_and_kinds_mean_the_same(workers, tmp_path, given):
    frame, labels = mixed_table(400).round(1), labels_of(400, 4)
    alone = gower_silhouette_samples(frame, labels, **given)
    together = gower_silhouette_sharded(shards_of(frame, [150], tmp_path), labels, client=workers, **given)
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("columns", [["n0", "n1"], ["c", "flag"], ["n2"]])
def test_columns_of_one_kind(workers, tmp_path, columns):
    frame, labels = mixed_table(300), labels_of(300, 3)
    alone = gower_silhouette_samples(frame[columns], labels)
    shards = shards_of(frame, [100], tmp_path)
    together = gower_silhouette_sharded(shards, labels, client=workers, columns=columns)
    np.testing.assert_array_equal(together, alone)


def test_the_order_of_the_shards_is_that_of_the_rows(workers, tmp_path):
    frame, labels = mixed_table(900), labels_of(900, 3)
    first, second, third = shards_of(frame, [200, 650], tmp_path)
    order = np.r_[650:900, 0:200, 200:650]
    found = gower_silhouette_sharded([third, first, second], labels[order], client=workers)
    np.testing.assert_array_equal(found, gower_silhouette_samples(frame, labels)[order])


def test_one_table_serves_many_labelings_and_gathers_no_row_for_a_mean(workers, tmp_path):
    frame = mixed_table(2_000)
    alone = GowerSilhouette(frame)
    together = ShardedGowerSilhouette(shards_of(frame, [600], tmp_path), client=workers)
    for k in (2, 5, 9):
        labels = labels_of(2_000, k, k)
        assert together.score(labels) == alone.score(labels)


def test_streams_come_by_groups_where_they_do_not_fit(workers, tmp_path, monkeypatch):
    frame, labels = mixed_table(1_000), labels_of(1_000, 4)
    monkeypatch.setattr(sharded_silhouette, "STREAM_BYTES", 1)
    monkeypatch.setattr(sharded_silhouette, "PIECE_BYTES", 64)
    monkeypatch.setattr(sharded_silhouette, "MEMORY_SHARE", 1e-12)
    prepared = ShardedGowerSilhouette(shards_of(frame, [100, 300, 301, 800], tmp_path), client=workers)
    assert len(prepared.parts) == 5
    np.testing.assert_array_equal(prepared.samples(labels), gower_silhouette_samples(frame, labels))


def test_a_lost_worker_leaves_no_trace(workers, tmp_path):
    frame, labels = mixed_table(2_000), labels_of(2_000, 4)
    prepared = ShardedGowerSilhouette(shards_of(frame, [900], tmp_path), client=workers)
    assert prepared.score(labels) == GowerSilhouette(frame).score(labels)
    victim = prepared.homes[0]
    workers.run(lambda: os.kill(os.getpid(), signal.SIGKILL), workers=[victim], on_error="ignore")
    np.testing.assert_array_equal(prepared.samples(labels), gower_silhouette_samples(frame, labels))
    assert victim not in workers.scheduler_info(n_workers=-1)["workers"]
    workers.wait_for_workers(2)


def test_bad_input_is_named(workers, tmp_path):
    frame, labels = mixed_table(100), labels_of(100, 2)
    shards = shards_of(frame, [50], tmp_path)
    with pytest.raises(TypeError, match=r"must be a dask.distributed.Client"):
        gower_silhouette_sharded(shards, labels, client="tcp://nobody")
    with pytest.raises(ValueError, match=r"labels has shape \(99,\), but X has 100 rows"):
        gower_silhouette_sharded(shards, labels[1:], client=workers)
    with pytest.raises(ValueError, match="Did you mean 'flag'"):
        gower_silhouette_sharded(shards, labels, client=workers, weights={"flags": 2})
    frame.iloc[50:].drop(columns="c").to_parquet(shards[1])
    with pytest.raises(ValueError, match=r"Shard .*1\.parquet has columns"):
        gower_silhouette_sharded(shards, labels, client=workers)
    frame.iloc[50:].assign(n1=np.inf).to_parquet(shards[1])
    with pytest.raises(ValueError, match="Column 'n1' contains 50 infinity among 100 values"):
        gower_silhouette_sharded(shards, labels, client=workers)
    frame.iloc[:0].to_parquet(shards[0])
    with pytest.raises(ValueError, match="None of the 1 shards holds a row"):
        gower_silhouette_sharded(shards[:1], labels, client=workers)


def test_rows_without_a_common_feature_are_named_as_in_one_process(workers, tmp_path):
    frame = pd.DataFrame({"a": [1.0, 2.0, np.nan, 4.0], "b": [1.0, np.nan, 3.0, 4.0]})
    with pytest.raises(ValueError, match="no observed feature") as alone:
        GowerSilhouette(frame)
    with pytest.raises(ValueError, match="no observed feature") as together:
        ShardedGowerSilhouette(shards_of(frame, [1, 2], tmp_path), client=workers)
    assert str(together.value) == str(alone.value)


def test_parts_are_of_like_size_and_never_empty():
    assert cut_parts([0, 0, 5, 0], 4) == [[0, 1, 2, 3]]
    assert cut_parts([1] * 6, 3) == [[0, 1], [2, 3], [4, 5]]
    assert cut_parts([10, 1, 1], 2) == [[0], [1, 2]]
