"""A small warehouse with everything made."""

import pytest

from segmentation_assets_tests.planning.world import DAYS, World


@pytest.fixture
def world():
    whole = World()
    for day in DAYS:
        whole.deliver(day, f"as of {day}")
    whole.mend()
    return whole
