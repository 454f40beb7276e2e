"""A changed portfolio, or SQL, makes stale what comes out otherwise, found out by making it anew, and nothing else."""

import shutil

import pytest

from segmentation_assets_tests.versions.judging import changed, judge
from segmentation_assets_tests.versions.mutations import CODE, PORTFOLIO, SQL
from segmentation_assets_tests.versions.society import found_society, night

pytestmark = pytest.mark.long  # a night for every change


@pytest.mark.parametrize("mutation", [*PORTFOLIO, *SQL], ids=str)
def test_a_changed_portfolio(mutation, as_it_is, downstream, tmp_path):
    folder = found_society(tmp_path).parent
    shutil.copy(folder / "sold.csv", folder / "copy.csv")
    changed(mutation, folder)
    judge(mutation, as_it_is, night(folder), downstream)


def test_there_are_forty():
    assert len([*PORTFOLIO, *SQL, *CODE]) >= 40
