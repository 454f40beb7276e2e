"""scikit-learn's own checks of an estimator, on numbers alone (an array without `categorical`)."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from segmentation_assets.clustering import KPrototypes

EXPECTED_FAILURES: dict[str, str] = {}


@parametrize_with_checks(
    [KPrototypes(), KPrototypes(missing="ignore")], expected_failed_checks=lambda _: EXPECTED_FAILURES
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_contract(estimator, check):
    check(estimator)
