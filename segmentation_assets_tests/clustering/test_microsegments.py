"""Micro-segments: nested, shared out fairly, reproducible."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.clustering import MicroSegments
from segmentation_assets.clustering.kprototypes.microsegments import largest_remainder


def table(n, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"x": rng.normal(size=n), "y": rng.normal(size=n), "c": rng.choice(list("abcd"), n)})


def test_no_micro_segment_crosses_two_personas():
    frame = table(4_000)
    personas = np.where(frame["x"] > 0, "right", "left")
    model = MicroSegments(n_segments=60).fit(frame, personas)
    assert (model.segment_personas_[model.labels_] == personas).all()
    assert model.sizes_.sum() == 4_000
    assert model.sizes_.min() > 0
    np.testing.assert_array_equal(model.predict(frame, personas), model.labels_)


def test_row_order_and_threads_leave_no_trace():
    frame, order = table(3_000, 1), np.random.default_rng(0).permutation(3_000)
    personas = (frame["y"] > 0.5).to_numpy()
    one = MicroSegments(n_segments=40, n_jobs=1).fit(frame, personas)
    two = MicroSegments(n_segments=40, n_jobs=2).fit(frame.iloc[order], personas[order])
    np.testing.assert_array_equal(one.labels_[order], two.labels_)
    pd.testing.assert_frame_equal(one.prototypes_, two.prototypes_)
    assert one.cost_ == two.cost_


def test_more_segments_cost_less():
    frame, personas = table(2_000, 2), np.zeros(2_000, int)
    costs = [MicroSegments(n_segments=k).fit(frame, personas).cost_ for k in (5, 20, 80, 320)]
    assert costs == sorted(costs, reverse=True)


@pytest.mark.parametrize(
    ("sizes", "total", "shares"),
    [
        ([50, 30, 20], 10, [5, 3, 2]),
        ([1, 1, 998], 10, [1, 1, 8]),
        ([10, 10, 10], 10, [4, 3, 3]),
        ([2, 98], 99, [2, 97]),
    ],
)
def test_shares_worked_by_hand(sizes, total, shares):
    assert largest_remainder(np.array(sizes), total).tolist() == shares


def test_bad_input_is_named():
    frame = table(20)
    with pytest.raises(ValueError, match="n_segments=30 must lie between"):
        MicroSegments(n_segments=30).fit(frame, np.zeros(20))
    with pytest.raises(ValueError, match="personas has shape"):
        MicroSegments(n_segments=4).fit(frame, np.zeros(3))
    with pytest.raises(ValueError, match="misses 1 of its 20"):
        MicroSegments(n_segments=4).fit(frame, pd.Series(["a"] * 19 + [None]))
    with pytest.raises(ValueError, match=r"Personas \['b'\] were not in fit"):
        MicroSegments(n_segments=4).fit(frame, ["a"] * 20).predict(frame, ["b"] * 20)


def test_missing_values_are_refused_or_left_out_as_in_kprototypes():
    frame = table(2_000, 5)
    personas = np.where(frame["x"] > 0, "right", "left")
    gaps = frame.assign(y=frame["y"].mask(frame.index % 7 == 0), c=frame["c"].mask(frame.index % 11 == 0))
    with pytest.raises(ValueError, match="Column 'y' contains 286 NaN"):
        MicroSegments(30).fit(gaps, personas)
    with pytest.raises(ValueError, match="missing must be one of"):
        MicroSegments(30, missing="drop").fit(gaps, personas)
    order = np.random.default_rng(0).permutation(len(frame))
    model = MicroSegments(30, missing="ignore", max_iter=300).fit(gaps, personas)
    shuffled = MicroSegments(30, missing="ignore", max_iter=300, n_jobs=2).fit(gaps.iloc[order], personas[order])
    np.testing.assert_array_equal(shuffled.labels_, model.labels_[order])
    np.testing.assert_array_equal(model.predict(gaps, personas), model.labels_)
    one = MicroSegments(1, missing="ignore").fit(gaps, np.zeros(len(gaps))).prototypes_.iloc[0]
    assert one["y"] == pytest.approx(gaps["y"].mean(), abs=1e-6)
    assert one["c"] == gaps["c"].mode()[0]
    complete = MicroSegments(30, missing="ignore").fit(frame, personas)
    np.testing.assert_array_equal(complete.labels_, MicroSegments(30).fit(frame, personas).labels_)
