"""As close to the labels of labelled sets as kmodes 0.12.2."""

import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation_assets.clustering import KPrototypes
from segmentation_assets_tests.clustering.labelled import FOLDER, SETS, accuracy

PEER = {  # accuracy, adjusted Rand of kmodes 0.12.2 with seed 42
    "soybean": (1.000, 1.000),
    "mushroom": (0.895, 0.623),
    "credit": (0.781, 0.315),
    "heart": (0.789, 0.331),
}


@pytest.mark.parametrize("load", SETS, ids=lambda load: load.__name__)
def test_as_close_to_the_labels_as_kmodes(load):
    if not FOLDER.is_dir():
        pytest.skip(f"the labelled sets are not at {FOLDER}")
    X, truth, k = load()
    labels = KPrototypes(k).fit(X).labels_
    least_accuracy, least_rand = PEER[load.__name__]
    assert round(accuracy(truth, labels), 3) >= least_accuracy
    assert round(adjusted_rand_score(truth, labels), 3) >= least_rand
