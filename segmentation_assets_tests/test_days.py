from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from segmentation_assets.days import london_day, today_in_london


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2025, 1, 15, 23, 59, 59, tzinfo=UTC), date(2025, 1, 15)),  # winter: London keeps UTC
        (datetime(2025, 7, 15, 22, 59, 59, tzinfo=UTC), date(2025, 7, 15)),  # summer: an hour ahead
        (datetime(2025, 7, 15, 23, 0, 0, tzinfo=UTC), date(2025, 7, 16)),
        (datetime(2025, 3, 30, 0, 59, tzinfo=UTC), date(2025, 3, 30)),  # the hour that is skipped
        (datetime(2025, 10, 25, 23, 30, tzinfo=UTC), date(2025, 10, 26)),
        (datetime(2025, 6, 1, 3, 0, tzinfo=timezone(timedelta(hours=9))), date(2025, 5, 31)),
    ],
)
def test_the_day_in_london(moment, day):
    assert london_day(moment) == day


def test_a_moment_without_a_timezone_is_refused():
    with pytest.raises(ValueError, match="has no timezone"):
        london_day(datetime(2025, 7, 15, 23, 30))  # noqa: DTZ001


def test_today_is_the_day_of_now():
    before = london_day(datetime.now(UTC))
    today = today_in_london()
    assert before <= today <= london_day(datetime.now(UTC))
