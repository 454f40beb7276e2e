"""Ways between segments, counted by hand and whatever the customers."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.insights.migration import MovesOf, compared_snapshots, count_ways, pair_up
from segmentation_assets.tables import own_tables

CUSTOMER_MOVES = own_tables()["customer_moves"]


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
    found = count_ways(pair_up(BEFORE, AFTER))
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


def moves(after: pd.DataFrame, *earlier: tuple[date, pd.DataFrame]) -> set[tuple]:
    """Return what `MovesOf` finds, shown these snapshots, the latest first."""
    found = MovesOf(after)
    for day, before in earlier:
        found.hold_against(day, before, pair_up(before, after))
    frame = found.rows().assign(from_snapshot=lambda rows: rows["from_snapshot"].dt.date).astype(object)
    rows = frame.where(frame.notna(), None).to_dict("records")
    names = [column.name for column in CUSTOMER_MOVES.columns[1:]]
    return {tuple(row[name] for name in names) for row in rows}


YESTERDAY, A_MONTH_AGO = date(2024, 5, 30), date(2024, 4, 30)


def test_who_moved_by_hand():
    assert moves(AFTER.assign(model_id="m"), (YESTERDAY, BEFORE.assign(model_id="m"))) == {
        ("a", "c2", YESTERDAY, 1, 2, 0.9, 0.2, True, True),
        ("a", "c3", YESTERDAY, 1, 2, 0.05, 0.9, False, True),
        ("a", "c6", YESTERDAY, None, 2, None, 0.9, False, True),
    }


def test_who_was_not_there_yesterday_is_held_against_the_next_snapshot_that_had_them():
    yesterday = placed(("a", "c1", 1, 0.9), ("a", "c2", 1, 0.9)).assign(model_id="m2")
    before = placed(("a", "c1", 9, 0.9), ("a", "c2", 9, 0.9), ("a", "c3", 9, 0.1234567)).assign(model_id="m1")
    after = placed(("a", "c1", 1, 0.9), ("a", "c2", 2, 0.9), ("a", "c3", 3, 0.9), ("a", "c4", 3, 0.9))
    found = moves(after.assign(model_id="m2"), (YESTERDAY, yesterday), (A_MONTH_AGO, before))
    assert found == {
        ("a", "c2", YESTERDAY, 1, 2, 0.9, 0.9, True, True),
        ("a", "c3", A_MONTH_AGO, 9, 3, 0.123457, 0.9, True, False),  # a further model came between
    }  # c1 stayed since yesterday, whatever was a month ago; c4 was in none


def test_a_day_that_is_held_against_nothing_has_no_moves():
    assert MovesOf(AFTER.assign(model_id="m")).rows().empty


PLACES = st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from([1, 2, 3, None]), min_size=1)


@settings(deadline=None, max_examples=20)
@given(PLACES, PLACES)
def test_every_customer_of_either_day_goes_one_way(before, after):
    one, other = (placed(*(("a", c, s, 0.5) for c, s in day.items())) for day in (before, after))
    found = count_ways(pair_up(one, other))
    assert found["n_customers"].sum() == len(before.keys() | after.keys())
    assert found.loc[found["movement"] != "left", "n_customers"].sum() == len(after)
    assert found.loc[found["movement"] != "joined", "n_customers"].sum() == len(before)
    origins = found.groupby([found["movement"] == "joined", "from_segment_id"], dropna=False)["share"].sum()
    assert origins.to_list() == pytest.approx([1.0] * len(origins))
    told = moves(other.assign(model_id="m"), (YESTERDAY, one.assign(model_id="m")))
    assert {move[1] for move in told} == {c for c in before.keys() & after.keys() if before[c] != after[c]}
    back = count_ways(pair_up(other, one))
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
