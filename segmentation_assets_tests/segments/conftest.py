"""Features, lenses and a model small enough to place by hand."""

from datetime import date

import pandas as pd
import pytest

from segmentation_assets.portfolio import Feature, Lens
from segmentation_assets.segments.model import LensModel
from segmentation_assets.segments.scaling import FeatureScale

FEATURES = {
    "age": Feature(kind="numeric", description="Age.", columns=["customers.age"]),
    "city": Feature(kind="categorical", description="City.", columns=["customers.city"], weight=2.0),
    "premium": Feature(kind="numeric", description="Premium.", needs=["policies"]),
    "tenure": Feature(kind="numeric", description="Tenure.", needs=["policies"]),
    "product": Feature(kind="categorical", description="Product.", needs=["policies", "products"]),
    "visits": Feature(kind="numeric", description="Visits.", needs=["interactions"]),
}
LENS = Lens(title="Small", features=["age", "city"])


def customers(**columns: list) -> pd.DataFrame:
    """Return a frame of features as the warehouse gives it; customers are A, B, C, ..."""
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"customer_id": pd.array([chr(65 + i) for i in range(n)], dtype="string[pyarrow]")})
    for name, values in columns.items():
        kind = FEATURES[name].kind
        frame[name] = (
            pd.array(values, dtype="string[pyarrow]") if kind == "categorical" else pd.Series(values, dtype=float)
        )
    return frame


def small_model() -> LensModel:
    """Two segments: 20 years old in Bath, 60 in York. Ages run from 20 to 60; a city counts 2 * 0.25 = 0.5."""
    return LensModel(
        lens="small",
        trained_on=date(2025, 10, 1),
        method="kprototypes",
        gamma=0.25,
        cost=1.5,
        silhouette=0.4,
        n_customers=7,
        scales=[
            FeatureScale("age", "numeric", 1.0, "minmax", 20.0, 40.0),
            FeatureScale("city", "categorical", 2.0, categories=["Bath", "York"]),
        ],
        prototypes=pd.DataFrame(
            {"age": [20.0, 60.0], "city": pd.Series(["Bath", "York"], dtype=object).to_numpy()},
            index=pd.Index([1, 2], name="segment_id"),
        ),
        configuration_hash="c0ffee",
    )


@pytest.fixture
def model() -> LensModel:
    return small_model()
