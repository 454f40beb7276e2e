"""The factor analysis over Parquet shards on Dask workers, against the single process, to the bit."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.clustering import FAMD, KPrototypes, fit_famd_sharded, fit_sharded, transform_sharded
from segmentation_assets.clustering.sharded.kprototypes import predict_sharded
from segmentation_assets_tests.clustering.shards import mixed_table, shards_of

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask and its event loop warn of sockets as they close

LEARNED = ("eigenvalues_", "explained_inertia_", "components_", "means_", "scales_", "total_inertia_")
CUTS = [[], [1_500], [1, 1, 2, 3, 700, 700, 2_999, 3_000]]


def assert_same(together, alone):
    for name in LEARNED:
        np.testing.assert_array_equal(getattr(together, name), getattr(alone, name), err_msg=name)
    assert together.categories_ == alone.categories_
    assert list(together.level_shares_) == list(alone.level_shares_)
    pd.testing.assert_frame_equal(together.variable_correlations_, alone.variable_correlations_, check_exact=True)


@pytest.mark.parametrize("cuts", CUTS)
def test_any_sharding_gives_the_bits_of_one_process(workers, tmp_path, cuts):
    frame = mixed_table(3_000)
    shards = shards_of(frame, cuts, tmp_path)
    alone, together = FAMD(3).fit(frame), fit_famd_sharded(FAMD(3), shards, client=workers)
    assert_same(together, alone)
    parts = transform_sharded(together, shards, client=workers)
    assert [len(part) for part in parts] == [len(part) for part in np.split(np.arange(3_000), cuts)]
    rows = pd.concat(parts)
    assert list(rows) == ["famd0", "famd1", "famd2"]
    np.testing.assert_array_equal(rows.to_numpy(), FAMD(3).fit_transform(frame))


@pytest.mark.parametrize("columns", [["n0", "n1"], ["c", "flag"], ["c", "n2"]])
def test_columns_may_be_chosen(workers, tmp_path, columns):
    frame = mixed_table(500)
    shards = shards_of(frame, [200], tmp_path)
    alone = FAMD(1).fit(frame[columns])
    together = fit_famd_sharded(FAMD(1), shards, client=workers, columns=columns)
    assert_same(together, alone)
    found = pd.concat(transform_sharded(together, shards, client=workers)).to_numpy()
    np.testing.assert_array_equal(found, alone.transform(frame[columns]))


def test_a_category_of_one_shard_alone_and_an_ordered_one(workers, tmp_path):
    frame = mixed_table(300).assign(size=pd.Categorical(["S", "M", "L"] * 100, ["S", "M", "L"], ordered=True))
    frame.loc[250, "c"] = "only here"
    together = fit_famd_sharded(FAMD(2), shards_of(frame, [100, 200], tmp_path), client=workers)
    assert_same(together, FAMD(2).fit(frame))
    assert together.categories_["size"] == ["S", "M", "L"]


def told(task):
    with pytest.raises(ValueError, match=r".") as error:
        task()
    return str(error.value)


def faulty(fault):
    frame = mixed_table(60)
    if fault == "nan":
        frame.loc[[3, 50], "n1"] = np.nan
    elif fault == "infinity":
        frame.loc[[3, 50], "n2"] = np.inf
    elif fault == "none":
        frame.loc[[3, 50], "c"] = None
    elif fault == "constant":
        frame = pd.DataFrame({"n0": np.ones(60)})
    return frame


@pytest.mark.parametrize("fault", ["nan", "infinity", "none", "constant", "components"])
def test_what_is_refused_is_told_in_the_same_words(workers, tmp_path, fault):
    frame, famd = faulty(fault), FAMD(99 if fault == "components" else 1)
    shards = shards_of(frame, [30], tmp_path)
    assert told(lambda: fit_famd_sharded(famd, shards, client=workers)) == told(lambda: famd.fit(frame))


def test_one_row_is_refused(workers, tmp_path):
    shards = shards_of(mixed_table(2), [1, 2], tmp_path)
    with pytest.raises(ValueError, match="at least 2 rows, got n_samples = 1"):
        fit_famd_sharded(FAMD(), [shards[0], shards[2]], client=workers)
    with pytest.raises(TypeError, match=r"must be a dask.distributed.Client"):
        fit_famd_sharded(FAMD(), shards, client=None)


def test_k_prototypes_too_leave_empty_files_aside(workers, tmp_path):
    frame = mixed_table(600)
    shards = shards_of(frame, [0, 1, 300, 300, 600], tmp_path)
    alone, together = KPrototypes(3).fit(frame), fit_sharded(KPrototypes(3), shards, client=workers)
    assert together.to_dict() == alone.to_dict()
    np.testing.assert_array_equal(together.labels_, alone.labels_)
    scored = predict_sharded(together, shards, client=workers)
    assert [len(part) for part in scored] == [0, 1, 299, 0, 300, 0]
    np.testing.assert_array_equal(pd.concat(scored)["label"], alone.labels_)
    with pytest.raises(ValueError, match="None of the 2 shards holds a row"):
        fit_sharded(KPrototypes(3), [shards[0], shards[3]], client=workers)
