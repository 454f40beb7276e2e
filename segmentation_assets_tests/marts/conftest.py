"""The book worked out by hand, loaded once."""

import pytest

from segmentation_assets_tests.marts import book
from segmentation_assets_tests.marts.warehouse import Warehouse


@pytest.fixture(scope="package")
def small():
    return Warehouse(**book.frames())
