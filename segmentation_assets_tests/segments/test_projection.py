import numpy as np
import pandas as pd
import pytest

from segmentation_assets.portfolio import Lens
from segmentation_assets.segments.projection import project
from segmentation_assets_tests.segments.conftest import FEATURES, LENS, customers


def mapped(lens: Lens = LENS, **columns: list) -> tuple[pd.DataFrame, list[float]]:
    return project(customers(**columns), "small", lens, FEATURES)


def test_numbers_alone_are_the_principal_components_of_standardised_columns():
    age, premium = [20.0, 30, 40, 50, 70], [1.0, 3, 2, 5, 4]
    frame, inertia = mapped(Lens(title="L", features=["age", "premium"]), age=age, premium=premium)
    correlation = np.corrcoef(age, premium)[0, 1]
    assert inertia == pytest.approx([(1 + correlation) / 2, (1 - correlation) / 2])
    z = np.column_stack([(np.array(v) - np.mean(v)) / np.std(v) for v in (age, premium)])
    components = frame[["component_1", "component_2"]].to_numpy()
    np.testing.assert_allclose(np.abs(components[:, 0]), np.abs(z @ [1, 1]) / np.sqrt(2), atol=1e-9)
    np.testing.assert_allclose(np.abs(components[:, 1]), np.abs(z @ [1, -1]) / np.sqrt(2), atol=1e-9)


def test_customers_who_lack_a_feature_have_no_place():
    frame, _ = mapped(age=[20, None, 40, 50], city=["Bath", "Bath", "York", None])
    assert frame["customer_id"].tolist() == []  # two are left, which is no map
    frame, _ = mapped(age=[20, None, 40, 50, 60], city=["Bath", "Bath", "York", None, "Bath"])
    assert frame["customer_id"].tolist() == ["A", "C", "E"]


@pytest.mark.parametrize(
    ("features", "columns"),
    [
        (["age"], {"age": [20, 30, 50, 70]}),
        (["age", "city"], {"age": [20, 30, 50, 70], "city": ["Bath"] * 4}),
        (["age", "city"], {"age": [20, 20, 20, 20], "city": ["Bath", "York", "York", "York"]}),
    ],
)
def test_one_dimension_is_a_line(features, columns):
    frame, inertia = mapped(Lens(title="L", features=features), **columns)
    assert inertia == pytest.approx([1.0])
    assert frame["component_1"].max() > frame["component_1"].min()
    assert (frame["component_2"] == 0.0).all()


@pytest.mark.parametrize("columns", [
    {"age": [20, 20, 20], "city": ["Bath"] * 3}, {"age": [20, 30], "city": ["Bath", "York"]}, {"age": [], "city": []},
])  # fmt: skip
def test_what_does_not_vary_gives_no_map(columns):
    frame, inertia = mapped(**columns)
    assert (len(frame), inertia) == (0, [])
    assert frame.columns.tolist() == ["lens", "customer_id", "component_1", "component_2"]


def test_the_order_of_the_rows_does_not_matter():
    rng = np.random.default_rng(0)
    rows = customers(age=rng.uniform(18, 90, 40).tolist(), city=rng.choice(["Bath", "York", "Leeds"], 40).tolist())
    frame, inertia = project(rows, "small", LENS, FEATURES)
    again, again_inertia = project(rows.sample(frac=1, random_state=1), "small", LENS, FEATURES)
    pd.testing.assert_frame_equal(again, frame)
    assert again_inertia == inertia
