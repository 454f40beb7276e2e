"""Ways between segments, counted by hand and whatever the customers."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.insights.migration import compared_snapshots, count_migrations


def placed(*rows: tuple) -> pd.DataFrame:
    """Return rows of `customer_segments`: lens, customer, segment, confidence."""
    frame = pd.DataFrame(rows, columns=["lens", "customer_id", "segment_id", "confidence"])
    return frame.astype({"segment_id": "Int64", "confidence": "float64"})


BEFORE = placed(
    ("a", "c1", 1, 0.9), ("a", "c2", 1, 0.9), ("a", "c3", 1, 0.05), ("a", "c4", 2, 0.9), ("a", "c5", None, None),
    ("a", "c6", None, None), ("b", "c1", 1, 0.5),
)  # fmt: skip
AFTER = placed(
    ("a", "c1", 1, 0.9), ("a", "c2", 2, 0.2), ("a", "c3", 2, 0.9), ("a", "c5", None, None), ("a", "c6", 2, 0.9),
    ("a", "c7", 3, 0.9), ("a", "c8", None, None), ("b", "c1", 1, 0.1),
)  # fmt: skip


def test_by_hand():
    found = count_migrations(BEFORE, AFTER)
    assert set(found["from_place"]) == {"joined", "segment 1", "segment 2", "unplaced"}
    assert set(found.loc[found["movement"] == "joined", "from_place"]) == {"joined"}
    assert set(found.loc[found["movement"] == "left", "to_place"]) == {"left"}
    assert not found.duplicated(["lens", "from_place", "to_place"]).any()
    found = found.drop(columns=["from_place", "to_place"]).astype(object)
    rows = [tuple(None if pd.isna(value) else value for value in row) for row in found.itertuples(index=False)]
    names = ["lens", "movement", "from_segment_id", "to_segment_id", "n_customers", "n_certain", "share"]
    assert list(found.columns) == names
    assert set(rows) == {
        ("a", "joined", None, 3, 1, 0, 0.5),
        ("a", "joined", None, None, 1, 0, 0.5),
        ("a", "left", 2, None, 1, 0, 1.0),
        ("a", "moved", 1, 2, 2, 1, 2 / 3),  # c3 stood on the border
        ("a", "moved", None, 2, 1, 0, 0.5),
        ("a", "stayed", 1, 1, 1, 1, 1 / 3),
        ("a", "stayed", None, None, 1, 0, 0.5),
        ("b", "stayed", 1, 1, 1, 0, 1.0),  # 0.1 is not above 0.1
    }


PLACES = st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from([1, 2, 3, None]), min_size=1)


@settings(deadline=None, max_examples=20)
@given(PLACES, PLACES)
def test_every_customer_of_either_day_goes_one_way(before, after):
    one, other = (placed(*(("a", c, s, 0.5) for c, s in day.items())) for day in (before, after))
    found = count_migrations(one, other)
    assert found["n_customers"].sum() == len(before.keys() | after.keys())
    assert found.loc[found["movement"] != "left", "n_customers"].sum() == len(after)
    assert found.loc[found["movement"] != "joined", "n_customers"].sum() == len(before)
    origins = found.groupby([found["movement"] == "joined", "from_segment_id"], dropna=False)["share"].sum()
    assert origins.to_list() == pytest.approx([1.0] * len(origins))
    back = count_migrations(other, one)
    assert back["n_customers"].sum() == found["n_customers"].sum()
    assert set(back.loc[back["movement"] == "moved", "n_customers"]) == set(
        found.loc[found["movement"] == "moved", "n_customers"]
    )


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 1, 1), []),
        (date(2024, 1, 2), [date(2024, 1, 1)]),
        (date(2024, 1, 31), [date(2024, 1, 30)]),
        (date(2024, 2, 29), [date(2024, 1, 29), date(2024, 2, 28)]),
        (date(2024, 3, 31), [date(2024, 2, 29), date(2024, 3, 30)]),  # a month before the 31st is the 29th
        (date(2024, 4, 30), [date(2024, 1, 30), date(2024, 3, 30), date(2024, 4, 29)]),
        (date(2025, 1, 1), [date(2024, 5, 1)]),  # nothing since
    ],
)
def test_the_day_before_a_month_and_a_quarter_before(day, expected):
    snapshots = pd.date_range("2024-01-01", "2024-05-01").date.tolist()
    assert compared_snapshots(day, snapshots) == expected
    assert compared_snapshots(day, list(reversed(snapshots))) == expected
