from datetime import date

import pandas as pd
import pytest

from segmentation_assets.segments.requests import requested_dates, with_request
from segmentation_assets.tables.frames import empty_frame
from segmentation_assets.tables.requests import RETRAINING_REQUESTS

NOTHING = empty_frame(RETRAINING_REQUESTS).drop(columns="snapshot_date")


def test_a_request_for_all_lenses_is_one_for_each():
    rows = pd.DataFrame(
        {
            "snapshot_date": pd.to_datetime(["2025-03-05", "2025-02-01", "2025-03-05", "2025-04-01"]),
            "lens": ["overall", "all", "all", "other"],
        }
    )
    assert requested_dates(rows, "overall") == [date(2025, 2, 1), date(2025, 3, 5)]
    assert requested_dates(rows, "other") == [date(2025, 2, 1), date(2025, 3, 5), date(2025, 4, 1)]
    assert requested_dates(empty_frame(RETRAINING_REQUESTS), "overall") == []


def test_a_request_comes_on_top_and_an_earlier_one_keeps_its_reason():
    once = with_request(NOTHING, ["overall"], "new products", "Ada")
    twice = with_request(once, ["overall", "other", "other"], "drift", "a sensor")
    assert twice.values.tolist() == [["overall", "new products", "Ada"], ["other", "drift", "a sensor"]]
    pd.testing.assert_frame_equal(with_request(twice, ["other"], "again", "Bob"), twice)
    assert dict(twice.dtypes) == dict(NOTHING.dtypes)


@pytest.mark.parametrize("lenses", [[], ["overall"]])
def test_what_was_written_is_never_changed(lenses):
    written = with_request(NOTHING, ["overall"], "new products", "Ada")
    pd.testing.assert_frame_equal(with_request(written, lenses, "other", "other").head(1), written)
