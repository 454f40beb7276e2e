from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from segmentation_assets.tables.schema import number, string, table
from segmentation_assets.tables.snapshots import dated, joined, on, rows_on, stacked

MONDAY, TUESDAY, WEDNESDAY = date(2025, 11, 17), date(2025, 11, 18), date(2025, 11, 19)
VISITS = table("visits", "core", "Visits.", string("visit_id", "Key."), number("spent", "Spent."), key=("visit_id",))


def visits(*rows):
    frame = pd.DataFrame(rows, columns=["snapshot_date", "visit_id", "spent"])
    return frame.astype({"snapshot_date": "datetime64[s]", "visit_id": "string[pyarrow]", "spent": "float64"})


@pytest.mark.parametrize("days", [(MONDAY, MONDAY, TUESDAY), (TUESDAY, MONDAY, MONDAY)])
def test_a_day_is_found_in_whatever_order_the_days_come(days):
    frame = visits(*((day, str(i), float(i)) for i, day in enumerate(days)))
    monday = on(frame, MONDAY)
    assert monday.to_dict("list") == {
        "visit_id": [str(i) for i, day in enumerate(days) if day == MONDAY],
        "spent": [float(i) for i, day in enumerate(days) if day == MONDAY],
    }
    assert monday.index.tolist() == [0, 1]
    assert monday.dtypes.equals(frame.dtypes.drop("snapshot_date"))
    assert on(frame, WEDNESDAY).empty


def test_days_are_stamped_joined_and_found_again():
    parts = {MONDAY: visits((None, "a", 1.0)), TUESDAY: visits(), WEDNESDAY: visits((None, "a", 2.0), (None, "b", 3.0))}
    frame = joined(VISITS, parts.items())
    assert [day.date() for day in frame["snapshot_date"]] == [MONDAY, WEDNESDAY, WEDNESDAY]
    for day, part in parts.items():
        pd.testing.assert_frame_equal(on(frame, day), part.drop(columns="snapshot_date"))


def test_arrow_rows_are_stamped_joined_and_found_again():
    text = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), ["monday.csv"])
    other = pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), ["wednesday.csv"])
    parts = {
        MONDAY: pa.table({"n": [1, 2], "source": text}),
        TUESDAY: pa.table({"n": [1], "source": other}).slice(0, 0),
        WEDNESDAY: pa.table({"n": [3], "source": other}),
    }
    rows = dated(parts.items())
    assert rows["snapshot_date"].to_pylist() == [MONDAY, MONDAY, WEDNESDAY]
    for day, part in parts.items():
        assert rows_on(rows, day).to_pylist() == part.to_pylist()


def test_one_frame_alone_is_numbered_anew_and_not_changed():
    frame = visits((MONDAY, "a", 1.0), (MONDAY, "b", 2.0)).iloc[[1]]
    assert stacked([frame, frame.head(0)]).index.tolist() == [0]
    assert frame.index.tolist() == [1]
