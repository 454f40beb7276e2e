from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import build_tables
from segmentation_assets.tables.frames import (
    PANDAS_TYPES,
    FrameError,
    arrow_schema,
    conform,
    empty_frame,
    from_arrow,
    to_arrow,
)
from segmentation_assets.tables.schema import boolean, day, integer, number, string, table

DAY = date(2025, 11, 15)
THINGS = table(
    "things", "core", "Things.", string("name", "Name."), integer("count", "Count."), number("size", "Size."),
    boolean("is_new", "New?"), day("made_on", "Made."), string("owner", "Owner.", is_required=True), key=("owner",),
)  # fmt: skip
KINDS = {"name": "STRING", "count": "INT64", "size": "FLOAT64", "is_new": "BOOL", "made_on": "DATE"}


def things(n: int = 1, **columns) -> pd.DataFrame:
    given = {"name": [None] * n, "count": [None] * n, "size": [None] * n, "is_new": [None] * n, "made_on": [None] * n}
    return pd.DataFrame({"snapshot_date": [DAY] * n, "owner": ["me"] * n, **given, **columns})


def listed(frame: pd.DataFrame, column: str) -> list:
    return [None if pd.isna(v) else v for v in frame[column].tolist()]


# --- there and back ---------------------------------------------------------------------------------------------------

ROWS = st.lists(
    st.fixed_dictionaries({
        "name": st.none() | st.text(st.characters(codec="utf-8")),
        "count": st.none() | st.integers(-(2**63), 2**63 - 1),
        "size": st.none() | st.floats(allow_nan=False),
        "is_new": st.none() | st.booleans(),
        "made_on": st.none() | st.dates(),
    })
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(1, 4))
def test_values_survive_the_way_to_arrow_and_back(rows, chunks):
    frame = things(len(rows), **{c: pd.Series([row[c] for row in rows], dtype=object) for c in KINDS})
    arrow = to_arrow(frame, THINGS)
    assert arrow.schema.equals(arrow_schema(THINGS))
    size = max(1, len(rows) // chunks)
    chunked = pa.concat_tables([arrow.slice(i, size) for i in range(0, len(rows), size)] or [arrow])
    back = from_arrow(chunked, THINGS)
    pd.testing.assert_frame_equal(back, conform(frame, THINGS))
    for column in ("name", "count", "is_new"):
        assert listed(back, column) == [row[column] for row in rows]
    assert [None if pd.isna(v) else v.date() for v in back["made_on"]] == [row["made_on"] for row in rows]
    sizes = [np.nan if row["size"] is None else row["size"] for row in rows]
    assert back["size"].to_numpy().tobytes() == np.array(sizes, float).tobytes()


def test_null_is_no_zero_no_empty_text_and_no_false():
    frame = things(2, name=["", None], count=[0, None], size=[0.0, np.nan], is_new=[False, None])
    arrow = to_arrow(frame, THINGS)
    assert [arrow[c].null_count for c in ("name", "count", "size", "is_new")] == [1, 1, 1, 1]
    back = from_arrow(arrow, THINGS)
    assert [listed(back, c) for c in ("name", "count", "size", "is_new")] == [
        ["", None],
        [0, None],
        [0.0, None],
        [False, None],
    ]


def test_an_empty_frame_keeps_its_types():
    for declared in build_tables(load_portfolio("insurance")).values():
        frame = empty_frame(declared)
        assert frame.dtypes.astype(str).tolist() == [PANDAS_TYPES[c.type].partition("[py")[0] for c in declared.columns]
        pd.testing.assert_frame_equal(conform(frame, declared), frame)
        pd.testing.assert_frame_equal(from_arrow(to_arrow(frame, declared), declared), frame)


def test_the_order_of_columns_and_the_index_do_not_matter():
    frame = things(3, count=[1, 2, 3])
    mixed = frame.sample(frac=1, axis=1, random_state=0).set_index(pd.Index([7, 7, 1]))
    assert to_arrow(mixed, THINGS).equals(to_arrow(frame, THINGS))
    assert conform(mixed, THINGS).index.tolist() == [7, 7, 1]


def test_rows_of_other_arrow_types_are_read_as_declared():
    rows = pa.table({
        "owner": pa.array(["a", "b"]).dictionary_encode(),
        "name": pa.array(["x", None], pa.large_string()),
        "count": pa.array([1, None], pa.int32()),
        "size": pa.array([1, 2], pa.int64()),
        "made_on": pa.array([pd.Timestamp("2024-02-29"), None], pa.timestamp("us")),
        "is_new": pa.nulls(2),
        "unasked": pa.array([1, 2]),
    })  # fmt: skip
    frame = from_arrow(rows, THINGS)
    assert frame.columns.tolist() == THINGS.column_names
    assert listed(frame, "owner") == ["a", "b"]
    assert listed(frame, "count") == [1, None]
    assert listed(frame, "size") == [1.0, 2.0]
    assert listed(frame, "made_on") == [pd.Timestamp("2024-02-29"), None]
    assert frame["is_new"].isna().all()
    assert frame["snapshot_date"].isna().all()
    assert frame["snapshot_date"].dtype == "datetime64[s]"


@pytest.mark.parametrize(("column", "values"), [("count", [1.5]), ("count", ["secret"]), ("made_on", [True])])
def test_rows_that_do_not_fit_are_told_by_column_without_their_values(column, values):
    with pytest.raises(
        FrameError, match=rf"^things\.{column} is declared {KINDS[column]}, and rows of type \w+ do not"
    ) as error:
        from_arrow(pa.table({column: values}), THINGS)
    assert "secret" not in str(error.value)


# --- what fits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("count", pd.Series([2.0, np.nan]), [2, None]),
        ("count", pd.Series([2**63 - 1, None], dtype=object), [2**63 - 1, None]),
        ("size", pd.Series([1, pd.NA], dtype=object), [1.0, None]),
        ("size", pd.Series([1, None], dtype="Int64"), [1.0, None]),
        ("size", pd.Series([1, 2.5], dtype=object), [1.0, 2.5]),
        ("name", pd.Series(["a", np.nan], dtype=object), ["a", None]),
        ("name", pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
        ("is_new", pd.Series([True, None], dtype=object), [True, None]),
        ("is_new", np.array([True, False]), [True, False]),
        ("made_on", pd.Series([date(9999, 12, 31), date(1, 1, 1)]), [*map(pd.Timestamp, ("9999-12-31", "0001-01-01"))]),
        ("made_on", pd.to_datetime(["2024-01-02", None]), [pd.Timestamp("2024-01-02"), None]),
        ("made_on", np.array([np.nan, np.nan]), [None, None]),
        ("name", np.array([np.nan, np.nan]), [None, None]),
        ("is_new", pd.Series([pd.NA, pd.NA], dtype="string"), [None, None]),
    ],
)  # fmt: skip
def test_values_that_mean_the_declared_type_fit(column, values, expected):
    frame = conform(things(2, **{column: values}), THINGS)
    assert listed(frame, column) == expected
    assert frame.dtypes[column] == empty_frame(THINGS).dtypes[column]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("name", [1]), ("name", [1.5]), ("name", [True]), ("name", [b"a"]), ("name", [DAY]),
        ("count", [1.5]), ("count", ["1"]), ("count", [True]), ("count", [2**63]), ("count", [np.inf]),
        ("count", [DAY]),
        ("size", ["1.5"]), ("size", [True]), ("size", [Decimal("1.5")]), ("size", [DAY]),
        ("is_new", [1]), ("is_new", ["true"]), ("is_new", [1.0]),
        ("made_on", [20240102]), ("made_on", ["2024-01-02"]), ("made_on", [1.0]),
        ("made_on", [pd.Timestamp("2024-01-02 10:00").to_pydatetime()]),
        ("made_on", pd.to_datetime(["2024-01-02"], utc=True)),
    ],
)  # fmt: skip
def test_values_of_another_type_are_refused(column, values):
    with pytest.raises(
        FrameError, match=rf"^things\.{column} is declared {KINDS[column]}, and a value does not convert(: | \()"
    ):
        conform(things(1, **{column: values}), THINGS)


def test_mixed_values_are_refused():
    with pytest.raises(FrameError, match="it holds values of kind mixed-integer"):
        conform(things(2, name=["a", 1]), THINGS)


def test_an_unknown_column_is_told_with_the_one_that_was_meant():
    with pytest.raises(FrameError) as error:
        conform(things(1, owners=["me"]), THINGS)
    assert str(error.value) == (
        "things has no column 'owners'; it has snapshot_date, name, count, size, is_new, made_on, owner. "
        "Did you mean 'owner'? Declare the column in tables/ or leave it out."
    )


def test_missing_columns_are_all_told():
    with pytest.raises(
        FrameError, match=r"^The frame for things lacks name, made_on; it has snapshot_date, owner, count"
    ):
        conform(things().drop(columns=["made_on", "name"]), THINGS)


def test_a_column_there_twice_is_refused():
    with pytest.raises(FrameError, match=r"^The frame for things has count more than once"):
        conform(pd.concat([things(), things()[["count"]]], axis=1), THINGS)


def test_a_required_column_holds_no_null():
    with pytest.raises(FrameError, match=r"^things\.owner is required, and 2 of 3 rows hold NULL\.$"):
        conform(things(3, owner=["me", None, None]), THINGS)


def test_the_frame_that_is_given_stays_as_it_is():
    frame = things(1, count=[1.0])
    before = frame.copy(deep=True)
    conform(frame, THINGS)
    pd.testing.assert_frame_equal(frame, before)
