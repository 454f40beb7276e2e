from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.segments.retraining import chain_hashes, retraining_dates, training_date

CADENCES = st.sampled_from(["daily", "monthly", "quarterly"])
DAYS = st.dates(date(2023, 12, 1), date(2026, 2, 28))
NOVEMBER = [date(2025, 11, 3), date(2025, 11, 15), date(2025, 12, 1), date(2026, 1, 2), date(2026, 1, 1)]


@pytest.mark.parametrize(
    ("as_of", "cadence", "trained_on"),
    [
        (date(2025, 11, 15), "daily", date(2025, 11, 15)),
        (date(2025, 11, 15), "monthly", date(2025, 11, 3)),
        (date(2025, 11, 2), "monthly", date(2025, 11, 2)),  # the first of all is a retraining date
        (date(2025, 12, 31), "monthly", date(2025, 12, 1)),
        (date(2025, 12, 31), "quarterly", date(2025, 11, 3)),
        (date(2026, 1, 2), "quarterly", date(2026, 1, 1)),
        (date(2026, 2, 1), "monthly", date(2026, 2, 1)),  # no snapshot of February yet but its own
        (date(2026, 2, 1), "quarterly", date(2026, 1, 1)),
    ],
)
def test_by_hand(as_of, cadence, trained_on):
    assert training_date(as_of, NOVEMBER, cadence) == trained_on


@pytest.mark.parametrize(
    ("as_of", "quarter"),
    [
        (date(2025, 3, 31), 1),
        (date(2025, 4, 1), 4),
        (date(2025, 6, 30), 4),
        (date(2025, 7, 1), 7),
        (date(2025, 12, 9), 10),
    ],
)
def test_quarters_begin_in_january_april_july_and_october(as_of, quarter):
    firsts = [date(2025, month, 1) for month in range(1, 13)]
    assert training_date(as_of, firsts, "quarterly") == date(2025, quarter, 1)


def period(day: date, cadence: str) -> tuple:
    quarter = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3, 10: 4, 11: 4, 12: 4}[day.month]
    return {"daily": (day,), "monthly": (day.year, day.month), "quarterly": (day.year, quarter)}[cadence]


@settings(deadline=None)
@given(DAYS, st.lists(DAYS), CADENCES)
def test_it_is_a_snapshot_of_the_same_period_and_not_later(as_of, snapshots, cadence):
    found = training_date(as_of, snapshots, cadence)
    assert found in {*snapshots, as_of}
    assert found <= as_of
    assert period(found, cadence) == period(as_of, cadence)
    assert not [d for d in snapshots if period(d, cadence) == period(as_of, cadence) and d < found]


@settings(deadline=None)
@given(DAYS, st.lists(DAYS), CADENCES, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_nor_later_snapshots_matter(as_of, snapshots, cadence, random):
    found = training_date(as_of, snapshots, cadence)
    shuffled = random.sample(snapshots * 2, 2 * len(snapshots))
    assert training_date(as_of, shuffled, cadence) == found
    assert training_date(as_of, [d for d in snapshots if d <= as_of], cadence) == found


@settings(deadline=None)
@given(DAYS, st.lists(DAYS), CADENCES)
def test_the_day_of_training_was_trained_on_itself(as_of, snapshots, cadence):
    found = training_date(as_of, snapshots, cadence)
    assert training_date(found, snapshots, cadence) == found


@pytest.mark.parametrize(
    ("as_of", "trained_on"),
    [
        (date(2025, 11, 14), date(2025, 11, 3)),  # before the request
        (date(2025, 11, 15), date(2025, 11, 15)),
        (date(2025, 12, 1), date(2025, 11, 15)),  # to the end of the quarter
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 1, 31), date(2026, 1, 1)),
    ],
)
def test_a_request_is_a_retraining_date_until_the_next_period(as_of, trained_on):
    assert training_date(as_of, NOVEMBER, "quarterly", [date(2025, 11, 15)]) == trained_on


def test_a_request_for_a_day_without_a_snapshot_counts_from_the_next_one():
    asked = [date(2025, 11, 4)]
    assert training_date(date(2025, 11, 20), NOVEMBER, "quarterly", asked) == date(2025, 11, 15)
    assert training_date(date(2025, 11, 3), NOVEMBER, "quarterly", asked) == date(2025, 11, 3)


@settings(deadline=None)
@given(DAYS, st.lists(DAYS), CADENCES, st.lists(DAYS, max_size=4))
def test_dates_so_far_are_those_of_any_later_day_up_to_then(as_of, snapshots, cadence, asked):
    known = [*snapshots, as_of]
    later = retraining_dates(date(2026, 3, 1), known, cadence, asked)
    assert retraining_dates(as_of, known, cadence, asked) == [day for day in later if day <= as_of]
    assert later == sorted(set(later))
    assert set(retraining_dates(as_of, known, cadence)) <= set(retraining_dates(as_of, known, cadence, asked))


def test_a_chain_is_known_by_its_configuration_and_every_date():
    days = [date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1)]
    hashes = chain_hashes("c0ffee", days)
    assert chain_hashes("c0ffee", days[:2]) == hashes[:2]
    assert len(set(hashes)) == 3
    assert not set(hashes) & set(chain_hashes("decaf", days))
    assert not set(hashes) & set(chain_hashes("c0ffee", days[1:]))
