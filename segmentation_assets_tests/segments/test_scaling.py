import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.portfolio import Feature, Lens
from segmentation_assets.segments.scaling import (
    FeatureScale,
    learn_scales,
    scaled_frame,
    scales_from_json,
    scales_to_json,
)
from segmentation_assets_tests.segments.conftest import FEATURES, LENS, customers

NUMBERS = st.floats(-1e9, 1e9, allow_subnormal=False)


def learn(values: list[float], scaling: str) -> FeatureScale:
    features = {"x": Feature(kind="numeric", description="X.", scaling=scaling, weight=3.0)}
    (scale,) = learn_scales(pd.DataFrame({"x": values}, dtype=float), Lens(title="L", features=["x"]), features)
    return scale


@pytest.mark.parametrize(
    ("scaling", "center", "spread", "scaled"),
    [
        ("minmax", 1.0, 8.0, [0.0, 0.125, 0.25, 1.0]),
        ("standard", 3.75, np.sqrt(9.6875), [-2.75, -1.75, -0.75, 5.25] / np.sqrt(9.6875)),
        ("robust", 2.5, 2.75, [-1.5 / 2.75, -0.5 / 2.75, 0.5 / 2.75, 6.5 / 2.75]),
    ],
)
def test_each_scaling_by_hand(scaling, center, spread, scaled):
    scale = learn([1, 2, 3, 9], scaling)
    assert (scale.name, scale.kind, scale.weight, scale.scaling) == ("x", "numeric", 3.0, scaling)
    assert scale.center == center
    assert scale.spread == pytest.approx(spread, rel=1e-15)
    np.testing.assert_allclose(scale.apply(pd.Series([1.0, 2.0, 3.0, 9.0])), scaled, rtol=1e-15)


@pytest.mark.parametrize("scaling", ["minmax", "standard", "robust"])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e15])
def test_a_constant_feature_decides_nothing(scaling, value):
    scale = learn([value] * 11, scaling)  # the mean of eleven 0.1 is not 0.1
    assert (scale.center, scale.spread) == (value, 1.0)


def test_a_feature_whose_middle_half_is_one_value_is_divided_by_its_range():
    assert (learn([0, 0, 0, 0, 5], "robust").center, learn([0, 0, 0, 0, 5], "robust").spread) == (0.0, 5.0)


def test_categories_are_kept_as_they_are_and_learned_in_order():
    rows = customers(age=[30, 40, 50], city=["York", "Bath", "York"])
    scales = learn_scales(rows, LENS, FEATURES)
    assert [(s.name, s.is_numeric, s.weight, s.categories) for s in scales] == [
        ("age", True, 1.0, []),
        ("city", False, 2.0, ["Bath", "York"]),
    ]
    frame = scaled_frame(rows, scales)
    assert frame["age"].tolist() == [0.0, 0.5, 1.0]
    assert frame["city"].tolist() == ["York", "Bath", "York"]
    assert frame["city"].dtype == object


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=30), st.sampled_from(["minmax", "standard", "robust"]), st.randoms())
def test_the_order_of_the_rows_does_not_matter_to_the_last_bit(values, scaling, random):
    shuffled = random.sample(values, len(values))
    assert scales_to_json([learn(shuffled, scaling)]) == scales_to_json([learn(values, scaling)])


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=30), st.sampled_from(["minmax", "standard", "robust"]))
def test_scaled_values_are_finite(values, scaling):
    scale = learn(values, scaling)
    assert scale.spread > 0
    assert np.isfinite(scale.apply(pd.Series(values))).all()


@settings(deadline=None)
@given(NUMBERS, NUMBERS.filter(bool), st.floats(1e-9, 1e9), st.lists(st.text(), unique=True))
def test_json_keeps_every_bit(center, spread, weight, categories):
    scales = [
        FeatureScale("a", "numeric", weight, "robust", center, spread),
        FeatureScale("b", "categorical", weight, categories=categories),
    ]
    back = scales_from_json(scales_to_json(scales))
    assert back == scales
    assert [value.hex() for value in (back[0].center, back[0].spread, back[0].weight)] == [
        value.hex() for value in (center, spread, weight)
    ]


def test_json_is_json_that_other_engines_read():
    with pytest.raises(ValueError, match="not JSON compliant"):
        scales_to_json([FeatureScale("a", "numeric", 1.0, "minmax", float("nan"))])
    text = scales_to_json([FeatureScale("a", "categorical", 1.0, categories=["Zürich"])])
    assert json.loads(text)[0]["categories"] == ["Zürich"]
    assert "Zürich" in text
