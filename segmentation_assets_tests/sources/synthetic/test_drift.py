"""Planted drift: one column, from its day on, by so much; without it nothing is changed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from segmentation_assets.portfolio.sources import Synthetic
from segmentation_assets.sources.synthetic import TABLES, Drift
from segmentation_assets.sources.synthetic.drift import standard_deviation
from segmentation_assets.sources.synthetic.source import SyntheticSource
from segmentation_assets_tests.sources.synthetic.conftest import AS_OF, typed


@pytest.mark.parametrize(("feature", "off_by"), [("income", 0.01), ("age", 0.05)])
def test_a_column_is_shifted_by_its_standard_deviations(insurer, tables, feature, off_by):
    drifting = replace(insurer, drift=Drift(feature, AS_OF, 0.5))
    before, after = tables["customers"], typed(drifting.read("customers", AS_OF))
    moved = (after[feature] - before[feature]).dropna()
    assert moved.mean() == pytest.approx(0.5 * standard_deviation(feature), rel=off_by)
    assert standard_deviation(feature) == pytest.approx(before[feature].std(), rel=0.05)
    others = [name for name in before if name != feature]
    assert after[others].equals(before[others])
    assert after[feature].isna().equals(before[feature].isna())


def test_nothing_else_changes_and_nothing_before(insurer):
    drifting = replace(insurer, drift=Drift("income", AS_OF, 0.5))
    eve = AS_OF - timedelta(days=1)
    assert drifting.read("customers", eve).equals(insurer.read("customers", eve))
    for table in set(TABLES) - {"customers"}:
        assert drifting.read(table, AS_OF).equals(insurer.read(table, AS_OF)), table


def test_nobody_earns_less_than_nothing(insurer):
    poor = typed(replace(insurer, drift=Drift("income", AS_OF, -9.0)).read("customers", AS_OF))
    assert poor["income"].min() == 0


def test_the_portfolio_can_plant_one():
    planted = Synthetic.model_validate(
        {"customers": 1_000, "drift": {"feature": "income", "from_date": date(2024, 2, 1), "shift_sd": 0.5}}
    )
    plain = Synthetic(customers=1_000)
    days = (date(2024, 1, 31), date(2024, 2, 1))
    delivered = [
        SyntheticSource(made, date(2024, 1, 1)).read("customers", day) for made in (planted, plain) for day in days
    ]
    assert delivered[0].checksum == delivered[2].checksum
    assert delivered[1].checksum != delivered[3].checksum
