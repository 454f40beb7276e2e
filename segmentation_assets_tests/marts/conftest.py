"""The book worked out by hand, in a warehouse of either engine."""

import pytest

from segmentation_assets_tests.marts import book
from segmentation_assets_tests.marts.warehouse import Marts


@pytest.fixture(scope="session")
def small(new_warehouse):
    return Marts(new_warehouse(), **book.frames())
